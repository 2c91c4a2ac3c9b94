//! Lines of invoices: what is charged or credited, for which period, with which tax and why.

use crate::domain::{
    codes::codes,
    pricing::{Priced, TaxSegment, price_override},
    products::Product,
    proration::{Basis, OverrideTrace, Trace},
    tax::Taxed,
    texts::Text,
};
use serde::{Deserialize, Serialize};
use types::{
    Money, Period,
    id::{ChangeId, InvoiceLineId, ProductId, SubscriptionId},
    money::MoneyError,
};

codes! {
    /// What a line is.
    LineKind {
        /// A period of a subscription: its first one or a renewal.
        Period = "PERIOD",
        /// More units for the rest of a billed period ("5 → 6").
        Delta = "DELTA",
        /// Less than was billed: negative amounts against a billed line.
        Credit = "CREDIT",
        /// Something charged once.
        Once = "ONCE",
        /// Written by hand, with the amount that a person set.
        Manual = "MANUAL",
    }
}

/// A line, of a draft or issued: issuing copies it unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Identity.
    pub id: InvoiceLineId,
    /// What it is.
    pub kind: LineKind,
    /// Product; lines written by hand may name none.
    pub product: Option<ProductId>,
    /// Subscription that it bills; none for things charged once.
    pub subscription: Option<SubscriptionId>,
    /// Change that made it.
    pub change: Option<ChangeId>,
    /// The billed line that a credit takes back from, or that a delta is co-terming with.
    pub billed_line: Option<InvoiceLineId>,
    /// Name of the product, as printed.
    pub name: Text,
    /// Sub-line without an amount of its own: "User: 6 x pcs", "User: 5 → 6".
    pub detail: Option<Text>,
    /// Days that it is for; one day for things charged once.
    pub period: Period,
    /// Units charged or credited.
    pub quantity: u32,
    /// Units before and after, for changes of quantity.
    pub change_of_quantity: Option<(u32, u32)>,
    /// Price of one unit for one cycle.
    pub unit_price: Money,
    /// Amounts; below zero for credits.
    pub amounts: Taxed,
    /// A segment per rate of tax.
    pub segments: Vec<TaxSegment>,
    /// What its months weigh by at month close.
    pub basis: Basis,
    /// Why the amount is what it is.
    pub traces: Vec<Trace>,
    /// Code by which accounting knows the product.
    pub accounting_code: Option<String>,
}

codes! {
    /// What a claim protects from being billed twice.
    ClaimKind {
        /// A period of a subscription; these may not overlap.
        Renewal = "RENEWAL",
        /// A change against a billed line; unique per (change, line).
        Change = "CHANGE",
    }
}

/// What a line claims in `billed_periods` while its invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Kind.
    pub kind: ClaimKind,
    /// Subscription.
    pub subscription: SubscriptionId,
    /// Days.
    pub period: Period,
    /// Change and billed line, for changes.
    pub change: Option<(ChangeId, InvoiceLineId)>,
}

impl Line {
    /// A line of a product with its price; kind, subscription and change follow by the caller.
    #[must_use]
    pub fn new(
        id: InvoiceLineId,
        kind: LineKind,
        product: &Product,
        period: Period,
        (quantity, unit_price): (u32, Money),
        priced: Priced,
    ) -> Self {
        let detail = product.option.as_ref().map(|o| {
            Text::new(
                format!("{}: {quantity} x {}", o.name.ru, o.unit.ru),
                format!("{}: {quantity} x {}", o.name.en, o.unit.en),
            )
        });
        Self {
            id,
            kind,
            product: Some(product.id),
            subscription: None,
            change: None,
            billed_line: None,
            name: product.name.clone(),
            detail,
            period,
            quantity,
            change_of_quantity: None,
            unit_price,
            amounts: priced.amounts,
            segments: priced.segments,
            basis: priced.basis,
            traces: priced.traces,
            accounting_code: product.accounting_code.clone(),
        }
    }

    /// A line written by hand: a text, days, and the price that a person set.
    #[must_use]
    pub fn manual(
        id: InvoiceLineId,
        name: Text,
        period: Period,
        (quantity, unit_price): (u32, Money),
        priced: Priced,
    ) -> Self {
        Self {
            id,
            kind: LineKind::Manual,
            product: None,
            subscription: None,
            change: None,
            billed_line: None,
            name,
            detail: None,
            period,
            quantity,
            change_of_quantity: None,
            unit_price,
            amounts: priced.amounts,
            segments: priced.segments,
            basis: priced.basis,
            traces: priced.traces,
            accounting_code: None,
        }
    }

    /// The same line with the amount that a person set, and why; its months then weigh by days
    /// (G53), its decisions of tax stand.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn with_amount(
        self,
        gross: Money,
        reason: String,
        author: String,
    ) -> Result<Self, MoneyError> {
        let decisions = self.segments.into_iter().map(|s| (s.period, s.decision)).collect();
        let computed = Some(self.amounts.gross);
        let set = OverrideTrace { amount: gross, computed, reason, author };
        let priced = price_override(set, self.period, decisions)?;
        let Priced { amounts, segments, traces, basis } = priced;
        Ok(Self { amounts, segments, traces, basis, ..self })
    }

    /// Marks the line as a change of quantity and says so in its sub-line: "User: 5 → 6" (G7).
    #[must_use]
    pub fn of_change(self, product: &Product, before: u32, after: u32) -> Self {
        let text = |name: Option<&str>| match name {
            Some(name) => format!("{name}: {before} → {after}"),
            None => format!("{before} → {after}"),
        };
        let option = product.option.as_ref();
        let detail = Text::new(
            text(option.map(|o| o.name.ru.as_str())),
            text(option.map(|o| o.name.en.as_str())),
        );
        Self { detail: Some(detail), change_of_quantity: Some((before, after)), ..self }
    }

    /// The printed text: product and service period (A203); things charged once print no period.
    #[must_use]
    pub fn title(&self) -> Text {
        let one_day = self.period.days() == 1;
        if self.kind == LineKind::Once || (self.kind == LineKind::Manual && one_day) {
            return self.name.clone();
        }
        let period = self.period;
        Text::new(format!("{} ({period})", self.name.ru), format!("{} ({period})", self.name.en))
    }

    /// What the line claims; things charged once and lines without a subscription claim nothing.
    #[must_use]
    pub fn claim(&self) -> Option<Claim> {
        let subscription = self.subscription?;
        let period = self.period;
        match self.kind {
            LineKind::Period => {
                Some(Claim { kind: ClaimKind::Renewal, subscription, period, change: None })
            }
            LineKind::Delta | LineKind::Credit => {
                let change = Some((self.change?, self.billed_line?));
                Some(Claim { kind: ClaimKind::Change, subscription, period, change })
            }
            LineKind::Once | LineKind::Manual => None,
        }
    }
}
