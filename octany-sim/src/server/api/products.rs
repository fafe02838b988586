//! Products.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use serde::Deserialize;

use super::auth::Account;
use super::query::Query;
use super::sent::{Id, Sent, given};
use super::{Answer, ApiError, Said};
use crate::engine::{Interval, ProductChange};
use crate::server::state::Shared;
use crate::wire;

/// How many a page.
const A_PAGE: u64 = 100;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Query::read(query.as_deref());
    let page = query.page(A_PAGE)?;
    shared.with(|engine| {
        let account = engine.account(account);
        let url = query.of_list(format!("{}/api/{}/products", shared.links.base(), account.uuid));
        Ok(Said { body: page.of(account.products.values(), &url, wire::product), at: engine.now() })
    })
}

pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Id(id): Id,
) -> Answer {
    let id = read_id(&id)?;
    shared.with(|engine| {
        let body = wire::one(wire::product(engine.product(account, id)?));
        Ok(Said { body, at: engine.now() })
    })
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    price: Option<i64>,
    #[serde(default, deserialize_with = "given")]
    currency: Option<String>,
    #[serde(default, deserialize_with = "given")]
    vat_rate: Option<f64>,
    #[serde(default, deserialize_with = "given")]
    interval: Option<Interval>,
}

pub(super) async fn update(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Id(id): Id,
    Sent(wanted): Sent<Wanted>,
) -> Answer {
    let id = read_id(&id)?;
    let Wanted { name, description, price, currency, vat_rate, interval } = wanted;
    let vat = vat_rate.map(basis_points).transpose()?;
    let change = ProductChange { name, description, price, currency, vat, interval };
    if change.price.is_some_and(|price| price < 0) {
        return Err(ApiError::Invalid("The price is negative.".to_owned()));
    }
    if change.currency.as_deref().is_some_and(|it| it.parse::<octany_core::Currency>().is_err()) {
        return Err(ApiError::Invalid("The currency is not three letters.".to_owned()));
    }
    shared.with(|engine| {
        let body = wire::one(wire::product(engine.update_product(account, id, change)?));
        Ok(Said { body, at: engine.now() })
    })
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Account(account): Account,
    Id(id): Id,
) -> Answer {
    let id = read_id(&id)?;
    shared.with(|engine| {
        engine.delete_product(account, id)?;
        Ok(Said { body: "[]".to_owned(), at: engine.now() })
    })
}

fn read_id(id: &str) -> Result<u64, ApiError> {
    id.parse().map_err(|_| ApiError::NotFound("product"))
}

fn basis_points(percent: f64) -> Result<i64, ApiError> {
    let refused = || ApiError::Invalid("The VAT rate is not one there can be.".to_owned());
    let is_rate = (0.0..=100.0).contains(&percent);
    is_rate.then(|| octany_core::Percent::new(percent).to_basis_points().0).ok_or_else(refused)
}
