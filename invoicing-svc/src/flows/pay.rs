//! Money is set against invoices and taken off again, with its postings and what follows from it.

use crate::{
    domain::{
        applications::Application,
        invoices::PaymentState,
        ledger::{
            AccountKind, Cause, CauseKind, Party, Transfer, advance_vat, applied, offset_vat,
            rebalance, restore_vat, reverse,
        },
    },
    flows::{late_fees, paid},
    store::{
        self, allocations::Allocation, applications::Origin, invoices::InvoiceRow,
        ledger::ClientBalance,
    },
};
use chrono::NaiveDate;
use service::{
    Failure, Frame,
    feed::{self, NewEvent},
};
use sqlx::PgConnection;
use std::collections::HashMap;
use types::{
    Money,
    id::{AllocationId, ApplicationId, ClientId, InvoiceId},
};

/// What stands on the accounts of one contract while postings are made.
struct Standing {
    party: Party,
    advances: Money,
    receivable: Money,
    vat: Money,
}

impl Standing {
    async fn read(conn: &mut PgConnection, row: &InvoiceRow) -> Result<Self, Failure> {
        let balances = store::ledger::of_clients(conn, &[row.invoice.client]).await?;
        Ok(Self::of(&balances, row))
    }

    fn of(balances: &[ClientBalance], row: &InvoiceRow) -> Self {
        let i = &row.invoice;
        let party = Party {
            seller: i.seller,
            client: i.client,
            legal_entity: i.legal_entity,
            contract: i.contract,
        };
        let of = |kind| balance(balances, &party, kind, Money::zero(i.currency));
        Self {
            party,
            advances: of(AccountKind::Advances).negated(),
            receivable: of(AccountKind::Receivable),
            vat: of(AccountKind::VatOnAdvances),
        }
    }

    /// Follows the transfers, so that the next posting sees what they made.
    fn follow(&mut self, transfers: &[Transfer]) -> Result<(), Failure> {
        for t in transfers {
            for (account, amount) in [(t.debit(), t.amount()), (t.credit(), t.amount().negated())] {
                if account.contract != Some(self.party.contract) {
                    continue;
                }
                let sum = |a: Money, b: Money| a.checked_add(b).map_err(Failure::internal);
                match account.kind {
                    AccountKind::Advances => {
                        self.advances = sum(self.advances, amount.negated())?;
                    }
                    AccountKind::Receivable => self.receivable = sum(self.receivable, amount)?,
                    AccountKind::VatOnAdvances => self.vat = sum(self.vat, amount)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Lets advances and debts meet. Money that comes was charged VAT only as far as it stays an
    /// advance.
    fn meet(&mut self, cause: &Cause, date: NaiveDate) -> Result<Vec<Transfer>, Failure> {
        let met = rebalance(&self.party, self.advances, self.receivable, cause, date);
        let transfers: Vec<Transfer> = met.map_err(Failure::internal)?.into_iter().collect();
        self.follow(&transfers)?;
        Ok(transfers)
    }

    /// Lets advances and debts meet after money was taken back: VAT of an advance that now settles
    /// a debt is offset, and what an act had offset of money that is gone is owed again.
    fn settle(&mut self, cause: &Cause, date: NaiveDate) -> Result<Vec<Transfer>, Failure> {
        let before = self.advances;
        let mut transfers = self.meet(cause, date)?;
        let offset = offset_vat(&self.party, (before, self.advances), self.vat, cause, date);
        let vat = offset.map_err(Failure::internal)?;
        transfers.extend(vat.clone());
        self.follow(vat.as_slice())?;
        let restored = restore_vat(&self.party, self.vat, cause, date);
        self.follow(restored.as_slice())?;
        transfers.extend(restored);
        Ok(transfers)
    }
}

fn balance(all: &[ClientBalance], party: &Party, kind: AccountKind, zero: Money) -> Money {
    all.iter()
        .find(|b| {
            b.seller == party.seller
                && b.account.kind == kind
                && b.account.legal_entity == Some(party.legal_entity)
                && b.account.contract == Some(party.contract)
                && b.balance.currency() == zero.currency()
        })
        .map_or(zero, |b| b.balance)
}

/// Parts of allocations that are set against one issued invoice.
#[derive(Debug)]
pub struct Payment<'a> {
    /// The invoice; its sums follow.
    pub row: &'a mut InvoiceRow,
    /// What of which allocation; their credit follows.
    pub parts: &'a mut [(Allocation, Money, Origin)],
}

/// Sets parts of allocations against an issued invoice and posts that; the sums of `row` and the
/// credit of the allocations follow. The caller saves the row with [`settle`].
///
/// # Errors
/// Those of the database.
pub async fn apply(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &mut InvoiceRow,
    parts: &mut [(Allocation, Money, Origin)],
) -> Result<(), Failure> {
    apply_all(conn, frame, &mut [Payment { row, parts }]).await
}

/// [`apply`] for invoices of as many clients: no client twice.
///
/// # Errors
/// Those of the database.
pub async fn apply_all(
    conn: &mut PgConnection,
    frame: &Frame,
    payments: &mut [Payment<'_>],
) -> Result<(), Failure> {
    let clients: Vec<ClientId> = payments.iter().map(|p| p.row.invoice.client).collect();
    let mut balances: HashMap<ClientId, Vec<ClientBalance>> = HashMap::new();
    for balance in store::ledger::of_clients(conn, &clients).await? {
        balances.entry(balance.client).or_default().push(balance);
    }
    let zones = store::profiles::zones(conn, &clients).await?;
    let (mut applications, mut transfers) = (Vec::new(), Vec::new());
    for Payment { row, parts } in payments.iter_mut() {
        let client = row.invoice.client;
        let known = balances.get(&client).map_or(&[][..], Vec::as_slice);
        let mut standing = Standing::of(known, row);
        let zone = zones.get(&client).copied().unwrap_or(chrono_tz::Europe::Moscow);
        let date = frame.clock.today(zone);
        for part in parts.iter_mut() {
            let (application, posted) = apply_part(row, part, &mut standing, date)?;
            applications.push((client, application, part.2));
            transfers.extend(posted);
        }
    }
    store::applications::insert(conn, &applications, frame.clock.now()).await?;
    let parts = payments.iter().flat_map(|payment| payment.parts.iter());
    let allocations: Vec<&Allocation> = parts.map(|(a, ..)| a).collect();
    store::allocations::save_credit(conn, &allocations).await?;
    store::ledger::post(conn, &transfers, frame.clock.now()).await
}

/// One part: what it is as an application, and what it posts.
fn apply_part(
    row: &mut InvoiceRow,
    (allocation, amount, _): &mut (Allocation, Money, Origin),
    standing: &mut Standing,
    date: NaiveDate,
) -> Result<(Application, Vec<Transfer>), Failure> {
    let totals = row.invoice.totals().map_err(Failure::internal)?;
    let id = ApplicationId::generate();
    let from = allocation.payer.unwrap_or(row.invoice.legal_entity);
    // Money that meets a debt is no advance, so it carries no VAT of one.
    let debt = standing.receivable.min(*amount).map_err(Failure::internal)?;
    let advance = amount.checked_sub(debt).map_err(Failure::internal)?;
    let vat = advance_vat(advance, totals).map_err(Failure::internal)?;
    let mut transfers = applied(&standing.party, from, *amount, vat, &id.to_string(), date);
    standing.follow(&transfers)?;
    let cause = Cause { kind: CauseKind::Applied, name: id.to_string() };
    transfers.extend(standing.meet(&cause, date)?);
    let application = Application {
        id,
        invoice: row.invoice.id,
        allocation: allocation.id,
        amount: *amount,
        received: allocation.date,
        reversed: false,
    };
    allocation.credit = allocation.credit.checked_sub(*amount).map_err(Failure::internal)?;
    let sums = &mut row.invoice.sums;
    sums.applied = sums.applied.checked_add(*amount).map_err(Failure::internal)?;
    Ok((application, transfers))
}

/// Takes applications off an invoice, exactly: their postings are reversed, what an act had used
/// meanwhile becomes debt, and the money is credit of its allocation again. The caller saves the
/// row with [`settle`].
///
/// # Errors
/// Those of the database.
pub async fn unapply(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &mut InvoiceRow,
    applications: &[Application],
    reason: &str,
) -> Result<(), Failure> {
    let now = frame.clock.now();
    let date = frame.clock.today(super::accept::zone(conn, row.invoice.client).await?);
    let mut standing = Standing::read(conn, row).await?;
    let mut transfers = Vec::new();
    for application in applications {
        let name = application.id.to_string();
        let posted = store::ledger::of_causes(conn, std::slice::from_ref(&name)).await?;
        let reversed: Vec<Transfer> = posted
            .iter()
            .rev()
            .filter(|t| t.cause().kind == CauseKind::Applied)
            .map(|t| reverse(t, &name, date))
            .collect();
        standing.follow(&reversed)?;
        transfers.extend(reversed);
        let cause = Cause { kind: CauseKind::Reversal, name };
        transfers.extend(standing.settle(&cause, date)?);
        let sums = &mut row.invoice.sums;
        sums.applied = sums.applied.checked_sub(application.amount).map_err(Failure::internal)?;
        give_back(conn, application.allocation, application.amount).await?;
    }
    let ids: Vec<ApplicationId> = applications.iter().map(|a| a.id).collect();
    store::applications::reverse(conn, &ids, reason, now).await?;
    store::ledger::post(conn, &transfers, now).await
}

/// Makes money credit of its allocation again.
///
/// # Errors
/// Those of the database.
pub async fn give_back(
    conn: &mut PgConnection,
    allocation: AllocationId,
    amount: Money,
) -> Result<(), Failure> {
    let found = store::allocations::get(conn, allocation).await?;
    let mut allocation = found.ok_or_else(|| Failure::internal("an application of nothing"))?;
    allocation.credit = allocation.credit.checked_add(amount).map_err(Failure::internal)?;
    store::allocations::save_credit(conn, &[&allocation]).await
}

/// Saves an invoice whose sums or state have changed, and does what follows: it became paid, or it
/// is paid no longer. `before` is how far it was paid.
///
/// # Errors
/// Those of the database.
pub async fn settle(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &mut InvoiceRow,
    before: PaymentState,
) -> Result<(), Failure> {
    settle_all(conn, frame, &mut [(row, before)]).await
}

/// [`settle`] for invoices of as many clients: no client twice.
///
/// # Errors
/// Those of the database.
pub async fn settle_all(
    conn: &mut PgConnection,
    frame: &Frame,
    rows: &mut [(&mut InvoiceRow, PaymentState)],
) -> Result<(), Failure> {
    let (mut became, mut ceased) = (Vec::new(), Vec::new());
    let mut told = Vec::new();
    for (at, (row, before)) in rows.iter_mut().enumerate() {
        let after = row.invoice.payment_state().map_err(Failure::internal)?;
        if after == PaymentState::Paid && *before != PaymentState::Paid {
            became.push(at);
            row.paid_at = Some(frame.clock.now());
        } else if after != PaymentState::Paid {
            row.paid_at = None;
            if *before == PaymentState::Paid {
                ceased.push(at);
            }
        }
        let changed = super::events::residual_changed(&row.invoice)?;
        told.push(NewEvent::new(Some(row.invoice.client), &changed));
    }
    let clients: Vec<ClientId> = became.iter().map(|at| rows[*at].0.invoice.client).collect();
    let paid_before = store::invoices::who_paid(conn, &clients).await?;
    let all: Vec<&InvoiceRow> = rows.iter().map(|(row, _)| &**row).collect();
    store::invoices::save(conn, &all).await?;
    feed::append_all(conn, frame, &told).await?;
    let ids: Vec<InvoiceId> = all.iter().map(|row| row.invoice.id).collect();
    late_fees::follow(conn, frame, &ids).await?;
    if !became.is_empty() {
        let became: Vec<(&InvoiceRow, bool)> = became
            .iter()
            .map(|at| (all[*at], !paid_before.contains(&all[*at].invoice.client)))
            .collect();
        paid::became_paid(conn, frame, &became).await?;
    }
    for at in ceased {
        paid::no_longer_paid(conn, frame, all[at]).await?;
    }
    Ok(())
}

/// Tells payments-svc where the money of these allocations is now.
///
/// # Errors
/// Those of the database.
pub async fn tell(
    conn: &mut PgConnection,
    frame: &Frame,
    about: Option<&InvoiceRow>,
    allocations: &[AllocationId],
) -> Result<(), Failure> {
    let mut told = Vec::new();
    for id in allocations {
        if let Some(allocation) = store::allocations::get(conn, *id).await? {
            told.extend(applied_event(about, &allocation)?);
        }
    }
    feed::append_all(conn, frame, &told).await
}

/// Where the money of an allocation is now; none once it is taken back.
///
/// # Errors
/// `INTERNAL` when its sums do not fit.
pub fn applied_event(
    about: Option<&InvoiceRow>,
    a: &Allocation,
) -> Result<Option<NewEvent>, Failure> {
    if a.reversed {
        return Ok(None);
    }
    let applied = a.amount.checked_sub(a.credit).map_err(Failure::internal)?;
    let event = proto::invoicing::v1::PaymentApplied {
        allocation: a.id.to_string(),
        invoice: about.map(|row| row.invoice.id.to_string()).unwrap_or_default(),
        applied: Some(applied.into()),
        credit: Some(a.credit.into()),
    };
    Ok(Some(NewEvent::new(Some(a.client), &event)))
}

/// Credit of these clients by client, oldest money first.
///
/// # Errors
/// Those of the database.
pub async fn credit_of(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<HashMap<ClientId, Vec<Allocation>>, Failure> {
    let mut credit: HashMap<_, Vec<Allocation>> = HashMap::new();
    for allocation in store::allocations::with_credit(conn, clients).await? {
        credit.entry(allocation.client).or_default().push(allocation);
    }
    Ok(credit)
}
