//! The end of a run: calm, one backfill, whatever is still on its way, one audit; and then nothing
//! may differ.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use octany_client::{AuditMode, Sample};
use octany_core::Snapshot;
use octany_entitlement::{Access, ManualClock, SubscriptionStore};
use octany_sim::server::webhooks::{Logged, Progress};

use super::app::Framework;
use super::database::{Database, Where};
use super::findings::Check;
use super::flaw::Flaw;
use super::people::People;
use super::run::{Outcome, Run};
use super::truth::{True, edges, may_pass, truth};

/// At how many instants it is asked who may pass.
const INSTANTS: usize = 1_000;
/// How many old deliveries are sent once more after the last backfill.
const SENT_AGAIN: usize = 60;

impl Run {
    pub(crate) async fn end(mut self) -> Outcome {
        self.calm().await;
        let simulator = self.octany.simulator.clone();
        simulator.deliver_until(self.octany.now() + TimeDelta::minutes(20)).await;
        simulator.advance(TimeDelta::minutes(1));
        if self.plan.flaw != Some(Flaw::NeverReconciles) {
            self.take_all_in().await;
        }
        // What was held back for long, and what somebody sends again, comes after the newest report.
        let mut all = simulator.deliveries();
        self.random.shuffle(&mut all);
        for old in all.iter().take(SENT_AGAIN) {
            simulator.redeliver(old.number);
        }
        simulator.deliver_all().await;
        self.worker.receiver.sweep().await.unwrap();

        let all = truth(&self.octany, &self.people);
        self.audit(&all).await;
        self.compare_states(&all).await;
        self.compare_decisions_now().await;
        self.compare_decisions(&all).await;
        self.check_told(&all);
        self.check_deliveries().await;
        self.close(&all).await
    }

    async fn audit(&mut self, all: &[True]) {
        let audit = self.worker.reconciler.audit(Sample::All, AuditMode::Report).await.unwrap();
        for drift in &audit.drifts {
            self.find(Check::Audit, format!("{drift:?}"));
        }
        let owned = all.iter().filter(|it| it.owner.is_some()).count();
        let looked_at = (audit.compared, audit.newer, audit.unreadable);
        if looked_at != (owned as u64, 0, 0) {
            self.find(Check::Audit, format!("{owned} subscriptions are owned, it saw {audit:?}"));
        }
    }

    async fn compare_states(&mut self, all: &[True]) {
        let mut stored = Vec::new();
        for name in People::names() {
            let name = name.as_str().into();
            stored.extend(match &self.database {
                Database::Sqlite { store, .. } => store.subscriptions(&name).await.unwrap(),
                Database::Postgres { store, .. } => store.subscriptions(&name).await.unwrap(),
            });
        }
        let contested = stored.iter().filter(|it| it.contested).count();
        if contested > 0 {
            self.find(Check::State, format!("{contested} are contested"));
        }
        let mut stored: BTreeMap<_, _> =
            stored.iter().map(|it| (it.subscription.as_str().to_owned(), as_true(it))).collect();
        for it in all.iter().filter(|it| it.owner.is_some()) {
            let known = stored.remove(&it.id);
            if known.as_ref() != Some(it) {
                self.find(Check::State, format!("{it:?} is stored as {known:?}"));
            }
        }
        for known in stored.into_values() {
            self.find(Check::State, format!("stored, and not there: {known:?}"));
        }
        // Those of nobody are stored, too.
        let count = self.database.subscriptions().await;
        if count != all.len() {
            self.find(Check::State, format!("{} there are, {count} are stored", all.len()));
        }
    }

    /// For everybody, at a thousand instants: those at which something ends, and others.
    async fn compare_decisions(&mut self, all: &[True]) {
        let instants = self.instants(all);
        let clock = ManualClock::at(instants[0]);
        let gate = self.recipe.cached_gate(&self.database, clock.clone());
        for at in instants {
            clock.set(at);
            for name in People::names() {
                let expected = may_pass(all, &name, at, self.recipe.grace);
                let reference = name.as_str().into();
                let decision = match gate.try_decide(&reference) {
                    Some(decision) => decision,
                    None => gate.decide(&reference).await.unwrap(),
                };
                self.counts.decisions += 1;
                if decision.is_allowed() != expected {
                    let reason = decision.reason();
                    self.find(
                        Check::Decisions,
                        format!("{name} at {at}: {reason}, not {expected}"),
                    );
                }
            }
        }
    }

    fn instants(&mut self, all: &[True]) -> Vec<DateTime<Utc>> {
        let second = TimeDelta::seconds(1);
        let around = |at| [at - second, at, at + second];
        let edges = all.iter().flat_map(|it| edges(it, self.recipe.grace)).flat_map(around);
        let mut edges: Vec<_> = edges.collect::<BTreeSet<_>>().into_iter().collect();
        self.random.shuffle(&mut edges);
        let mut instants: BTreeSet<_> = edges.into_iter().take(INSTANTS * 3 / 4).collect();
        let from = self.began - TimeDelta::days(1);
        let seconds = (self.octany.now() + TimeDelta::days(800) - from).num_seconds();
        while instants.len() < INSTANTS {
            instants.insert(from + TimeDelta::seconds(self.random.i64(0..seconds)));
        }
        instants.into_iter().collect()
    }

    /// Grants and denials take turns, and the last one is the truth.
    fn check_told(&mut self, all: &[True]) {
        if !self.recipe.observed {
            return;
        }
        let (told, now) = (self.recipe.told.lock().unwrap().clone(), self.octany.now());
        for name in People::names() {
            let of_them = told.iter().filter(|(reference, _)| *reference == name);
            let mut last = Access::Denied;
            for (_, access) in of_them {
                if *access == last {
                    self.find(Check::Told, format!("{name}: {access:?} twice in a row"));
                }
                last = *access;
            }
            let granted = may_pass(all, &name, now, self.recipe.grace);
            if (last == Access::Granted) != granted {
                self.find(Check::Told, format!("{name}: told last {last:?}, true is {granted}"));
            }
        }
    }

    async fn check_deliveries(&mut self) {
        let all = self.octany.simulator.deliveries();
        self.count(&all);
        for it in &all {
            let forged = it.attempts.iter().filter(|attempt| attempt.fault == Some("forged"));
            for attempt in forged.filter(|attempt| !matches!(attempt.status, None | Some(401))) {
                let answer = attempt.status;
                self.find(Check::Forgeries, format!("{} was answered {answer:?}", it.delivery));
            }
        }
        let effects: BTreeMap<_, _> = self.database.effects().await.into_iter().collect();
        self.counts.effects = effects.len();
        for (delivery, times) in effects.iter().filter(|(_, times)| **times != 1) {
            self.find(Check::Effects, format!("{delivery} has {times}"));
        }
        let delivered = all.iter().filter(|it| it.progress == Progress::Delivered);
        for it in delivered.filter(|it| !effects.contains_key(&it.delivery.to_string())) {
            self.find(Check::Effects, format!("{} was acknowledged and has none", it.delivery));
        }
        let committed: BTreeSet<_> = self.recipe.stage.committed().into_iter().collect();
        if !effects.keys().eq(&committed) {
            self.find(Check::Effects, "others than were committed");
        }
    }

    fn count(&mut self, all: &[Logged]) {
        let (counts, attempts) = (&mut self.counts, || all.iter().flat_map(|it| &it.attempts));
        let struck = |by| attempts().filter(|attempt| attempt.fault == Some(by)).count();
        counts.steps = self.plan.steps;
        counts.days = (self.octany.simulator.now() - self.began).num_days();
        counts.deliveries = all.len();
        counts.attempts = attempts().count();
        counts.dropped = all.iter().filter(|it| it.progress == Progress::Dropped).count();
        (counts.forged, counts.cut) = (struck("forged"), struck("cut"));
        let is_ok = |status: Option<u16>| status.is_some_and(|it| (200..300).contains(&it));
        counts.repeated = attempts().filter(|it| it.status == Some(200)).count();
        counts.refused = attempts().filter(|it| it.fault.is_none() && !is_ok(it.status)).count();
    }

    /// Writes down what there was, and leaves.
    async fn close(mut self, all: &[True]) -> Outcome {
        self.counts.subscriptions = all.len();
        for it in self.octany.simulator.deliveries() {
            let answers: Vec<_> = it
                .attempts
                .iter()
                .map(|attempt| (attempt.at.timestamp(), attempt.status, attempt.fault))
                .collect();
            let (id, event, progress) = (it.delivery, it.event, it.progress);
            self.history.push(format!("delivery {id} {event}: {answers:?}, {progress:?}"));
        }
        self.history.extend(all.iter().map(|it| format!("at last {it:?}")));
        let effects = self.database.effects().await;
        self.history.push(format!("effects {effects:?}"));
        self.stop();
        let framework = match self.recipe.framework {
            Framework::Axum => "axum",
            Framework::Actix => "actix",
        };
        let database = match self.recipe.database {
            Where::Sqlite(_) => "SQLite",
            Where::Postgres(_) => "PostgreSQL",
        };
        match self.database {
            Database::Sqlite { store, pool } => {
                pool.close().await;
                store.close().await;
            }
            Database::Postgres { store, .. } => store.close().await,
        }
        let Self { history, findings, counts, .. } = self;
        Outcome { on: format!("{framework} and {database}"), history, findings, counts }
    }
}

fn as_true(stored: &Snapshot) -> True {
    True {
        id: stored.subscription.as_str().to_owned(),
        owner: stored.reference.as_ref().map(|owner| owner.as_str().to_owned()),
        product: stored.product.as_ref().map(|product| product.as_str().to_owned()),
        status: stored.status.to_string(),
        renews_at: stored.renews_at,
        ends_at: stored.ends_at,
        trial_ends_at: stored.trial_ends_at,
    }
}
