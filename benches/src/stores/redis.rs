//! On Redis, as the server at hand is set up.

use std::time::Duration;

use octany_entitlement::{Claim, ClaimToken, Ledger, SubscriptionStore};
use octany_redis::RedisStore;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Client, Script};

use crate::measure::compare;
use crate::reports::{SUBSCRIPTIONS, at, reference, report};

const LEASE: Duration = Duration::from_mins(1);

/// What a careful person would write by hand: claim and apply in one script.
const BARE: &str = "
    if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', 60000) then
        local version = redis.call('HGET', KEYS[2], 'version')
        if not version or version < ARGV[2] then
            redis.call('HSET', KEYS[2], 'version', ARGV[2], 'status', ARGV[3], 'reference', ARGV[4],
                'renews_at', ARGV[5], 'digest', ARGV[6], 'resource', ARGV[7])
            redis.call('SADD', KEYS[3], ARGV[8])
        end
        return 1
    end
    return 0";

/// Measures under a prefix of its own.
pub(crate) async fn measure() {
    let url = std::env::var("OCTANY_TEST_REDIS_URL");
    let url = url.unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
    let prefix = format!("octany_bench_{}:", std::process::id());
    let client = Client::open(url.as_str()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let store = RedisStore::connect(&url).await.unwrap().key_prefix(&prefix).unwrap();
    for number in 0..SUBSCRIPTIONS {
        store.apply(&report(number)).await.unwrap();
    }
    for (what, goal, tasks) in [
        ("Redis: claim + apply, one at a time", None, 1),
        ("Redis: claim + apply, 32 at once", Some(0.9), 32),
    ] {
        let (store, connection, prefix) = (store.clone(), connection.clone(), prefix.clone());
        compare(
            what,
            goal,
            tasks,
            move |_, number| {
                let (connection, prefix) = (connection.clone(), prefix.clone());
                async move { bare(connection, &prefix, number).await }
            },
            move |_, number| {
                let store = store.clone();
                async move {
                    let report = report(number);
                    let entered = store.enter(&number.into(), at(), LEASE, &report).await.unwrap();
                    matches!(entered.claim, Claim::Fresh(_))
                }
            },
        )
        .await;
    }
    remove(connection, &prefix).await;
}

async fn bare(mut connection: MultiplexedConnection, prefix: &str, number: u64) -> bool {
    static SCRIPT: std::sync::LazyLock<Script> = std::sync::LazyLock::new(|| Script::new(BARE));
    let report = report(number);
    let claimed: i64 = SCRIPT
        .key(format!("{prefix}bare:d:{number}"))
        .key(format!("{prefix}bare:s:{}", report.subscription))
        .key(format!("{prefix}bare:r:{}", reference(number)))
        .arg(ClaimToken::random().as_i64())
        .arg(report.version.as_i64())
        .arg(report.status.as_str())
        .arg(reference(number))
        .arg(report.renews_at.map(|at| at.timestamp_micros()))
        .arg(report.digest())
        .arg(report.resource_json())
        .arg(report.subscription.as_str())
        .invoke_async(&mut connection)
        .await
        .unwrap();
    claimed == 1
}

async fn remove(mut connection: MultiplexedConnection, prefix: &str) {
    let mut found = Vec::<String>::new();
    let mut keys = connection.scan_match::<_, String>(format!("{prefix}*")).await.unwrap();
    while let Some(key) = keys.next_item().await {
        found.push(key.unwrap());
    }
    drop(keys);
    for some in found.chunks(1_000) {
        let _: i64 = connection.unlink(some).await.unwrap();
    }
}
