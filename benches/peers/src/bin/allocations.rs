//! How many allocations each contestant makes for one delivery: lines of group, name, allocations and
//! bytes.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it prints, and stops where it cannot"
)]

use std::alloc::System;

use actix_web::App;
use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use axum::body::Body;
use axum::http::{Request, Response};
use octany_benches::axum::{guarded, unguarded};
use octany_benches::contest::{Visit, headers};
use octany_benches::delivery::Deliveries;
use octany_benches::everybody::reference;
use octany_benches::guard::{gate, request};
use octany_peers::contest::{self, VisitPeers};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;
use tower_service::Service;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How often each is called before it counts, and how often while it does.
const WARM_UP: usize = 100;
const CALLS: usize = 1_000;

fn main() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let mut allocations = Allocations { runtime };
    contest::visit(&mut allocations);
    let user = reference(42);
    for (name, router) in [("empty layer", unguarded()), ("ours", guarded(gate(42..43)))] {
        allocations.tower("guard-1", name, router, || request(&user));
    }
}

struct Allocations {
    runtime: Runtime,
}

impl Visit for Allocations {
    fn verify(&mut self, group: &str, name: &str, verify: &mut dyn FnMut() -> bool) {
        (0..WARM_UP).for_each(|_| assert!(verify()));
        let region = Region::new(ALLOCATOR);
        (0..CALLS).for_each(|_| assert!(verify()));
        report(group, name, &region);
    }

    fn axum(&mut self, group: &str, name: &str, router: axum::Router, deliveries: Deliveries) {
        self.tower(group, name, router, || {
            let delivery = deliveries.next();
            let mut request = Request::post("/").body(Body::from(delivery.body.clone())).unwrap();
            *request.headers_mut() = headers(&delivery);
            request
        });
    }

    fn actix<F>(&mut self, group: &str, name: &str, configure: F, deliveries: Deliveries)
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        let mut requests: Vec<_> = (0..WARM_UP + CALLS)
            .map(|_| {
                let delivery = deliveries.next();
                let request = TestRequest::post().uri("/").set_payload(delivery.body);
                let insert = |request: TestRequest, (name, value): (_, String)| {
                    request.insert_header((name, value))
                };
                delivery.headers.into_iter().fold(request, insert).to_request()
            })
            .collect();
        LocalSet::new().block_on(&self.runtime, async {
            let service = init_service(App::new().configure(configure)).await;
            let mut region = Region::new(ALLOCATOR);
            for call in 0..WARM_UP + CALLS {
                if call == WARM_UP {
                    region.reset();
                }
                let response = service.call(requests.pop().unwrap()).await.unwrap();
                assert!(response.status().is_success());
            }
            report(group, name, &region);
        });
    }
}

impl VisitPeers for Allocations {
    fn axum07(&mut self, group: &str, name: &str, router: axum07::Router, deliveries: Deliveries) {
        self.tower(group, name, router, || {
            let delivery = deliveries.next();
            let body = axum07::body::Body::from(delivery.body.clone());
            let mut request = Request::post("/").body(body).unwrap();
            *request.headers_mut() = headers(&delivery);
            request
        });
    }
}

impl Allocations {
    fn tower<S, B, R>(
        &self,
        group: &str,
        name: &str,
        mut service: S,
        request: impl Fn() -> Request<B>,
    ) where
        S: Service<Request<B>, Response = Response<R>, Error = std::convert::Infallible>,
    {
        let mut requests: Vec<_> = (0..WARM_UP + CALLS).map(|_| request()).collect();
        self.runtime.block_on(async {
            let mut region = Region::new(ALLOCATOR);
            for call in 0..WARM_UP + CALLS {
                if call == WARM_UP {
                    region.reset();
                }
                let response = service.call(requests.pop().unwrap()).await.unwrap();
                assert!(response.status().is_success());
            }
            report(group, name, &region);
        });
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn report(group: &str, name: &str, region: &Region<'_, System>) {
    let made = region.change();
    let each = |count: usize| count as f64 / CALLS as f64;
    let allocations = each(made.allocations + made.reallocations);
    println!("{group}\t{name}\t{allocations:.2}\t{:.0}", each(made.bytes_allocated));
}
