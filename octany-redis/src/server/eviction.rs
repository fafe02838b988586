//! A server that may forget is none to keep subscriptions on.

use octany_entitlement::{StoreError, StoreErrorKind};

use super::error::Failure;
use super::{Repeat, Server};
use crate::script::Request;

impl Server {
    /// Whether there is a server that keeps what it is given. One that does not say how it is set up
    /// is taken at its word.
    pub(crate) async fn keeps_everything(&self) -> Result<(), StoreError> {
        self.call::<()>(Repeat::Safe, Request::command("PING")).await?;
        let memory: String =
            match self.call(Repeat::Safe, Request::command("INFO").arg("memory")).await {
                Ok(memory) => memory,
                Err(error) if error.kind() == StoreErrorKind::Rejected => return Ok(()),
                Err(error) => return Err(error),
            };
        let setting = |name: &str| memory.lines().find_map(|line| line.strip_prefix(name));
        let (limit, policy) = (setting("maxmemory:"), setting("maxmemory_policy:"));
        match (limit, policy) {
            (Some("0"), _) | (_, Some("noeviction") | None) => Ok(()),
            (_, Some(policy)) => {
                Err(StoreError::rejected(Failure::Evicts { policy: policy.to_owned() }))
            }
        }
    }
}
