//! How many instructions each step takes, as callgrind counts them: `scripts/instructions`.
//!
//! Each step has run a few times before it is counted, so that what is done once in a process is not
//! in the number.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on should stop")]
#![allow(unused_qualifications, reason = "in what the macros make")]

use std::hint::black_box;

use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpMessage};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use gungraun::prelude::*;
use octany_benches::contest::headers;
use octany_benches::delivery::{self, octany, verifier};
use octany_benches::everybody::reference;
use octany_benches::floor::Key;
use octany_benches::guard::{gate, once, request};
use octany_benches::{actix, axum as routers};
use octany_core::Event;
use octany_core::signature::{SIGNATURE_HEADER_NAME, Signature};
use octany_entitlement::Gate;
use tower_service::Service as _;

/// How often a step runs before it is counted.
const WARM_UP: usize = 8;

type Step = Box<dyn FnMut()>;

#[library_benchmark]
#[bench::floor(floor())]
#[bench::verify(verify())]
#[bench::parse(parse())]
#[bench::decide(decide())]
#[bench::axum_bare(axum(routers::bare()))]
#[bench::axum_extractor(axum(routers::verified()))]
#[bench::axum_layer(axum(routers::verified_layer()))]
#[bench::axum_typed(axum(routers::typed()))]
#[bench::axum_typed_layer(axum(routers::typed_layer()))]
#[bench::axum_synced(axum(routers::synced()))]
#[bench::axum_empty_layer(guard(routers::unguarded()))]
#[bench::axum_guard(guard(routers::guarded(one_copy())))]
#[bench::actix_bare(actix(actix::bare))]
#[bench::actix_extractor(actix(actix::verified))]
#[bench::actix_layer(actix(actix::verified_layer))]
#[bench::actix_typed(actix(actix::typed))]
#[bench::actix_typed_layer(actix(actix::typed_layer))]
#[bench::actix_synced(actix(actix::synced))]
#[bench::actix_unguarded(actix_guard(actix::unguarded))]
#[bench::actix_guard(actix_guard(|app| actix::guarded(app, one_copy())))]
fn count(mut step: Step) -> Step {
    step();
    step
}

library_benchmark_group!(name = steps, benchmarks = count);
main!(library_benchmark_groups = steps);

fn warm(mut step: impl FnMut() + 'static) -> Step {
    (0..WARM_UP).for_each(|_| step());
    Box::new(step)
}

fn floor() -> Step {
    let delivery = octany(delivery::body(0).into());
    let (key, header) = (Key::new(delivery::SECRET.as_bytes()), delivery.headers[0].1.clone());
    warm(move || assert!(key.verify(black_box(header.as_bytes()), &delivery.body)))
}

fn verify() -> Step {
    let delivery = octany(delivery::body(0).into());
    let (verifier, headers) = (verifier(), headers(&delivery));
    warm(move || {
        let signature = Signature::from_headers(headers.get_all(&SIGNATURE_HEADER_NAME)).unwrap();
        let body = verifier.verify(delivery.body.clone(), &signature, chrono::Utc::now);
        black_box(body.unwrap());
    })
}

fn parse() -> Step {
    let delivery = octany(delivery::body(0).into());
    let signature = Signature::parse(delivery.headers[0].1.as_bytes()).unwrap();
    let verified = verifier().verify(delivery.body, &signature, chrono::Utc::now).unwrap();
    warm(move || {
        black_box(Event::parse(verified.clone()).unwrap());
    })
}

/// Over one copy: of more, some lie elsewhere each time, and the allocator takes other paths.
fn one_copy() -> Gate {
    gate(500..501)
}

fn decide() -> Step {
    let (gate, reference) = (one_copy(), reference(500));
    warm(move || assert!(gate.try_decide(black_box(&reference)).unwrap().is_allowed()))
}

fn axum(router: Router) -> Step {
    let delivery = octany(delivery::body(0).into());
    requests(router, move || {
        let mut request = Request::post("/").body(Body::from(delivery.body.clone())).unwrap();
        request.headers_mut().extend(headers(&delivery));
        request
    })
}

fn guard(router: Router) -> Step {
    requests(router, || request(&reference(500)))
}

/// Calls a router with requests that were made before.
fn requests(mut router: Router, request: impl Fn() -> Request<Body>) -> Step {
    let mut requests: Vec<_> = (0..=WARM_UP).map(|_| request()).collect();
    warm(move || {
        let response = once(router.call(requests.pop().unwrap())).unwrap();
        assert!(response.status().is_success());
    })
}

fn actix(configure: fn(&mut ServiceConfig)) -> Step {
    let delivery = octany(delivery::body(0).into());
    actix_requests(configure, move || {
        let mut request = TestRequest::post().uri("/").set_payload(delivery.body.clone());
        for (name, value) in &delivery.headers {
            request = request.insert_header((*name, value.as_str()));
        }
        request.to_request()
    })
}

fn actix_guard(configure: fn(&mut ServiceConfig)) -> Step {
    actix_requests(configure, || {
        let request = TestRequest::get().uri("/").to_request();
        request.extensions_mut().insert(actix::CurrentUser(reference(500)));
        request
    })
}

fn actix_requests(
    configure: fn(&mut ServiceConfig),
    request: impl Fn() -> actix_http::Request,
) -> Step {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let service = local.block_on(&runtime, init_service(App::new().configure(configure)));
    let mut requests: Vec<_> = (0..=WARM_UP).map(|_| request()).collect();
    warm(move || {
        let response = once(service.call(requests.pop().unwrap())).unwrap();
        assert!(response.status().is_success());
    })
}
