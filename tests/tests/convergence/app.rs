//! The app that lives on this Octany: what it is made of, and its process.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use chrono::TimeDelta;
use octany_client::Reconciler;
use octany_core::AccessPolicy;
use octany_core::signature::{SigningSecret, Verifier};
use octany_entitlement::{
    Access, AccessBook, AccessChanged, Cached, CheckoutLog, Clock, Gate, Ledger, OnOutage,
    Receiver, References,
};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;

use super::database::{Database, Where};
use super::flaw::{Flaw, LastArrivalWins};
use super::octany::Octany;
use super::stage::{Handler, Stage};
use super::{actix_app, axum_app};

pub(crate) const WEBHOOK: &str = "/octany/webhook";
/// What the simulator's forger signs with.
const GUESSED: &str = "a secret that nobody was told of";
/// Longer than any run: nothing here may hang on the real clock.
const FOR_EVER: Duration = Duration::from_hours(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framework {
    Axum,
    Actix,
}

/// What an app is made of, in each of its processes.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) framework: Framework,
    pub(crate) database: Where,
    pub(crate) octany: Octany,
    pub(crate) references: References,
    pub(crate) grace: Option<TimeDelta>,
    /// Whether it keeps copies.
    pub(crate) cached: bool,
    /// Whether somebody is told of access.
    pub(crate) observed: bool,
    pub(crate) told: Told,
    pub(crate) stage: Arc<Stage>,
    pub(crate) flaw: Option<Flaw>,
}

/// What was told of access, to whom it may concern.
pub(crate) type Told = Arc<Mutex<Vec<(String, Access)>>>;

/// What stands on a database.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) receiver: Receiver,
    pub(crate) reconciler: Reconciler,
    pub(crate) gate: Gate,
}

/// What a framework serves.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) verifier: Verifier,
    pub(crate) made: Made,
    pub(crate) handler: Handler,
}

impl Recipe {
    /// Over an open database, without copies.
    pub(crate) fn make(&self, database: &Database) -> Made {
        match database {
            Database::Sqlite { store, .. } => self.over(store.clone()),
            Database::Postgres { store, .. } => self.over(store.clone()),
        }
    }

    /// A gate that keeps copies for ever, by a clock of its own.
    pub(crate) fn cached_gate(&self, database: &Database, clock: impl Clock + Clone) -> Gate {
        let long = Duration::from_hours(24 * 365 * 100);
        let gate = match database {
            Database::Sqlite { store, .. } => {
                let store = Cached::linked(store.clone()).ttl(long).negative_ttl(long);
                Gate::new(store.clock(clock.clone()), self.policy(), OnOutage::Deny)
            }
            Database::Postgres { store, .. } => {
                let store = Cached::linked(store.clone()).ttl(long).negative_ttl(long);
                Gate::new(store.clock(clock.clone()), self.policy(), OnOutage::Deny)
            }
        };
        gate.store_timeout(FOR_EVER).clock(clock)
    }

    /// What a process of the app starts with.
    pub(crate) async fn parts(&self, secrets: &[String]) -> Parts {
        let database = self.database.open().await;
        let made = match &database {
            Database::Sqlite { store, .. } if self.cached => self.over_copies(store.clone()),
            Database::Postgres { store, .. } if self.cached => self.over_copies(store.clone()),
            database => self.make(database),
        };
        let (clock, stage, flaw) = (self.octany.clock(), Arc::clone(&self.stage), self.flaw);
        let handler = Handler { database, stage, clock, flaw };
        Parts { verifier: self.verifier(secrets), made, handler }
    }

    /// The newest secret for ever, those before it for two more days.
    fn verifier(&self, secrets: &[String]) -> Verifier {
        let secret = |text: &String| SigningSecret::new(text.as_str()).unwrap();
        let (newest, older) = secrets.split_last().unwrap();
        let until = self.octany.now() + TimeDelta::days(2);
        let mut verifier = Verifier::labelled("newest", secret(newest));
        for older in older.iter().rev().take(2) {
            verifier = verifier.with_expiring_secret("older", secret(older), until);
        }
        if self.flaw == Some(Flaw::BelievesForgeries) {
            verifier = verifier.with_secret("guessed", SigningSecret::new(GUESSED).unwrap());
        }
        verifier
    }

    fn policy(&self) -> AccessPolicy {
        let grace = match self.flaw {
            Some(Flaw::LetsInTheOverdue) => Some(TimeDelta::days(365)),
            _ => self.grace,
        };
        let policy = AccessPolicy::new();
        grace.map_or_else(|| policy.clone(), |grace| policy.clone().grace(grace))
    }

    fn over_copies<S>(&self, store: S) -> Made
    where
        S: Ledger + AccessBook + CheckoutLog + 'static,
        Cached<S>: Ledger + AccessBook + CheckoutLog,
    {
        self.over(Arc::new(Cached::linked(store).clock(self.octany.clock())))
    }

    fn over<S: Ledger + AccessBook + CheckoutLog + Clone + 'static>(&self, store: S) -> Made {
        let clock = self.octany.clock();
        let builder = Receiver::builder().clock(clock.clone()).references(self.references.clone());
        let mut builder = match self.flaw {
            Some(Flaw::LastArrivalWins) => {
                builder.store(LastArrivalWins(store.clone())).deliveries(store.clone())
            }
            Some(Flaw::ForgetsDeliveries) => builder.store(store.clone()),
            _ => builder.ledger(store.clone()),
        };
        if self.observed {
            let told = Arc::clone(&self.told);
            let observer = move |change: AccessChanged| {
                let reference = change.reference.as_str().to_owned();
                told.lock().unwrap().push((reference, change.after));
            };
            builder = builder.on_access_change(self.policy(), store.clone(), observer);
        }
        let receiver = builder.build();
        let client = self.octany.client.clone();
        let reconciler = Reconciler::builder(client, receiver.clone(), store.clone())
            .checkouts(store.clone())
            .links(store.clone())
            .clock(clock.clone())
            .deadline(FOR_EVER)
            .build();
        let gate = Gate::new(store.clone(), self.policy(), OnOutage::Deny)
            .refresh_before_deny(reconciler.clone())
            .checkouts(store, Duration::from_mins(15))
            .store_timeout(FOR_EVER)
            .clock(clock);
        Made { receiver, reconciler, gate }
    }
}

/// Where the app is found, whether or not it runs.
pub(crate) struct Door {
    address: SocketAddr,
    /// Bound and not listening: connections are refused, and nobody else gets the port.
    _kept: TcpSocket,
}

impl Door {
    pub(crate) fn open() -> Self {
        let kept = bound((Ipv4Addr::LOCALHOST, 0).into());
        Self { address: kept.local_addr().unwrap(), _kept: kept }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn listen(&self) -> std::net::TcpListener {
        bound(self.address).listen(256).unwrap().into_std().unwrap()
    }
}

fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

/// A process of the app: a thread whose runtime can be taken away under whatever it does.
pub(crate) struct Process {
    kill: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Process {
    /// Starts one, and waits until it serves.
    pub(crate) async fn start(recipe: &Recipe, door: &Door, secrets: &[String]) -> Self {
        let (recipe, secrets, listener) = (recipe.clone(), secrets.to_vec(), door.listen());
        let (kill, killed) = oneshot::channel();
        let (ready, started) = oneshot::channel();
        let thread = std::thread::spawn(move || match recipe.framework {
            Framework::Axum => axum_app::serve(&recipe, &secrets, listener, ready, killed),
            Framework::Actix => actix_app::serve(&recipe, &secrets, listener, ready, killed),
        });
        started.await.unwrap();
        Self { kill, thread }
    }

    /// Ends it without a warning.
    pub(crate) fn kill(self) {
        drop(self.kill);
        self.thread.join().unwrap();
    }
}
