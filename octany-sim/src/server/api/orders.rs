//! Orders.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use serde::Deserialize;

use super::auth::Account;
use super::query::{Query, body};
use super::subscriptions::read_id;
use super::{Answer, ApiError, Said};
use crate::engine::{Charge, EngineError, Order};
use crate::server::state::Shared;
use crate::wire;

/// How many a page, unless asked otherwise.
const A_PAGE: u64 = 20;
/// How many a page at most.
const MOST: u64 = 200;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::read(query.as_deref());
    let page = query.page_of(A_PAGE, MOST)?;
    let states: Vec<&str> = query.all("filter[state]").flat_map(|it| it.split(',')).collect();
    let is_asked_for = |order: &&Order| {
        let product = query.get("filter[product_id]");
        product.is_none_or(|id| order.product.to_string() == id)
            && (states.is_empty() || states.contains(&order.state.as_str()))
    };
    shared.with(|engine| {
        let id = read_id(engine, account, &id)?;
        let (account, now) = (engine.account(account), engine.now());
        // Ids grow, so the latest come first.
        let its = account.orders.values().rev().filter(|order| order.subscription == Some(id));
        let document_id = wire::subscription_id(&account.habits, id);
        let base = shared.links.base();
        let url =
            format!("{base}/api/{}/subscription/{}/orders", account.uuid, document_id.as_str());
        let url = query.of_list(url);
        let body = page.of(its.filter(is_asked_for), &url, |it| wire::order(account, it));
        Ok(Said { body, at: now })
    })
}

pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Path((_, id)): Path<(String, String)>,
) -> Answer {
    shared.with(|engine| {
        let id = wire::read_order_id(&engine.account(account).habits, &id);
        let order = engine.order(account, id.ok_or(ApiError::NotFound("order"))?)?;
        let body = wire::one(wire::order(engine.account(account), order));
        Ok(Said { body, at: engine.now() })
    })
}

#[derive(Deserialize)]
struct Sent {
    product_id: u64,
    amount: i64,
    #[serde(default = "one_piece")]
    quantity: u32,
    #[serde(default = "full_rate")]
    vat: i64,
    #[serde(default)]
    description: Option<String>,
}

fn one_piece() -> u32 {
    1
}

fn full_rate() -> i64 {
    2500
}

pub(super) async fn charge(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Path((_, id)): Path<(String, String)>,
    sent: Bytes,
) -> Answer {
    let sent: Sent = body(&sent)?;
    shared.with(|engine| {
        let id = read_id(engine, account, &id)?;
        let mut charge = Charge::new(sent.product_id, sent.amount);
        (charge.quantity, charge.vat) = (sent.quantity, sent.vat);
        charge.description = sent.description;
        let order = match engine.charge(account, id, charge) {
            Err(EngineError::NotFound("product")) => {
                return Err(ApiError::Invalid("The product is none of this account's.".to_owned()));
            }
            other => other?.id,
        };
        let order = engine.order(account, order)?;
        let body = wire::one(wire::order(engine.account(account), order));
        Ok(Said { body, at: engine.now() })
    })
}
