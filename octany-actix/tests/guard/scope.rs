//! Guards around scopes, apps and other guards.

use actix_web::http::StatusCode;
use actix_web::middleware::DefaultHeaders;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpMessage, HttpRequest, web};
use octany_actix::{ActiveSubscription, RequireSubscription};
use octany_core::ReferenceId;
use octany_entitlement::GuardPages;

use crate::support::{Web, ask, by_browser, gate, guard, header, request, slow_gate, text};

async fn reports(
    path: web::Path<String>,
    data: web::Data<u8>,
    subscription: ActiveSubscription,
) -> String {
    format!("{path} {} {}", **data, subscription.status)
}

fn scope() -> actix_web::Scope {
    let inner = web::scope("/b").app_data(web::Data::new(8_u8)).service(
        web::resource("/{name}").app_data(web::Data::new(9_u8)).route(web::get().to(reports)),
    );
    web::scope("/a").service(inner)
}

fn user(request: &HttpRequest) -> Option<ReferenceId> {
    Some(request.headers().get("x-user")?.to_str().ok()?.into())
}

#[actix_web::test]
async fn a_guard_goes_around_scopes_and_apps() {
    for gate in [gate().await, slow_gate().await] {
        let around_scope = App::new().service(scope().wrap(guard(gate.clone())));
        let around_app = App::new().service(scope()).wrap(guard(gate));
        for app in [
            Web::new(init_service(around_scope).await, TestRequest::to_request),
            Web::new(init_service(around_app).await, TestRequest::to_request),
        ] {
            let request = || request().uri("/a/b/sales");
            let response = ask(&app, Some("payer"), request()).await;
            assert_eq!(text(response).await, "sales 9 active");
            let response = ask(&app, Some("debtor"), request()).await;
            assert_eq!(response.status(), StatusCode::PAYMENT_REQUIRED);
            let response = ask(&app, None, request()).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        }
    }
}

#[actix_web::test]
async fn a_guard_that_waits_lets_go_of_the_request_before_it_is_routed() {
    for gate in [gate().await, slow_gate().await] {
        let guard = RequireSubscription::from_async(gate, |request: HttpRequest| async move {
            tokio::task::yield_now().await;
            // What an app's own session does.
            request.extensions_mut().insert(42_u8);
            user(&request)
        });
        let app = App::new().service(scope().wrap(guard));
        let app = Web::new(init_service(app).await, TestRequest::to_request);
        let request = request().uri("/a/b/sales").insert_header(("x-user", "payer"));
        assert_eq!(text(ask(&app, None, request).await).await, "sales 9 active");
    }
}

#[actix_web::test]
async fn around_a_scope_paths_that_do_not_exist_are_guarded_too() {
    let app = App::new().service(scope().wrap(guard(gate().await)));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    for (user, path, status) in [
        (None, "/a/nowhere", StatusCode::UNAUTHORIZED),
        (Some("payer"), "/a/nowhere", StatusCode::NOT_FOUND),
        (None, "/nowhere", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(ask(&app, user, request().uri(path)).await.status(), status);
    }
}

#[actix_web::test]
async fn middleware_outside_of_it_sees_denials_as_responses() {
    let guard = guard(gate().await).pages(GuardPages::new().paywall("/pricing"));
    let resource = web::resource("/")
        .wrap(guard)
        .wrap(DefaultHeaders::new().add(("x-outer", "seen")))
        .route(web::get().to(|| async { "paid" }));
    let app = Web::new(init_service(App::new().service(resource)).await, TestRequest::to_request);
    for (user, request, status) in [
        (None, request(), 401),
        (Some("debtor"), request(), 402),
        (Some("debtor"), by_browser(), 303),
        (Some("payer"), request(), 200),
    ] {
        let response = ask(&app, user, request).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(header(&response, "x-outer"), "seen");
    }
}
