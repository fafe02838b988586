//! The walk.

use std::time::Duration;

use chrono::TimeDelta;
use http::StatusCode;
use octany_entitlement::Access;

use super::app::{App, Hears, OTHER, Octany, PRODUCT};
use super::visitor::{Visitor, location};
use super::{actix_app, axum_app};

const WAYS: [Hears; 3] = [Hears::Webhooks, Hears::Answers, Hears::Both];

/// The app on each framework.
async fn apps(hears: Hears) -> [App; 2] {
    [
        axum_app::start(Octany::open().await, hears).await,
        actix_app::start(Octany::open().await, hears),
    ]
}

/// Waits for what must come.
async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let came = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    assert!(came.is_ok(), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_paid_by_card_is_back_at_once_however_the_app_hears_of_it() {
    for hears in WAYS {
        for app in apps(hears).await {
            let visitor = Visitor::of(&app, "user_42");
            assert_eq!(location(&visitor.get("/reports").await), "/pricing");
            let checkout = visitor.subscribe().await;
            let back = visitor.pay(&checkout, "card").await;
            let landed = visitor.get(&back).await;
            if hears == Hears::Webhooks {
                until("the webhook lets them in", || visitor.sees_reports()).await;
            } else {
                // The page that waits asked Octany, and had not to be shown.
                assert_eq!(
                    (landed.status(), location(&landed)),
                    (StatusCode::SEE_OTHER, "/reports".to_owned())
                );
                assert!(visitor.sees_reports().await);
            }
            // Whichever came first, the other changed nothing.
            until("all deliveries are settled", || async { all_delivered(&app) }).await;
            assert!(visitor.status().await.ready);
            assert_eq!(app.changes.all(), [("user_42".to_owned(), Access::Granted)], "{hears:?}");
            // Nobody pays twice.
            assert_eq!(visitor.subscribe().await, "/reports");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_webhooks_the_first_question_after_the_subscription_exists_lets_the_payer_in() {
    for app in apps(Hears::Answers).await {
        let visitor = Visitor::of(&app, "user_42");
        let checkout = visitor.subscribe().await;
        let back = visitor.pay(&checkout, "direct_debit").await;
        assert_eq!(visitor.get(&back).await.status(), StatusCode::OK);
        assert!(!visitor.status().await.ready);
        // The guard knows that somebody waits, and does not show them the paywall.
        assert_eq!(location(&visitor.get("/reports").await), "/billing/pending");

        app.octany.simulator.advance(TimeDelta::days(14));
        let status = visitor.status().await;
        assert_eq!((status.ready, status.redirect.as_deref()), (true, Some("/reports")));
        assert!(visitor.sees_reports().await);
        assert_eq!(app.changes.all(), [("user_42".to_owned(), Access::Granted)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_for_something_else_or_less_is_not_let_in() {
    for hears in WAYS {
        for app in apps(hears).await {
            let visitor = Visitor::of(&app, "user_42");
            let checkout = visitor.subscribe().await;
            let cheap = format!("product/{PRODUCT}?");
            let edits = [
                checkout.replace(&cheap, &format!("product/{OTHER}?")),
                checkout.replace("amount=9900", "amount=100"),
            ];
            for edited in edits {
                assert_ne!(edited, checkout);
                let back = visitor.pay(&edited, "card").await;
                visitor.get(&back).await;
            }
            until("all deliveries are settled", || async { all_delivered(&app) }).await;
            assert!(!visitor.status().await.ready, "{hears:?}");
            assert!(!visitor.sees_reports().await, "{hears:?}");
            assert!(app.changes.all().is_empty(), "{hears:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_by_what_somebody_else_paid() {
    for app in apps(Hears::Both).await {
        let (payer, stranger) = (Visitor::of(&app, "user_42"), Visitor::of(&app, "user_43"));
        let checkout = payer.subscribe().await;
        // The link that the payer comes back by is no ticket.
        let back = payer.pay(&checkout, "card").await;
        assert_eq!(stranger.get(&back).await.status(), StatusCode::OK);
        assert!(!stranger.status().await.ready);
        assert!(!stranger.sees_reports().await);
        assert!(payer.sees_reports().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_in_the_portal_keeps_what_was_paid_for() {
    for hears in WAYS {
        for app in apps(hears).await {
            let visitor = Visitor::of(&app, "user_42");
            let checkout = visitor.subscribe().await;
            let back = visitor.pay(&checkout, "card").await;
            visitor.get(&back).await;
            until("they are let in", || visitor.sees_reports()).await;
            let portal = visitor.get("/billing/portal/cancel").await;
            assert_eq!(portal.headers()["cache-control"], "no-store");
            let page = location(&portal);
            assert!(page.starts_with(app.octany.simulator.base_url()));
            let http = reqwest::Client::new();
            let done = http.post(&page).form(&[("x", "")]).send().await.expect("it answers");
            assert!(done.status().is_success());
            until("all deliveries are settled", || async { all_delivered(&app) }).await;
            assert!(visitor.sees_reports().await, "{hears:?}");
        }
    }
}

fn all_delivered(app: &App) -> bool {
    use octany_sim::server::webhooks::Progress;
    app.octany.simulator.deliveries().iter().all(|it| it.progress == Progress::Delivered)
}
