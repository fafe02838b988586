//! What stands in the log, and what does not.

use std::fmt::Write;
use std::sync::{Mutex, Once};
use std::time::Duration;

use octany_client::{ApiKey, ChargeRequest, RetryPolicy};

use crate::capture::Log;
use crate::support::{KEY, builder, json, lock, serve, shown};

/// Records of the `log` crate, which reqwest writes to.
static LINES: Mutex<String> = Mutex::new(String::new());

struct Lines;

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let _ = writeln!(lock(&LINES), "{}", record.args());
    }

    fn flush(&self) {}
}

fn record_everything() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Lines).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// What must be nowhere: the key, whom it is about, what the server wrote, and signed links.
const SECRETS: [&str; 6] =
    [KEY, "anna@example.com", "user_42", "sub_8gKQz4F2", "Andersson", "portal-secret"];

#[tokio::test]
async fn nothing_secret_stands_in_logs_errors_or_debug_output() {
    record_everything();
    let (log, logging) = Log::start();
    let mut output = format!("{:?}", ApiKey::new(KEY).unwrap());
    let body = r#"{"error":{"code":"anna@example.com","message":"Anna Andersson"},
        "errors":{"email":["anna@example.com"]},
        "data":{"reference_id":"user_42","update_card_url":"https://p/?s=portal-secret"}}"#;
    for status in [200, 400, 402, 404, 429, 500] {
        let (server, _) = serve(move |_, _| json(status, body)).await;
        let verbose = reqwest::Client::builder().connection_verbose(true);
        let builder = builder(server).http(verbose);
        write!(output, "{builder:#?}").unwrap();
        let client = builder.build().unwrap();
        let id = "sub_8gKQz4F2".into();
        let list = client.subscriptions().reference("user_42").email("anna@example.com");
        let streams = (list.clone().stream(), list.clone().pages());
        write!(output, "{client:?}{list:?}{streams:?}").unwrap();
        output += &shown(&client.subscription(&id).await.unwrap_err());
        output += &shown(&client.charge(&id, &ChargeRequest::new(1, 1)).await.unwrap_err());
        output += &shown(&list.send().await.unwrap_err());
    }
    drop(logging);
    output += &log.text();
    let logged = lock(&LINES).clone();
    assert!(logged.contains("starting new connection"), "{logged}");
    output += &logged;
    for secret in SECRETS {
        let line = output.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret}: {line:?}");
    }
}

#[tokio::test]
async fn a_call_is_one_span_with_what_it_came_to() {
    let (log, logging) = Log::start();
    let (server, _) = serve(|_, before| {
        if before == 0 { json(503, "") } else { json(404, r#"{"error":{"code":"not_found"}}"#) }
    })
    .await;
    let policy = RetryPolicy::new().pauses(Duration::ZERO, Duration::ZERO);
    let client = builder(server).retry(policy).build().unwrap();
    client.subscription(&"sub_1".into()).await.unwrap_err();
    drop(logging);
    let log = log.text();
    let line = log.lines().find(|line| line.contains("octany_client") && line.contains("failed"));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    for part in ["octany_call{", "operation=\"subscription.get\"", "status=404", "attempts=2"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(line.contains("error=\"not_found\""), "{line}");
    assert!(log.contains("will be tried again"), "{log}");
}
