//! All malformed fields of a request at once.

use super::{Failure, Violation};
use crate::Text;

/// Collects every malformed field of a request, so that the caller learns all of them at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Notes a field that cannot be accepted.
    pub fn field(&mut self, field: impl Into<String>, text: Text) {
        self.0.push(Violation { field: field.into(), text });
    }

    /// The value, or its violation noted and `None`.
    pub fn take<T>(&mut self, field: impl Into<String>, value: Result<T, Text>) -> Option<T> {
        value.map_err(|text| self.field(field, text)).ok()
    }

    /// True while nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was noted.
    pub(super) fn into_inner(self) -> Vec<Violation> {
        self.0
    }

    /// Ends the parsing.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with all violations when there is any.
    pub fn finish(self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::violations(self.0)) }
    }
}
