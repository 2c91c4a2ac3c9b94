//! Month close: what was rendered in a month becomes acts per payer and contract, cut from prepaid
//! lines (G53); the act moves advance to revenue and VAT, or to receivable where nothing was
//! prepaid. A month that is closed stays closed: what comes later goes to the next one.

use crate::{
    domain::{
        ledger::{self, AccountKind, Advance, Party},
        month_close::{Account, ActPlan, plan},
    },
    flows::terms::Terms,
    jobs::runs::Task,
    store::{
        self,
        acts::{ActLineRow, ActRow, NewAct},
        invoices::Series,
        ledger::ClientBalance,
        runs::RunKind,
    },
};
use chrono::NaiveDate;
use proto::invoicing::v1::{self as pb, CloseProgress};
use service::{Failure, Frame};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use types::{
    Money,
    id::{ActId, BillingRunId, ClientId, SellerId},
    period::next_month,
};

/// Closes a month, named by its first day.
#[derive(Debug)]
pub struct Close;

impl Task for Close {
    const KIND: RunKind = RunKind::Close;
    // Acts of all clients post to the seller's own accounts: chunks would wait for each other.
    const WORKERS: usize = 1;
    type Progress = CloseProgress;

    async fn clients(conn: &mut PgConnection, month: NaiveDate) -> Result<Vec<ClientId>, Failure> {
        if store::runs::last_closed(conn).await?.is_some_and(|last| month <= last) {
            return Ok(Vec::new());
        }
        store::acts::due_clients(conn, last_day(month)).await
    }

    async fn chunk(
        conn: &mut PgConnection,
        frame: &Frame,
        run: Option<BillingRunId>,
        month: NaiveDate,
        clients: &[ClientId],
    ) -> Result<CloseProgress, Failure> {
        let rendered = store::acts::rendered(conn, clients, last_day(month)).await?;
        let lines: Vec<_> = rendered.iter().map(|r| r.line.id).collect();
        let closed = store::acts::closed(conn, &lines).await?;
        let plan = plan(&rendered, month, &closed).map_err(Failure::internal)?;
        for waiting in &plan.corrections {
            let contract = waiting.account.contract;
            tracing::info!(%contract, "credits exceed what was rendered; they wait");
        }
        let acts = match run {
            None => plan.acts.into_iter().map(shown).collect(),
            Some(run) => write(conn, frame, plan.acts, run).await?,
        };
        Ok(CloseProgress { acts: acts.iter().map(encode).collect(), ..Default::default() })
    }

    fn refused(_: ClientId, failure: Failure) -> Result<CloseProgress, Failure> {
        // A month is closed for everybody or for nobody.
        Err(failure)
    }

    async fn complete(
        conn: &mut PgConnection,
        frame: &Frame,
        month: NaiveDate,
        actor: &str,
    ) -> Result<(), Failure> {
        store::runs::note_closed(conn, month, actor, frame.clock.now()).await
    }
}

fn last_day(month: NaiveDate) -> NaiveDate {
    next_month(month).pred_opt().unwrap_or(month)
}

/// Posts the acts, takes their numbers, last of all, and writes them.
async fn write(
    conn: &mut PgConnection,
    frame: &Frame,
    plans: Vec<ActPlan>,
    run: BillingRunId,
) -> Result<Vec<ActRow>, Failure> {
    let now = frame.clock.now();
    let contracts: BTreeSet<_> = plans.iter().map(|p| p.account.contract).collect();
    let terms = Terms::read(conn, contracts, BTreeSet::new(), BTreeSet::new()).await?;
    let clients: Vec<ClientId> = plans.iter().map(|p| p.account.client).collect();
    let balances = store::ledger::of_clients(conn, &clients).await?;
    let (mut acts, mut transfers) = (Vec::new(), Vec::new());
    let mut by_seller: BTreeMap<SellerId, Vec<ActPlan>> = BTreeMap::new();
    for plan in plans {
        by_seller.entry(plan.account.seller).or_default().push(plan);
    }
    for (seller, plans) in by_seller {
        let series = store::invoices::series(conn, seller, Series::Act).await?;
        for plan in plans {
            let id = ActId::generate();
            let advance = advance(&balances, &plan.account);
            let act = ledger::Act { amounts: plan.amounts, advance };
            let posted = ledger::act(&party(&plan.account), &act, &id.to_string(), plan.date);
            transfers.extend(posted.map_err(Failure::internal)?);
            let from_advance = plan.amounts.gross.min(advance.money).map_err(Failure::internal)?;
            acts.push(NewAct {
                id,
                payer_revision: terms.payer(plan.account.legal_entity)?.revision,
                series: series.id,
                sequence: 0,
                number: String::new(),
                from_advance,
                plan,
            });
        }
    }
    store::ledger::post(conn, &transfers, now).await?;
    number(conn, &mut acts).await?;
    store::acts::insert(conn, &acts, run, now).await?;
    Ok(acts.into_iter().map(made).collect())
}

/// Takes a block of numbers for each seller's acts, which come seller by seller.
async fn number(conn: &mut PgConnection, acts: &mut [NewAct]) -> Result<(), Failure> {
    for block in acts.chunk_by_mut(|a, b| a.series == b.series) {
        let Some(seller) = block.first().map(|a| a.plan.account.seller) else { continue };
        let series = store::invoices::series(conn, seller, Series::Act).await?;
        let key = series.counter_key(None).map_err(|e| no_service(&e))?;
        let count = i64::try_from(block.len()).map_err(Failure::internal)?;
        let first = store::invoices::take(conn, series.id, key, count).await?;
        for (sequence, act) in (first..).zip(block) {
            act.sequence = sequence;
            act.number = series.format.print(sequence, None).map_err(Failure::internal)?;
        }
    }
    Ok(())
}

fn no_service(e: &crate::domain::number_series::NumberError) -> Failure {
    Failure::precondition(
        "ACT_NUMBER_FORMAT",
        service::Text::new(
            "Номер акта не может содержать код услуги. Исправьте формат у продавца.",
            format!("An act is of no single service: {e}. Correct the seller's format of acts."),
        ),
    )
}

const fn party(account: &Account) -> Party {
    Party {
        seller: account.seller,
        client: account.client,
        legal_entity: account.legal_entity,
        contract: account.contract,
    }
}

/// What is prepaid on the contract, and the VAT that was charged on it.
fn advance(balances: &[ClientBalance], account: &Account) -> Advance {
    let of = |kind| {
        let found = balances.iter().find(|b| {
            b.seller == account.seller
                && b.client == account.client
                && b.account.kind == kind
                && b.account.legal_entity == Some(account.legal_entity)
                && b.account.contract == Some(account.contract)
                && b.balance.currency() == account.currency
        });
        found.map_or_else(|| Money::zero(account.currency), |b| b.balance)
    };
    Advance { money: of(AccountKind::Advances).negated(), vat: of(AccountKind::VatOnAdvances) }
}

/// An act that would be made: without a number.
fn shown(plan: ActPlan) -> ActRow {
    row(ActId::generate(), plan, 0, String::new())
}

fn made(act: NewAct) -> ActRow {
    row(act.id, act.plan, act.sequence, act.number)
}

fn row(id: ActId, plan: ActPlan, sequence: i64, number: String) -> ActRow {
    let ActPlan { account, month, date, lines, amounts } = plan;
    let lines = lines.iter().map(|l| ActLineRow {
        text: store::acts::printed(l),
        line: l.line,
        period: l.period,
        amounts: l.amounts,
    });
    ActRow {
        id,
        number,
        sequence,
        client: account.client,
        contract: account.contract,
        payer: account.legal_entity,
        seller: account.seller,
        month,
        date,
        amounts,
        lines: lines.collect(),
    }
}

/// An act on the wire; one that is only shown has no name.
#[must_use]
pub fn encode(act: &ActRow) -> pb::Act {
    let lines = act.lines.iter().map(|l| pb::ActLine {
        text: l.text.clone(),
        invoice_line: l.line.to_string(),
        start_date: Some(l.period.start().into()),
        last_day: Some(l.period.last().into()),
        net: Some(l.amounts.net.into()),
        tax: Some(l.amounts.tax.into()),
        amount: Some(l.amounts.gross.into()),
    });
    pb::Act {
        name: if act.sequence == 0 { String::new() } else { act.id.to_string() },
        number: act.number.clone(),
        sequence: act.sequence,
        client: act.client.to_string(),
        contract: act.contract.to_string(),
        payer: act.payer.to_string(),
        seller: act.seller.to_string(),
        month: Some(act.month.into()),
        date: Some(act.date.into()),
        lines: lines.collect(),
        net: Some(act.amounts.net.into()),
        tax: Some(act.amounts.tax.into()),
        total: Some(act.amounts.gross.into()),
    }
}
