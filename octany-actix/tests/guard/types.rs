//! What holds of the types.

use std::error::Error;

use actix_web::{FromRequest, HttpRequest, ResponseError};
use octany_actix::guard::{FromExtension, FromHttpRequest};
use octany_actix::{
    ActiveSubscription, Decision, GuardRejection, RequireSubscription, Subscribed,
    SubscribedRejection,
};
use octany_core::ReferenceId;
use static_assertions::assert_impl_all;

use crate::support::{User, broken_gate, guard};

type ByUser = FromExtension<User, fn(&User) -> ReferenceId>;
type ByRequest = FromHttpRequest<fn(&HttpRequest) -> Option<ReferenceId>>;

// Whatever is made before the workers are started is sent to them.
assert_impl_all!(RequireSubscription<ByUser>: Clone, Send, Sync, Unpin);
assert_impl_all!(RequireSubscription<ByRequest>: Clone, Send, Sync, Unpin);
assert_impl_all!(ActiveSubscription: Clone, Send, Sync, FromRequest);
assert_impl_all!(Decision: Clone, Send, Sync, FromRequest);
assert_impl_all!(Subscribed<User>: Clone, Send, Sync, FromRequest);
assert_impl_all!(GuardRejection: Clone, Send, Sync, Error, ResponseError);
assert_impl_all!(SubscribedRejection<GuardRejection>: Clone, Send, Sync, Error);
assert_impl_all!(SubscribedRejection<GuardRejection>: Into<actix_web::Error>);

#[test]
fn debug_shows_the_gate_and_never_its_store() {
    let shown = format!("{:?}", guard(broken_gate()));
    assert!(shown.contains("Gate"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
