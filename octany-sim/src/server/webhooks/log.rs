//! What was sent, and what was answered.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use octany_core::Text;
use octany_core::signature::SigningSecret;
use serde::Serialize;

use super::plan::Job;
use crate::engine::{Endpoint, Happened};

/// How many are kept.
const KEPT: usize = 10_000;

/// A delivery to an endpoint.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Logged {
    /// Its number here; the delivery's id is the same for all endpoints, and for repetitions.
    pub number: u64,
    /// The delivery's id.
    pub delivery: u64,
    /// What it reports.
    pub event: String,
    /// When that happened.
    pub at: DateTime<Utc>,
    /// Where it goes.
    pub url: String,
    /// What is sent.
    #[serde(serialize_with = "text")]
    pub body: Arc<str>,
    /// What was tried.
    pub attempts: Vec<Attempt>,
    /// How far it has come.
    pub progress: Progress,
    #[serde(skip)]
    endpoint: Endpoint,
}

impl fmt::Debug for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logged")
            .field("number", &self.number)
            .field("delivery", &self.delivery)
            .field("event", &self.event)
            .field("at", &self.at)
            .field("url", &self.url)
            .field("body", &Text::from(&*self.body))
            .field("attempts", &self.attempts)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It is on its way, or waits to be tried again.
    Open,
    /// It was answered with a 2xx.
    Delivered,
    /// It was tried often enough.
    GivenUp,
    /// A fault took it.
    Dropped,
}

/// One attempt at a delivery.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When: by the real clock, or by the simulator's where webhooks are sent
    /// [by hand](crate::server::Simulator::with_webhooks_by_hand).
    pub at: DateTime<Utc>,
    /// The status that was answered.
    pub status: Option<u16>,
    /// The beginning of the answer's body, or why there was none.
    pub answer: String,
    /// Whether it was a fault: forged, or cut on the way.
    pub fault: Option<&'static str>,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("at", &self.at)
            .field("status", &self.status)
            .field("answer", &Text::from(self.answer.as_str()))
            .field("fault", &self.fault)
            .finish()
    }
}

/// The deliveries of late.
#[derive(Default)]
pub(in crate::server) struct Log {
    deliveries: VecDeque<Logged>,
    next: u64,
}

impl Log {
    pub(in crate::server) fn add(
        &mut self,
        event: &Happened,
        endpoint: &Endpoint,
        body: &str,
    ) -> u64 {
        if self.deliveries.len() == KEPT {
            self.deliveries.pop_front();
        }
        self.deliveries.push_back(Logged {
            number: self.next,
            delivery: event.id,
            event: event.name.to_string(),
            at: event.at,
            url: endpoint.url.clone(),
            body: body.into(),
            attempts: Vec::new(),
            progress: Progress::Open,
            endpoint: endpoint.clone(),
        });
        self.next += 1;
        self.next - 1
    }

    pub(in crate::server) fn all(&self) -> Vec<Logged> {
        self.deliveries.iter().cloned().collect()
    }

    /// `None` for an attempt that says nothing of how far the delivery has come.
    pub(in crate::server) fn note(
        &mut self,
        number: u64,
        attempt: Attempt,
        progress: Option<Progress>,
    ) {
        if let Some(logged) = self.find(number) {
            logged.attempts.push(attempt);
            // A repetition that fails does not undo what was delivered.
            if logged.progress != Progress::Delivered {
                logged.progress = progress.unwrap_or(logged.progress);
            }
        }
    }

    pub(in crate::server) fn dropped(&mut self, number: u64) {
        if let Some(logged) = self.find(number) {
            logged.progress = Progress::Dropped;
        }
    }

    /// A delivery once more, as it was.
    pub(in crate::server) fn again(&self, number: u64) -> Option<Job> {
        let first = self.deliveries.front()?.number;
        let logged = self.deliveries.get(usize::try_from(number.checked_sub(first)?).ok()?)?;
        let secret = SigningSecret::new(logged.endpoint.secret.as_str()).ok()?;
        Some(Job::plain(number, &logged.url, Arc::clone(&logged.body), &secret))
    }

    fn find(&mut self, number: u64) -> Option<&mut Logged> {
        let first = self.deliveries.front()?.number;
        self.deliveries.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)
    }
}

fn text<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}
