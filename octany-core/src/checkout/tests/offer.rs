//! What was bought, beside what was offered.

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use crate::checkout::*;
use crate::resource::{Order, Subscription};

fn offer(amount: Option<i64>) -> SignedReference {
    let key = ReferenceKey::new("k".repeat(32)).unwrap();
    let end = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
    let (user, product) = ("user".into(), 7.into());
    match amount {
        Some(amount) => key.sign_with_amount(&user, &product, amount, end).unwrap(),
        None => key.sign(&user, &product, end).unwrap(),
    }
}

fn with(members: &Value) -> String {
    let mut all = json!({"id": 1, "status": "active"});
    all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    all.to_string()
}

fn bought(amount: Option<i64>, members: &Value) -> Bought {
    offer(amount).compare(&Subscription::parse(with(members)).unwrap())
}

fn ordered(amount: Option<i64>, members: &Value) -> Bought {
    offer(amount).compare_order(&Order::parse(with(members)).unwrap())
}

#[test]
fn without_an_amount_the_product_decides() {
    let compare = |members| bought(None, &members);
    assert_eq!(compare(json!({"product": {"id": 7}})), Bought::AsOffered);
    assert_eq!(compare(json!({"product_id": "7", "price": 1})), Bought::AsOffered);
    assert_eq!(compare(json!({"product": {"id": 8}})), Bought::Otherwise);
    assert_eq!(compare(json!({"price": 9_900})), Bought::CannotTell);
    assert_eq!(compare(json!({"product": "seven"})), Bought::CannotTell);
}

#[test]
fn with_an_amount_the_price_decides_and_the_product_must_not_contradict() {
    let compare = |members| bought(Some(9_900), &members);
    assert_eq!(compare(json!({"price": 9_900})), Bought::AsOffered);
    assert_eq!(compare(json!({"price": 9_900, "product": {"id": 7}})), Bought::AsOffered);
    assert_eq!(compare(json!({"price": 9_900, "product": {"id": 8}})), Bought::Otherwise);
    for price in [0, 9_899, 9_901, -9_900] {
        assert_eq!(compare(json!({"price": price})), Bought::Otherwise);
        assert_eq!(compare(json!({"price": price, "product": {"id": 7}})), Bought::Otherwise);
    }
    assert_eq!(compare(json!({"product": {"id": 8}})), Bought::Otherwise);
    // One report without a price must not settle for good what was paid.
    assert_eq!(compare(json!({"product": {"id": 7}})), Bought::CannotTell);
    assert_eq!(compare(json!({"product": {"id": 7}, "price": "9900 kr"})), Bought::CannotTell);
    assert_eq!(compare(json!({})), Bought::CannotTell);
}

#[test]
fn an_orders_sum_may_be_the_amount_with_or_without_vat() {
    let compare = |members| ordered(Some(10_000), &members);
    assert_eq!(compare(json!({"total": 10_000, "total_with_vat": 12_500})), Bought::AsOffered);
    assert_eq!(compare(json!({"total": 8_000, "total_with_vat": 10_000})), Bought::AsOffered);
    assert_eq!(compare(json!({"total_with_vat": 10_000})), Bought::AsOffered);
    assert_eq!(compare(json!({"total": 8_000, "total_with_vat": 9_999})), Bought::Otherwise);
    assert_eq!(compare(json!({"total": 10_000, "product": {"id": 8}})), Bought::Otherwise);
    assert_eq!(compare(json!({"product": {"id": 7}})), Bought::CannotTell);
    assert_eq!(ordered(None, &json!({"total": 1, "product": {"id": 7}})), Bought::AsOffered);
    assert_eq!(ordered(None, &json!({"total": 1})), Bought::CannotTell);
}
