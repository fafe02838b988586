//! A run: so many steps out of a seed, and what there is to work on.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use octany_client::Cursor;
use octany_sim::server::Faults;

use super::acts;
use super::app::{Door, Framework, Made, Process, Recipe, WEBHOOK};
use super::database::{Database, Where};
use super::findings::{Check, Finding};
use super::flaw::Flaw;
use super::octany::Octany;
use super::people::People;
use super::place::Place;
use super::stage::Stage;
use super::trouble;
use super::truth::{may_pass, truth};

/// What to play.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) steps: usize,
    pub(crate) flaw: Option<Flaw>,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What it ran on.
    pub(crate) on: String,
    /// Each step and what came of it, each delivery and how it was answered, and the state in which
    /// it all ended.
    pub(crate) history: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) counts: Counts,
}

impl Outcome {
    pub(crate) fn passed(&self) -> bool {
        self.findings.is_empty()
    }
}

/// How much there was of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) steps: usize,
    pub(crate) days: i64,
    pub(crate) subscriptions: usize,
    pub(crate) deliveries: usize,
    pub(crate) attempts: usize,
    pub(crate) dropped: usize,
    pub(crate) forged: usize,
    pub(crate) cut: usize,
    pub(crate) repeated: usize,
    pub(crate) refused: usize,
    pub(crate) calls_failed: usize,
    pub(crate) processes: usize,
    pub(crate) effects: usize,
    pub(crate) decisions: usize,
}

/// A run under way.
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) random: fastrand::Rng,
    pub(crate) octany: Octany,
    pub(crate) people: People,
    pub(crate) recipe: Recipe,
    pub(crate) door: Door,
    /// `None` while it is down.
    pub(crate) process: Option<Process>,
    /// All secrets that the app was told of, the newest last.
    pub(crate) secrets: Vec<String>,
    /// One that it was not told of yet.
    pub(crate) untold: Option<String>,
    /// The worker beside the app: a process of its own on the same database.
    pub(crate) database: Database,
    pub(crate) worker: Made,
    pub(crate) http: reqwest::Client,
    /// Checkouts that are left open.
    pub(crate) sessions: Vec<String>,
    /// Where a backfill goes on.
    pub(crate) cursor: Cursor,
    pub(crate) began: DateTime<Utc>,
    pub(crate) history: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) counts: Counts,
}

impl Run {
    /// Plays a plan to its end. Where PostgreSQL is needed, it is in a schema of that place.
    pub(crate) async fn play(plan: Plan, folder: &Path, place: &Place) -> Outcome {
        let mut run = Self::begin(plan, folder, place).await;
        for step in 0..plan.steps {
            run.recover().await;
            let (at, act) = (run.octany.now(), acts::draw(&mut run.random));
            let came = acts::take(&mut run, act).await;
            let sent = if run.random.bool() { run.octany.simulator.deliver_due().await } else { 0 };
            let at = at.format("%F %T");
            run.history.push(format!("{step:>3} {at} {act:?}: {came}; {sent} sent"));
        }
        run.end().await
    }

    async fn begin(plan: Plan, folder: &Path, place: &Place) -> Self {
        let Plan { seed, flaw, .. } = plan;
        let mut random = fastrand::Rng::with_seed(seed);
        // Each of the four has every fourth seed.
        let framework = [Framework::Axum, Framework::Actix][usize::from(seed % 2 == 1)];
        let database = if seed / 2 % 2 == 0 {
            Where::in_file(folder).await
        } else {
            let flaw = flaw.map(|flaw| format!("{flaw:?}").to_lowercase()).unwrap_or_default();
            let number = random.u32(..);
            Where::in_schema(place, &format!("run_{seed}_{flaw}_{}", unique(number))).await
        };
        let octany = Octany::open(seed, |habits| {
            habits.cancelled_at_once = random.bool();
            habits.tells_failed_renewals = random.bool();
            habits.text_ids = random.bool();
            habits.nests = random.bool();
        })
        .await;
        let people = People::new(random.u8(0..4) == 0);
        let recipe = Recipe {
            framework,
            database,
            octany: octany.clone(),
            references: people.references(),
            grace: (random.u8(0..3) == 0).then(|| TimeDelta::days(3)),
            cached: random.bool(),
            observed: random.bool(),
            told: Arc::default(),
            stage: Stage::new(seed, 12),
            flaw,
        };
        let door = Door::open();
        let url = door.url(WEBHOOK);
        let secret = octany.with(|engine, account| engine.register_endpoint(account, &url));
        let secrets = vec![secret.unwrap()];
        let database = recipe.database.open().await;
        let worker = recipe.make(&database);
        let process = Some(Process::start(&recipe, &door, &secrets).await);
        octany.simulator.set_faults(trouble::faults(&mut random), random.u64(..));
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
        Self {
            plan,
            began: octany.now(),
            random,
            octany,
            people,
            recipe,
            door,
            process,
            secrets,
            untold: None,
            database,
            worker,
            http: http.build().unwrap(),
            sessions: Vec::new(),
            cursor: Cursor::default(),
            history: Vec::new(),
            findings: Vec::new(),
            counts: Counts { processes: 1, ..Counts::default() },
        }
    }

    pub(crate) fn find(&mut self, check: Check, what: impl Into<String>) {
        let what = what.into();
        self.history.push(format!("    found {check:?}: {what}"));
        self.findings.push(Finding { check, what });
    }

    /// Nothing goes wrong from now on, and the app runs with all secrets.
    pub(crate) async fn calm(&mut self) {
        self.octany.simulator.set_faults(Faults::default(), 0);
        self.recipe.stage.calm();
        self.restart().await;
    }

    /// Compares decisions for everybody, as the app's gate makes them from what is stored, with the
    /// truth at this instant.
    pub(crate) async fn compare_decisions_now(&mut self) {
        let (now, all) = (self.octany.now(), truth(&self.octany, &self.people));
        for name in People::names() {
            let expected = may_pass(&all, &name, now, self.recipe.grace);
            let decision = self.worker.gate.decide(&name.as_str().into()).await.unwrap();
            self.counts.decisions += 1;
            if decision.is_allowed() != expected {
                let reason = decision.reason();
                self.find(Check::Decisions, format!("{name} at {now}: {reason}, not {expected}"));
            }
        }
    }

    /// Somebody notices that the app is down, or refuses all that is signed with a new secret.
    async fn recover(&mut self) {
        let noticed = match (&self.process, &self.untold) {
            (None, _) => self.random.u8(0..3) == 0,
            (_, Some(_)) => self.random.u8(0..6) == 0,
            (Some(_), None) => false,
        };
        if noticed {
            self.restart().await;
            self.history.push("    somebody started the app".to_owned());
        }
    }

    /// Ends the app's process, if it runs, and starts it with what it was told.
    pub(crate) async fn restart(&mut self) {
        self.stop();
        self.secrets.extend(self.untold.take());
        let process = Process::start(&self.recipe, &self.door, &self.secrets).await;
        self.process = Some(process);
        self.counts.processes += 1;
    }

    pub(crate) fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }
}

/// A run of the same seed may be under way at the same time.
fn unique(number: u32) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{number:x}_{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}
