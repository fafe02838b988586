//! Orders.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use serde::Deserialize;

use super::auth::Account;
use super::query::Query;
use super::sent::{Id, Sent, given};
use super::subscriptions::read_id;
use super::{Answer, ApiError, Said};
use crate::engine::{Charge, EngineError, Order};
use crate::server::state::Shared;
use crate::wire;

/// How many a page, unless asked otherwise.
const A_PAGE: u64 = 20;
/// How many a page at most.
const MOST: u64 = 200;
/// What a VAT rate can be, in basis points.
const VAT: std::ops::RangeInclusive<i64> = 0..=10_000;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::read(query.as_deref());
    let page = query.page_of(A_PAGE, MOST)?;
    let states: Vec<&str> = query.all("filter[state]").flat_map(|it| it.split(',')).collect();
    let product = query.product("filter[product_id]")?;
    let is_asked_for = |order: &&Order| {
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
    Id(id): Id,
) -> Answer {
    shared.with(|engine| {
        let id = wire::read_order_id(&engine.account(account).habits, &id);
        let order = engine.order(account, id.ok_or(ApiError::NotFound("order"))?)?;
        let body = wire::one(wire::order(engine.account(account), order));
        Ok(Said { body, at: engine.now() })
    })
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    product_id: u64,
    amount: i64,
    #[serde(default = "one_piece")]
    quantity: u32,
    #[serde(default = "full_rate")]
    vat: i64,
    #[serde(default, deserialize_with = "given")]
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
    Id(id): Id,
    Sent(wanted): Sent<Wanted>,
) -> Answer {
    if !VAT.contains(&wanted.vat) {
        return Err(ApiError::Invalid("The VAT rate is not one there can be.".to_owned()));
    }
    shared.with(|engine| {
        let id = read_id(engine, account, &id)?;
        let mut charge = Charge::new(wanted.product_id, wanted.amount);
        (charge.quantity, charge.vat) = (wanted.quantity, wanted.vat);
        charge.description = wanted.description;
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
