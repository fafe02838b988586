//! A gate that only records.

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use octany_actix::{ActiveSubscription, Decision, GuardRejection};
use octany_entitlement::{Denial, GuardPages};

use crate::support::{
    Web, app, ask, broken_gate, denial, gate, guard, guarded, header, request, text,
};

async fn paid(subscription: ActiveSubscription) -> String {
    subscription.status.to_string()
}

async fn perhaps(subscription: Option<ActiveSubscription>) -> String {
    subscription.map_or("nothing".to_owned(), |subscription| subscription.status.to_string())
}

#[actix_web::test]
async fn everybody_passes() {
    for (gate, user, seen) in [
        (gate().await, Some("payer"), "active"),
        (gate().await, Some("debtor"), "unpaid"),
        (gate().await, None, "no decision"),
        (broken_gate(), Some("payer"), "no decision"),
    ] {
        let response = ask(&app(guard(gate.shadow())).await, user, request()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.extensions().get::<Denial>().is_none());
        assert_eq!(text(response).await, seen);
    }
}

#[actix_web::test]
async fn a_handler_that_needs_a_subscription_answers_as_the_guard_would() {
    for (gate, user, status) in [
        (gate().await, Some("payer"), StatusCode::OK),
        (gate().await, Some("debtor"), StatusCode::PAYMENT_REQUIRED),
        (gate().await, None, StatusCode::UNAUTHORIZED),
        (broken_gate(), Some("payer"), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let app = guarded(guard(gate.shadow()), web::get().to(paid)).await;
        assert_eq!(ask(&app, user, request()).await.status(), status);
    }
}

#[actix_web::test]
async fn it_sends_browsers_where_the_guard_would() {
    let guard = guard(gate().await.shadow()).pages(GuardPages::new().paywall("/pricing"));
    let app = guarded(guard, web::get().to(paid)).await;
    let browser = request().insert_header(("accept", "text/html"));
    let response = ask(&app, Some("debtor"), browser).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&response, "location"), "/pricing");
}

#[actix_web::test]
async fn a_handler_that_can_do_without_finds_out() {
    for (user, seen) in [(Some("payer"), "active"), (Some("debtor"), "nothing"), (None, "nothing")]
    {
        let guard = guard(gate().await.shadow());
        let app = guarded(guard, web::get().to(perhaps)).await;
        assert_eq!(text(ask(&app, user, request()).await).await, seen);
    }
}

#[actix_web::test]
async fn an_outer_guards_decision_does_not_pass_for_that_of_one_in_shadow() {
    async fn decided(_: Decision) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
    let resource = web::resource("/")
        .wrap(guard(broken_gate().shadow()))
        .wrap(guard(gate().await))
        .route(web::get().to(decided));
    let app = Web::new(init_service(App::new().service(resource)).await, TestRequest::to_request);
    let response = ask(&app, Some("payer"), request()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(matches!(denial(&response), Denial::CouldNotTell(_)));
}

#[actix_web::test]
async fn a_handler_that_wants_to_know_why_takes_a_result() {
    async fn why(subscription: Result<ActiveSubscription, GuardRejection>) -> String {
        subscription.unwrap_err().denial().as_str().to_owned()
    }
    for (gate, user, reason) in [
        (gate().await, Some("debtor"), "unpaid"),
        (gate().await, None, "signed_out"),
        (broken_gate(), Some("payer"), "could_not_tell"),
    ] {
        let app = guarded(guard(gate.shadow()), web::get().to(why)).await;
        assert_eq!(text(ask(&app, user, request()).await).await, reason);
    }
}
