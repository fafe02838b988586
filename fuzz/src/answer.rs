//! Answers of the API, over a real socket: what a client makes of any status, `Date`, `Retry-After`
//! and body.

use std::cell::OnceCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use octany_client::{ApiKey, Client, Error, Page, RateLimit, RetryPolicy};
use octany_core::resource::{Order, Product, Subscription};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::memory;

const ACCOUNT: &str = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
/// What a call allocates whatever the answer is, in bytes of an answer.
const CALL: usize = 16 * 1024;

/// The lines of a case: a status and which call is made, `Date`, `Retry-After`, and the body.
struct Case<'a> {
    status: u16,
    call: u8,
    date: String,
    retry_after: String,
    body: &'a [u8],
}

/// A server that answers whatever it is told to, and a client of it, on one thread.
struct Rig {
    runtime: Runtime,
    base: String,
    client: Client,
    answer: Arc<Mutex<Vec<u8>>>,
}

/// Makes a call, and compares what it came to with the answer.
///
/// # Panics
///
/// On the first promise that does not hold.
pub fn check(input: &[u8]) {
    thread_local!(static RIG: OnceCell<Rig> = const { OnceCell::new() });
    RIG.with(|rig| rig.get_or_init(Rig::new).check(&Case::read(input)));
}

impl<'a> Case<'a> {
    fn read(input: &'a [u8]) -> Self {
        let mut lines = input.splitn(4, |byte| *byte == b'\n');
        let mut line = || lines.next().unwrap_or_default();
        let (first, date, retry_after, body) = (line(), line(), line(), line());
        let digits = first.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let status = digits.and_then(|digits| digits.parse().ok()).unwrap_or(200);
        // What is below is no answer but the announcement of one.
        let status = if (200..600).contains(&status) { status } else { 200 };
        let text = |value: &[u8]| {
            let value = String::from_utf8_lossy(value);
            value.chars().filter(|char| !char.is_control()).collect::<String>()
        };
        let (date, retry_after) = (text(date), text(retry_after));
        Self { status, call: first.get(3).copied().unwrap_or_default(), date, retry_after, body }
    }

    fn has_body(&self) -> bool {
        !matches!(self.status, 204 | 304)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} Fuzz\r\n", self.status);
        for (name, value) in [("Date", &self.date), ("Retry-After", &self.retry_after)] {
            if !value.is_empty() {
                bytes += &format!("{name}: {value}\r\n");
            }
        }
        if !self.has_body() {
            return (bytes + "\r\n").into_bytes();
        }
        bytes += &format!("Content-Length: {}\r\n\r\n", self.body.len());
        [bytes.as_bytes(), self.body].concat()
    }
}

impl Rig {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let base = format!("http://{}/api", listener.local_addr().expect("it has one"));
        let answer: Arc<Mutex<Vec<u8>>> = Arc::default();
        let told = answer.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, told.clone()));
            }
        });
        let client = client(&base);
        Self { runtime, base, client, answer }
    }

    fn check(&self, case: &Case<'_>) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = case.bytes();
        // A 429 holds a client for as long as it says.
        let client = if case.status == 429 { client(&self.base) } else { self.client.clone() };
        let before = Utc::now();
        let came = memory::bounded(CALL + case.body.len(), || {
            self.runtime.block_on(call(&client, case.call))
        });
        match came {
            Ok(answered) => {
                assert!((200..300).contains(&case.status));
                is_of_then(&case.date, answered.as_of, before);
                answered.is_what_was_sent(case.body);
            }
            Err(error) => {
                assert!(!format!("{error} {error:?}").contains("never-shown"));
                if !(200..300).contains(&case.status) {
                    assert_eq!(error.status().map(|status| status.as_u16()), Some(case.status));
                    waits_as_told(case, error.retry_after(), before);
                }
            }
        }
    }
}

async fn serve(mut stream: TcpStream, answer: Arc<Mutex<Vec<u8>>>) {
    let mut request = Vec::new();
    loop {
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read_buf(&mut request).await {
                Ok(1..) => {}
                _ => return,
            }
        }
        request.clear();
        let bytes = answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

fn client(base: &str) -> Client {
    Client::builder(ACCOUNT, ApiKey::new("never-shown").expect("a key"))
        .base_url(base)
        .retry(RetryPolicy::never())
        .rate_limit(RateLimit::off())
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client")
}

/// What a call brought.
struct Brought {
    as_of: DateTime<Utc>,
    /// The ids of a list, or of the only one.
    ids: Vec<String>,
    is_list: bool,
}

async fn call(client: &Client, which: u8) -> Result<Brought, Error> {
    fn list<T>(page: Page<T>, id: fn(&T) -> &str) -> Brought {
        assert!(page.next().is_none_or(|next| next == 2));
        let ids = page.items.iter().map(|item| id(item).to_owned()).collect();
        Brought { as_of: page.as_of, ids, is_list: true }
    }
    match which % 4 {
        0 => Ok(list(client.subscriptions().send().await?, |item| item.id.as_str())),
        1 => Ok(list(client.orders(&"sub_1".into()).send().await?, |it: &Order| it.id.as_str())),
        2 => Ok(list(client.products().send().await?, |item: &Product| item.id.as_str())),
        _ => {
            let answered = client.subscription(&"sub_1".into()).await?;
            let subscription: &Subscription = &answered.value;
            let ids = vec![subscription.id.to_string()];
            Ok(Brought { as_of: answered.as_of, ids, is_list: false })
        }
    }
}

impl Brought {
    fn is_what_was_sent(&self, body: &[u8]) {
        let Ok(value) = serde_json::from_slice::<Value>(body) else { return };
        let data = &value["data"];
        assert_ne!(value["success"], Value::Bool(false));
        let sent: Vec<&Value> = match data.as_array() {
            Some(items) if self.is_list => items.iter().collect(),
            _ => vec![data],
        };
        assert_eq!(sent.len(), self.ids.len());
        for (sent, id) in sent.into_iter().zip(&self.ids) {
            if let Some(text) = sent["id"].as_str() {
                assert_eq!(id, text);
            }
        }
    }
}

/// A date as HTTP writes it today, and in no other form.
fn imf(text: &str) -> Option<DateTime<Utc>> {
    const FORM: &str = "%a, %d %b %Y %H:%M:%S GMT";
    let date = NaiveDateTime::parse_from_str(text, FORM).ok()?.and_utc();
    let is_canonical = date.format(FORM).to_string() == text;
    (is_canonical && date >= DateTime::UNIX_EPOCH && !text.contains(":60")).then_some(date)
}

/// What was answered is as old as its date, less what the answer took.
fn is_of_then(date: &str, as_of: DateTime<Utc>, before: DateTime<Utc>) {
    let between =
        |earliest, latest| assert!((earliest..=latest).contains(&as_of), "{as_of} {date}");
    match imf(date) {
        Some(date) => between(date - TimeDelta::seconds(5), date),
        None if date.trim().is_empty() => between(before, Utc::now()),
        None => {}
    }
}

fn waits_as_told(case: &Case<'_>, told: Option<Duration>, before: DateTime<Utc>) {
    let text = case.retry_after.trim_matches([' ', '\t']);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && let Ok(seconds) = text.parse() {
        assert_eq!(told, Some(Duration::from_secs(seconds)), "{text}");
    } else if let Some(until) = imf(text) {
        let wait = |now: DateTime<Utc>| (until - now).to_std().unwrap_or_default();
        match imf(&case.date) {
            Some(now) => assert_eq!(told, Some(wait(now)), "{text}"),
            None if case.date.trim().is_empty() => {
                let told = told.unwrap_or_else(|| panic!("{text}"));
                assert!((wait(Utc::now())..=wait(before)).contains(&told), "{text}");
            }
            None => {}
        }
    } else if text.is_empty() {
        assert_eq!(told, None);
    }
}
