//! What people do with lines: allocate, take back, set aside. Clients are locked before the line.

use super::{parse, whole};
use crate::domain::allocations::{AllocationError, Part};
use crate::domain::lines::{Line, LineError};
use crate::domain::matching::{Invoice, Preset};
use crate::domain::statements::Direction;
use crate::jobs::{learning, matching, profiles};
use crate::store::allocations::{Act, New};
use crate::store::matching_reviews::{self as reviews, Kind, Meant};
use crate::{events, store};
use proto::payments::v1 as pb;
use service::idempotency::{self, Key};
use service::{Failure, Frame, Scope, Text, check_etag, feed};
use sqlx::PgConnection;
use tonic::Request;
use types::id::{ClientId, InvoiceId, LineId};

/// AllocateLine.
///
/// # Errors
/// Those of the fields; `NOT_FOUND`; `LINE_…`, `INVOICE_…`, `PAID_TO_OTHER_SELLER`.
pub async fn allocate(
    frame: &Frame,
    request: Request<pb::AllocateLineRequest>,
) -> Result<pb::Line, Failure> {
    let scope = Scope::of(&request)?;
    let key = Key::of(&request, &request.get_ref().request_id)?;
    let command = parse::allocate(request.get_ref())?;
    for client in command.parts.iter().filter_map(|part| part.client) {
        profiles::ensure(frame, client).await?;
    }
    let mut tx = frame.begin().await?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(saved);
    }
    let named: Vec<InvoiceId> = command.parts.iter().filter_map(|part| part.invoice).collect();
    let invoices = store::invoices::get_all(&mut tx, &named).await?;
    let mut clients: Vec<ClientId> = invoices.iter().map(|(invoice, _)| invoice.client).collect();
    clients.extend(command.parts.iter().filter_map(|part| part.client));
    store::accounts::lock_beside_imports(&mut tx, &clients).await?;
    let line = locked(&mut tx, command.line, &request.get_ref().etag).await?;
    // Read again: what was read before the lock may have been paid meanwhile.
    let invoices = store::invoices::get_all(&mut tx, &named).await?;
    let mut parts = Vec::new();
    for (at, asked) in command.parts.iter().enumerate() {
        parts.push(part(&mut tx, &line, &invoices, at, asked).await?);
    }
    let line = line.allocate(&parts).map_err(|error| refused(&error))?;
    let act = Act { actor: &scope.actor, automatic: false, at: frame.clock.now() };
    let new: Vec<New> =
        parts.into_iter().map(|part| New { line: &line, part, reasons: &[] }).collect();
    let meant: Vec<Part> = new.iter().map(|new| new.part.clone()).collect();
    let (said, who) = (Meant::of_parts(&meant), (scope.actor.as_str(), ""));
    reviews::decided(&mut tx, (line.id, Kind::Shadow), said, who, act.at).await?;
    let made = store::allocations::insert(&mut tx, &new, act).await?;
    let line = store::lines::save(&mut tx, line).await?;
    let told: Vec<_> = made.iter().map(|made| events::allocated(&line, made)).collect();
    feed::append_all(&mut tx, frame, &told).await?;
    learning::push(&mut tx, frame, &line, &scope.actor, command.remember).await?;
    let reply = whole(&mut tx, line, &scope).await?;
    let reply = idempotency::finish(&mut tx, key, reply).await?;
    tx.commit().await?;
    Ok(reply)
}

async fn locked(conn: &mut PgConnection, id: LineId, etag: &str) -> Result<Line, Failure> {
    let found = store::lines::lock(conn, id).await?;
    let line = found.ok_or_else(|| Failure::not_found(id.to_string()))?;
    check_etag(etag, line.revision)?;
    Ok(line)
}

/// A part with its client and payer found, and its invoice checked.
async fn part(
    conn: &mut PgConnection,
    line: &Line,
    invoices: &[(Invoice, String)],
    at: usize,
    asked: &parse::AskedPart,
) -> Result<Part, Failure> {
    let Some(id) = asked.invoice else {
        let client = asked.client.ok_or_else(|| Failure::internal("a part without client"))?;
        let payer = match &line.payer.tax_id {
            Some(tax_id) => store::accounts::payer_of(conn, client, tax_id).await?,
            None => None,
        };
        return Ok(Part { invoice: None, client, payer, amount: asked.amount });
    };
    let (invoice, state) = invoices
        .iter()
        .find(|(invoice, _)| invoice.id == id)
        .ok_or_else(|| Failure::not_found(id.to_string()))?;
    if asked.client.is_some_and(|client| client != invoice.client) {
        let text = Text::new("Счёт выставлен другому клиенту.", "The invoice is another client's.");
        return Err(Failure::invalid(format!("parts[{at}].client"), text));
    }
    payable(line, invoice, state)?;
    let amount = asked.amount;
    Ok(Part { invoice: Some(id), client: invoice.client, payer: invoice.payer, amount })
}

/// Money never crosses sellers (A182), and what is paid or cancelled takes none.
fn payable(line: &Line, invoice: &Invoice, state: &str) -> Result<(), Failure> {
    let (reason, ru, en) = if invoice.seller != line.seller {
        (
            "PAID_TO_OTHER_SELLER",
            "Деньги пришли другому продавцу: привяжите их к счёту этого продавца или в кредит.",
            "The money came to another seller: allocate it to an invoice of that seller, or to \
             credit.",
        )
    } else if !matches!(state, "ISSUED" | "EXPIRED") {
        (
            "INVOICE_CLOSED",
            "Счёт аннулирован: привяжите деньги к другому счёту или в кредит клиента.",
            "The invoice is cancelled: allocate to another one, or to the client's credit.",
        )
    } else if !invoice.residual.is_positive() {
        (
            "INVOICE_PAID",
            "Счёт уже оплачен: привяжите деньги в кредит клиента.",
            "The invoice is paid already: allocate to the client's credit.",
        )
    } else if invoice.residual.currency() != line.amount.currency() {
        (
            "CURRENCY_DIFFERS",
            "Валюта счёта не совпадает с валютой оплаты.",
            "The invoice is in another currency than the payment.",
        )
    } else {
        return Ok(());
    };
    Err(Failure::precondition(reason, Text::new(ru, en)).with("invoice", invoice.id.to_string()))
}

/// UnmatchLine.
///
/// # Errors
/// Those of the fields; `NOT_FOUND`; `NOTHING_ALLOCATED`; `ABORTED` when another act came between.
pub async fn unmatch(
    frame: &Frame,
    preset: Preset,
    request: Request<pb::UnmatchLineRequest>,
) -> Result<pb::Line, Failure> {
    let scope = Scope::of(&request)?;
    let key = Key::of(&request, &request.get_ref().request_id)?;
    let command = parse::unmatch(request.get_ref())?;
    let mut tx = frame.begin().await?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(saved);
    }
    let before = standing(&mut tx, command.line).await?;
    let clients: Vec<ClientId> = before.iter().map(|a| a.part.client).collect();
    store::accounts::lock_beside_imports(&mut tx, &clients).await?;
    let line = locked(&mut tx, command.line, &request.get_ref().etag).await?;
    let allocations = standing(&mut tx, command.line).await?;
    if allocations.iter().any(|a| !clients.contains(&a.part.client)) {
        // Another act allocated to a client whom we have not locked.
        return Err(Failure::aborted(
            "LINE_CHANGED",
            Text::new(
                "Строку только что изменил кто-то другой. Повторите.",
                "Somebody else has just changed the line. Repeat.",
            ),
        ));
    }
    let (line, taken) =
        line.unmatch(&allocations, command.allocation).map_err(|error| refused(&error))?;
    let ids: Vec<_> = taken.iter().map(|allocation| allocation.id).collect();
    let now = frame.clock.now();
    store::allocations::reverse(&mut tx, &ids, &scope.actor, &command.reason, now).await?;
    let who = (scope.actor.as_str(), command.reason.as_str());
    reviews::decided(&mut tx, (line.id, Kind::Sample), None, who, now).await?;
    let line = matching::propose(&mut tx, line, preset).await?;
    let line = store::lines::save(&mut tx, line).await?;
    let told: Vec<_> = taken
        .iter()
        .map(|allocation| events::allocation_reversed(&line, allocation, &command.reason))
        .collect();
    feed::append_all(&mut tx, frame, &told).await?;
    learning::push(&mut tx, frame, &line, &scope.actor, false).await?;
    let reply = whole(&mut tx, line, &scope).await?;
    let reply = idempotency::finish(&mut tx, key, reply).await?;
    tx.commit().await?;
    Ok(reply)
}

async fn standing(
    conn: &mut PgConnection,
    line: LineId,
) -> Result<Vec<crate::domain::allocations::Allocation>, Failure> {
    let mut kept = store::allocations::of_lines(conn, &[line]).await?;
    let all = kept.remove(&line).unwrap_or_default();
    Ok(all.into_iter().map(|kept| kept.allocation).collect())
}

/// IgnoreLine.
///
/// # Errors
/// Those of the fields; `NOT_FOUND`; `LINE_ALLOCATED`, `LINE_IGNORED`.
pub async fn ignore(
    frame: &Frame,
    request: Request<pb::IgnoreLineRequest>,
) -> Result<pb::Line, Failure> {
    let scope = Scope::of(&request)?;
    let key = Key::of(&request, &request.get_ref().request_id)?;
    let command = parse::ignore(request.get_ref())?;
    let mut tx = frame.begin().await?;
    if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
        return Ok(saved);
    }
    let line = locked(&mut tx, command.line, &request.get_ref().etag).await?;
    let line = line.ignore(command.class).map_err(|error| refused(&error))?;
    let line = store::lines::save(&mut tx, line).await?;
    store::lines::note_ignored(&mut tx, line.id, &scope.actor, &command.reason).await?;
    let who = (scope.actor.as_str(), command.reason.as_str());
    reviews::decided(&mut tx, (line.id, Kind::Shadow), None, who, frame.clock.now()).await?;
    if line.direction == Direction::In {
        feed::append_all(&mut tx, frame, &[events::line_ignored(&line)]).await?;
        learning::push(&mut tx, frame, &line, &scope.actor, false).await?;
    }
    let reply = whole(&mut tx, line, &scope).await?;
    let reply = idempotency::finish(&mut tx, key, reply).await?;
    tx.commit().await?;
    Ok(reply)
}

/// What a rule refuses, for people.
fn refused(error: &LineError) -> Failure {
    let (reason, ru, en) = match error {
        LineError::NotIncoming => (
            "LINE_NOT_INCOMING",
            "Привязать можно только поступление.",
            "Only money that came can be allocated.",
        ),
        LineError::Ignored => (
            "LINE_IGNORED",
            "Строка отложена как не оплата клиента.",
            "The line was set aside as no payment of a client.",
        ),
        LineError::Allocated => (
            "LINE_ALLOCATED",
            "Сначала отмените привязки этой строки.",
            "Take the allocations of the line back first.",
        ),
        LineError::Allocation(error) => return does_not_fit(error),
    };
    Failure::precondition(reason, Text::new(ru, en))
}

fn does_not_fit(error: &AllocationError) -> Failure {
    match error {
        AllocationError::Empty => Failure::invalid(
            "parts",
            Text::new("Укажите хотя бы одну часть.", "Give at least one part."),
        ),
        AllocationError::NotPositive(at) => Failure::invalid(
            format!("parts[{at}].amount"),
            Text::new("Сумма должна быть больше нуля.", "The amount must be above zero."),
        ),
        AllocationError::Currency(at) => Failure::invalid(
            format!("parts[{at}].amount"),
            Text::new(
                "Валюта части не совпадает с валютой строки.",
                "The part is in another currency than the line.",
            ),
        ),
        AllocationError::Exceeds { asked, left } => Failure::precondition(
            "LINE_EXCEEDED",
            Text::new(
                format!("Части в сумме {asked}, а у строки осталось {left}."),
                format!("The parts are {asked}, the line has {left} left."),
            ),
        ),
        AllocationError::Unknown(id) => Failure::not_found(id.to_string()),
        AllocationError::NothingStands => Failure::precondition(
            "NOTHING_ALLOCATED",
            Text::new("Строка ни к чему не привязана.", "Nothing is allocated on the line."),
        ),
    }
}
