//! One letter on its way.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use octany_core::{DeliveryId, Event};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, Span};

use super::builder::Inner;
use super::outcome::{Failure, Outcome, judge};
use super::text::short;
use super::{Claimed, Letter};
use crate::clock::after;
use crate::store::{ClaimToken, StoreError};
use crate::{Receipt, ReceiveError, delivery_span, record_delivery, telemetry};

/// How many leases may end on a letter, however few attempts it has: that may be an outage, too.
const LEASES: u32 = 4;
/// As good as for ever, where there is no such instant.
const LONGEST_LEASE: Duration = Duration::from_hours(30 * 365 * 24);

/// Becomes true once handlers are to stop where they are.
pub(super) type Stop = watch::Receiver<bool>;

/// Handles a letter that was asked for at an instant. Whoever drops this gives it back, even if it
/// was not begun.
pub(super) fn handle(
    inner: Arc<Inner>,
    claimed: Claimed,
    asked_at: Instant,
    stop: Stop,
) -> impl Future<Output = ()> + Send + 'static {
    let Claimed { letter, token, attempts } = claimed;
    let held = Held { id: letter.id.clone(), inner, token, asked_at, given_back: false };
    async move {
        let outcome = held.attempt(letter, attempts, stop).await;
        held.settle(outcome).await;
    }
    .instrument(delivery_span())
}

/// A letter that this worker has. One that is dropped, because the worker was stopped, is given
/// back.
struct Held {
    inner: Arc<Inner>,
    id: DeliveryId,
    token: ClaimToken,
    /// Its lease began no earlier.
    asked_at: Instant,
    given_back: bool,
}

impl Held {
    async fn attempt(&self, letter: Letter, attempts: u32, stop: Stop) -> Outcome {
        if *stop.borrow() {
            return Outcome::Postpone(Duration::ZERO);
        }
        if attempts > self.inner.attempts.max(LEASES) {
            return Outcome::Bury("its lease ended before it did, again and again".to_owned());
        }
        let event = match Event::parse(letter.body) {
            Ok(event) => Arc::new(event),
            // It was an event when it was put. No attempt will make it one again.
            Err(error) => return Outcome::Bury(short(&error.to_string())),
        };
        record_delivery(&Span::current(), &event);
        tokio::select! {
            biased;
            received = receive(&self.inner, &event, stop) => judge(&self.inner, received, attempts),
            () = self.keep() => Outcome::Lost,
        }
    }

    /// Extends the lease until it turns out to be lost. One that could not be extended in its time
    /// counts as lost: somebody else may have the letter by then.
    async fn keep(&self) {
        let mut ends = self.lease_from(self.asked_at);
        while Instant::now() < ends {
            sleep(self.inner.lease / 3).await;
            let asked_at = Instant::now();
            let until = after(self.inner.clock.now(), self.inner.lease);
            let extending = self.inner.store.extend(&self.id, self.token, until);
            match timeout_at(ends, extending).await {
                Ok(Ok(true)) => ends = self.lease_from(asked_at),
                Ok(Ok(false)) | Err(_) => return,
                Ok(Err(error)) => self.warn("a lease could not be extended", &error),
            }
        }
    }

    fn lease_from(&self, asked_at: Instant) -> Instant {
        asked_at + self.inner.lease.min(LONGEST_LEASE)
    }

    /// Writes the outcome down. It is tried for as long as the lease lasts: it would be a pity to run
    /// a handler again that succeeded.
    async fn settle(mut self, outcome: Outcome) {
        let until = self.lease_from(Instant::now());
        loop {
            let told = timeout_at(until, self.tell(&outcome)).await;
            match told.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed))) {
                Ok(true) => break self.record(&outcome),
                Ok(false) => break self.record(&Outcome::Lost),
                Err(error) if Instant::now() >= until => {
                    break self.warn("a letter could not be settled; its lease will end", &error);
                }
                Err(_) => sleep(self.inner.poll).await,
            }
        }
        self.given_back = true;
    }

    async fn tell(&self, outcome: &Outcome) -> Result<bool, StoreError> {
        let (store, id, token) = (&self.inner.store, &self.id, self.token);
        let now = self.inner.clock.now();
        match outcome {
            Outcome::Done => store.done(id, token, now).await,
            Outcome::Retry(pause, error) => store.retry(id, token, after(now, *pause), error).await,
            Outcome::Postpone(pause) => store.postpone(id, token, after(now, *pause)).await,
            Outcome::Bury(error) => store.bury(id, token, error, now).await,
            Outcome::Lost => Ok(false),
        }
    }

    fn record(&self, outcome: &Outcome) {
        let delivery = &self.id;
        match outcome {
            Outcome::Retry(pause, error) => {
                tracing::warn!(%delivery, error, ?pause, "a letter is tried again");
            }
            Outcome::Bury(error) => tracing::error!(%delivery, error, "a letter is dead"),
            Outcome::Lost => tracing::warn!(%delivery, "a letter's lease ended before its handler"),
            Outcome::Done | Outcome::Postpone(_) => {}
        }
        telemetry::letter(outcome.as_str());
    }

    fn warn(&self, what: &str, error: &StoreError) {
        tracing::warn!(delivery = %self.id, error = error as &dyn Error, "{what}");
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.given_back {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (inner, id, token) = (Arc::clone(&self.inner), self.id.clone(), self.token);
        runtime.spawn(async move {
            // A failure costs time, not the letter: the lease ends by itself.
            if let Err(error) = inner.store.postpone(&id, token, inner.clock.now()).await {
                tracing::warn!(delivery = %id, error = &error as &dyn Error, "a letter could not be given back");
            }
        });
    }
}

/// Claims, applies and handles, as a receiver does.
async fn receive(
    inner: &Inner,
    event: &Arc<Event>,
    stop: Stop,
) -> Result<Receipt<()>, ReceiveError<Failure>> {
    let handler = || {
        let (handler, event) = (Arc::clone(&inner.handler), Arc::clone(event));
        let handling = unwinding(async move { handler(event).await });
        async move {
            tokio::select! {
                biased;
                ended = handling => ended.map_err(Failure::Handler),
                () = told(stop) => Err(Failure::Stopped),
            }
        }
    };
    inner.receiver.receive(event, handler).await
}

/// Waits until it is to stop. Who could have said so and is gone means the same.
async fn told(mut stop: Stop) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// A panic is a failure like any other. Nothing of what panicked is used again, but dropped.
async fn unwinding(
    handling: impl Future<Output = Result<(), String>> + Send,
) -> Result<(), String> {
    let mut handling = Box::pin(handling);
    std::future::poll_fn(move |context| {
        let poll = AssertUnwindSafe(|| handling.as_mut().poll(context));
        catch_unwind(poll).unwrap_or_else(|_| Poll::Ready(Err("the handler panicked".to_owned())))
    })
    .await
}
