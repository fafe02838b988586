//! Clients that go away.

use std::future::pending;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use tokio::io::AsyncWriteExt;

use crate::server::{Server, delivery, head};
use crate::support::{Calls, memory, test_hook};

fn server() -> Server {
    Server::new(2, memory().1, || web::post().to(|| async { HttpResponse::NoContent().finish() }))
}

#[actix_web::test]
async fn a_body_that_is_broken_off_leaves_no_claim_and_no_task_behind() {
    let server = server();
    let body = test_hook(1);
    let whole = head(&body, &format!("content-length: {}\r\n", body.len()));
    let chunked = head(&body, "transfer-encoding: chunked\r\n");
    let starts = [
        whole.clone(),
        format!("{whole}{}", &body[..20]),
        format!("{whole}{}", &body[..body.len() - 1]),
        chunked.clone(),
        format!("{chunked}a\r\n{}", &body[..5]),
        // The signed bytes are all there, but the body is not at its end.
        format!("{chunked}{:x}\r\n{body}\r\n", body.len()),
    ];
    let mut begun = 0;
    for start in &starts {
        for reset in [false, true] {
            let mut client = server.connect().await;
            client.send(start).await;
            begun += 1;
            server.begun(begun).await;
            if reset {
                client.stream.set_zero_linger().unwrap();
            } else {
                client.stream.shutdown().await.unwrap();
            }
            drop(client);
            tokio::time::timeout(Duration::from_secs(5), server.idle()).await.unwrap();
        }
    }
    assert_eq!(server.connect().await.call(delivery(&body)).await.status, 204);
}

#[actix_web::test]
async fn a_body_that_is_broken_off_is_answered_400_to_those_who_still_listen() {
    let server = server();
    let mut client = server.connect().await;
    client.send(head(&test_hook(1), "content-length: 100\r\n") + "{").await;
    client.stream.shutdown().await.unwrap();
    let answer = client.answer().await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains(r#""reason":"interrupted""#), "{}", answer.body);
    assert!(client.is_closed().await);
}

#[actix_web::test]
async fn a_connection_that_is_reset_while_the_handler_runs_gives_the_delivery_back() {
    let calls = Calls::default();
    let counted = calls.clone();
    let route = move || {
        let counted = counted.clone();
        web::post().to(move || {
            let first = counted.add() == 1;
            async move {
                if first {
                    pending::<()>().await;
                }
                HttpResponse::NoContent().finish()
            }
        })
    };
    let server = Server::new(2, memory().1, route);
    let mut client = server.connect().await;
    client.send(delivery(&test_hook(1))).await;
    while calls.count() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    client.stream.set_zero_linger().unwrap();
    drop(client);
    tokio::time::timeout(Duration::from_secs(5), server.idle()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.connect().await.call(delivery(&test_hook(1))).await.status, 204);
    assert_eq!(calls.count(), 2);
}
