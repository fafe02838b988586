//! The guard as an extractor.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use actix_web::{App, FromRequest, HttpMessage, HttpRequest, web};
use octany_actix::{Subscribed, SubscribedRejection};
use octany_core::ReferenceId;
use octany_entitlement::{Denial, Gate, GuardPages, Subscriber};

use crate::support::{
    User, Web, ask, broken_gate, by_browser, denial, gate, header, request, slow_gate, text,
};

impl FromRequest for User {
    type Error = InternalError<&'static str>;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.extensions().get().cloned();
        ready(user.ok_or_else(|| InternalError::new("who are you?", StatusCode::IM_A_TEAPOT)))
    }
}

impl Subscriber for User {
    fn reference_id(&self) -> Option<ReferenceId> {
        (self.0 != "guest").then(|| self.reference())
    }
}

async fn reports(Subscribed { user, subscription }: Subscribed<User>) -> String {
    format!("{} {}", user.0, subscription.status)
}

async fn app(gate: Gate) -> Web {
    let app = App::new().app_data(gate).route("/", web::get().to(reports));
    Web::new(init_service(app).await, TestRequest::to_request)
}

#[actix_web::test]
async fn a_handler_is_given_the_user_and_what_was_paid_for() {
    for gate in [gate().await, slow_gate().await] {
        let response = ask(&app(gate).await, Some("payer"), request()).await;
        assert_eq!(text(response).await, "payer active");
    }
}

#[actix_web::test]
async fn the_apps_own_rejection_comes_first() {
    let response = ask(&app(broken_gate()).await, None, request()).await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(text(response).await, "who are you?");
}

#[actix_web::test]
async fn who_may_not_pass_is_answered_as_by_the_layer() {
    for (gate, user, status) in [
        (gate().await, "debtor", StatusCode::PAYMENT_REQUIRED),
        (slow_gate().await, "debtor", StatusCode::PAYMENT_REQUIRED),
        (gate().await.shadow(), "debtor", StatusCode::PAYMENT_REQUIRED),
        (gate().await, "guest", StatusCode::UNAUTHORIZED),
        (broken_gate(), "payer", StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let response = ask(&app(gate).await, Some(user), request()).await;
        assert_eq!(response.status(), status);
        assert_eq!(denial(&response).status(), status.as_u16());
    }
}

#[actix_web::test]
async fn browsers_are_sent_to_the_pages_in_the_app_data() {
    let pages = GuardPages::new().paywall("/pricing").checkout_url("https://a.example/pay");
    let data = Data::new(gate().await);
    let app = App::new().app_data(data).app_data(pages).route("/", web::get().to(reports));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    let response = ask(&app, Some("debtor"), by_browser()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&response, "location"), "/pricing");
    assert!(matches!(denial(&response), Denial::NotPaid(_)));
    let response = ask(&app, Some("debtor"), request()).await;
    assert!(text(response).await.contains("https://a.example/pay"));
}

#[actix_web::test]
async fn without_a_gate_nobody_has_paid() {
    let app = App::new().route("/", web::get().to(reports));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    let response = ask(&app, Some("payer"), request()).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(matches!(denial(&response), Denial::NoGuard));
}

#[actix_web::test]
async fn a_handler_sees_whose_rejection_it_is() {
    type Rejection = SubscribedRejection<InternalError<&'static str>>;
    async fn look(subscribed: Result<Subscribed<User>, Rejection>) -> String {
        match subscribed.unwrap_err() {
            SubscribedRejection::User(_) => "user".to_owned(),
            SubscribedRejection::Guard(rejection) => rejection.to_string(),
        }
    }
    let app = App::new().app_data(gate().await).route("/", web::get().to(look));
    let app = Web::new(init_service(app).await, TestRequest::to_request);
    assert_eq!(text(ask(&app, None, request()).await).await, "user");
    let denied = text(ask(&app, Some("debtor"), request()).await).await;
    assert_eq!(denied, "the request was denied: unpaid");
}
