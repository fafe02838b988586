//! What is looked for in the app's store.

use std::fs;
use std::net::TcpListener;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Extension, Router};
use octany_axum::{OctanyEvent, OctanyWebhookLayer};
use octany_entitlement::Ledger;
use sqlx::SqlitePool;

use crate::place::Place;
use crate::receiver::{Mistake, receiver};
use crate::run::{octany, told};
use crate::support::{Examined, doctor, examine, examined, serve, verifier};

/// An app that keeps what it is told in this store.
async fn app(place: &Place) -> String {
    let ledger: Arc<dyn Ledger> = place.store.clone();
    let layer = OctanyWebhookLayer::new(verifier()).ledger(ledger);
    serve(Router::new().route("/", post(octany_axum::acknowledge)).layer(layer)).await
}

/// One that keeps whatever came last.
async fn forgetful_app(place: &Place) -> String {
    let (store, pool) = (place.store.clone(), SqlitePool::connect(&place.url).await.unwrap());
    let keep = async move |event: OctanyEvent| {
        if let Some(report) = event.snapshot() {
            sqlx::query("DELETE FROM octany_subscriptions").execute(&pool).await.unwrap();
            store.apply(&report).await.unwrap();
        }
        StatusCode::NO_CONTENT
    };
    serve(Router::new().route("/", post(keep)).layer(Extension(verifier()))).await
}

/// One that keeps it elsewhere.
async fn another_app() -> String {
    serve(receiver(Mistake::None)).await
}

async fn with(place: &Place, url: &str, more: &[&str]) -> Examined {
    let mut command = doctor(url, more);
    place.given_to(&mut command);
    examined(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_into_every_kind_of_store_is_seen() {
    for place in Place::all().await {
        let right = with(&place, &app(&place).await, &[]).await.finds(&[]);
        assert_eq!(right.code, 0);
        assert!(right.text.contains(r#""check":"the report, in the store""#), "{}", right.text);
        assert!(right.text.contains(r#""answered":"the newer one""#), "{}", right.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_with_a_prefix_of_the_apps_own_are_those_that_are_looked_at() {
    for place in Place::sql_with_prefix("shop_").await {
        let url = app(&place).await;
        let right = with(&place, &url, &[]).await.finds(&[]);
        assert!(right.text.contains(r#""answered":"the newer one""#), "{}", right.text);
        assert!(right.text.contains("DELETE FROM shop_subscriptions"), "{}", right.text);
        let other = with(&place, &url, &["--store-prefix", "other_", "--leave-nothing"]).await;
        let other = other.finds(&["missing_migrations"]);
        assert!(other.text.contains("without 0001_octany, 0002_inbox"), "{}", other.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_looked_into_and_not_made() {
    let place = Place::postgres().await;
    let url = app(&place).await;
    let schema = ["--store-schema", "billing", "--leave-nothing"];
    for _ in 0..2 {
        with(&place, &url, &schema).await.finds(&["missing_migrations"]);
    }
    with(&place, &url, &["--store-schema", "public"]).await.finds(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_into_another_store_is_missed_in_this_one() {
    let [sqlite, ..] = Place::sql_with_prefix("shop_").await;
    for place in [sqlite, Place::redis().await] {
        with(&place, &another_app().await, &[]).await.finds(&["report_not_in_store"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_report_that_came_last_and_stayed_is_found() {
    let place = Place::sqlite().await;
    let found = with(&place, &forgetful_app(&place).await, &[]).await;
    found.finds(&["older_wins"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_has_no_migrations_and_no_table_to_delete_from() {
    let place = Place::redis().await;
    let right = with(&place, &app(&place).await, &[]).await.finds(&[]);
    assert!(right.text.contains("Redis has none"), "{}", right.text);
    assert!(right.text.contains("octany-doctor may be in its store"), "{}", right.text);
    assert!(!right.text.contains("DELETE"), "{}", right.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_left_as_it_is_whatever_it_lacks() {
    let place = Place::sqlite().await;
    let (full, empty) = (place.folder().join("app.db"), place.folder().join("empty.db"));
    fs::write(&empty, "").unwrap();
    let before = fs::read(&full).unwrap();
    let url = another_app().await;
    for (path, findings) in [
        (&full, &[][..]),
        (&full, &[]),
        (&empty, &["missing_migrations"]),
        (&empty, &["missing_migrations"]),
    ] {
        let more = ["--leave-nothing", "--sqlite", path.to_str().unwrap()];
        examine(&url, &more).await.finds(findings);
    }
    assert!(before == fs::read(&full).unwrap());
    assert_eq!(fs::read(&empty).unwrap(), b"");
    let more = ["--sqlite", empty.to_str().unwrap(), "--migrate"];
    assert_eq!(examine(&url, &more).await.code, 2, "it migrates nothing, whoever asks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_opened_is_refused_as_by_other_commands() {
    let place = Place::sqlite().await;
    let mistyped = place.folder().join("mistyped.db").display().to_string();
    let mistyped_url = format!("sqlite:{mistyped}");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = ["postgres", "mysql", "redis"]
        .map(|scheme| format!("{scheme}://app:hunter2@127.0.0.1:{port}/0"));
    let url = |url: &str| vec![("OCTANY_STORE_URL", url.to_owned())];
    let prefix = |prefix: &str| ("OCTANY_STORE_PREFIX", prefix.to_owned());
    let cases = [
        (url("hunter2"), &[][..], 2),
        (url("ftp://app:hunter2@127.0.0.1/"), &[], 2),
        (url(&mistyped_url), &[], 3),
        (url(&place.url), &["--store-schema", "billing"], 2),
        (url(&place.url), &["--store-prefix", "Not one"], 3),
        (url(&place.url), &["--sqlite", "a.db", "--store-file", "b"], 2),
        (vec![], &["--store-file", &mistyped], 3),
        (vec![], &["--sqlite", &mistyped], 3),
        (url(&away[0]), &[], 3),
        (url(&away[1]), &[], 3),
        (url(&away[2]), &[], 3),
        // It would not be looked into, and nobody would notice.
        (vec![prefix("shop_")], &[], 2),
        (vec![], &["--store-schema", "billing"], 2),
    ];
    // Nobody is there: what is refused is not fired at.
    let endpoint = "http://127.0.0.1:9/";
    for (environment, more, code) in cases {
        let mut other = octany(&[&["why", "user_42"], more].concat());
        let other = told(other.envs(environment.clone())).exits(code).err;
        let mut command = doctor(endpoint, more);
        let refused = told(command.envs(environment)).exits(code).without("hunter2").err;
        let said = |text: &str| text.split("\n\nUsage").next().map(str::to_owned);
        assert_eq!(said(&refused), said(&other));
    }
}
