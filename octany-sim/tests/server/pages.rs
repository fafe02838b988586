//! The pages, walked through without a browser.

use chrono::TimeDelta;
use octany_core::SubscriptionStatus;
use reqwest::{Client, Response, StatusCode, redirect};

use crate::support::{MONTHLY, Shop};

/// A visitor who looks at each answer before going on.
fn visitor() -> Client {
    Client::builder().redirect(redirect::Policy::none()).build().expect("it can be built")
}

fn location(response: &Response) -> String {
    let location = response.headers().get("location").expect("it leads somewhere");
    location.to_str().expect("it is text").to_owned()
}

/// Opens a checkout and gives its page's URL.
async fn checkout(shop: &Shop, query: &str) -> Result<String, StatusCode> {
    let (base, account) = (shop.simulator.base_url(), shop.uuid());
    let url = format!("{base}/checkout/{account}/product/{MONTHLY}?{query}");
    let opened = visitor().get(url).send().await.expect("it answers");
    if opened.status() != StatusCode::SEE_OTHER {
        return Err(opened.status());
    }
    Ok(format!("{base}{}", location(&opened)))
}

#[tokio::test]
async fn a_visitor_pays_and_comes_back_with_what_the_url_said() {
    let shop = Shop::open().await;
    let query = "referenceId=user_42&email=anna%40example.com&amount=5000\
                 &successUrl=http%3A%2F%2F127.0.0.1%3A1%2Fpending%3Fto%3D%252F";
    let page = checkout(&shop, query).await.expect("it opens");
    let shown = visitor().get(&page).send().await.expect("it answers");
    assert_eq!(shown.headers()["cache-control"], "no-store");
    let shown = shown.text().await.expect("it is text");
    assert!(shown.contains("anna@example.com") && shown.contains("50.00 SEK"), "{shown}");

    let failed = [("action", "fail"), ("email", "anna@example.com")];
    let failed = visitor().post(&page).form(&failed).send().await.expect("it answers");
    assert!(failed.text().await.expect("it is text").contains("role=\"alert\""));

    let paid = [("action", "pay"), ("method", "swish"), ("email", "anna@example.com")];
    let paid = visitor().post(&page).form(&paid).send().await.expect("it answers");
    assert_eq!(location(&paid), "http://127.0.0.1:1/pending?to=%2F");
    let again = [("action", "pay"), ("method", "swish")];
    let again = visitor().post(&page).form(&again).send().await.expect("it answers");
    assert_eq!(again.status(), StatusCode::CONFLICT);

    let bought = shop.client().subscriptions().reference("user_42").send().await;
    let bought = bought.expect("it answers").items;
    assert_eq!((bought.len(), bought[0].price), (1, Some(5_000)));
}

#[tokio::test]
async fn what_is_not_filled_in_anew_stays_as_the_url_said_and_what_is_emptied_is_gone() {
    let shop = Shop::open().await;
    let query = "referenceId=user_42&email=anna%40example.com&firstName=Anna&lastName=Svensson";
    let page = checkout(&shop, query).await.expect("it opens");
    let paid = [("action", "pay"), ("method", "card"), ("last_name", "")];
    visitor().post(&page).form(&paid).send().await.expect("it answers");
    let visitor = shop.simulator.with(|engine| {
        let subscriptions = &engine.account(shop.account).subscriptions;
        subscriptions.values().next().expect("it is bought").visitor.clone()
    });
    assert_eq!(visitor.email.as_deref(), Some("anna@example.com"));
    assert_eq!((visitor.first_name.as_deref(), visitor.last_name), (Some("Anna"), None));
}

#[tokio::test]
async fn a_visitor_who_leaves_pays_nothing() {
    let shop = Shop::open().await;
    let page = checkout(&shop, "referenceId=user_42").await.expect("it opens");
    let left = visitor().post(&page).form(&[("action", "leave")]).send().await.expect("it answers");
    assert_eq!(left.status(), StatusCode::SEE_OTHER);
    assert!(shop.simulator.with(|engine| engine.account(shop.account).orders.is_empty()));
}

#[tokio::test]
async fn what_octany_would_not_take_is_refused() {
    let shop = Shop::open().await;
    for query in
        ["successUrl=http%3A%2F%2Fapp.example%2F", "successUrl=javascript%3Aalert(1)", "amount=ten"]
    {
        assert_eq!(checkout(&shop, query).await, Err(StatusCode::BAD_REQUEST), "{query}");
    }
    let base = shop.simulator.base_url();
    let nowhere = format!("{base}/checkout/{}/product/404", shop.uuid());
    let nowhere = visitor().get(nowhere).send().await.expect("it answers");
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_somebody_calls_themselves_is_shown_as_text() {
    let shop = Shop::open().await;
    let page = checkout(&shop, "firstName=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    let shown = visitor().get(page.expect("it opens")).send().await.expect("it answers");
    assert!(!shown.text().await.expect("it is text").contains("<script>alert"));
}

#[tokio::test]
async fn a_link_into_the_portal_works_until_it_is_over_and_for_its_page_only() {
    let shop = Shop::open().await;
    let id = shop.buy(MONTHLY, "user_42");
    let found = shop.client().subscription(&id.into()).await.expect("it is there").value;
    let cancel = found.cancel_url.as_ref().expect("it has one").expose().into_owned();
    let elsewhere = cancel.replace("/cancel?", "/card?");
    let refused = visitor().get(elsewhere).send().await.expect("it answers");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    assert!(visitor().get(&cancel).send().await.expect("it answers").status().is_success());
    let done = visitor().post(&cancel).form(&[("x", "")]).send().await.expect("it answers");
    assert!(done.status().is_success());
    let status = shop.simulator.with(|engine| {
        engine.subscription(shop.account, id).expect("it is there").ends_at.is_some()
    });
    assert!(status, "it is cancelled");

    shop.simulator.advance(TimeDelta::hours(1));
    let late = visitor().get(&cancel).send().await.expect("it answers");
    assert_eq!(late.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_control_page_shows_and_does_what_the_api_behind_it_does() {
    let shop = Shop::open().await;
    let id = shop.buy(MONTHLY, "user_42");
    let base = shop.simulator.base_url();
    let page = visitor().get(base).send().await.expect("it answers").text().await;
    assert!(page.expect("it is text").contains("user_42"));

    let fail = [("action", "fail_next_renewal"), ("subscription", &id.to_string())];
    let done = visitor().post(format!("{base}/")).form(&fail).send().await.expect("it answers");
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let command = r#"{"action":"advance","by":"1month"}"#;
    let state = visitor()
        .post(format!("{base}/control/commands"))
        .header("content-type", "application/json")
        .body(command)
        .send()
        .await
        .expect("it answers");
    assert!(state.text().await.expect("it is text").contains("\"delayed\""));
    let status = shop
        .simulator
        .with(|engine| engine.subscription(shop.account, id).expect("it is there").status.clone());
    assert_eq!(status, SubscriptionStatus::Delayed);

    let little = visitor()
        .post(format!("{base}/control/commands"))
        .header("content-type", "application/json")
        .header("prefer", "respond-async, return=minimal")
        .body(command)
        .send()
        .await
        .expect("it answers");
    assert_eq!(little.text().await.expect("it is text"), r#"{"now":"2027-01-30T12:00:00Z"}"#);

    let unknown = visitor()
        .post(format!("{base}/control/commands"))
        .header("content-type", "application/json")
        .body(r#"{"action":"redeliver","number":99}"#)
        .send()
        .await
        .expect("it answers");
    assert_eq!(unknown.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn another_page_in_the_browser_cannot_press_the_buttons() {
    let shop = Shop::open().await;
    let hook = [("action", "test_hook")];
    let foreign = visitor()
        .post(format!("{}/", shop.simulator.base_url()))
        .header("origin", "https://evil.example")
        .form(&hook)
        .send()
        .await
        .expect("it answers");
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_control_page_lets_a_browser_say_that_a_form_is_its_own() {
    let shop = Shop::open().await;
    let base = shop.simulator.base_url();
    // Told to say nothing of where it comes from, a browser sends `Origin: null`.
    let page = visitor().get(base).send().await.expect("it answers");
    assert_eq!(page.headers()["referrer-policy"], "same-origin");
    let hook = [("action", "test_hook")];
    let own = visitor().post(format!("{base}/")).header("origin", base).form(&hook).send().await;
    assert_eq!(own.expect("it answers").status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_name_that_was_made_to_mean_this_machine_controls_nothing() {
    let shop = Shop::open().await;
    let base = shop.simulator.base_url();
    for path in ["/", "/control/state", "/control/main"] {
        let url = format!("{base}{path}");
        let foreign = visitor().get(&url).header("host", "evil.example").send().await;
        assert_eq!(foreign.expect("it answers").status(), StatusCode::FORBIDDEN, "{path}");
        let port = base.rsplit(':').next().expect("it has one");
        let ours = visitor().get(&url).header("host", format!("localhost:{port}")).send().await;
        assert_eq!(ours.expect("it answers").status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn no_cart_is_too_dear_to_be_shown() {
    let shop = Shop::open().await;
    let (base, account) = (shop.simulator.base_url(), shop.uuid());
    let cart = format!("{base}/checkout/{account}/cart?items={MONTHLY}:2&amount={}", i64::MAX);
    let opened = visitor().get(cart).send().await.expect("it answers");
    let page = format!("{base}{}", location(&opened));
    assert!(visitor().get(page).send().await.expect("it answers").status().is_success());
}

#[tokio::test]
async fn an_endpoint_is_registered_once_by_the_api_or_by_the_page_until_it_is_removed() {
    let shop = Shop::open().await;
    let act = async |action, url| {
        let form = [("action", action), ("url", url)];
        let sent = visitor().post(shop.simulator.base_url()).form(&form).send().await;
        sent.expect("it answers").status()
    };
    shop.client().register_endpoint("http://127.0.0.1:1").await.expect("it is new");
    assert_eq!(act("register", "http://127.0.0.1:1").await, StatusCode::CONFLICT);
    assert_eq!(act("register", "ftp://127.0.0.1/").await, StatusCode::CONFLICT);
    assert_eq!(act("register", "http://127.0.0.1:2").await, StatusCode::SEE_OTHER);
    assert_eq!(act("unregister", "http://127.0.0.1:2").await, StatusCode::SEE_OTHER);
    assert_eq!(act("unregister", "http://127.0.0.1:2").await, StatusCode::CONFLICT, "it is gone");
    assert_eq!(act("register", "http://127.0.0.1:2").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_clock_goes_to_the_next_renewal_and_not_to_what_is_due_before_it() {
    let shop = Shop::open().await;
    let ends = shop.buy(MONTHLY, "user_41");
    shop.simulator.advance(TimeDelta::hours(1));
    let renews = shop.buy(MONTHLY, "user_42");
    let cancel = |id| shop.simulator.with(|engine| engine.cancel(shop.account, id).map(drop));
    cancel(ends).expect("it can be cancelled");
    let renewal = async || {
        let sent = visitor()
            .post(format!("{}/control/commands", shop.simulator.base_url()))
            .header("content-type", "application/json")
            .body(r#"{"action":"advance","by":"renewal"}"#);
        sent.send().await.expect("it answers").status()
    };
    let before = shop.simulator.with(|engine| engine.next_renewal()).expect("one is to come");
    assert_eq!(renewal().await, StatusCode::OK);
    let (now, renewed) = shop.simulator.with(|engine| {
        let renewed = engine.subscription(shop.account, renews).expect("it is there");
        (engine.now(), renewed.renews_at)
    });
    assert_eq!(now, before);
    assert!(renewed > Some(now), "it was renewed");
    cancel(renews).expect("it can be cancelled");
    assert_eq!(renewal().await, StatusCode::CONFLICT, "nothing is to be renewed any more");
}
