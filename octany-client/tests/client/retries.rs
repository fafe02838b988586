//! What is sent again over real connections. The waits are tested where time is paused, beside the
//! code.

use std::sync::Arc;
use std::time::Duration;

use octany_client::{Client, ClientBuilder, Priority, RateLimit, RetryPolicy};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{SUBSCRIPTION, answer, builder, json, lock, raw, serve};

fn patient(builder: ClientBuilder) -> Client {
    let pauses = RetryPolicy::new().pauses(Duration::ZERO, Duration::ZERO);
    builder.retry(pauses).build().unwrap()
}

#[tokio::test]
async fn a_read_survives_two_failures_and_a_write_is_sent_once() {
    let (server, arrived) =
        serve(|_, before| if before < 2 { json(503, "") } else { json(200, SUBSCRIPTION) }).await;
    let client = patient(builder(server));
    client.subscription(&"sub_1".into()).await.unwrap();
    assert_eq!(arrived.lock().unwrap().len(), 3);

    let (server, arrived) = serve(|_, _| json(503, "")).await;
    let client = patient(builder(server));
    let error = client.cancel(&"sub_1".into()).await.unwrap_err();
    assert_eq!((error.attempts(), arrived.lock().unwrap().len()), (1, 1));
    let error = client.subscription(&"sub_1".into()).await.unwrap_err();
    assert_eq!((error.attempts(), arrived.lock().unwrap().len()), (3, 4));
}

#[tokio::test]
async fn a_write_is_sent_again_after_a_429() {
    let (server, arrived) =
        serve(|_, before| if before == 0 { json(429, "") } else { json(200, SUBSCRIPTION) }).await;
    patient(builder(server)).cancel(&"sub_1".into()).await.unwrap();
    assert_eq!(arrived.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_read_is_sent_again_on_a_new_connection_and_a_write_is_not() {
    let script = async |mut connection: TcpStream, number| {
        let whole = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{SUBSCRIPTION}",
            SUBSCRIPTION.len()
        );
        let end = if number % 2 == 1 { 30 } else { whole.len() };
        answer(&mut connection, &whole[..end]).await;
    };
    let (server, connections) = raw(script).await;
    patient(builder(server)).subscription(&"sub_1".into()).await.unwrap();
    assert_eq!(*lock(&connections), 2);
    let error = patient(builder(server)).cancel(&"sub_1".into()).await.unwrap_err();
    assert!(error.is_interrupted() && error.is_ambiguous());
    assert_eq!(*lock(&connections), 3);
}

#[tokio::test]
async fn people_are_answered_before_a_sweep_that_came_first() {
    let (server, arrived) = serve(|_, _| json(200, SUBSCRIPTION)).await;
    let limit = RateLimit::every(Duration::from_millis(5)).burst(1);
    let client = builder(server).rate_limit(limit).build().unwrap();
    let mut calls = JoinSet::new();
    let call = |priority: Priority, id: String| {
        let client = client.clone().priority(priority);
        async move { client.subscription(&id.into()).await.map(drop) }
    };
    for number in 0..100 {
        calls.spawn(call(Priority::Background, format!("sweep-{number}")));
    }
    tokio::task::yield_now().await;
    for number in 0..5 {
        calls.spawn(call(Priority::Person, format!("person-{number}")));
    }
    calls.join_all().await.into_iter().for_each(|outcome| outcome.unwrap());

    let arrived = arrived.lock().unwrap();
    let last = arrived.iter().rposition(|seen| seen.path().contains("person")).unwrap();
    assert!(last < 20, "{last} of {}", arrived.len());
    assert_eq!(arrived.len(), 105);
}

#[tokio::test]
async fn calls_that_are_dropped_leave_nothing_behind() {
    let (server, arrived) = serve(|_, _| json(200, SUBSCRIPTION)).await;
    let limit = RateLimit::every(Duration::from_millis(20)).burst(1);
    let client = Arc::new(builder(server).rate_limit(limit).build().unwrap());
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let client = client.clone();
        calls.spawn(async move { client.subscription(&"sub_1".into()).await.map(drop) });
    }
    tokio::task::yield_now().await;
    calls.shutdown().await;
    // The next one does not wait for the turns of those that are gone.
    client.subscription(&"sub_1".into()).await.unwrap();
    assert!(arrived.lock().unwrap().len() <= 3);
}
