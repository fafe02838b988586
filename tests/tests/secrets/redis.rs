//! `octany-redis`.

use std::time::Duration;

use chrono::Utc;
use octany_entitlement::{Invalidation, InvalidationListener};
use octany_redis::{RedisInvalidation, RedisStore};

use crate::planted::{EMAIL, PASSWORD, SESSION};
use crate::search::Search;
use crate::stores::failures;

#[tokio::test]
async fn nothing_planted_is_shown_by_the_redis_stores() {
    let mut search = Search::of("octany-redis");
    urls(&mut search).await;
    records(&mut search).await;
    search.end(560);
}

struct Nobody;

impl InvalidationListener for Nobody {
    fn connected(&self) {}

    fn heard(&self, _: &str) {}
}

/// The server of the tests.
fn server() -> String {
    let standard = || "redis://127.0.0.1:6379/0".to_owned();
    std::env::var("OCTANY_TEST_REDIS_URL").unwrap_or_else(|_| standard())
}

/// URLs with a password that nobody gets in by.
async fn urls(search: &mut Search) {
    for rest in ["127.0.0.1:port/0", "[::1/0", "", "127.0.0.1/database", "127.0.0.1/0?protocol=x"] {
        let url = format!("redis://app:{PASSWORD}@{rest}");
        search.error(&RedisStore::connect(&url).await.expect_err("it is no URL"));
        search.error(&RedisInvalidation::open(&url).expect_err("it is no URL"));
    }
    search.error(&RedisStore::connect(PASSWORD).await.expect_err("it is no URL"));
    let server = server();
    let (_, host) = server
        .rsplit_once('/')
        .map_or(("", ""), |(host, _)| host.rsplit_once(['/', '@']).unwrap_or(("", host)));
    for host in ["127.0.0.1:1", host] {
        let url = format!("redis://app:{PASSWORD}@{host}/0");
        search.error(&RedisStore::connect(&url).await.expect_err("nobody gets in"));
        let store = RedisStore::new(redis::Client::open(url.as_str()).expect("it is a URL"))
            .response_timeout(Duration::from_millis(200));
        search.debug(&store);
        search.debug(&store.invalidation());
        let failures = failures(&store).await;
        assert!(failures.len() > 9, "{failures:?}");
        search.errors(&failures);
        let invalidation = RedisInvalidation::open(&url).expect("it is a URL");
        search.debug(&invalidation);
        search.error(&invalidation.publish(EMAIL).await.expect_err("nobody gets in"));
        search.error(&invalidation.listen(&Nobody).await);
    }
}

/// Records that are not the store's.
async fn records(search: &mut Search) {
    let url = server();
    let prefix = format!("secrets-{}:", Utc::now().timestamp_nanos_opt().unwrap_or_default());
    let store = RedisStore::connect(&url).await.expect("a server is there");
    search.error(&store.clone().key_prefix(&format!("{EMAIL} ")).expect_err("it is no prefix"));
    let store = store.key_prefix(&prefix).expect("it is one");
    assert!(failures(&store).await.is_empty());
    let client = redis::Client::open(url.as_str()).expect("it is a URL");
    let mut raw = client.get_multiplexed_async_connection().await.expect("a server is there");
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg(format!("{prefix}*"))
        .query_async(&mut raw)
        .await
        .expect("it has some");
    assert!(keys.len() > 4, "{keys:?}");
    for damage in [format!("{EMAIL} {SESSION}"), format!("00000000000000000001 {SESSION} 0 -")] {
        for key in &keys {
            let mut set = redis::cmd("SET");
            set.arg(key).arg(&damage).exec_async(&mut raw).await.expect("a key takes a text");
        }
        let failures = failures(&store).await;
        assert!(failures.len() > 3, "{failures:?}");
        search.errors(&failures);
    }
    redis::cmd("DEL").arg(&keys).exec_async(&mut raw).await.expect("they are there");
}
