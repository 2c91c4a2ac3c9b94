//! Money as payments-svc tells of it, and what the books must be like after it.

use crate::world::{World, date, rub};
use invoicing_svc::jobs::payments_follower::Follower;
use proto::{google::r#type::Money, invoicing::v1 as pb, payments::v1 as told};
use service::feed::{Event, Handler, HandlerError};
use types::id::{AllocationId, ClientId, LineId};

/// The feed of payments-svc, event by event.
pub struct Bank<'a> {
    pub world: &'a World,
}

/// An amount in roubles.
pub fn roubles(text: &str) -> Option<Money> {
    let amount = types::Money::new(text.parse().unwrap(), types::Currency::Rub).unwrap();
    Some(amount.into())
}

impl Bank<'_> {
    /// Applies one event as the follower does: in a transaction of its own.
    pub async fn tell(&self, event: &Event) -> Result<(), HandlerError> {
        let frame = self.world.harness.frame();
        let follower = Follower::new(frame);
        let prepared = follower.prepare(event).await?;
        let mut tx = frame.begin().await?;
        follower.apply(&mut tx, event, prepared).await?;
        tx.commit().await?;
        frame.wake();
        Ok(())
    }

    async fn told<P: prost::Message + prost::Name>(&self, client: &str, payload: &P) {
        let client = client.parse().unwrap_or_else(|_| ClientId::generate());
        let event = testkit::event(client, payload);
        self.tell(&event).await.unwrap();
        self.tell(&event).await.unwrap(); // a feed may be read again: nothing happens twice
    }

    /// Money comes to the seller's account.
    pub async fn line(&self, seller: &str, amount: &str, day: &str) -> String {
        let line = LineId::generate().to_string();
        let imported = told::LineImported {
            line: line.clone(),
            seller: seller.into(),
            amount: roubles(amount),
            date: date(day),
        };
        self.told("", &imported).await;
        line
    }

    /// Sets a line aside.
    pub async fn ignore(&self, seller: &str, line: &str, amount: &str) {
        let ignored = told::LineIgnored {
            line: line.into(),
            seller: seller.into(),
            amount: roubles(amount),
            class: "own_transfer".into(),
        };
        self.told("", &ignored).await;
    }

    /// What a part of a line is meant for.
    pub fn allocated(&self, line: &str, invoice: &str, amount: &str, day: &str) -> told::Allocated {
        told::Allocated {
            allocation: AllocationId::generate().to_string(),
            line: line.into(),
            client: self.world.client.clone(),
            payer: String::new(),
            seller: self.world.seller.clone(),
            invoice: invoice.into(),
            amount: roubles(amount),
            date: date(day),
        }
    }

    /// A payment of the world's client to the world's seller for an invoice, or for credit.
    pub async fn pay(&self, invoice: &str, amount: &str, day: &str) -> told::Allocated {
        let line = self.line(&self.world.seller, amount, day).await;
        let allocated = self.allocated(&line, invoice, amount, day);
        self.allocate(&allocated).await;
        allocated
    }

    /// Tells of an allocation.
    pub async fn allocate(&self, allocated: &told::Allocated) {
        self.told(&allocated.client, allocated).await;
    }

    /// The event of taking an allocation back.
    pub fn reversed(allocated: &told::Allocated) -> told::AllocationReversed {
        told::AllocationReversed {
            allocation: allocated.allocation.clone(),
            line: allocated.line.clone(),
            client: allocated.client.clone(),
            seller: allocated.seller.clone(),
            invoice: allocated.invoice.clone(),
            amount: allocated.amount.clone(),
            reason: "unmatched".into(),
        }
    }

    /// Takes an allocation back.
    pub async fn unmatch(&self, allocated: &told::Allocated) {
        self.told(&allocated.client, &Self::reversed(allocated)).await;
    }

    /// Balance of the world's client with the world's seller: credit, due, advances, receivable.
    pub async fn balance(&self) -> [String; 4] {
        let request = pb::GetBalanceRequest { client: self.world.client.clone() };
        let balance = self.world.ledger().get_balance(request).await.unwrap().into_inner();
        let row = balance.sellers.into_iter().find(|s| s.seller == self.world.seller);
        let row = row.unwrap_or_else(|| pb::SellerBalance {
            credit: roubles("0"),
            due: roubles("0"),
            advances: roubles("0"),
            receivable: roubles("0"),
            ..Default::default()
        });
        [rub(&row.credit), rub(&row.due), rub(&row.advances), rub(&row.receivable)]
    }

    /// Balances of the ledger that are not zero, by kind; debit is positive.
    pub async fn books(&self) -> Vec<(String, String)> {
        let pool = self.world.harness.owner("invoicing").await;
        sqlx::query_as(
            "select kind, trim_scale(sum(balance))::text from balances group by kind
             having sum(balance) <> 0 order by kind",
        )
        .fetch_all(&pool)
        .await
        .unwrap()
    }

    /// Everything that the audit checks holds.
    pub async fn audit(&self) {
        let frame = self.world.harness.frame().clone();
        for check in invoicing_svc::audit::checks(frame).await.unwrap() {
            assert!(check.discrepancies.is_empty(), "{check:#?}");
        }
    }
}
