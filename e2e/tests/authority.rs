//! Who may call what: every method of every listener, by everybody, against what the contracts
//! declare; and what a customer of one client can learn about another (issue 3, §4).

mod cabinet;
mod calls;
mod expiry;
mod forge;
mod gateway;
mod listeners;
mod table;
mod tricks;

/// Business time at which these tests begin.
const NOW: &str = "2019-02-26T09:00:00Z";
