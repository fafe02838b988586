//! Refused visitors.

use std::sync::Arc;

use super::problem::Problem;
use super::webhook::RETRY_AFTER_OUTAGE;
use super::{Answer, GuardPages, accept};
use crate::gate::{Decision, GateError};

/// Why a guard let a request not pass. It is found in the extensions of the response, for outer
/// layers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Denial {
    /// Nobody is signed in.
    SignedOut,
    /// Access is not paid for.
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
    pub fn answer(&self, accept: Option<&str>, pages: &GuardPages) -> Answer {
        let page = match self {
            Self::SignedOut => pages.sign_in.as_deref(),
            Self::NotPaid(_) => pages.paywall.as_deref(),
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
            Self::NotPaid(_) => pages.checkout.as_deref(),
            _ => None,
        };
        let reason = self.as_str();
        let answer = Problem { status: self.status(), kind, title, reason, checkout_url }.answer();
        match self {
            Self::SignedOut => answer.with("www-authenticate", "Session"),
            Self::CouldNotTell(_) => answer.with("retry-after", RETRY_AFTER_OUTAGE),
            _ => answer,
        }
    }
}
