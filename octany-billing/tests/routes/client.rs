//! The client of the REST API, as the way into the portal.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

use octany_billing::{Portal, PortalError};
use octany_client::{ApiKey, Client};

use crate::support::ACCOUNT;

/// Answers every request in the same way.
fn serve(status: &'static str, body: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(head.as_bytes());
        }
    });
    address
}

fn client(address: SocketAddr) -> Client {
    let builder = Client::builder(ACCOUNT, ApiKey::new("an-example-key").unwrap());
    builder.base_url(format!("http://{address}/api")).build().unwrap()
}

#[tokio::test]
async fn a_subscription_comes_with_the_links_of_this_moment() {
    let body =
        r#"{"data":{"id":"sub_1","status":"active","cancel_url":"https://portal.example/"}}"#;
    let client = client(serve("200 OK", body));
    let subscription = Portal::subscription(&client, &"sub_1".into()).await.unwrap();
    assert_eq!(subscription.cancel_url.as_ref().unwrap().expose(), "https://portal.example/");
}

#[tokio::test]
async fn what_is_missing_is_told_from_what_failed() {
    let missing = client(serve("404 Not Found", r#"{"error":{"code":"x","message":"y"}}"#));
    let missing = Portal::subscription(&missing, &"sub_1".into()).await;
    assert!(matches!(missing, Err(PortalError::NotFound)), "{missing:?}");
    for (status, body) in [("401 Unauthorized", "null"), ("200 OK", "[]")] {
        let failed = Portal::subscription(&client(serve(status, body)), &"sub_1".into()).await;
        assert!(matches!(failed, Err(PortalError::Failed(_))), "{failed:?}");
    }
}
