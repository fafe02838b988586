//! Everything there is, for programs.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::engine::{Account, Product};
use crate::server::webhooks::Logged;
use crate::server::{Faults, state::Shared};
use crate::wire;

#[derive(Serialize)]
pub(super) struct Everything {
    now: DateTime<Utc>,
    accounts: Vec<OfAccount>,
    deliveries: Vec<Logged>,
    faults: Faults,
}

#[derive(Serialize)]
struct OfAccount {
    uuid: String,
    number: u64,
    api_key: String,
    products: Vec<Product>,
    subscriptions: Vec<octany_core::resource::Subscription>,
    orders: Vec<octany_core::resource::Order>,
    endpoints: Vec<crate::engine::Endpoint>,
}

pub(super) fn of(shared: &Shared) -> Everything {
    let (now, accounts) = shared.with(|engine| {
        let now = engine.now();
        let account = |of: &Account| OfAccount {
            uuid: of.uuid.clone(),
            number: of.number,
            api_key: of.api_key.clone(),
            products: of.products.values().cloned().collect(),
            subscriptions: of
                .subscriptions
                .values()
                .map(|it| wire::subscription(of, it, &shared.links, now))
                .collect(),
            orders: of.orders.values().map(|it| wire::order(of, it)).collect(),
            endpoints: of.endpoints.clone(),
        };
        (now, engine.accounts().map(|(_, of)| account(of)).collect())
    });
    let state = shared.state();
    Everything { now, accounts, deliveries: state.log.all(), faults: state.faults.clone() }
}
