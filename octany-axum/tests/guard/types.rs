//! What holds of the types.

use std::error::Error;

use axum::body::Body;
use axum::http::request::Parts;
use axum::routing::Route;
use octany_axum::answer::StandardAnswers;
use octany_axum::guard::{FromExtension, FromParts, ResponseFuture, SubscriptionGuard};
use octany_axum::{
    ActiveSubscription, Decision, GuardRejection, RequireSubscription, Subscribed,
    SubscribedRejection,
};
use octany_core::ReferenceId;
use octany_entitlement::Subject;
use static_assertions::assert_impl_all;

use crate::support::{User, broken_gate, guard};

type ByUser = FromExtension<User, fn(&User) -> ReferenceId>;
type ByParts = FromParts<fn(&Parts) -> Option<ReferenceId>>;

assert_impl_all!(RequireSubscription<ByUser>: Clone, Send, Sync, Unpin);
assert_impl_all!(RequireSubscription<ByParts>: Clone, Send, Sync, Unpin);
assert_impl_all!(SubscriptionGuard<Route, ByUser>: Clone, Send, Sync);
assert_impl_all!(ResponseFuture<Route, ByUser, StandardAnswers, Body>: Send, Future);
assert_impl_all!(Subject: Send, Sync);
assert_impl_all!(ActiveSubscription: Clone, Send, Sync);
assert_impl_all!(Decision: Clone, Send, Sync);
assert_impl_all!(Subscribed<User>: Send, Sync);
assert_impl_all!(GuardRejection: Clone, Send, Sync, Error);
assert_impl_all!(SubscribedRejection<GuardRejection>: Clone, Send, Sync, Error);

#[test]
fn debug_shows_the_gate_and_never_its_store() {
    let guard = guard(broken_gate());
    for shown in [format!("{guard:?}"), format!("{:?}", tower::Layer::layer(&guard, ()))] {
        assert!(shown.contains("Gate"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
