//! Claim and report, one after the other.

use octany_entitlement::Ledger;

use super::MySqlStore;

/// A transaction around both would take more round trips than it spares commits.
impl Ledger for MySqlStore {}
