//! Findings against known exceptions.

use std::collections::BTreeSet;

/// What a check has found: the item that an exception would name, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path, or `path::item`.
    pub item: String,
    /// What is wrong, with the line.
    pub wrong: String,
}

impl Finding {
    pub fn new(item: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self { item: item.into(), wrong: wrong.into() }
    }
}

/// An item that breaks a rule, and why that is right there.
pub type Exception = (&'static str, &'static str);

/// Fails on findings without an exception and on exceptions without a finding.
#[track_caller]
pub fn check(rule: &str, found: &[Finding], exceptions: &[Exception]) {
    let complaints = complaints(found, exceptions);
    assert!(complaints.is_empty(), "{rule}:\n  {}\n", complaints.join("\n  "));
}

fn complaints(found: &[Finding], exceptions: &[Exception]) -> Vec<String> {
    let known: BTreeSet<&str> = exceptions.iter().map(|(item, _)| *item).collect();
    let broken: BTreeSet<&str> = found.iter().map(|finding| finding.item.as_str()).collect();
    let mut complaints: Vec<String> = found
        .iter()
        .filter(|finding| !known.contains(finding.item.as_str()))
        .map(|finding| format!("{}: {}", finding.item, finding.wrong))
        .collect();
    for item in known.difference(&broken) {
        complaints.push(format!("{item}: the exception no longer applies; take it off the list"));
    }
    for (item, reason) in exceptions {
        if reason.trim().is_empty() {
            complaints.push(format!("{item}: an exception needs a reason"));
        }
    }
    complaints
}

#[test]
fn new_findings_and_stale_exceptions_fail() {
    let found = [Finding::new("a.rs", "is bad"), Finding::new("b.rs", "is bad")];
    assert_eq!(complaints(&found, &[("a.rs", "x"), ("b.rs", "x")]), Vec::<String>::new());
    assert_eq!(complaints(&found, &[("a.rs", "x")]), ["b.rs: is bad"]);
    let stale = complaints(&found[..1], &[("a.rs", "x"), ("c.rs", "x")]);
    assert_eq!(stale, ["c.rs: the exception no longer applies; take it off the list"]);
    assert_eq!(complaints(&found[..1], &[("a.rs", " ")]).len(), 1);
}
