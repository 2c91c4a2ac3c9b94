//! Who works here (trap 17 of features.md: a person is not a login).

use super::clients::Name;
use chrono::{DateTime, Utc};
use types::{email::EmailAddress, id::StaffId};

/// What a member of staff is made of; all of it checked. Roles are the wire's words, such as
/// `SALES`: what they allow is declared in the contracts, not here.
#[derive(Debug, Clone)]
pub struct StaffFields {
    /// Login.
    pub email: EmailAddress,
    /// Shown to colleagues.
    pub display_name: Name,
    /// What the member may do; not empty.
    pub roles: Vec<String>,
    /// Department; may be empty.
    pub department: Name,
    /// May not log in any more.
    pub disabled: bool,
}

/// A member of staff.
#[derive(Debug, Clone)]
pub struct StaffMember {
    /// Its id.
    pub id: StaffId,
    /// What it is made of.
    pub fields: StaffFields,
    /// Version.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
