//! The API, asked by the client.

use octany_client::{ChargeRequest, ErrorKind, ProductUpdate};
use octany_core::{OrderState, SubscriptionStatus};
use octany_sim::engine::{Engine, Habits};
use octany_sim::server::Simulator;
use reqwest::{Method, Response};

use crate::support::{DONATION, MONTHLY, ONCE, Shop};

/// What the API says, as it is written.
async fn text(shop: &Shop, path: &str) -> String {
    call(shop, Method::GET, path, "").await.text().await.expect("it is text")
}

async fn call(shop: &Shop, method: Method, path: &str, body: &'static str) -> Response {
    let key = shop.simulator.with(|engine| engine.account(shop.account).api_key.clone());
    let url = format!("{}/api/{}/{path}", shop.simulator.base_url(), shop.uuid());
    let call = reqwest::Client::new().request(method, url).header("x-api-key", key).body(body);
    call.send().await.expect("it answers")
}

#[tokio::test]
async fn a_subscription_is_found_by_reference_and_by_id() {
    let shop = Shop::open().await;
    let id = shop.buy(MONTHLY, "user_42");
    shop.buy(MONTHLY, "user_43");
    let client = shop.client();
    let page = client.subscriptions().reference("user_42").send().await.expect("it answers");
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.as_of, shop.simulator.now());
    let found = client.subscription(&page.items[0].id).await.expect("it is there").value;
    assert_eq!(found.id, octany_core::SubscriptionId::from(id));
    assert_eq!(found.status, SubscriptionStatus::Active);
    assert_eq!(found.price, Some(9_900));
    assert!(client.subscription(&1.into()).await.expect_err("nobody has it").is_not_found());
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let shop = Shop::open().await;
    for user in 0..45 {
        shop.buy(MONTHLY, &format!("user_{user}"));
    }
    let client = shop.client();
    let (mut seen, mut next) = (Vec::new(), Some(1));
    while let Some(number) = next {
        let page = client.subscriptions().page(number).send().await.expect("it answers");
        assert_eq!(page.total, Some(45));
        next = page.next();
        seen.extend(page.items.into_iter().map(|it| it.id.clone()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45);
}

#[tokio::test]
async fn a_wrong_key_and_another_accounts_key_are_refused_differently() {
    let shop = Shop::open().await;
    let wrong = shop.client_with("wrong").subscriptions().send().await.expect_err("it is wrong");
    assert_eq!(wrong.kind(), ErrorKind::Unauthorized);
    let other = shop.simulator.with(|engine| {
        let other = engine.add_account();
        engine.account(other).api_key.clone()
    });
    let foreign = shop.client_with(&other).subscriptions().send().await.expect_err("it is foreign");
    assert_eq!(foreign.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_subscription_is_cancelled_once_and_its_product_swapped() {
    let shop = Shop::open().await;
    let id = shop.buy(MONTHLY, "user_42").into();
    let client = shop.client();
    let swapped = client.swap_product(&id, &DONATION.into()).await.expect("it recurs").value;
    assert_eq!(swapped.price, Some(5_000));
    let refused = client.swap_product(&id, &404.into()).await.expect_err("there is none");
    assert_eq!(refused.kind(), ErrorKind::Validation);
    let cancelled = client.cancel(&id).await.expect("it runs").value;
    assert!(cancelled.ends_at.is_some() && cancelled.renews_at.is_none());
    assert_eq!(client.cancel(&id).await.expect_err("again").kind(), ErrorKind::Validation);
}

#[tokio::test]
async fn a_charge_makes_an_order_or_fails_with_402() {
    let shop = Shop::open().await;
    let number = shop.buy(MONTHLY, "user_42");
    let (client, id) = (shop.client(), number.into());
    let charged = client.charge(&id, &ChargeRequest::new(ONCE, 4_995)).await.expect("it is paid");
    assert_eq!(charged.value.state, Some(OrderState::Paid));
    let account = shop.account;
    shop.simulator.with(|engine| engine.fail_payments(account, number, 1)).expect("it is there");
    let failed = client.charge(&id, &ChargeRequest::new(ONCE, 4_995)).await;
    assert_eq!(failed.expect_err("the card fails").kind(), ErrorKind::PaymentRequired);

    let all = client.orders(&id).send().await.expect("it answers");
    assert_eq!(all.items.len(), 3);
    let once = client.orders(&id).product(ONCE).state("paid").per_page(1);
    let once = once.send().await.expect("it answers");
    assert_eq!((once.items.len(), once.total), (1, Some(1)));
    assert_eq!(once.items[0].id, charged.value.id);
    let order = client.order(&charged.value.id).await.expect("it is there").value;
    assert_eq!(order.total_with_vat, Some(6_244));
}

#[tokio::test]
async fn a_product_is_read_changed_and_deleted() {
    let shop = Shop::open().await;
    let (client, id) = (shop.client(), MONTHLY.into());
    assert_eq!(client.products().send().await.expect("it answers").items.len(), 3);
    let read = client.product(&id).await.expect("it is there").value;
    assert_eq!(read.name.expect("it has one"), "Åsas rapporter");
    let mut update = ProductUpdate::default();
    update.price = Some(12_900);
    let changed = client.update_product(&id, &update).await.expect("it is there").value;
    assert_eq!(changed.price, Some(12_900));
    assert_eq!(changed.price_with_vat, Some(16_125));
    client.delete_product(&id).await.expect("it is there");
    assert!(client.product(&id).await.expect_err("it is gone").is_not_found());
}

#[tokio::test]
async fn ids_and_nesting_follow_the_accounts_habits() {
    let shop = Shop::open().await;
    let account = shop.account;
    shop.simulator.with(|engine| {
        let habits = engine.habits(account);
        (habits.text_ids, habits.nests) = (true, true);
    });
    shop.buy(MONTHLY, "user_42");
    let client = shop.client();
    let page = client.subscriptions().send().await.expect("it answers");
    let subscription = client.subscription(&page.items[0].id).await.expect("it is there").value;
    assert!(subscription.id.as_str().starts_with("sub_"));
    assert_eq!(subscription.product(), Some(MONTHLY.into()));
}

#[tokio::test]
async fn what_has_no_value_is_written_as_null() {
    let shop = Shop::open().await;
    let id = shop.buy(MONTHLY, "user_42");
    let read = text(&shop, &format!("subscription/{id}")).await;
    for member in ["ends_at", "trial_ends_at", "reference_name"] {
        assert!(read.contains(&format!("\"{member}\":null")), "{member} in {read}");
    }
    shop.client().cancel(&id.into()).await.expect("it runs");
    let cancelled = text(&shop, &format!("subscription/{id}")).await;
    assert!(cancelled.contains("\"renews_at\":null"), "{cancelled}");
    assert!(!cancelled.contains("\"ends_at\":null"), "{cancelled}");
    let orders = text(&shop, &format!("subscription/{id}/orders")).await;
    assert!(orders.contains("\"delivery\":null"), "{orders}");
    let product = text(&shop, &format!("product/{ONCE}")).await;
    for member in ["description", "interval", "image"] {
        assert!(product.contains(&format!("\"{member}\":null")), "{member} in {product}");
    }
}

#[tokio::test]
async fn the_link_to_the_next_page_asks_for_the_same() {
    let shop = Shop::open().await;
    for _ in 0..21 {
        shop.buy(MONTHLY, "user 42");
    }
    let page = text(&shop, "subscriptions?filter[reference_id]=user%2042&page=1").await;
    let next = "subscriptions?filter%5Breference_id%5D=user+42&page=2\"";
    assert!(page.contains(next), "{page}");
}

#[tokio::test]
async fn an_answer_of_any_time_has_a_date() {
    for at in ["1960-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        let mut engine = Engine::new(1, at.parse().expect("an instant"));
        let account = engine.add_account();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let simulator = Simulator::new(engine, base).with_standing_clock();
        let served = octany_sim::server::run(listener, simulator.clone(), std::future::pending());
        tokio::spawn(served);
        let shop = Shop { simulator, account };
        assert!(text(&shop, "subscriptions").await.contains("\"total\":0"), "{at}");
    }
}

#[tokio::test]
async fn what_the_contract_does_not_allow_is_refused_in_json() {
    let shop = Shop::open().await;
    let id = shop.buy(MONTHLY, "user_42");
    let (charge, orders) =
        (format!("subscription/{id}/order"), format!("subscription/{id}/orders"));
    let product = format!("product/{MONTHLY}");
    let refusals = [
        (Method::POST, product.as_str(), r#"{"name":null}"#, 422),
        (Method::POST, &product, r#"{"vat_rate":null}"#, 422),
        (Method::POST, &product, r#"{"interval":"fortnight"}"#, 422),
        (Method::POST, &product, "[]", 422),
        (Method::POST, &charge, r#"{"product_id":43,"amount":1,"description":null}"#, 422),
        (Method::POST, &charge, r#"{"product_id":43,"amount":1,"vat":10001}"#, 422),
        (Method::GET, &format!("{orders}?filter[product_id]=reports"), "", 422),
        (Method::GET, &format!("{orders}?per_page=201"), "", 422),
        (Method::GET, "subscription/%FF", "", 404),
        (Method::GET, "product/%FF", "", 404),
        (Method::PATCH, "products", "", 405),
    ];
    for (method, path, body, expected) in refusals {
        let answer = call(&shop, method, path, body).await;
        assert_eq!(answer.status(), expected, "{path} {body}");
        assert_eq!(answer.headers()["content-type"], "application/json", "{path} {body}");
        let said = answer.text().await.expect("it is text");
        assert!(said.starts_with(r#"{"error":{"code":""#), "{said}");
    }
    let whole = text(&shop, &format!("{orders}?page=99999999999999999999&per_page=200")).await;
    assert!(
        whole.contains("\"count\":0"),
        "there is no such page, and that is no mistake: {whole}"
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_json() {
    let shop = Shop::open().await;
    let body: &'static str = "x".repeat(3 << 20).leak();
    let answer = call(&shop, Method::POST, "webhooks/endpoints", body).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(answer.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn an_account_can_write_what_the_contract_says_to_the_letter() {
    let shop = Shop::open().await;
    shop.simulator.with(|engine| *engine.habits(shop.account) = Habits::contract());
    shop.buy(MONTHLY, "user_42");
    let list = text(&shop, "subscriptions").await;
    assert!(list.contains("\"id\":\"sub_") && list.contains("\"metadata\":{}"), "{list}");
}
