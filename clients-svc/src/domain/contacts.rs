//! People who act for a client (A35, G48).

use super::clients::{Name, Phone, texts};
use chrono::{DateTime, Utc};
use types::{
    Bilingual,
    email::EmailAddress,
    id::{ClientId, ContactId, PersonId},
};

/// What a person may do in the cabinet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Letters only.
    NoAccess,
    /// Everything.
    Owner,
    /// Everything but closing the account.
    Administrator,
    /// Invoices, payments, documents.
    Accountant,
    /// Services and tickets.
    Technical,
}

/// Kinds of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// Invoices, reminders, acts.
    Billing,
    /// Tickets.
    Support,
    /// Everything else.
    General,
}

texts!(Access {
    NoAccess = "NO_ACCESS",
    Owner = "OWNER",
    Administrator = "ADMINISTRATOR",
    Accountant = "ACCOUNTANT",
    Technical = "TECHNICAL",
});
texts!(LetterKind { Billing = "BILLING", Support = "SUPPORT", General = "GENERAL" });

/// What a contact is made of; all of it checked.
#[derive(Debug, Clone)]
pub struct ContactFields {
    /// Address of the person.
    pub email: EmailAddress,
    /// First name.
    pub given_name: Name,
    /// Last name; may be empty.
    pub family_name: Name,
    /// Phone.
    pub phone: Phone,
    /// What the person may do in the cabinet.
    pub access: Access,
    /// Letters that the person gets.
    pub letters: Vec<LetterKind>,
}

/// A person in a role for one client.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The client.
    pub client: ClientId,
    /// The person.
    pub person: PersonId,
    /// What it is made of.
    pub fields: ContactFields,
    /// The client's main address.
    pub main: bool,
    /// Version.
    pub revision: i64,
    /// When it was linked.
    pub created_at: DateTime<Utc>,
}

/// Why a contact cannot change so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// The main contact stays as long as the client does.
    #[error("the main contact cannot be removed; change the client's main address first")]
    MainStays,
    /// An address is the person's identity; another address is another person.
    #[error("an address cannot be changed here; add a contact with the new address")]
    AddressStays,
}

impl Contact {
    /// Checks that the link may end.
    ///
    /// # Errors
    /// [`ContactError::MainStays`].
    pub fn remove(&self) -> Result<(), ContactError> {
        if self.main { Err(ContactError::MainStays) } else { Ok(()) }
    }

    /// The contact with other fields; the address stays.
    ///
    /// # Errors
    /// [`ContactError::AddressStays`].
    pub fn change(self, fields: ContactFields) -> Result<Self, ContactError> {
        if fields.email == self.fields.email {
            Ok(Self { fields, ..self })
        } else {
            Err(ContactError::AddressStays)
        }
    }
}

impl Bilingual for ContactError {
    fn ru(&self) -> String {
        match self {
            Self::MainStays => {
                "Основной контакт удалить нельзя; сначала смените основной адрес клиента".into()
            }
            Self::AddressStays => {
                "Адрес здесь не меняется; добавьте контакт с новым адресом".into()
            }
        }
    }
}
