//! Connections that are used again, many at once.

use actix_web::{HttpResponse, web};
use octany_actix::OctanyEvent;

use crate::server::{Server, delivery, forgery};
use crate::support::{Calls, memory, subscription_created, test_hook};

fn server() -> (Calls, Server) {
    let calls = Calls::default();
    let counted = calls.clone();
    let route = move || {
        let counted = counted.clone();
        web::post().to(move || {
            counted.add();
            async {
                tokio::task::yield_now().await;
                HttpResponse::NoContent().finish()
            }
        })
    };
    (calls, Server::new(2, memory().1, route))
}

#[actix_web::test]
async fn connections_that_stay_open_are_served_all_at_once_and_each_in_order() {
    let (calls, server) = server();
    let clients = (0..16).map(|client| {
        let server = &server;
        async move {
            let mut connection = server.connect().await;
            for id in (0..10).map(|number| client * 100 + number) {
                let body = subscription_created(id);
                for (sent, status) in [
                    (delivery(&body), 204),
                    (forgery(&body), 401),
                    (delivery(&body), 200),
                    (delivery("[]"), 400),
                ] {
                    let answer = connection.call(sent).await;
                    assert_eq!(answer.status, status, "{}", answer.head);
                }
            }
        }
    });
    futures_util::future::join_all(clients).await;
    assert_eq!(calls.count(), 160);
    assert_eq!(server.workers(), 2);
}

#[actix_web::test]
async fn requests_sent_without_waiting_are_answered_in_order() {
    let (calls, server) = server();
    let mut client = server.connect().await;
    let (mut sent, mut expected) = (String::new(), Vec::new());
    for id in 0..5 {
        let body = test_hook(id);
        sent += &delivery(&body);
        sent += &delivery(&body);
        sent += &forgery(&body);
        expected.extend([204, 200, 401]);
    }
    client.send(sent).await;
    for status in expected {
        assert_eq!(client.answer().await.status, status);
    }
    assert_eq!(calls.count(), 5);
}

#[actix_web::test]
async fn a_handler_that_panics_is_answered_and_the_connection_stays_open() {
    let route = || {
        web::post().to(|event: OctanyEvent| async move {
            assert_eq!(event.name.to_string(), "test.hook", "it panics");
            HttpResponse::NoContent().finish()
        })
    };
    let server = Server::new(2, memory().1, route);
    let mut client = server.connect().await;
    for _ in 0..2 {
        let answer = client.call(delivery(&subscription_created(1))).await;
        assert_eq!(answer.status, 500);
        assert!(answer.head.contains("content-type: application/problem+json"), "{}", answer.head);
        assert!(answer.body.contains(r#""reason":"handler_panicked""#), "{}", answer.body);
    }
    assert_eq!(client.call(delivery(&test_hook(2))).await.status, 204);
}
