//! How a guard finds out who is there.

use axum::http::StatusCode;
use axum::http::request::Parts;
use octany_axum::RequireSubscription;
use octany_core::ReferenceId;
use octany_entitlement::Subject;
use octany_entitlement::{Denial, StoreError};

use crate::support::{User, app, ask, denial, gate, request, slow_gate};

fn header(parts: &Parts) -> Option<ReferenceId> {
    Some(parts.headers.get("x-user")?.to_str().ok()?.into())
}

#[tokio::test]
async fn a_user_of_the_extensions_may_have_no_reference() {
    let guard = RequireSubscription::new(gate().await, |user: &User| {
        (user.0 != "guest").then(|| user.reference())
    });
    let app = app(guard);
    assert_eq!(ask(app.clone(), Some("payer"), request()).await.status(), StatusCode::OK);
    let guest = ask(app, Some("guest"), request()).await;
    assert_eq!(guest.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_head_of_the_request_says_who_is_there() {
    for gate in [gate().await, slow_gate().await] {
        let app = app(RequireSubscription::from_parts(gate, header));
        for (user, status) in [("payer", StatusCode::OK), ("debtor", StatusCode::PAYMENT_REQUIRED)]
        {
            let mut request = request();
            request.headers_mut().insert("x-user", user.parse().unwrap());
            assert_eq!(ask(app.clone(), None, request).await.status(), status);
        }
        assert_eq!(ask(app, None, request()).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_guard_waits_for_the_answer() {
    for gate in [gate().await, slow_gate().await] {
        let app = app(RequireSubscription::from_async(gate, |parts: Parts| async move {
            tokio::task::yield_now().await;
            header(&parts)
        }));
        for (user, status) in [("payer", StatusCode::OK), ("debtor", StatusCode::PAYMENT_REQUIRED)]
        {
            let mut request = request();
            request.headers_mut().insert("x-user", user.parse().unwrap());
            assert_eq!(ask(app.clone(), None, request).await.status(), status);
        }
        assert_eq!(ask(app, None, request()).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_looked_up_is_not_signed_out() {
    let guard = RequireSubscription::from_async(gate().await, |_: Parts| async {
        Err::<ReferenceId, _>(StoreError::unavailable("password=hunter2"))
    });
    let response = ask(app(guard), None, request()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(matches!(denial(&response), Denial::CouldNotTell(_)));

    let guard = RequireSubscription::from_parts(gate().await, |_: &Parts| {
        Subject::NotKnown(StoreError::unavailable("password=hunter2"))
    });
    let response = ask(app(guard), None, request()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
