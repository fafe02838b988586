//! `GET /pending` and `GET /pending/status`: from the checkout to the paid page.

mod language;
mod page;
mod texts;

use std::error::Error;

use chrono::{DateTime, Utc};
use octany_core::ReferenceId;
use octany_entitlement::{Answer, Checkout, Denial, StoreError};
use serde::Serialize;

pub(crate) use self::page::Page;
use self::page::State;
pub use self::texts::Texts;
use crate::answers::see_other;
use crate::{Billing, Head};

/// What the page is told.
#[derive(Serialize)]
struct Told<'a> {
    ready: bool,
    redirect: Option<&'a str>,
    slow: bool,
}

impl Billing {
    /// The page that a visitor lands on after the checkout. That they did proves nothing: the gate
    /// says who has paid.
    pub(crate) async fn pending(&self, user: &ReferenceId, head: &Head<'_>) -> Answer {
        let target = self.target_or_default(head);
        let now = self.inner.clock.now();
        let returned = self.inner.checkouts.returned(user, self.since(now), now);
        let returned = self.noted(returned).await;
        let state = match self.decide(user).await {
            Ok(decision) if decision.is_allowed() => return see_other(target),
            Ok(_) if self.is_slow(returned, now) => State::Slow,
            Ok(_) => State::Waiting,
            Err(denial) => {
                denial.record();
                State::Waiting
            }
        };
        self.inner.page.answer(state, &target, head)
    }

    /// Whoever has just paid meets no error document because a database is away: the page asks again.
    pub(crate) fn pending_unknown(&self, denial: &Denial, head: &Head<'_>) -> Answer {
        denial.record();
        self.inner.page.answer(State::Waiting, &self.target_or_default(head), head)
    }

    /// What the page asks for again and again.
    pub(crate) async fn status(&self, user: &ReferenceId, head: &Head<'_>) -> Answer {
        let target = self.target_or_default(head);
        let told = match self.decide(user).await {
            Ok(decision) if decision.is_allowed() => {
                Told { ready: true, redirect: Some(&target), slow: false }
            }
            Ok(_) => {
                let now = self.inner.clock.now();
                let begun = self.inner.checkouts.begun(user, self.since(now), 1);
                let newest = self.noted(begun).await.map(|begun| begun.into_iter().next());
                Told { ready: false, redirect: None, slow: self.is_slow(newest, now) }
            }
            Err(denial) => return self.denied(&denial, head),
        };
        let told = serde_json::to_string(&told).expect("two truth values and a text");
        Answer::empty(200)
            .with("content-type", "application/json")
            .with("cache-control", "no-store")
            .body(told)
    }

    /// Whether somebody is back from a checkout, and not longer than the page waits. A log that is
    /// away says so to whoever writes to it.
    pub(crate) async fn waits(&self, user: &ReferenceId, now: DateTime<Utc>) -> bool {
        let begun = self.noted(self.inner.checkouts.begun(user, self.since(now), 1)).await;
        let newest = begun.ok().and_then(|begun| begun.into_iter().next());
        newest.is_some_and(|newest| {
            newest.returned_at.is_some() && !self.is_slow(Ok(Some(newest)), now)
        })
    }

    /// Whoever has paid is not kept by a target that was tampered with.
    fn target_or_default(&self, head: &Head<'_>) -> String {
        let named = head.parameter("to");
        let named = named.and_then(|named| self.inner.targets.read(&named));
        named.unwrap_or_else(|| self.inner.return_to.clone())
    }

    /// Whether to stop waiting: it has taken long, or there is nothing to wait for. A log that is
    /// away is no reason to.
    fn is_slow(&self, newest: Result<Option<Checkout>, StoreError>, now: DateTime<Utc>) -> bool {
        match newest {
            Ok(Some(checkout)) => {
                let since = checkout.returned_at.unwrap_or(checkout.begun_at);
                let waited = (now - since).to_std().unwrap_or_default();
                waited >= self.inner.give_up_after
            }
            Ok(None) => true,
            Err(error) => {
                let error: &dyn Error = &error;
                tracing::warn!(error, "it is not known since when somebody waits");
                false
            }
        }
    }
}
