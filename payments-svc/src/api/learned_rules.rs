//! `raschet.payments.v1.LearnedRules`: what people taught the matcher, and what they say about it.

mod encode;
mod parse;

use super::{name, total};
use crate::domain::learned_rules::{Rule, RuleError, State};
use crate::jobs::learning;
use crate::store;
use crate::store::learned_rules::By;
use parse::Act;
use proto::payments::v1::learned_rules_server::LearnedRules;
use proto::payments::v1::{self as pb};
use service::idempotency::{self, Key};
use service::page::{Page, TOTAL_CAP};
use service::{Failure, Frame, Text, check_etag};
use tonic::{Request, Response, Status};
use types::id::LearnedRuleId;

/// The service over one database.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

impl Api {
    /// The service of this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    /// An act of a person on a rule. Nobody decides while what counts changes, and what waits is
    /// decided again.
    async fn act(
        &self,
        key: Key,
        actor: &str,
        act: Act,
        change: impl FnOnce(Rule) -> Result<Rule, RuleError> + Send,
    ) -> Result<Response<pb::LearnedRule>, Status> {
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        store::matching::keep_still(&mut tx).await?;
        let found = store::learned_rules::lock(&mut tx, act.rule).await?;
        let before = found.ok_or_else(|| Failure::not_found(act.rule.to_string()))?;
        check_etag(&act.etag, before.revision)?;
        let counted = before.state == State::Active;
        let rule = change(before).map_err(refused)?;
        let at = self.frame.clock.now();
        let by = By { actor, reason: &act.reason, line: None, at };
        store::learned_rules::save(&mut tx, &rule, by).await?;
        if counted != (rule.state == State::Active) {
            let keys = [(rule.kind, rule.key.clone())];
            learning::look_again(&mut tx, &self.frame, &keys).await?;
        }
        let kept = store::learned_rules::get(&mut tx, act.rule).await?;
        let kept = kept.ok_or_else(|| Failure::internal("a rule went while it was locked"))?;
        let reply = idempotency::finish(&mut tx, key, encode::rule(kept)).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }
}

#[tonic::async_trait]
impl LearnedRules for Api {
    async fn get_learned_rule(
        &self,
        request: Request<pb::GetLearnedRuleRequest>,
    ) -> Result<Response<pb::LearnedRule>, Status> {
        let id: LearnedRuleId = name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let kept = store::learned_rules::get(&mut conn, id).await?;
        let kept = kept.ok_or_else(|| Failure::not_found(id.to_string()))?;
        Ok(Response::new(encode::rule(kept)))
    }

    async fn list_learned_rules(
        &self,
        request: Request<pb::ListLearnedRulesRequest>,
    ) -> Result<Response<pb::ListLearnedRulesResponse>, Status> {
        let request = request.into_inner();
        let filter = parse::filter(&request)?;
        let page = Page::<i64>::read(request.page_size, &request.page_token, &filter)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let (after, limit) = (page.after().copied(), page.limit());
        let rows = store::learned_rules::list(&mut conn, filter, after, limit).await?;
        let count = store::learned_rules::count(&mut conn, filter, TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.rule.number);
        Ok(Response::new(pb::ListLearnedRulesResponse {
            learned_rules: rows.into_iter().map(encode::rule).collect(),
            next_page_token,
            total_size: total(count),
        }))
    }

    async fn confirm_learned_rule(
        &self,
        request: Request<pb::ConfirmLearnedRuleRequest>,
    ) -> Result<Response<pb::LearnedRule>, Status> {
        let (key, actor) = parse::who(&request, &request.get_ref().request_id)?;
        let asked = request.get_ref();
        let act = parse::act(&asked.name, &asked.reason, &asked.etag, false)?;
        self.act(key, &actor, act, Rule::confirm).await
    }

    async fn suspend_learned_rule(
        &self,
        request: Request<pb::SuspendLearnedRuleRequest>,
    ) -> Result<Response<pb::LearnedRule>, Status> {
        let (key, actor) = parse::who(&request, &request.get_ref().request_id)?;
        let asked = request.get_ref();
        let act = parse::act(&asked.name, &asked.reason, &asked.etag, true)?;
        self.act(key, &actor, act, Rule::suspend).await
    }

    async fn retire_learned_rule(
        &self,
        request: Request<pb::RetireLearnedRuleRequest>,
    ) -> Result<Response<pb::LearnedRule>, Status> {
        let (key, actor) = parse::who(&request, &request.get_ref().request_id)?;
        let asked = request.get_ref();
        let act = parse::act(&asked.name, &asked.reason, &asked.etag, true)?;
        self.act(key, &actor, act, Rule::retire).await
    }
}

/// What a rule refuses, for people.
fn refused(error: RuleError) -> Failure {
    let (reason, ru, en) = match error {
        RuleError::Active => {
            ("RULE_ACTIVE", "Правило уже действует.", "The rule is active already.")
        }
        RuleError::NotActive => (
            "RULE_NOT_ACTIVE",
            "Приостановить можно только действующее правило.",
            "Only an active rule can be suspended.",
        ),
        RuleError::Retired => (
            "RULE_RETIRED",
            "Правило снято навсегда: привяжите оплату с отметкой «запомнить», чтобы завести его \
             снова.",
            "The rule is retired for good: allocate a payment with “remember” to begin it again.",
        ),
    };
    Failure::precondition(reason, Text::new(ru, en))
}
