//! The style of the code base as an ordinary test (style.md, rules 1–4 and §4).
//!
//! Each check gathers findings; a [`tidy::ratchet`] compares them with the exceptions that are
//! known and reasoned. A new finding fails, and so does an exception that no longer applies: the
//! lists can only shrink. Every check also has a test that it does find what it looks for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, saying what it lacks")]

mod tidy {
    mod contracts;
    mod files;
    mod imports;
    mod manifests;
    mod ratchet;
    mod source;
    mod sql;
}
