//! `raschet.payments.v1.MatchingPolicies`: how far the machine may go, and what people say about
//! what it did.

mod encode;
mod parse;

use super::total;
use crate::domain::matching_policies::Used;
use crate::jobs::matching::ZONE;
use crate::store::matching_policies::{self as policies, Set};
use crate::store::matching_reviews::{self as reviews, Review};
use chrono::{DateTime, Utc};
use proto::payments::v1::matching_policies_server::MatchingPolicies;
use proto::payments::v1::{self as pb};
use service::idempotency::{self, Key};
use service::page::{Page, TOTAL_CAP};
use service::{Failure, Frame, Scope, Text, check_etag};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::{LineId, SellerId};

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

    /// What was used of a seller's policy today.
    async fn used(
        &self,
        conn: &mut PgConnection,
        seller: Option<SellerId>,
    ) -> Result<Used, Failure> {
        let Some(seller) = seller else { return Ok(Used::default()) };
        let today = self.frame.clock.today(ZONE);
        let all = policies::used(conn, today, Some(seller)).await?;
        Ok(all.into_iter().next().map(|(_, used)| used).unwrap_or_default())
    }

    async fn update(
        &self,
        request: Request<pb::UpdateMatchingPolicyRequest>,
    ) -> Result<pb::MatchingPolicy, Failure> {
        let scope = Scope::of(&request)?;
        let key = Key::of(&request, &request.get_ref().request_id)?;
        let (seller, policy, reason) = parse::update(request.get_ref())?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        // Nobody decides while what holds changes; and two who change it come one after the other.
        crate::store::matching::keep_still(&mut tx).await?;
        let before = policies::current(&mut tx, seller).await?.map_or(0, |set| set.id);
        check_etag(&request.get_ref().etag, before)?;
        let at = Some(self.frame.clock.now());
        let mut set = Set { id: 0, seller, policy, reason, actor: scope.actor.clone(), at };
        set.id = policies::insert(&mut tx, &set).await?;
        let used = self.used(&mut tx, seller).await?;
        let reply = idempotency::finish(&mut tx, key, encode::policy(set, &used)).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn resolve(
        &self,
        request: Request<pb::ResolveMatchingReviewRequest>,
    ) -> Result<pb::MatchingReview, Failure> {
        let scope = Scope::of(&request)?;
        let key = Key::of(&request, &request.get_ref().request_id)?;
        let (line, agrees, note) = parse::resolve(request.get_ref())?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let review = reviews::lock(&mut tx, line).await?;
        let review = review.ok_or_else(|| Failure::not_found(line.to_string()))?;
        if review.reviewed.is_some() {
            return Err(Failure::precondition(
                "REVIEW_RESOLVED",
                Text::new(
                    "Это решение уже проверено.",
                    "Somebody has looked at this decision already.",
                ),
            ));
        }
        let review = review.said(agrees, &scope.actor, &note, self.frame.clock.now());
        reviews::resolve(&mut tx, &review).await?;
        let reply = idempotency::finish(&mut tx, key, encode::review(review)).await?;
        tx.commit().await?;
        Ok(reply)
    }
}

#[tonic::async_trait]
impl MatchingPolicies for Api {
    async fn get_matching_policy(
        &self,
        request: Request<pb::GetMatchingPolicyRequest>,
    ) -> Result<Response<pb::MatchingPolicy>, Status> {
        let seller = parse::seller(&request.get_ref().seller)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let set = policies::current(&mut conn, seller).await?;
        let used = self.used(&mut conn, seller).await?;
        Ok(Response::new(encode::policy(set.unwrap_or_else(|| Set::of_start(seller)), &used)))
    }

    async fn list_matching_policies(
        &self,
        request: Request<pb::ListMatchingPoliciesRequest>,
    ) -> Result<Response<pb::ListMatchingPoliciesResponse>, Status> {
        let request = request.into_inner();
        let page = Page::<i64>::read(request.page_size, &request.page_token, &())?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = policies::history(&mut conn, page.after().copied(), page.limit()).await?;
        let total_size = total(policies::count(&mut conn, TOTAL_CAP).await?);
        let (rows, next_page_token) = page.finish(rows, |row| row.id);
        let used = Used::default();
        let matching_policies = rows.into_iter().map(|set| encode::policy(set, &used)).collect();
        let reply =
            pb::ListMatchingPoliciesResponse { matching_policies, next_page_token, total_size };
        Ok(Response::new(reply))
    }

    async fn update_matching_policy(
        &self,
        request: Request<pb::UpdateMatchingPolicyRequest>,
    ) -> Result<Response<pb::MatchingPolicy>, Status> {
        Ok(Response::new(self.update(request).await?))
    }

    async fn list_matching_reviews(
        &self,
        request: Request<pb::ListMatchingReviewsRequest>,
    ) -> Result<Response<pb::ListMatchingReviewsResponse>, Status> {
        let request = request.into_inner();
        let filter = (parse::kind(request.kind()), parse::outcome(request.outcome()));
        let page =
            Page::<(DateTime<Utc>, LineId)>::read(request.page_size, &request.page_token, &filter)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows: Vec<Review> =
            reviews::list(&mut conn, filter, page.after().copied(), page.limit()).await?;
        let outcomes = reviews::outcomes(&mut conn, filter.0).await?;
        let count = |name: &str| {
            let found = outcomes.iter().find(|(outcome, _)| outcome == name);
            total(found.map_or(0, |(_, count)| *count))
        };
        let all = ["waiting", "agreed", "differed"];
        let asked = all.iter().filter(|name| filter.1.is_none_or(|only| only == **name));
        let total_size = asked.map(|name| count(name)).fold(0, i32::saturating_add);
        let (rows, next_page_token) = page.finish(rows, |row| (row.created_at, row.line));
        Ok(Response::new(pb::ListMatchingReviewsResponse {
            matching_reviews: rows.into_iter().map(encode::review).collect(),
            next_page_token,
            total_size: total_size.min(total(TOTAL_CAP)),
            waiting_count: count("waiting"),
            agreed_count: count("agreed"),
            differed_count: count("differed"),
        }))
    }

    async fn resolve_matching_review(
        &self,
        request: Request<pb::ResolveMatchingReviewRequest>,
    ) -> Result<Response<pb::MatchingReview>, Status> {
        Ok(Response::new(self.resolve(request).await?))
    }
}
