//! Refused visitors.

use std::sync::Arc;

use super::problem::Problem;
use super::webhook::RETRY_AFTER_OUTAGE;
use super::{Answer, GuardPages, accept};
use crate::gate::{Decision, GateError};

/// In seconds: as often as a page that waits for a payment asks.
const RETRY_AFTER_CHECKOUT: &str = "3";

/// Why a guard let a request not pass. It is found in the extensions of the response, for outer
/// layers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Denial {
    /// Nobody is signed in.
    SignedOut,
    /// Access is not paid for, or not yet: see [`Decision::checkout_in_flight`].
    NotPaid(Box<Decision>),
    /// It could not be told whether access is paid for.
    CouldNotTell(Arc<GateError>),
    /// A guard's extractor was used where no guard, or no gate, is.
    NoGuard,
}

impl Denial {
    /// The HTTP status for a program; a browser may be redirected instead.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::NotPaid(_) => 402,
            Self::NoGuard => 500,
            Self::CouldNotTell(_) => 503,
        }
    }

    /// The name in problem documents, logs and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::NotPaid(_) if self.is_in_flight() => "checkout_in_flight",
            Self::NotPaid(decision) => decision.reason().as_str(),
            Self::CouldNotTell(_) => "could_not_tell",
            Self::NoGuard => "guard_missing",
        }
    }

    /// Traces and counts the denial. An adapter calls it once, when it answers, whatever it answers
    /// with.
    pub fn record(&self) {
        crate::telemetry::denial(self);
    }

    /// The answer to send to a client with this `Accept` header.
    ///
    /// While a checkout is in flight, the status of a denial is still 402: nothing is granted, and a
    /// program that knows no more than the status must take it neither for a success nor for an
    /// outage. Another reason and `Retry-After` tell those that know more.
    pub fn answer(&self, accept: Option<&str>, pages: &GuardPages) -> Answer {
        let page = match self {
            Self::SignedOut => pages.sign_in.as_deref(),
            Self::NotPaid(_) => {
                let pending = pages.pending.as_deref().filter(|_| self.is_in_flight());
                pending.or(pages.paywall.as_deref())
            }
            Self::CouldNotTell(_) | Self::NoGuard => None,
        };
        let answer = match page {
            Some(page) if accept.is_some_and(accept::prefers_html) => {
                Answer::empty(303).with("location", page.to_owned())
            }
            _ => self.problem(pages),
        };
        let answer = answer.with("cache-control", "no-store");
        if page.is_some() { answer.with("vary", "accept") } else { answer }
    }

    /// Whether the visitor is back from a checkout that has not been reported yet.
    fn is_in_flight(&self) -> bool {
        matches!(self, Self::NotPaid(decision) if decision.checkout_in_flight().is_some())
    }

    fn problem(&self, pages: &GuardPages) -> Answer {
        let (kind, title) = match self {
            Self::SignedOut => ("signed-out", "Sign in first"),
            Self::NotPaid(_) => ("not-paid", "This needs a subscription"),
            Self::CouldNotTell(_) => ("unavailable", "Subscriptions cannot be looked up right now"),
            Self::NoGuard => {
                ("no-guard", "RequireSubscription, or its Gate, is missing on this route")
            }
        };
        let checkout_url = match self {
            // Nobody is asked to pay a second time.
            Self::NotPaid(_) if !self.is_in_flight() => pages.checkout.as_deref(),
            _ => None,
        };
        let reason = self.as_str();
        let answer = Problem { status: self.status(), kind, title, reason, checkout_url }.answer();
        match self {
            Self::SignedOut => answer.with("www-authenticate", "Session"),
            Self::CouldNotTell(_) => answer.with("retry-after", RETRY_AFTER_OUTAGE),
            Self::NotPaid(_) if self.is_in_flight() => {
                answer.with("retry-after", RETRY_AFTER_CHECKOUT)
            }
            _ => answer,
        }
    }
}
