//! A gate over copies, and requests for what it guards.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use octany_core::{AccessPolicy, ReferenceId};
use octany_entitlement::{Cached, Gate, OnOutage, SubscriptionStore};

use crate::axum::CurrentUser;
use crate::everybody::{Everybody, reference};

/// One that has copies of these references.
pub fn gate(references: Range<u64>) -> Gate {
    // A look-up of what is not kept costs the store; all of them have to fit.
    let capacity = usize::try_from((references.end - references.start) * 2).unwrap().max(1_000);
    let store = Cached::new(Everybody { subscriptions: 1 }).capacity(capacity);
    let store = Arc::new(store.ttl(Duration::from_hours(24)));
    for number in references {
        once(store.look_up(&reference(number))).unwrap();
    }
    Gate::new(store, AccessPolicy::new(), OnOutage::Deny)
}

/// A request of somebody who is signed in.
pub fn request(user: &ReferenceId) -> Request<Body> {
    Request::get("/").extension(CurrentUser(user.clone())).body(Body::empty()).unwrap()
}

/// The output of a future that waits for nothing.
pub fn once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("all that is needed is there"),
    }
}
