//! How a guard finds out who is there.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use octany_actix::RequireSubscription;
use octany_core::ReferenceId;
use octany_entitlement::Subject;
use octany_entitlement::{Denial, StoreError};

use crate::support::{User, app, ask, denial, gate, request, slow_gate};

fn header(request: &HttpRequest) -> Option<ReferenceId> {
    Some(request.headers().get("x-user")?.to_str().ok()?.into())
}

#[actix_web::test]
async fn a_user_of_the_extensions_may_have_no_reference() {
    let guard = RequireSubscription::new(gate().await, |user: &User| {
        (user.0 != "guest").then(|| user.reference())
    });
    let app = app(guard).await;
    assert_eq!(ask(&app, Some("payer"), request()).await.status(), StatusCode::OK);
    let guest = ask(&app, Some("guest"), request()).await;
    assert_eq!(guest.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn the_head_of_the_request_says_who_is_there() {
    for gate in [gate().await, slow_gate().await] {
        let app = app(RequireSubscription::from_request(gate, header)).await;
        for (user, status) in [("payer", StatusCode::OK), ("debtor", StatusCode::PAYMENT_REQUIRED)]
        {
            let request = request().insert_header(("x-user", user));
            assert_eq!(ask(&app, None, request).await.status(), status);
        }
        assert_eq!(ask(&app, None, request()).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[actix_web::test]
async fn a_guard_waits_for_the_answer() {
    for gate in [gate().await, slow_gate().await] {
        let app = app(RequireSubscription::from_async(gate, |request: HttpRequest| async move {
            tokio::task::yield_now().await;
            header(&request)
        }))
        .await;
        for (user, status) in [("payer", StatusCode::OK), ("debtor", StatusCode::PAYMENT_REQUIRED)]
        {
            let request = request().insert_header(("x-user", user));
            assert_eq!(ask(&app, None, request).await.status(), status);
        }
        assert_eq!(ask(&app, None, request()).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[actix_web::test]
async fn a_session_that_cannot_be_looked_up_is_not_signed_out() {
    let guard = RequireSubscription::from_async(gate().await, |_: HttpRequest| async {
        Err::<ReferenceId, _>(StoreError::unavailable("password=hunter2"))
    });
    let response = ask(&app(guard).await, None, request()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(matches!(denial(&response), Denial::CouldNotTell(_)));

    let guard = RequireSubscription::from_request(gate().await, |_: &HttpRequest| {
        Subject::NotKnown(StoreError::unavailable("password=hunter2"))
    });
    let response = ask(&app(guard).await, None, request()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
