//! Versions of resources as AIP-154 entity tags.

use crate::{Failure, Text};

/// The tag of a revision, quoted: revision 7 is `"7"`.
#[must_use]
pub fn etag(revision: i64) -> String {
    format!("\"{revision}\"")
}

/// Compares the tag that a caller read with the revision that is stored. An empty tag matches.
///
/// # Errors
/// `ABORTED` with reason `STALE_ETAG` when somebody changed the resource in between.
pub fn check_etag(given: &str, revision: i64) -> Result<(), Failure> {
    if given.is_empty() || given == etag(revision) {
        return Ok(());
    }
    Err(Failure::aborted(
        "STALE_ETAG",
        Text::new(
            "Запись изменил кто-то другой. Обновите страницу и повторите.",
            "Somebody else has changed this. Read it again and repeat.",
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares() {
        assert!(check_etag("", 7).is_ok());
        assert!(check_etag("\"7\"", 7).is_ok());
        assert!(check_etag("7", 7).is_err());
        assert!(check_etag("\"6\"", 7).is_err());
    }
}
