//! A small Octany that makes orders, and breaks off wherever it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::Utc;
use octany_client::{ApiKey, Client, RateLimit, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What it does with a charge.
#[derive(Clone)]
pub(crate) struct Deed {
    /// Breaks off after so many bytes of the request.
    pub(crate) read: Option<usize>,
    pub(crate) makes: Makes,
    pub(crate) status: u16,
    /// Instead of the order.
    pub(crate) body: Option<&'static str>,
    /// Breaks off after so many bytes of the answer.
    pub(crate) send: Option<usize>,
}

/// Whether it makes the order.
#[derive(Clone)]
pub(crate) enum Makes {
    Never,
    Promptly,
    /// Once it is let, whatever became of the connection.
    WhenLet(Arc<Semaphore>),
}

#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) subscription: String,
    product: String,
    /// As the list and the answer show it.
    json: String,
}

type Decide = dyn Fn(&str) -> Deed + Send + Sync;

#[derive(Clone)]
pub(crate) struct Fake {
    address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    orders: Mutex<Vec<Order>>,
    posts: Mutex<Vec<String>>,
    /// How many bytes the last charge and its answer had.
    sizes: Mutex<(usize, usize)>,
    /// By the subscription that is charged.
    decide: Mutex<Arc<Decide>>,
    listing: Mutex<u16>,
}

impl Deed {
    pub(crate) const GOOD: Self =
        Self { read: None, makes: Makes::Promptly, status: 200, body: None, send: None };

    pub(crate) fn refuses(status: u16) -> Self {
        let body = Some(r#"{"error":{"code":"no","message":"no"}}"#);
        Self { makes: Makes::Never, status, body, ..Self::GOOD }
    }
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let decide: Arc<Decide> = Arc::new(|_| Deed::GOOD);
        let inner = Inner {
            orders: Mutex::default(),
            posts: Mutex::default(),
            sizes: Mutex::default(),
            decide: Mutex::new(decide),
            listing: Mutex::new(200),
        };
        let fake = Self { address: listener.local_addr().unwrap(), inner: Arc::new(inner) };
        let serving = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let fake = serving.clone();
                // Whoever is at the other end may be gone.
                tokio::spawn(async move { drop(fake.serve(stream).await) });
            }
        });
        fake
    }

    /// The same, as seen by who looks for it elsewhere.
    pub(crate) fn at(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    pub(crate) fn client(&self, timeout: Duration) -> Client {
        let key = ApiKey::new("key").unwrap();
        let builder = Client::builder("0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41", key);
        let builder = builder.retry(RetryPolicy::never()).rate_limit(RateLimit::off());
        builder.base_url(self.base_url()).timeout(timeout).build().unwrap()
    }

    pub(crate) fn does(&self, deed: Deed) {
        self.decides(move |_| deed.clone());
    }

    pub(crate) fn decides(&self, decide: impl Fn(&str) -> Deed + Send + Sync + 'static) {
        *self.inner.decide.lock().unwrap() = Arc::new(decide);
    }

    /// The status of lists from now on.
    pub(crate) fn lists_with(&self, status: u16) {
        *self.inner.listing.lock().unwrap() = status;
    }

    /// The ids of a subscription's orders.
    pub(crate) fn orders(&self, subscription: &str) -> Vec<String> {
        let orders = self.inner.orders.lock().unwrap();
        let its = orders.iter().filter(|order| order.subscription == subscription);
        its.map(|order| order.id.clone()).collect()
    }

    /// How many charges of a subscription arrived, whole or in part.
    pub(crate) fn posts(&self, subscription: &str) -> usize {
        let posts = self.inner.posts.lock().unwrap();
        posts.iter().filter(|post| *post == subscription).count()
    }

    pub(crate) fn sizes(&self) -> (usize, usize) {
        *self.inner.sizes.lock().unwrap()
    }

    /// Makes an order as somebody else's, with more members. Gives its id.
    pub(crate) fn make(&self, subscription: &str, product: &str, members: &str) -> String {
        self.make_with_json(subscription, product, members).0
    }

    /// Gives its JSON, too: a moment later, another one may be the last.
    fn make_with_json(&self, subscription: &str, product: &str, members: &str) -> (String, String) {
        let mut orders = self.inner.orders.lock().unwrap();
        let id = format!("ord_{}", orders.len());
        let json = format!(r#"{{"id":"{id}","state":"paid"{members}}}"#);
        let (subscription, product) = (subscription.to_owned(), product.to_owned());
        orders.push(Order { id: id.clone(), subscription, product, json: json.clone() });
        (id, json)
    }

    fn make_charged(&self, subscription: &str, request: &serde_json::Value) -> String {
        let amount = request["amount"].as_i64().unwrap();
        let members = dated(amount);
        let product = request["product_id"].to_string();
        self.make_with_json(subscription, product.trim_matches('"'), &members).1
    }

    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut start = [0; 512];
        let target = loop {
            let peeked = stream.peek(&mut start).await?;
            let text = String::from_utf8_lossy(&start[..peeked]);
            if let Some((line, _)) = text.split_once("\r\n") {
                break line.to_owned();
            }
            if peeked == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_micros(100)).await;
        };
        let mut words = target.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let subscription = target.split('/').nth(4).unwrap().to_owned();
        if method == "POST" {
            return self.charge(stream, &subscription).await;
        }
        read_whole(&mut stream).await?;
        let status = *self.inner.listing.lock().unwrap();
        let body = self.list(target, &subscription);
        stream.write_all(&answer(status, &body)).await
    }

    async fn charge(&self, mut stream: TcpStream, subscription: &str) -> std::io::Result<()> {
        self.inner.posts.lock().unwrap().push(subscription.to_owned());
        let deed = self.inner.decide.lock().unwrap().clone()(subscription);
        // What it does not read it knows nevertheless: it is cut off for the other end.
        let mut whole = vec![0; 4096];
        let size = loop {
            let peeked = stream.peek(&mut whole).await?;
            if is_whole(&whole[..peeked]) {
                break peeked;
            }
            tokio::time::sleep(Duration::from_micros(100)).await;
        };
        let read = deed.read.unwrap_or(size);
        stream.read_exact(&mut vec![0; read]).await?;
        let text = String::from_utf8_lossy(&whole[..size]).into_owned();
        let request = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
        let made = match &deed.makes {
            Makes::Never => String::new(),
            Makes::Promptly => self.make_charged(subscription, &request),
            Makes::WhenLet(let_now) => {
                let_now.acquire().await.unwrap().forget();
                self.make_charged(subscription, &request)
            }
        };
        if deed.read.is_some() {
            return Ok(());
        }
        let body = deed.body.map_or_else(|| format!(r#"{{"data":{made}}}"#), str::to_owned);
        let answer = answer(deed.status, &body);
        *self.inner.sizes.lock().unwrap() = (size, answer.len());
        stream.write_all(&answer[..deed.send.unwrap_or(answer.len())]).await
    }

    fn list(&self, target: &str, subscription: &str) -> String {
        let parameter = |name: &str| {
            let pairs = target.split_once('?').unwrap().1.split('&');
            pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)
        };
        let number = |name| parameter(name).unwrap().1.parse::<usize>().unwrap();
        let (page, per_page) = (number("page"), number("per_page"));
        let product = parameter("filter%5Bproduct_id%5D").unwrap().1;
        let orders = self.inner.orders.lock().unwrap();
        let its = |order: &&Order| order.subscription == subscription && order.product == product;
        let all: Vec<_> = orders.iter().rev().filter(its).collect();
        let shown = all.iter().skip((page - 1) * per_page).take(per_page);
        let shown: Vec<_> = shown.map(|order| order.json.as_str()).collect();
        let (total, pages) = (all.len(), all.len().div_ceil(per_page).max(1));
        format!(
            r#"{{"data":[{}],"pagination":{{"total":{total},"per_page":{per_page},"current_page":{page},"total_pages":{pages}}}}}"#,
            shown.join(","),
        )
    }
}

/// The members of an order that is made now.
pub(crate) fn dated(amount: i64) -> String {
    let now = Utc::now().format("%Y-%m-%dT%H:%M:%S+00:00");
    format!(
        r#","created_at":"{now}","currency":"SEK","total":{amount},"total_with_vat":{}"#,
        amount * 5 / 4,
    )
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
    format!(
        "HTTP/1.1 {status} Status\r\ndate: {date}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}

async fn read_whole(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await?);
    }
    Ok(())
}

/// Whether this is a whole charge, which ends where its JSON does.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
    body.is_some_and(|body| serde_json::from_str::<serde_json::Value>(body).is_ok())
}
