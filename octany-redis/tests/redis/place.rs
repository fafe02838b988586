//! Keys of a test's own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{Snapshot, Source, Version};
use octany_entitlement::{StoreError, StoreErrorKind};
use octany_redis::RedisStore;
use redis::{Client, Cmd, FromRedisValue};

const VARIABLE: &str = "OCTANY_TEST_REDIS_URL";

/// A prefix that nobody else has, whose keys are deleted with the test.
pub(crate) struct Place {
    url: String,
    prefix: String,
    stores: AtomicU32,
}

impl Place {
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let given = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
        let url = given.unwrap_or_else(|| "redis://127.0.0.1:6379".to_owned());
        if let Err(error) = RedisStore::connect(&url).await {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            panic!(
                "these tests need a Redis server, and there is none to enter: {why:?}\n\
                 run `./scripts/test`, which starts one, or give one:\n\
                 {VARIABLE}=redis://user:password@host:port cargo test -p octany-redis"
            );
        }
        let prefix = format!("octany-test-{}-{process}-{number}:", since_1970.as_millis());
        Self { url, prefix, stores: AtomicU32::new(0) }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A store with a connection of its own, on the same keys as every other of this place.
    pub(crate) async fn store(&self) -> RedisStore {
        RedisStore::connect(&self.url).await.unwrap().key_prefix(&self.prefix).unwrap()
    }

    /// An empty store.
    pub(crate) fn empty(&self, store: &RedisStore) -> RedisStore {
        let number = self.stores.fetch_add(1, Ordering::Relaxed);
        store.clone().key_prefix(&format!("{}{number}:", self.prefix)).unwrap()
    }

    /// The key of one of many things of a kind.
    pub(crate) fn key(&self, kind: &str, id: &str) -> String {
        format!("{}{kind}/{id}", self.prefix)
    }

    pub(crate) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> T {
        run(&self.url, command).await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (url, all) = (self.url.clone(), format!("{}*", self.prefix));
        let deleted = std::thread::spawn(move || {
            let mut connection = Client::open(url)?.get_connection()?;
            let mut cursor = 0_u64;
            loop {
                let mut scan = redis::cmd("SCAN");
                scan.arg(cursor).arg("MATCH").arg(&all).arg("COUNT").arg(1000);
                let (next, keys): (u64, Vec<String>) = scan.query(&mut connection)?;
                if !keys.is_empty() {
                    redis::cmd("DEL").arg(keys).exec(&mut connection)?;
                }
                cursor = next;
                if cursor == 0 {
                    return redis::RedisResult::Ok(());
                }
            }
        });
        let deleted = deleted.join();
        // A test that fails already must not abort.
        if !std::thread::panicking() {
            deleted.unwrap().unwrap();
        }
    }
}

/// What a server answers on a connection of its own.
pub(crate) async fn run<T: FromRedisValue>(url: &str, command: &Cmd) -> T {
    let client = Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    command.query_async(&mut connection).await.unwrap()
}

/// A command from its words.
pub(crate) fn cmd(words: &[&str]) -> Cmd {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command
}

/// An instant, in seconds after an arbitrary one.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// An API's report on subscription 1 of `user_42`.
pub(crate) fn report(seconds: i64, status: &str) -> Snapshot {
    let mut snapshot = Snapshot::new(1, status, Version::new(at(seconds), Source::Api));
    snapshot.reference = Some("user_42".into());
    snapshot
}

/// What kind of failure it was.
pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T, StoreError>) -> StoreErrorKind {
    result.unwrap_err().kind()
}
