//! The key goes to one origin only.

use std::net::SocketAddr;

use axum::response::Response;
use octany_client::{Client, ErrorKind};

use crate::support::{Arrived, builder, json, serve};

/// A server that redirects all that comes, and the one that it redirects to.
async fn redirecting(status: u16) -> (SocketAddr, Arrived, Arrived) {
    let (catcher, caught) = serve(|_, _| json(200, r#"{"data":{"id":1,"status":"active"}}"#)).await;
    let (server, arrived) = serve(move |seen, _| {
        let path = seen.head.uri.path();
        let answer = Response::builder().status(status);
        let answer = answer.header("location", format!("http://{catcher}{path}"));
        answer.body(axum::body::Body::empty()).unwrap()
    })
    .await;
    (server, arrived, caught)
}

async fn call_everything(client: &Client) -> Vec<ErrorKind> {
    let id = "sub_1".into();
    vec![
        client.subscription(&id).await.unwrap_err().kind(),
        client.cancel(&id).await.unwrap_err().kind(),
        client.subscriptions().send().await.unwrap_err().kind(),
        client.delete_product(&7.into()).await.unwrap_err().kind(),
    ]
}

#[tokio::test]
async fn no_redirect_is_followed_not_even_by_an_http_client_that_would() {
    for status in [301, 302, 303, 307, 308] {
        let (server, arrived, caught) = redirecting(status).await;
        let follows = reqwest::Client::builder().redirect(reqwest::redirect::Policy::limited(9));
        for client in [builder(server), builder(server).http(follows)] {
            let kinds = call_everything(&client.build().unwrap()).await;
            assert_eq!(kinds, [ErrorKind::Rejected; 4]);
        }
        assert_eq!((arrived.lock().unwrap().len(), caught.lock().unwrap().len()), (8, 0));
    }
}

#[tokio::test]
async fn an_http_client_that_repeats_by_itself_repeats_nothing_here() {
    let (server, arrived) = serve(|_, _| json(503, "")).await;
    let repeats =
        reqwest::retry::for_host("127.0.0.1").max_retries_per_request(5).classify_fn(|answer| {
            match answer.status() {
                Some(http::StatusCode::OK) => answer.success(),
                _ => answer.retryable(),
            }
        });
    let http = reqwest::Client::builder().retry(repeats);
    let client = builder(server).http(http).build().unwrap();
    assert!(client.cancel(&"sub_1".into()).await.unwrap_err().is_server());
    assert_eq!(arrived.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn no_proxy_sees_what_goes_to_this_machine_in_the_clear() {
    let (proxy, caught) = serve(|_, _| json(200, "")).await;
    let (server, arrived) = serve(|_, _| json(404, "")).await;
    let proxied = reqwest::Proxy::all(format!("http://{proxy}")).unwrap();
    let http = reqwest::Client::builder().proxy(proxied);
    let client = builder(server).http(http).build().unwrap();
    assert!(client.cancel(&"sub_1".into()).await.unwrap_err().is_not_found());
    assert_eq!((arrived.lock().unwrap().len(), caught.lock().unwrap().len()), (1, 0));
}
