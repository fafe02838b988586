//! How a guard, and whatever else is about a user, finds out whose subscription to ask for.

use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use http::request::Parts;
use octany_entitlement::IntoSubject;

/// How a guard finds out who is there. The constructors of
/// [`RequireSubscription`](super::RequireSubscription) choose among the three ways there are.
pub trait Identify: sealed::Sealed {
    /// What is found out.
    type Subject: IntoSubject;
    /// Until it is.
    type Future: Future<Output = Self::Subject>;

    /// Asks who is there.
    fn identify(&self, parts: &Parts) -> Self::Future;
}

/// By what the app's own sign-in left in the request's extensions.
pub struct FromExtension<T, F> {
    ask: F,
    user: PhantomData<fn(&T)>,
}

/// By the head of the request.
#[derive(Clone)]
pub struct FromParts<F> {
    ask: F,
}

/// By the head of the request, and by waiting for something else.
#[derive(Clone)]
pub struct FromAsync<F> {
    ask: F,
}

impl<T, F> FromExtension<T, F> {
    pub(crate) fn new(ask: F) -> Self {
        Self { ask, user: PhantomData }
    }
}

impl<F> FromParts<F> {
    pub(crate) fn new(ask: F) -> Self {
        Self { ask }
    }
}

impl<F> FromAsync<F> {
    pub(crate) fn new(ask: F) -> Self {
        Self { ask }
    }
}

impl<T, F, A> Identify for FromExtension<T, F>
where
    F: Fn(&T) -> A,
    A: IntoSubject,
    T: Send + Sync + 'static,
{
    type Subject = Option<A>;
    type Future = Ready<Option<A>>;

    fn identify(&self, parts: &Parts) -> Self::Future {
        ready(parts.extensions.get().map(&self.ask))
    }
}

impl<F, A> Identify for FromParts<F>
where
    F: Fn(&Parts) -> A,
    A: IntoSubject,
{
    type Subject = A;
    type Future = Ready<A>;

    fn identify(&self, parts: &Parts) -> Self::Future {
        ready((self.ask)(parts))
    }
}

impl<F, Fut> Identify for FromAsync<F>
where
    F: Fn(Parts) -> Fut,
    Fut: Future<Output: IntoSubject>,
{
    type Subject = Fut::Output;
    type Future = Fut;

    fn identify(&self, parts: &Parts) -> Self::Future {
        (self.ask)(parts.clone())
    }
}

// Deriving it would ask for `T: Clone`.
impl<T, F: Clone> Clone for FromExtension<T, F> {
    fn clone(&self) -> Self {
        Self::new(self.ask.clone())
    }
}

impl<T, F> fmt::Debug for FromExtension<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromExtension").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for FromParts<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromParts").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for FromAsync<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromAsync").finish_non_exhaustive()
    }
}

mod sealed {
    pub trait Sealed {}
    impl<T, F> Sealed for super::FromExtension<T, F> {}
    impl<F> Sealed for super::FromParts<F> {}
    impl<F> Sealed for super::FromAsync<F> {}
}
