//! A simulator to hold on to.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::clock::Clock;
use super::state::{Shared, State};
use super::webhooks::{Job, Log, Logged};
use super::{Faults, api, checkout, control, embed, portal, webhooks};
use crate::engine::Engine;
use crate::wire::Links;

/// An Octany that runs here. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
    jobs: Arc<Mutex<Option<UnboundedReceiver<Job>>>>,
}

impl Simulator {
    /// Around an engine, at the URL where a browser reaches it. Its clock goes on from what the
    /// engine's shows.
    pub fn new(engine: Engine, base_url: impl Into<String>) -> Self {
        let (jobs, receiver) = mpsc::unbounded_channel();
        let state = State {
            clock: Clock::from(engine.now()),
            faults: Faults::default(),
            random: fastrand::Rng::with_seed(0),
            log: Log::default(),
            engine,
            jobs,
        };
        let shared = Arc::new(Shared::new(state, Links::at(base_url)));
        Self { shared, jobs: Arc::new(Mutex::new(Some(receiver))) }
    }

    /// Lets the clock stand still; it then moves by [`advance`](Self::advance) only.
    #[must_use]
    pub fn with_standing_clock(self) -> Self {
        self.shared.state().clock = Clock::Stands;
        self
    }

    /// Where it is, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.shared.links.base()
    }

    /// Does something with the engine, now. What happens by it is told by webhooks.
    pub fn with<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        self.shared.with(act)
    }

    /// What the clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.with(|engine| engine.now())
    }

    /// Sets the clock forward by so much. A clock is never set back.
    pub fn advance(&self, by: TimeDelta) {
        self.advance_to(self.now() + by);
    }

    /// Sets the clock forward to an instant.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        self.shared.advance_to(to);
    }

    /// Lets things go wrong from now on; the same seed, the same things.
    pub fn set_faults(&self, faults: Faults, seed: u64) {
        let mut state = self.shared.state();
        state.faults = faults;
        state.random = fastrand::Rng::with_seed(seed);
    }

    /// The deliveries of late, oldest first.
    pub fn deliveries(&self) -> Vec<Logged> {
        self.shared.state().log.all()
    }

    /// Sends a delivery again, as it was. `false` if it is not known any more.
    pub fn redeliver(&self, number: u64) -> bool {
        let state = self.shared.state();
        let job = state.log.again(number);
        job.is_some_and(|job| state.jobs.send(job).is_ok())
    }

    /// All that it answers, for a server of your own. Webhooks are sent by [`run`] only.
    pub fn router(&self) -> Router {
        let shared = || Arc::clone(&self.shared);
        Router::new()
            .merge(api::router(shared()))
            .merge(checkout::router(shared()))
            .merge(portal::router(shared()))
            .merge(embed::router(shared()))
            .merge(control::router(shared()))
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Serves a simulator and sends its webhooks, until `shutdown` is done.
///
/// # Errors
///
/// What the listener gives.
pub async fn run(
    listener: TcpListener,
    simulator: Simulator,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let jobs = simulator.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    let sending =
        jobs.map(|jobs| tokio::spawn(webhooks::send(jobs, Arc::clone(&simulator.shared))));
    let ticking = tokio::spawn(tick(Arc::clone(&simulator.shared)));
    let served = axum::serve(listener, simulator.router()).with_graceful_shutdown(shutdown).await;
    ticking.abort();
    if let Some(sending) = sending {
        sending.abort();
    }
    served
}

/// What is due happens, even if nobody asks.
async fn tick(shared: Arc<Shared>) {
    let mut every = tokio::time::interval(std::time::Duration::from_secs(1));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        shared.with(|_| ());
    }
}
