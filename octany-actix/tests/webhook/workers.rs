//! One store, several workers.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use futures_util::future::join_all;

use crate::server::{Server, delivery};
use crate::support::{Calls, memory, subscription_created};

#[actix_web::test]
async fn a_delivery_that_reaches_all_workers_at_once_is_handled_once() {
    for workers in [2, 4] {
        let calls = Calls::default();
        let counted = calls.clone();
        let route = move || {
            let counted = counted.clone();
            web::post().to(move || {
                counted.add();
                async {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    HttpResponse::NoContent().finish()
                }
            })
        };
        let server = Server::new(workers, memory().1, route);
        let mut clients = join_all((0..workers * 4).map(|_| server.connect())).await;
        for id in 1..=10 {
            let sent = delivery(&subscription_created(id));
            let answers = join_all(clients.iter_mut().map(|client| client.call(&sent))).await;
            let count = |status| answers.iter().filter(|a| a.status == status).count();
            assert_eq!(count(204), 1);
            assert_eq!(count(200) + count(409), clients.len() - 1);
        }
        assert_eq!(calls.count(), 10);
        assert_eq!(server.workers(), workers);
    }
}
