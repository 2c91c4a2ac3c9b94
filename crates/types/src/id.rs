//! One id type per entity: UUIDv7 inside, `collection/{uuid}` outside.

use crate::Bilingual;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is not the resource name that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a name; expected {collection}/{{uuid}}")]
pub struct BadName {
    /// The text as given.
    pub given: String,
    /// Collection that was expected.
    pub collection: &'static str,
}

impl Bilingual for BadName {
    fn ru(&self) -> String {
        format!("{:?} – не имя; нужно {}/{{uuid}}", self.given, self.collection)
    }
}

impl BadName {
    /// Keeps the beginning only: the text comes from outside and goes back there.
    fn new(given: &str, collection: &'static str) -> Self {
        Self { given: given.chars().take(100).collect(), collection }
    }
}

/// The one form that we print: an entity has one name, not also `{…}`, `urn:uuid:…` or capitals.
fn hyphenated(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    let mut buffer = Uuid::encode_buffer();
    (id.hyphenated().encode_lower(&mut buffer) == text).then_some(id)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $collection:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Collection part of the resource name.
            pub const COLLECTION: &'static str = $collection;

            /// A new id, ordered by time of creation.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($collection, "/{}"), self.0)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                name.strip_prefix(concat!($collection, "/"))
                    .and_then(hyphenated)
                    .map(Self)
                    .ok_or_else(|| BadName::new(name, $collection))
            }
        }
    )*};
}

ids! {
    /// A client: the commercial relation, who is billed.
    ClientId = "clients",
    /// A person who may act for one or several clients.
    PersonId = "people",
    /// The link of a person to a client.
    ContactId = "contacts",
    /// A payer of a client: company, sole trader or individual with requisites.
    LegalEntityId = "legalEntities",
    /// A note of staff about a client.
    NoteId = "notes",
    /// A list as a member of staff likes to look at it.
    ViewId = "views",
    /// A member of staff.
    StaffId = "staff",
    /// A session of a person or a member of staff.
    SessionId = "sessions",
    /// A selling legal entity of the company that runs the suite.
    SellerId = "sellers",
    /// A series of document numbers of one seller.
    SeriesId = "series",
    /// A contract of one payer with one seller.
    ContractId = "contracts",
    /// A product of the catalogue.
    ProductId = "products",
    /// A price version of a product.
    PriceId = "prices",
    /// Months in which a client is not charged VAT.
    TaxExemptionId = "taxExemptions",
    /// What a client owes for paying an invoice late.
    LateFeeId = "lateFees",
    /// Terms of late fees of a seller.
    LateFeePolicyId = "lateFeePolicies",
    /// Money set against a late fee.
    LateFeePaymentId = "lateFeePayments",
    /// An order.
    OrderId = "orders",
    /// A quote: an order offered to a client.
    QuoteId = "quotes",
    /// A subscription.
    SubscriptionId = "subscriptions",
    /// A time in which a subscription is stopped.
    SuspensionId = "suspensions",
    /// A change of a subscription (quantity, product, price, cycle).
    ChangeId = "changes",
    /// An invoice.
    InvoiceId = "invoices",
    /// A line of an invoice.
    InvoiceLineId = "invoiceLines",
    /// A billing run.
    BillingRunId = "billingRuns",
    /// An act of what was rendered in a month.
    ActId = "acts",
    /// A transfer of the ledger.
    TransferId = "transfers",
    /// Money set against an invoice.
    ApplicationId = "applications",
    /// A bank account of a seller.
    BankAccountId = "bankAccounts",
    /// An imported statement file.
    StatementId = "statements",
    /// A line of a statement.
    LineId = "lines",
    /// What a payment is meant for.
    AllocationId = "allocations",
    /// What people taught the matcher by what they did.
    LearnedRuleId = "learnedRules",
    /// A mailbox that receives letters.
    MailboxId = "mailboxes",
    /// A letter as it arrived.
    InboundLetterId = "inboundLetters",
    /// A letter as it leaves.
    OutboundLetterId = "outboundLetters",
    /// A ticket.
    TicketId = "tickets",
    /// A message of a ticket.
    MessageId = "messages",
    /// A file that came or left with a message.
    AttachmentId = "attachments",
    /// What a member of staff is to do.
    TaskId = "tasks",
    /// An event of the calendar of staff.
    CalendarEventId = "calendarEvents",
    /// An event of a feed.
    EventId = "events",
    /// A job of a queue.
    JobId = "jobs",
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UUID: &str = "0190a6b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b";

    /// One name per entity: other spellings of the same UUID are refused.
    #[test]
    fn only_the_printed_form_is_a_name() {
        let name = format!("clients/{UUID}");
        assert_eq!(name.parse::<ClientId>().unwrap().to_string(), name);
        let plain = UUID.replace('-', "");
        let bad = [
            UUID.to_owned(),
            format!("invoices/{UUID}"),
            format!("clients/{plain}"),
            format!("clients/{{{UUID}}}"),
            format!("clients/urn:uuid:{UUID}"),
            format!("clients/{}", UUID.to_uppercase()),
            format!("clients/{UUID}/"),
            "clients/".to_owned(),
            "x".repeat(10_000),
        ];
        for name in bad {
            let error = name.parse::<ClientId>().unwrap_err();
            assert!(error.to_string().ends_with("expected clients/{uuid}"), "{error}");
            assert!(error.to_string().len() < 200);
        }
    }

    #[test]
    fn new_ids_grow_with_time() {
        let ids: Vec<InvoiceId> = std::iter::repeat_with(InvoiceId::generate).take(1000).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    proptest! {
        #[test]
        fn names_and_storage_round_trip(bits: u128) {
            let id = TicketId::from(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<TicketId>(), Ok(id));
            let stored = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<TicketId>(&stored).unwrap(), id);
        }
    }
}
