//! Terms of late fees: listed, begun, ended.

use super::TOTAL_CAP;
use crate::{
    api::parse,
    domain::late_fees::{LateFeePolicy, PolicyError, Terms},
    store::{self, late_fee_policies::LateFeePolicyRow},
};
use chrono_tz::Europe::Moscow;
use proto::{convert, invoicing::v1 as pb};
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use service::{Failure, Frame, Scope, Text, Violations, idempotency, page::Page};
use tonic::{Request, Response, Status};
use types::id::LateFeePolicyId;
use uuid::Uuid;

/// Most percent of the debt a day: beyond it courts cut.
const MOST_DAILY: Decimal = dec!(1);
/// Most percent of the invoice in all.
const MOST_CAP: Decimal = dec!(100);

pub async fn list(
    frame: &Frame,
    msg: &pb::ListLateFeePoliciesRequest,
) -> Result<Response<pb::ListLateFeePoliciesResponse>, Status> {
    let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &"late_fee_policies")?;
    let before = page.after().map(|id| LateFeePolicyId(*id));
    let mut conn = frame.pool.acquire().await.map_err(Failure::from)?;
    let rows = store::late_fee_policies::list(&mut conn, before, page.limit()).await?;
    let (rows, next_page_token) = page.finish(rows, |row| row.policy.terms.policy.0);
    let total = store::late_fee_policies::total(&mut conn, TOTAL_CAP).await?;
    Ok(Response::new(pb::ListLateFeePoliciesResponse {
        late_fee_policies: rows.iter().map(encode).collect(),
        next_page_token,
        total_size: i32::try_from(total).unwrap_or(i32::MAX),
    }))
}

pub async fn create(
    frame: &Frame,
    request: &Request<pb::CreateLateFeePolicyRequest>,
) -> Result<Response<pb::LateFeePolicy>, Status> {
    let author = Scope::of(request)?.actor;
    let msg = request.get_ref();
    let key = idempotency::Key::of(request, &msg.request_id)?;
    let policy = read(parse::message("late_fee_policy", msg.late_fee_policy.as_ref())?)?;
    let mut tx = frame.begin().await.map_err(Failure::from)?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(Response::new(saved));
    }
    let today = frame.clock.today(Moscow);
    policy.check(today).map_err(|e| refused("late_fee_policy.from", e))?;
    if store::sellers::get_all(&mut tx, &[policy.seller]).await?.is_empty() {
        return Err(Failure::not_found(policy.seller.to_string()).into());
    }
    let created_at = frame.clock.now();
    let row = LateFeePolicyRow { policy, author, created_at, ended_by: String::new() };
    store::late_fee_policies::insert(&mut tx, &row).await.map_err(overlaps)?;
    let reply = idempotency::finish(&mut tx, key, encode(&row)).await?;
    tx.commit().await.map_err(Failure::from)?;
    Ok(Response::new(reply))
}

pub async fn end(
    frame: &Frame,
    request: &Request<pb::EndLateFeePolicyRequest>,
) -> Result<Response<pb::LateFeePolicy>, Status> {
    let ended_by = Scope::of(request)?.actor;
    let msg = request.get_ref();
    let key = idempotency::Key::of(request, &msg.request_id)?;
    let mut v = Violations::default();
    let id: Option<LateFeePolicyId> = parse::name(&mut v, "name", &msg.name);
    let until = parse::required_date(&mut v, "until", msg.until.as_ref());
    v.finish()?;
    let (Some(id), Some(until)) = (id, until) else {
        return Err(Failure::internal("a request without violations lacks a part").into());
    };
    let mut tx = frame.begin().await.map_err(Failure::from)?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(Response::new(saved));
    }
    let row = store::late_fee_policies::lock(&mut tx, id).await?;
    let row = row.ok_or_else(|| Failure::not_found(id.to_string()))?;
    let ended = row.policy.end(until, frame.clock.today(Moscow));
    let policy = ended.map_err(|e| refused("until", e))?;
    let row = LateFeePolicyRow { policy, ended_by, ..row };
    store::late_fee_policies::end(&mut tx, &row).await.map_err(overlaps)?;
    let reply = idempotency::finish(&mut tx, key, encode(&row)).await?;
    tx.commit().await.map_err(Failure::from)?;
    Ok(Response::new(reply))
}

fn read(given: &pb::LateFeePolicy) -> Result<LateFeePolicy, Failure> {
    let mut v = Violations::default();
    let seller = parse::name(&mut v, "late_fee_policy.seller", &given.seller);
    let from = parse::required_date(&mut v, "late_fee_policy.from", given.from.as_ref());
    let field = "late_fee_policy.daily_percent";
    let daily = parse::decimal(&mut v, field, given.daily_percent.as_ref());
    let daily_percent = within(&mut v, field, daily, MOST_DAILY);
    let field = "late_fee_policy.cap_percent";
    let cap = parse::decimal(&mut v, field, given.cap_percent.as_ref());
    let cap_percent = within(&mut v, field, cap, MOST_CAP);
    let field = "late_fee_policy.grace_days";
    let grace_days = parse::number(&mut v, field, given.grace_days, (0, 60), None);
    v.finish()?;
    let (Some(seller), Some(from)) = (seller, from) else {
        return Err(Failure::internal("a policy without violations lacks a part"));
    };
    let terms = Terms { policy: LateFeePolicyId::generate(), daily_percent, cap_percent };
    Ok(LateFeePolicy { seller, terms, grace_days, from, until: None })
}

/// A percentage above zero, of at most four digits after the point.
fn within(v: &mut Violations, field: &str, given: Option<Decimal>, most: Decimal) -> Decimal {
    let given = given.unwrap_or_default().normalize();
    if given <= Decimal::ZERO || given > most || given.scale() > 4 {
        v.field(
            field,
            Text::new(
                format!("Ожидаются проценты: больше 0, не больше {most}, до 4 знаков после точки."),
                format!("A percentage above 0 and up to {most} is expected, of up to 4 decimals."),
            ),
        );
    }
    given
}

fn refused(field: &str, e: PolicyError) -> Failure {
    let text = Text::of(&e);
    match e {
        PolicyError::Ended(_) => Failure::precondition("LATE_FEE_POLICY_ENDED", text),
        _ => Failure::invalid(field, text),
    }
}

fn overlaps(failure: Failure) -> Failure {
    failure.on_constraint(store::late_fee_policies::OVERLAP, || {
        let text = Text::new(
            "В эти дни у продавца уже действует правило. Сначала завершите его.",
            "The seller has a policy for these days already. End that one first.",
        );
        Failure::precondition("LATE_FEE_POLICY_OVERLAPS", text)
    })
}

fn encode(row: &LateFeePolicyRow) -> pb::LateFeePolicy {
    let LateFeePolicyRow { policy: p, author, created_at, ended_by } = row;
    pb::LateFeePolicy {
        name: p.terms.policy.to_string(),
        seller: p.seller.to_string(),
        from: Some(p.from.into()),
        until: p.until.map(Into::into),
        daily_percent: Some(p.terms.daily_percent.into()),
        cap_percent: Some(p.terms.cap_percent.into()),
        grace_days: i32::try_from(p.grace_days).unwrap_or(i32::MAX),
        author: author.clone(),
        create_time: Some(convert::timestamp(*created_at)),
        ended_by: ended_by.clone(),
    }
}
