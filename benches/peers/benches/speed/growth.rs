//! How cost grows: with the body, and with how many subscriptions a reference has.

use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use octany_benches::contest::BODIES;
use octany_benches::delivery::{octany, padded, verifier};
use octany_benches::everybody::{Everybody, reference};
use octany_benches::floor::Key;
use octany_core::signature::Signature;
use octany_core::{AccessPolicy, Event};
use octany_entitlement::{Cached, Gate, OnOutage, SubscriptionStore};
use tokio::runtime::Builder;

pub(crate) fn measure(criterion: &mut Criterion) {
    bodies(criterion);
    subscriptions(criterion);
}

fn bodies(criterion: &mut Criterion) {
    let (key, verifier) = (Key::new(octany_benches::delivery::SECRET.as_bytes()), verifier());
    for length in BODIES {
        let delivery = octany(padded(length));
        let (header, body) = (&delivery.headers[0].1, &delivery.body);
        let signature = Signature::parse(header.as_bytes()).unwrap();
        let verify = || verifier.verify(body.clone(), &signature, chrono::Utc::now).unwrap();
        let mut group = criterion.benchmark_group(format!("body-{length}"));
        group.bench_function("floor", |bencher| {
            bencher.iter(|| assert!(key.verify(header.as_bytes(), body)));
        });
        group.bench_function("ours, verified", |bencher| bencher.iter(verify));
        group.bench_function("ours, parsed", |bencher| {
            bencher.iter_batched(verify, |body| Event::parse(body).unwrap(), BatchSize::SmallInput);
        });
    }
}

fn subscriptions(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().build().unwrap();
    for subscriptions in [1, 10, 100, 1_000] {
        let store = Cached::new(Everybody { subscriptions }).ttl(Duration::from_hours(24));
        let (store, user) = (Arc::new(store), reference(42));
        runtime.block_on(store.look_up(&user)).unwrap();
        let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
        let mut group = criterion.benchmark_group(format!("subscriptions-{subscriptions}"));
        group.bench_function("ours", |bencher| {
            bencher.iter(|| assert!(gate.try_decide(&user).is_some_and(|it| it.is_allowed())));
        });
    }
}
