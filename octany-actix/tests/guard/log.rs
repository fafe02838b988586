//! What stands in the log, and what does not.

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use octany_actix::ActiveSubscription;

use crate::capture::Log;
use crate::support::{Web, ask, gate, guard, guarded, request};

async fn handler() -> HttpResponse {
    tracing::info!("in the handler");
    HttpResponse::Ok().finish()
}

#[actix_web::test]
async fn the_lines_of_a_request_name_the_decision_and_its_reason_and_not_who_asks() {
    for (user, status, span) in [
        ("payer", StatusCode::OK, "octany_guard{granted=true reason=\"active\""),
        ("debtor", StatusCode::PAYMENT_REQUIRED, "octany_guard{granted=false reason=\"unpaid\""),
    ] {
        let (log, logging) = Log::start();
        let app = guarded(guard(gate().await), web::get().to(handler)).await;
        let response = ask(&app, Some(user), request()).await;
        drop(logging);
        assert_eq!(response.status(), status);

        let log = log.text();
        assert!(log.lines().any(|line| line.contains(span)), "{log}");
        assert!(!log.contains(user), "{log}");
    }
}

#[actix_web::test]
async fn a_missing_guard_is_logged_even_where_an_option_swallows_it() {
    async fn perhaps(_: Option<ActiveSubscription>) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
    let (log, logging) = Log::start();
    let app = App::new().route("/", web::get().to(perhaps));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    ask(&app, Some("payer"), request()).await;
    drop(logging);
    assert_eq!(log.text().matches("guard_missing").count(), 1);
}
