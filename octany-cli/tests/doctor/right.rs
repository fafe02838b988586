//! The crates' own layers.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::{App, HttpServer, web};
use axum::Router;
use axum::routing::post;
use octany_core::Event;
use octany_entitlement::{Inbox, MemoryStore, Receiver};

use crate::support::{examine, serve, verifier};

fn inbox() -> Inbox {
    let store = Arc::new(MemoryStore::new());
    let behind = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
    let inbox = Inbox::builder(store, behind, async |_: Arc<Event>| Ok::<_, String>(())).build();
    tokio::spawn(inbox.clone().run(std::future::pending()));
    inbox
}

async fn is_right(url: &str) {
    let examined = examine(url, &[]).await.finds(&[]);
    assert_eq!(examined.code, 0, "{}", examined.text);
}

async fn axum(layer: octany_axum::OctanyWebhookLayer) -> String {
    serve(Router::new().route("/", post(octany_axum::acknowledge)).layer(layer)).await
}

fn actix(layer: octany_actix::OctanyWebhookLayer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    let app = move || {
        let route = web::post().to(octany_actix::acknowledge);
        App::new().service(web::resource("/").route(route).wrap(layer.clone()))
    };
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let server = HttpServer::new(app).workers(2).disable_signals();
            server.listen(listener).expect("it is bound").run().await
        })
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn the_axum_layer_with_a_store_is_right() {
    let layer = octany_axum::OctanyWebhookLayer::new(verifier());
    is_right(&axum(layer.ledger(Arc::new(MemoryStore::new()))).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_axum_layer_with_an_inbox_is_right() {
    let layer = octany_axum::OctanyWebhookLayer::new(verifier());
    is_right(&axum(layer.inbox(inbox())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actix_layer_with_a_store_is_right() {
    let layer = octany_actix::OctanyWebhookLayer::new(verifier());
    is_right(&actix(layer.ledger(Arc::new(MemoryStore::new())))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actix_layer_with_an_inbox_is_right() {
    let layer = octany_actix::OctanyWebhookLayer::new(verifier());
    is_right(&actix(layer.inbox(inbox()))).await;
}
