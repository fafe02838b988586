//! An Octany that a test runs beside itself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use octany_client::{ApiKey, Client, RateLimit, RetryPolicy};
use octany_entitlement::{Clock, ManualClock};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

const ACCOUNT: &str = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
pub(crate) const PER_PAGE: usize = 20;

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// What is done to its subscriptions before it answers with a page of that number.
type BeforePage = Box<dyn FnMut(u64, &mut Vec<Value>) + Send>;

/// An Octany with subscriptions, in the order of its list.
pub(crate) struct Octany {
    inner: Arc<Inner>,
    base_url: String,
}

struct Inner {
    subscriptions: Mutex<Vec<Value>>,
    before_page: Mutex<Option<BeforePage>>,
    /// Which texts are answered late, and whether they are by now.
    held: watch::Sender<Option<String>>,
    calls: AtomicUsize,
    down: AtomicBool,
    /// It lists what nobody asked for.
    is_careless: AtomicBool,
    /// How many pages it says there are; 0 for as many as there are.
    pages: AtomicU64,
    /// Which page is answered with a failure; 0 for none.
    failing: AtomicU64,
    clock: ManualClock,
}

impl Octany {
    /// One whose answers have the date of this clock.
    pub(crate) async fn start(clock: &ManualClock) -> Self {
        let inner = Arc::new(Inner {
            subscriptions: Mutex::default(),
            before_page: Mutex::default(),
            held: watch::Sender::new(None),
            calls: AtomicUsize::new(0),
            down: AtomicBool::new(false),
            is_careless: AtomicBool::new(false),
            pages: AtomicU64::new(0),
            failing: AtomicU64::new(0),
            clock: clock.clone(),
        });
        let app = Router::new()
            .route("/api/{account}/subscriptions", get(list))
            .route("/api/{account}/subscription/{id}", get(one))
            .with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { inner, base_url }
    }

    pub(crate) fn client(&self) -> Client {
        let key = ApiKey::new("a key").unwrap();
        let client = Client::builder(ACCOUNT, key).base_url(&self.base_url);
        client.retry(RetryPolicy::never()).rate_limit(RateLimit::off()).build().unwrap()
    }

    pub(crate) fn subscriptions(&self) -> MutexGuard<'_, Vec<Value>> {
        self.inner.subscriptions.lock().unwrap()
    }

    /// Somebody subscribes.
    pub(crate) fn subscribe(&self, id: u64, reference: &str, status: &str) {
        let subscription = json!({"id": id, "reference_id": reference, "status": status});
        self.subscriptions().push(subscription);
    }

    /// Changes a member of a subscription.
    pub(crate) fn set(&self, id: u64, member: &str, value: impl Into<Value>) {
        let mut all = self.subscriptions();
        let one = all.iter_mut().find(|one| one["id"] == id).unwrap();
        one[member] = value.into();
    }

    pub(crate) fn before_page(&self, change: impl FnMut(u64, &mut Vec<Value>) + Send + 'static) {
        *self.inner.before_page.lock().unwrap() = Some(Box::new(change));
    }

    /// How often it was asked.
    pub(crate) fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::SeqCst)
    }

    /// Answers what has this in its path or query only when it is let go.
    pub(crate) fn hold(&self, what: &str) {
        self.inner.held.send_replace(Some(what.to_owned()));
    }

    pub(crate) fn let_go(&self) {
        self.inner.held.send_replace(None);
    }

    /// Goes away, or comes back.
    pub(crate) fn set_down(&self, down: bool) {
        self.inner.down.store(down, Ordering::SeqCst);
    }

    /// Lists all subscriptions from now on, whatever it is asked for.
    pub(crate) fn forget_filters(&self) {
        self.inner.is_careless.store(true, Ordering::SeqCst);
    }

    /// Says from now on that there are so many pages.
    pub(crate) fn claim_pages(&self, pages: u64) {
        self.inner.pages.store(pages, Ordering::SeqCst);
    }

    /// Refuses to answer with a page; with 0, with none.
    pub(crate) fn fail_page(&self, page: u64) {
        self.inner.failing.store(page, Ordering::SeqCst);
    }
}

impl Inner {
    async fn answer(&self, asked: &str, answer: impl FnOnce() -> Option<Value>) -> Response {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let is_free =
            |held: &Option<String>| held.as_ref().is_none_or(|held| !asked.contains(held));
        self.held.subscribe().wait_for(is_free).await.unwrap();
        let date = httpdate::fmt_http_date(self.clock.now().into());
        let date = [(header::DATE, HeaderValue::from_str(&date).unwrap())];
        if self.down.load(Ordering::SeqCst) {
            return (StatusCode::BAD_REQUEST, date, "down").into_response();
        }
        match answer() {
            Some(body) => (date, axum::Json(body)).into_response(),
            None => (StatusCode::NOT_FOUND, date, "null").into_response(),
        }
    }
}

async fn list(
    State(octany): State<Arc<Inner>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let page: usize = query.get("page").map_or(1, |page| page.parse().unwrap());
    let reference = query.get("filter[reference_id]").cloned();
    let answer = || {
        if octany.failing.load(Ordering::SeqCst) == page as u64 {
            return Some(json!("what is this?"));
        }
        let mut all = octany.subscriptions.lock().unwrap();
        if let Some(change) = &mut *octany.before_page.lock().unwrap() {
            change(page as u64, &mut all);
        }
        let is_careless = octany.is_careless.load(Ordering::SeqCst);
        let asked = |one: &&Value| {
            let reference = reference.as_ref().filter(|_| !is_careless);
            reference.is_none_or(|asked| one["reference_id"] == asked.as_str())
        };
        let total = all.iter().filter(asked).count();
        let pages = match octany.pages.load(Ordering::SeqCst) {
            0 => total.div_ceil(PER_PAGE).max(1) as u64,
            claimed => claimed,
        };
        let start = (page - 1) * PER_PAGE;
        let data: Vec<_> = all.iter().filter(asked).skip(start).take(PER_PAGE).collect();
        Some(json!({
            "data": data,
            "pagination": {
                "total": total, "count": data.len(), "per_page": PER_PAGE,
                "current_page": page, "total_pages": pages,
                "links": {},
            },
        }))
    };
    octany.answer(reference.as_deref().unwrap_or_default(), answer).await
}

async fn one(State(octany): State<Arc<Inner>>, Path((_, id)): Path<(String, String)>) -> Response {
    let answer = || {
        let all = octany.subscriptions.lock().unwrap();
        let one = all.iter().find(|one| one["id"].as_u64() == id.parse().ok())?;
        Some(json!({"data": one}))
    };
    octany.answer(&id, answer).await
}
