//! A simulator to hold on to.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::clock::Clock;
use super::luck::Luck;
use super::state::{Shared, State};
use super::webhooks::{Hand, Job, Log, Logged, Outbox, Queue};
use super::{Faults, api, checkout, control, embed, portal, webhooks};
use crate::engine::Engine;
use crate::wire::Links;

/// An Octany that runs here. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
    jobs: Arc<Mutex<Option<UnboundedReceiver<Job>>>>,
    hand: Option<Arc<Hand>>,
}

impl Simulator {
    /// Around an engine, at the URL where a browser reaches it. Its clock goes on from what the
    /// engine's shows.
    pub fn new(engine: Engine, base_url: impl Into<String>) -> Self {
        let (jobs, receiver) = mpsc::unbounded_channel();
        let state = State {
            clock: Clock::from(engine.now()),
            faults: Faults::default(),
            luck: Luck::of(0),
            log: Log::default(),
            engine,
            outbox: Outbox::AtOnce(jobs),
        };
        let shared = Arc::new(Shared::new(state, Links::at(base_url)));
        Self { shared, jobs: Arc::new(Mutex::new(Some(receiver))), hand: None }
    }

    /// Lets the clock stand still; it then moves by [`advance`](Self::advance) only.
    #[must_use]
    pub fn with_standing_clock(self) -> Self {
        self.shared.state().clock = Clock::Stands;
        self
    }

    /// Sends no webhook by itself: what there is to send waits until [`deliver_due`](Self::deliver_due)
    /// or one of its kin is called. How long a fault holds it back, and when it is tried again, then
    /// counts by the simulator's clock, in whole seconds. So the test decides what comes before what, and a seed plays
    /// the same again, deliveries and answers included.
    ///
    /// Call it before anything happens: what was told by then is sent as ever.
    ///
    /// ```
    /// # use octany_sim::engine::{Engine, Interval, Product};
    /// # use octany_sim::server::Simulator;
    /// # use octany_sim::server::webhooks::Progress;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let mut engine = Engine::new(7, "2026-11-30T12:00:00Z".parse()?);
    /// let shop = engine.add_account();
    /// # let closed = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    /// # let app = format!("http://{closed}/octany/webhook");
    /// engine.register_endpoint(shop, &app)?;
    /// let octany = Simulator::new(engine, "http://127.0.0.1:4000")
    ///     .with_standing_clock()
    ///     .with_webhooks_by_hand();
    /// octany.with(|engine| engine.test_hook(shop));
    ///
    /// // Nobody is at home, so it will be tried again a second later, and so on.
    /// assert_eq!(octany.deliver_due().await, 1);
    /// assert_eq!(octany.next_delivery(), Some("2026-11-30T12:00:01Z".parse()?));
    /// assert_eq!(octany.deliver_until("2026-11-30T12:00:30Z".parse()?).await, 5);
    /// assert_eq!(octany.deliveries()[0].progress, Progress::Open);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn with_webhooks_by_hand(self) -> Self {
        self.shared.state().outbox = Outbox::ByHand(Queue::default());
        Self { hand: Some(Arc::new(Hand::new())), ..self }
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
        self.shared.state().set_faults(faults, seed);
    }

    /// The deliveries of late, oldest first.
    pub fn deliveries(&self) -> Vec<Logged> {
        self.shared.state().log.all()
    }

    /// Sends a delivery again, as it was. `false` if it is not known any more.
    pub fn redeliver(&self, number: u64) -> bool {
        let mut state = self.shared.state();
        let (job, now) = (state.log.again(number), state.engine.now());
        job.is_some_and(|job| state.outbox.put(job, now))
    }

    /// When the first of the deliveries that wait is due, if they are sent
    /// [by hand](Self::with_webhooks_by_hand).
    pub fn next_delivery(&self) -> Option<DateTime<Utc>> {
        self.shared.state().outbox.queue()?.first_due()
    }

    /// Sends the deliveries that are due by now, one after the other, in the order of their time,
    /// and gives how many attempts that took. One that fails is tried again in the same call if that
    /// is due by now, too. If the call is dropped, what was under way is sent again by the next one.
    ///
    /// It is for webhooks that are sent [by hand](Self::with_webhooks_by_hand); others do not wait
    /// for it.
    pub async fn deliver_due(&self) -> usize {
        self.deliver_by(self.now()).await
    }

    /// Sets the clock forward to an instant, and sends on the way what becomes due, each at its time.
    /// Gives how many attempts that took; see [`deliver_due`](Self::deliver_due).
    pub async fn deliver_until(&self, to: DateTime<Utc>) -> usize {
        let mut attempts = self.deliver_due().await;
        while self.now() < to {
            let told = self.with(|engine| engine.next_due());
            let next = [self.next_delivery(), told].into_iter().flatten().fold(to, Ord::min);
            self.advance_to(next);
            attempts += self.deliver_due().await;
        }
        attempts
    }

    /// Sends all that waits, as if its time had come, until it is delivered or given up. The clock
    /// stays where it is. Gives how many attempts that took; see [`deliver_due`](Self::deliver_due).
    pub async fn deliver_all(&self) -> usize {
        self.deliver_by(DateTime::<Utc>::MAX_UTC).await
    }

    async fn deliver_by(&self, by: DateTime<Utc>) -> usize {
        match &self.hand {
            Some(hand) => hand.send(&self.shared, by).await,
            None => 0,
        }
    }

    /// All that it answers, for a server of your own. Webhooks are sent by [`run`] only, or by hand.
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
