//! A charge is made once, whatever breaks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod crashes;
mod cuts;
mod doubt;
mod fake;
mod hasty;
mod late;
mod walks;

use std::time::Duration;

use octany_client::{ChargeError, ChargeRequest, Charged};
use octany_entitlement::ChargeIntents;

use self::fake::Fake;

/// So long that no slow machine outlasts it.
const PATIENT: Duration = Duration::from_mins(1);

/// Charges a subscription 49.95 for product 55.
async fn charge(
    fake: &Fake,
    intents: &impl ChargeIntents,
    subscription: &str,
    id: &str,
) -> Result<Charged, ChargeError> {
    let request = ChargeRequest::new(55, 4995);
    fake.client(PATIENT).charge_once(intents, &subscription.into(), &request, id).await
}

/// The order that was made; panics if it is not known.
fn created(charged: Result<Charged, ChargeError>) -> String {
    match charged.unwrap() {
        Charged::Created(order) => order.id.to_string(),
        other => panic!("{other:?}"),
    }
}

/// The order that was known to be made.
fn already(charged: Result<Charged, ChargeError>) -> String {
    match charged.unwrap() {
        Charged::AlreadyCreated(order) => order.to_string(),
        other => panic!("{other:?}"),
    }
}

fn is_unknown(charged: &Result<Charged, ChargeError>) -> bool {
    matches!(charged, Ok(Charged::Unknown(_)))
}
