//! Who pays: legal entities with checked requisites (A53, A54, A123).

use super::clients::Name;
use chrono::{DateTime, Utc};
use types::{
    Country,
    id::{ClientId, LegalEntityId},
    requisites::TaxId,
};

/// Longest address, in characters.
pub const ADDRESS_LIMIT: usize = 500;
/// Most accounts of one entity.
pub const ACCOUNTS_LIMIT: usize = 50;

/// An account that money is expected from. In Russia account, BIC and correspondent account fit
/// each other (G26, G27).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// Account number or IBAN, without blanks.
    pub account: String,
    /// BIC; may be empty abroad.
    pub bic: String,
    /// Correspondent account; may be empty.
    pub correspondent_account: String,
    /// Name of the bank; may be empty.
    pub bank: Name,
}

/// What a legal entity is made of; all of it checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalEntityFields {
    /// Legal name as printed.
    pub title: Name,
    /// Country whose rules its requisites follow.
    pub country: Country,
    /// Tax id; absent for individuals and foreign ones that gave none.
    pub tax_id: Option<TaxId>,
    /// KPP of a Russian company.
    pub kpp: Option<String>,
    /// OGRN or OGRNIP.
    pub ogrn: Option<String>,
    /// Legal address; may be empty.
    pub address: String,
    /// Accounts, in the order given.
    pub accounts: Vec<BankAccount>,
}

/// A payer of a client.
#[derive(Debug, Clone)]
pub struct LegalEntity {
    /// Its id.
    pub id: LegalEntityId,
    /// The client.
    pub client: ClientId,
    /// What it is made of.
    pub fields: LegalEntityFields,
    /// Version.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A requisite that held before a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Which field, such as `kpp`.
    pub field: &'static str,
    /// Its value before.
    pub value: String,
}

impl LegalEntityFields {
    /// What a change replaces, so that old papers can be told (A54: «старый КПП …»). Values that
    /// were empty before are no history.
    #[must_use]
    pub fn replaced_by(&self, after: &Self) -> Vec<Replaced> {
        let tax = |f: &Self| f.tax_id.as_ref().map_or("", TaxId::digits).to_owned();
        let accounts = |f: &Self| {
            let numbers: Vec<&str> = f.accounts.iter().map(|a| a.account.as_str()).collect();
            numbers.join(" ")
        };
        [
            ("title", self.title.as_str().to_owned(), after.title.as_str().to_owned()),
            ("tax_id", tax(self), tax(after)),
            ("kpp", self.kpp.clone().unwrap_or_default(), after.kpp.clone().unwrap_or_default()),
            ("ogrn", self.ogrn.clone().unwrap_or_default(), after.ogrn.clone().unwrap_or_default()),
            ("address", self.address.clone(), after.address.clone()),
            ("accounts", accounts(self), accounts(after)),
        ]
        .into_iter()
        .filter(|(_, before, after)| before != after && !before.is_empty())
        .map(|(field, value, _)| Replaced { field, value })
        .collect()
    }
}
