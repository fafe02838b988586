//! Subscriptions.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use serde::Deserialize;

use super::auth::Account;
use super::query::Query;
use super::sent::{Id, Sent};
use super::{Answer, ApiError, Said};
use crate::engine::{AccountKey, Engine, EngineError, Subscription};
use crate::server::state::Shared;
use crate::wire;

/// How many a page.
const A_PAGE: u64 = 20;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::read(query.as_deref());
    let page = query.page(A_PAGE)?;
    let is_asked_for = |it: &&Subscription| {
        let visitor = &it.visitor;
        query
            .get("filter[reference_id]")
            .is_none_or(|id| visitor.reference_id.as_deref() == Some(id))
            && query
                .get("filter[email]")
                .is_none_or(|email| visitor.email.as_deref() == Some(email))
            && query.get("filter[customer_id]").is_none_or(|id| visitor.customer.to_string() == id)
    };
    shared.with(|engine| {
        let (account, now) = (engine.account(account), engine.now());
        let url = format!("{}/api/{}/subscriptions", shared.links.base(), account.uuid);
        let url = query.of_list(url);
        let all = account.subscriptions.values().filter(is_asked_for);
        let body = page.of(all, &url, |it| wire::subscription(account, it, &shared.links, now));
        Ok(Said { body, at: now })
    })
}

pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Id(id): Id,
) -> Answer {
    act(&shared, account, &id, |_, _| Ok(()))
}

pub(super) async fn cancel(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Id(id): Id,
) -> Answer {
    act(&shared, account, &id, |engine, id| engine.cancel(account, id).map(drop))
}

#[derive(Deserialize)]
pub(super) struct Swap {
    product_id: u64,
}

pub(super) async fn swap(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Id(id): Id,
    Sent(swap): Sent<Swap>,
) -> Answer {
    act(&shared, account, &id, |engine, id| {
        match engine.swap_product(account, id, swap.product_id) {
            Err(EngineError::NotFound("product")) => {
                Err(EngineError::Refused("the product is none of this account's"))
            }
            other => other.map(drop),
        }
    })
}

/// Does something to a subscription, and answers with what it then is.
fn act(
    shared: &Shared,
    account: AccountKey,
    id: &str,
    act: impl FnOnce(&mut Engine, u64) -> Result<(), EngineError>,
) -> Answer {
    shared.with(|engine| {
        let id = read_id(engine, account, id)?;
        act(engine, id)?;
        let (found, now) = (engine.subscription(account, id)?, engine.now());
        let document = wire::subscription(engine.account(account), found, &shared.links, now);
        Ok(Said { body: wire::one(document), at: now })
    })
}

/// The subscription of an id in a URL.
pub(super) fn read_id(engine: &Engine, account: AccountKey, id: &str) -> Result<u64, ApiError> {
    let id = wire::read_subscription_id(&engine.account(account).habits, id);
    let id = id.ok_or(ApiError::NotFound("subscription"))?;
    engine.subscription(account, id)?;
    Ok(id)
}
