//! One id type per entity: UUIDv7 inside, `collection/{uuid}` outside.

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
                    .and_then(|id| Uuid::try_parse(id).ok())
                    .map(Self)
                    .ok_or_else(|| BadName { given: name.into(), collection: $collection })
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
    /// An order.
    OrderId = "orders",
    /// A subscription.
    SubscriptionId = "subscriptions",
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
    /// An event of a feed.
    EventId = "events",
    /// A job of a queue.
    JobId = "jobs",
}
