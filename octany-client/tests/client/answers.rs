//! Answers that no contract foresees.

use std::time::Duration;

use axum::response::Response;
use chrono::DateTime;
use octany_client::{ApiKeyError, ErrorKind};
use octany_core::resource::Subscription;

use crate::support::{SUBSCRIPTION, builder, client, json, serve, shown};

async fn answered(status: u16, body: &'static str) -> octany_client::Error {
    let (server, _) = serve(move |_, _| json(status, body)).await;
    client(server).subscription(&"sub_1".into()).await.unwrap_err()
}

#[tokio::test]
async fn a_401_is_one_whatever_its_body() {
    for body in ["null", "", "<html><body>Login</body></html>", "{", r#"{"error":null}"#, "[1]"] {
        let error = answered(401, body).await;
        assert!(error.is_unauthorized(), "{body}");
        assert_eq!((error.code(), error.message(), error.fields().len()), (None, None, 0));
        assert_eq!(error.to_string(), "subscription.get: unauthorized (401)");
    }
}

#[tokio::test]
async fn every_status_has_a_kind() {
    let kinds = [
        (400, ErrorKind::Validation),
        (401, ErrorKind::Unauthorized),
        (402, ErrorKind::PaymentRequired),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (405, ErrorKind::Rejected),
        (408, ErrorKind::Timeout),
        (409, ErrorKind::Rejected),
        (410, ErrorKind::NotFound),
        (422, ErrorKind::Validation),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Server),
        (503, ErrorKind::Server),
        (304, ErrorKind::Rejected),
    ];
    for (status, kind) in kinds {
        let error = answered(status, "").await;
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (kind, status));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_by_its_path_and_never_quoted() {
    let cases = [
        (r#"{"data":{"id":"sub_1"}}"#, Some("data.status")),
        (r#"{"data":{"id":{"x":"anna@example.com"},"status":"active"}}"#, Some("data.id")),
        (r#"{"data":"anna@example.com"}"#, Some("data")),
        (r#"{"data":null}"#, Some("data")),
        (r#"{"anna@example.com":1}"#, Some("data")),
        (r#"{"data":{"id":"anna@example.com","#, None),
        (r#"["anna@example.com"]"#, None),
        (r#""anna@example.com""#, None),
        ("<html>anna@example.com</html>", None),
        ("", None),
        ("null", None),
    ];
    for (body, path) in cases {
        let error = answered(200, body).await;
        assert!(error.is_decode(), "{body}");
        assert_eq!(error.path(), path, "{body}");
        assert!(!shown(&error).contains("anna"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn an_item_of_a_list_is_named_by_its_place() {
    let (server, _) =
        serve(|_, _| json(200, r#"{"data":[{"id":1,"status":"active"},{"id":2}]}"#)).await;
    let error = client(server).subscriptions().send().await.unwrap_err();
    assert_eq!(error.path(), Some("data[1].status"));
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "`data[1].status`: is missing");

    let (server, _) = serve(|_, _| json(200, r#"{"data":{"id":1}}"#)).await;
    let error = client(server).subscriptions().send().await.unwrap_err();
    assert_eq!(error.path(), Some("data"));
}

#[tokio::test]
async fn what_can_be_read_of_a_page_can_be_had_without_the_rest() {
    let body = r#"{"data":[{"id":1},{"id":2,"status":"active"},7],"pagination":{"total_pages":2}}"#;
    let (server, _) = serve(move |_, _| json(200, body)).await;
    let (page, unreadable) = client(server).subscriptions().send_for_readable().await.unwrap();
    assert_eq!((page.items.len(), page.items[0].id.as_str(), page.next()), (1, "2", Some(2)));
    let paths: Vec<_> = unreadable.iter().map(|error| error.path().unwrap()).collect();
    assert_eq!(paths, ["data[0].status", "data[2]"]);

    // A page of which nothing can be read is not the end.
    let (server, _) = serve(|_, _| json(200, r#"{"data":[{"id":1}]}"#)).await;
    let (page, unreadable) = client(server).subscriptions().send_for_readable().await.unwrap();
    assert_eq!((page.items.len(), unreadable.len(), page.next()), (0, 1, Some(2)));
}

#[tokio::test]
async fn a_success_that_says_it_failed_is_an_error() {
    let body = r#"{"status":500,"success":false,"error":{"code":"oops","message":"Sorry"}}"#;
    let (server, _) = serve(move |_, _| json(200, body)).await;
    let client = client(server);
    let error = client.delete_product(&7.into()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("oops")));
    assert!(error.is_ambiguous());
    assert!(client.subscription(&"sub_1".into()).await.is_err());
}

#[tokio::test]
async fn a_proxys_page_is_not_taken_for_a_success_without_a_body() {
    for (body, good) in [("", true), ("null", true), (r#"{"data":[]}"#, true), ("<html>", false)] {
        let (server, _) = serve(move |_, _| json(200, body)).await;
        assert_eq!(client(server).delete_product(&7.into()).await.is_ok(), good, "{body}");
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_kept_whether_or_not_it_says_its_length() {
    let long = format!("{}{}", SUBSCRIPTION, " ".repeat(100_000));
    let fits = long.len();
    for chunked in [false, true] {
        let body = long.clone();
        let (server, _) = serve(move |_, _| {
            let body = body.clone();
            if !chunked {
                return json(200, body);
            }
            let pieces: Vec<_> = body
                .as_bytes()
                .chunks(1_000)
                .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
                .collect();
            Response::new(axum::body::Body::from_stream(futures_util::stream::iter(pieces)))
        })
        .await;
        let ask = async |limit| {
            let client = builder(server).answer_limit(limit).build().unwrap();
            client.subscription(&"sub_1".into()).await
        };
        assert!(ask(fits).await.is_ok());
        let error = ask(fits - 1).await.unwrap_err();
        assert!(error.is_decode() && error.path().is_none(), "{error:?}");
    }
}

#[tokio::test]
async fn a_long_body_of_an_error_does_not_hide_the_error() {
    let (server, _) = serve(|_, _| json(503, "x".repeat(10_000_000))).await;
    let error = client(server).subscription(&"sub_1".into()).await.unwrap_err();
    assert!(error.is_server());
}

#[tokio::test]
async fn the_date_of_an_answer_says_when_it_was_true() {
    let (server, _) = serve(|_, _| {
        let date = "Sun, 01 Mar 2026 12:00:00 GMT";
        ([("date", date), ("x-request-id", "req-7")], SUBSCRIPTION)
    })
    .await;
    let answered = client(server).subscription(&"sub_1".into()).await.unwrap();
    assert_eq!(answered.as_of.to_rfc3339(), "2026-03-01T12:00:00+00:00");
    let _: &Subscription = &answered.value;
}

#[tokio::test]
async fn what_a_slow_server_read_is_as_old_as_the_question() {
    let (server, _) = serve(|_, _| {
        std::thread::sleep(Duration::from_millis(2_100));
        ([("date", "Sun, 01 Mar 2026 12:00:02 GMT")], SUBSCRIPTION)
    })
    .await;
    let answered = client(server).subscription(&"sub_1".into()).await.unwrap();
    let asked_at = DateTime::parse_from_rfc3339("2026-03-01T12:00:00Z").unwrap();
    assert!(answered.as_of <= asked_at, "{}", answered.as_of);
}

#[tokio::test]
async fn the_request_id_and_the_wait_are_out_of_the_headers() {
    let date = ("date", "Sun, 01 Mar 2026 12:00:00 GMT");
    let waits = [
        ("7", Some(7)),
        (" 7 ", Some(7)),
        ("Sun, 01 Mar 2026 12:01:30 GMT", Some(90)), // counted from the server's own clock
        ("Sun, 01 Mar 2026 11:00:00 GMT", Some(0)),
        ("soon", None),
        ("-7", None),
        ("99999999999999999999", None),
    ];
    for (wait, expected) in waits {
        let (server, _) = serve(move |_, _| {
            let headers = [date, ("retry-after", wait), ("x-request-id", "req-7")];
            (http::StatusCode::TOO_MANY_REQUESTS, headers)
        })
        .await;
        let error = client(server).subscription(&"sub_1".into()).await.unwrap_err();
        assert_eq!(error.retry_after(), expected.map(Duration::from_secs), "{wait}");
        assert_eq!(error.request_id(), Some("req-7"));
    }
}

#[test]
fn a_key_that_no_header_can_hold_is_refused() {
    use octany_client::ApiKey;
    assert_eq!(ApiKey::new(" \n").unwrap_err(), ApiKeyError::Empty);
    assert_eq!(ApiKey::new("a\nb").unwrap_err(), ApiKeyError::Invalid);
}
