//! What the app does about it.

use std::convert::Infallible;

use chrono::TimeDelta;
use octany_client::{AuditMode, Backfill, Cursor, Sample};

use crate::findings::Check;
use crate::flaw::Flaw;
use crate::people::People;
use crate::run::Run;

/// How often a backfill is tried again until it is strange that none succeeds.
const TRIES: usize = 200;

impl Run {
    /// One attempt at a backfill, from where the last one stopped.
    pub(super) async fn backfill(&mut self) -> String {
        if self.plan.flaw == Some(Flaw::NeverReconciles) {
            return "never".to_owned();
        }
        // One after the other, so that whoever observes access is told in one order only.
        let backfill = Backfill::resume(self.cursor.clone()).at_once(1);
        let done = self.worker.reconciler.backfill(backfill, async |_| Ok::<_, Infallible>(()));
        match done.await {
            Ok(progress) => {
                self.cursor = Cursor::default();
                format!("{} seen, {} changed", progress.seen, progress.changed)
            }
            Err(error) => {
                self.counts.calls_failed += 1;
                self.cursor = error.cursor;
                "it stopped".to_owned()
            }
        }
    }

    pub(super) async fn reconcile(&mut self) -> String {
        let name = People::names().nth(self.random.usize(..15)).unwrap();
        let found = self.worker.reconciler.reconcile(&name.as_str().into()).await;
        let Ok(found) = found else { return self.failed(&name) };
        format!("{name}: {} seen, {} changed", found.seen, found.changed)
    }

    pub(super) async fn repair(&mut self) -> String {
        if self.plan.flaw == Some(Flaw::NeverReconciles) {
            return "never".to_owned();
        }
        let audit = self.worker.reconciler.audit(Sample::All, AuditMode::Repair).await;
        let Ok(audit) = audit else { return self.failed("the audit") };
        format!("{} compared, {} repaired", audit.compared, audit.repaired)
    }

    fn failed(&mut self, what: &str) -> String {
        self.counts.calls_failed += 1;
        format!("{what} failed")
    }

    pub(super) async fn sweep(&mut self) -> String {
        let swept = self.worker.receiver.sweep().await.unwrap();
        format!("{swept}")
    }

    /// In the middle of it all, everything is taken in: then everybody may pass who may.
    pub(super) async fn checkpoint(&mut self) -> String {
        if self.plan.flaw == Some(Flaw::NeverReconciles) {
            return "never".to_owned();
        }
        // An answer is dated back by the seconds it took; a minute hides those of a slow machine.
        self.octany.simulator.advance(TimeDelta::minutes(1));
        self.take_all_in().await;
        self.compare_decisions_now().await;
        "compared".to_owned()
    }

    /// Backfills until that is done, from the first page.
    pub(crate) async fn take_all_in(&mut self) {
        let mut cursor = Cursor::default();
        for _ in 0..TRIES {
            let backfill = Backfill::resume(cursor).at_once(1);
            let done = self.worker.reconciler.backfill(backfill, async |_| Ok::<_, Infallible>(()));
            match done.await {
                Ok(_) => return,
                Err(error) => {
                    self.counts.calls_failed += 1;
                    cursor = error.cursor;
                }
            }
        }
        self.find(Check::State, "no backfill comes to its end");
    }
}
