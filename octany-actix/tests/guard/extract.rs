//! What guarded handlers ask for.

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::ReqData;
use actix_web::{App, HttpResponse, ResponseError, web};
use octany_actix::{ActiveSubscription, Decision, GuardRejection};
use octany_entitlement::{self as entitlement, Denial};

use crate::support::{Web, ask, denial, gate, guard, guarded, request, text};

async fn paid(subscription: ActiveSubscription) -> String {
    let known = subscription.subscription();
    assert_eq!(known.as_of(), subscription.decision().as_of().unwrap());
    format!("{} {}", subscription.subscription, known.status)
}

#[actix_web::test]
async fn a_handler_sees_the_subscription_that_was_paid_for() {
    let app = guarded(guard(gate().await), web::get().to(paid)).await;
    assert_eq!(text(ask(&app, Some("payer"), request()).await).await, "1 active");
}

#[actix_web::test]
async fn without_a_guard_nobody_has_paid_and_the_answer_names_the_guard() {
    async fn decided(_: Decision) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
    for handler in [web::get().to(paid), web::get().to(decided)] {
        let app =
            Web::new(init_service(App::new().route("/", handler)).await, TestRequest::to_request);
        let response = ask(&app, Some("payer"), request()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(matches!(denial(&response), Denial::NoGuard));
        assert!(text(response).await.contains("RequireSubscription, or its Gate, is missing"));
    }
}

#[actix_web::test]
async fn without_a_guard_an_option_is_none() {
    async fn perhaps(paid: Option<ActiveSubscription>, decided: Option<Decision>) -> String {
        format!("{} {}", paid.is_some(), decided.is_some())
    }
    let app = App::new().route("/", web::get().to(perhaps));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    assert_eq!(text(ask(&app, Some("payer"), request()).await).await, "false false");
    let app = guarded(guard(gate().await), web::get().to(perhaps)).await;
    assert_eq!(text(ask(&app, Some("payer"), request()).await).await, "true true");
}

#[actix_web::test]
async fn a_handler_takes_the_decision_in_either_way() {
    async fn either(a: Decision, b: ReqData<entitlement::Decision>) -> String {
        format!("{} {}", a.reason(), b.reason())
    }
    let app = guarded(guard(gate().await), web::get().to(either)).await;
    assert_eq!(text(ask(&app, Some("payer"), request()).await).await, "active active");
}

#[actix_web::test]
async fn a_handler_sees_why_it_was_given_nothing() {
    async fn look(subscription: Result<ActiveSubscription, GuardRejection>) -> String {
        let rejection = subscription.unwrap_err();
        assert_eq!(rejection.status(), StatusCode::PAYMENT_REQUIRED);
        assert!(rejection.body_text().contains(r#""reason":"unpaid""#));
        assert!(matches!(rejection.denial(), Denial::NotPaid(_)));
        rejection.to_string()
    }
    let app = guarded(guard(gate().await.shadow()), web::get().to(look)).await;
    let response = ask(&app, Some("debtor"), request()).await;
    assert_eq!(text(response).await, "the request was denied: unpaid");
}

#[actix_web::test]
async fn a_rejection_answers_as_the_guard_does() {
    async fn look(subscription: Result<ActiveSubscription, GuardRejection>) -> HttpResponse {
        subscription.unwrap_err().error_response()
    }
    let guarding = guarded(guard(gate().await), web::get().to(paid)).await;
    let shadow = guarded(guard(gate().await.shadow()), web::get().to(look)).await;
    let by_guard = ask(&guarding, Some("debtor"), request()).await;
    let by_extractor = ask(&shadow, Some("debtor"), request()).await;
    assert_eq!(by_guard.status(), by_extractor.status());
    let headers = |response: &HttpResponse| {
        response.headers().iter().map(|(n, v)| (n.clone(), v.clone())).collect::<Vec<_>>()
    };
    let (mut one, mut other) = (headers(&by_guard), headers(&by_extractor));
    one.sort_by_key(|(name, _)| name.to_string());
    other.sort_by_key(|(name, _)| name.to_string());
    assert_eq!(one, other);
    assert_eq!(text(by_guard).await, text(by_extractor).await);
}
