//! What those see who may not pass.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use octany_core::Reason;
use octany_entitlement::{Denial, GuardPages};

use crate::support::{
    app, ask, broken_gate, by_browser, denial, gate, guard, header, request, slow_gate, text,
};

#[actix_web::test]
async fn who_has_paid_passes_with_the_decision() {
    for gate in [gate().await, slow_gate().await] {
        let response = ask(&app(guard(gate)).await, Some("payer"), request()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.extensions().get::<Denial>().is_none());
        assert_eq!(text(response).await, "active");
    }
}

#[actix_web::test]
async fn who_has_not_paid_is_answered_402_with_the_reason() {
    for gate in [gate().await, slow_gate().await] {
        for (user, reason) in [("debtor", Reason::Unpaid), ("stranger", Reason::NoSubscription)] {
            let response = ask(&app(guard(gate.clone())).await, Some(user), request()).await;
            assert_eq!(response.status(), StatusCode::PAYMENT_REQUIRED);
            assert_eq!(header(&response, "content-type"), "application/problem+json");
            assert_eq!(header(&response, "cache-control"), "no-store");
            let Denial::NotPaid(decision) = denial(&response) else { panic!() };
            assert_eq!(decision.reason(), reason);
            let expected = format!(
                r#"{{"type":"urn:octany:problem:not-paid","title":"This needs a subscription","status":402,"reason":"{reason}"}}"#
            );
            assert_eq!(text(response).await, expected);
        }
    }
}

#[actix_web::test]
async fn who_is_not_signed_in_is_answered_401() {
    let response = ask(&app(guard(gate().await)).await, None, request()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers().contains_key("www-authenticate"));
    assert!(matches!(denial(&response), Denial::SignedOut));
}

#[actix_web::test]
async fn when_it_cannot_be_told_the_answer_is_503_and_a_time_to_come_back() {
    let response = ask(&app(guard(broken_gate())).await, Some("payer"), request()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    assert!(matches!(denial(&response), Denial::CouldNotTell(_)));
    assert!(!text(response).await.contains("hunter2"));
}

#[actix_web::test]
async fn browsers_are_sent_to_the_pages_and_programs_are_told_where_to_pay() {
    let pages = GuardPages::new()
        .sign_in("/sign-in")
        .paywall("/pricing")
        .checkout_url("https://checkout.octany.com/checkout/a/product/1");
    let app = app(guard(gate().await).pages(pages)).await;

    let response = ask(&app, None, by_browser()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&response, "location"), "/sign-in");
    assert!(matches!(denial(&response), Denial::SignedOut));

    let response = ask(&app, Some("debtor"), by_browser()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&response, "location"), "/pricing");
    assert_eq!(header(&response, "vary"), "accept");

    let response = ask(&app, Some("debtor"), request()).await;
    assert_eq!(response.status(), StatusCode::PAYMENT_REQUIRED);
    let told = r#""checkout_url":"https://checkout.octany.com/checkout/a/product/1""#;
    assert!(text(response).await.contains(told));
}

#[actix_web::test]
async fn a_browser_is_sent_nowhere_when_it_cannot_be_told() {
    let pages = GuardPages::new().sign_in("/sign-in").paywall("/pricing");
    let response =
        ask(&app(guard(broken_gate()).pages(pages)).await, Some("payer"), by_browser()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[actix_web::test]
async fn an_app_answers_denials_in_its_own_way() {
    let guard =
        guard(gate().await).on_denied(|denial: &Denial, request: &HttpRequest| -> HttpResponse {
            let body = format!("{} {}", request.uri(), denial.as_str());
            HttpResponse::build(StatusCode::IM_A_TEAPOT).body(body)
        });
    let response = ask(&app(guard).await, Some("debtor"), request()).await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert!(matches!(denial(&response), Denial::NotPaid(_)));
    assert_eq!(text(response).await, "/ unpaid");
}

#[actix_web::test]
async fn an_app_answers_some_denials_and_leaves_the_others_as_they_are() {
    let guard = guard(gate().await).on_denied(|denial: &Denial, _: &HttpRequest| {
        matches!(denial, Denial::SignedOut)
            .then(|| HttpResponse::build(StatusCode::IM_A_TEAPOT).finish())
    });
    let app = app(guard).await;
    assert_eq!(ask(&app, None, request()).await.status(), StatusCode::IM_A_TEAPOT);
    let response = ask(&app, Some("debtor"), request()).await;
    assert_eq!(response.status(), StatusCode::PAYMENT_REQUIRED);
}

#[actix_web::test]
async fn a_path_that_does_not_exist_is_not_guarded() {
    let request = request().uri("/nowhere");
    let response = ask(&app(guard(gate().await)).await, None, request).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}
