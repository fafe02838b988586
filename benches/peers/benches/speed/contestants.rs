//! Everybody, in process: requests are made before the clock starts.

use actix_web::App;
use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ServiceConfig;
use axum::body::Body;
use axum::http::{Request, Response};
use criterion::async_executor::AsyncExecutor;
use criterion::{BatchSize, Criterion};
use octany_benches::contest::{Visit, headers};
use octany_benches::delivery::Deliveries;
use octany_peers::contest::{self, VisitPeers};
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;
use tower_service::Service;

pub(crate) fn measure(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    contest::visit(&mut Times { criterion, runtime });
}

struct Times<'c> {
    criterion: &'c mut Criterion,
    runtime: Runtime,
}

impl Visit for Times<'_> {
    fn verify(&mut self, group: &str, name: &str, verify: &mut dyn FnMut() -> bool) {
        let mut group = self.criterion.benchmark_group(group);
        group.bench_function(name, |bencher| bencher.iter(|| assert!(verify())));
    }

    fn axum(&mut self, group: &str, name: &str, router: axum::Router, deliveries: Deliveries) {
        self.tower(group, name, &router, || {
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
        let local = Local { runtime: &self.runtime, tasks: LocalSet::new() };
        let service = init_service(App::new().configure(configure));
        let service = local.tasks.block_on(local.runtime, service);
        let request = || {
            let delivery = deliveries.next();
            let request = TestRequest::post().uri("/").set_payload(delivery.body);
            let insert = |request: TestRequest, (name, value): (_, String)| {
                request.insert_header((name, value))
            };
            delivery.headers.into_iter().fold(request, insert).to_request()
        };
        let mut group = self.criterion.benchmark_group(group);
        group.bench_function(name, |bencher| {
            bencher.to_async(&local).iter_batched(
                request,
                async |request| {
                    let response = service.call(request).await.unwrap();
                    assert!(response.status().is_success());
                },
                BatchSize::SmallInput,
            );
        });
    }
}

impl VisitPeers for Times<'_> {
    fn axum07(&mut self, group: &str, name: &str, router: axum07::Router, deliveries: Deliveries) {
        self.tower(group, name, &router, || {
            let delivery = deliveries.next();
            let body = axum07::body::Body::from(delivery.body.clone());
            let mut request = Request::post("/").body(body).unwrap();
            *request.headers_mut() = headers(&delivery);
            request
        });
    }
}

impl Times<'_> {
    fn tower<S, B, R>(
        &mut self,
        group: &str,
        name: &str,
        service: &S,
        request: impl Fn() -> Request<B>,
    ) where
        S: Service<Request<B>, Response = Response<R>, Error = std::convert::Infallible> + Clone,
    {
        let runtime = &self.runtime;
        let mut group = self.criterion.benchmark_group(group);
        group.bench_function(name, |bencher| {
            bencher.to_async(runtime).iter_batched(
                || (service.clone(), request()),
                async |(mut service, request)| {
                    let response = service.call(request).await.unwrap();
                    assert!(response.status().is_success());
                },
                BatchSize::SmallInput,
            );
        });
    }
}

/// Runs what is spawned on this thread, as actix-web does.
struct Local<'r> {
    runtime: &'r Runtime,
    tasks: LocalSet,
}

impl AsyncExecutor for &Local<'_> {
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.tasks.block_on(self.runtime, future)
    }
}
