//! Whose subscription is asked for.

use octany_core::ReferenceId;

use crate::store::StoreError;

/// Whose subscription is asked for.
#[derive(Debug)]
pub enum Subject {
    /// That of this reference.
    Reference(ReferenceId),
    /// Nobody is signed in.
    SignedOut,
    /// It could not be found out. This is never the same as signed out.
    NotKnown(StoreError),
}

/// What a closure may answer when a guard asks who is there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whose subscription to ask for",
    note = "answer with a `ReferenceId`, an `Option` of one, or a `Result` of either and a \
            `StoreError`"
)]
pub trait IntoSubject {
    /// The answer.
    fn into_subject(self) -> Subject;
}

impl IntoSubject for Subject {
    fn into_subject(self) -> Subject {
        self
    }
}

impl IntoSubject for ReferenceId {
    fn into_subject(self) -> Subject {
        Subject::Reference(self)
    }
}

impl<T: IntoSubject> IntoSubject for Option<T> {
    fn into_subject(self) -> Subject {
        self.map_or(Subject::SignedOut, T::into_subject)
    }
}

impl<T: IntoSubject> IntoSubject for Result<T, StoreError> {
    fn into_subject(self) -> Subject {
        self.map_or_else(Subject::NotKnown, T::into_subject)
    }
}

/// A user who may have a subscription.
pub trait Subscriber {
    /// The reference that this user's checkouts are started with; `None` for a visitor.
    fn reference_id(&self) -> Option<ReferenceId>;
}
