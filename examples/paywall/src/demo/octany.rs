//! The local Octany, from behind its counter.

use std::time::Duration;

use octany_sim::server::webhooks::{Logged, Progress};
use octany_sim::server::{Faults, Simulator};
use reqwest::Client;
use tokio::time::{sleep, timeout};

use super::visitor::client;
use crate::Error;

/// So long something may take before it counts as never.
const PATIENCE: Duration = Duration::from_secs(30);

/// The local Octany.
#[derive(Clone)]
pub(super) struct Octany {
    simulator: Simulator,
    http: Client,
}

impl Octany {
    pub(super) fn new(simulator: Simulator) -> Result<Self, Error> {
        Ok(Self { simulator, http: client()? })
    }

    /// The day, where Octany is.
    pub(super) fn day(&self) -> String {
        self.simulator.now().format("%e %b").to_string()
    }

    /// Sets the clock forward, as the button on its page does.
    pub(super) async fn advance(&self, by: &str) -> Result<(), Error> {
        let form = [("action", "advance"), ("by", by)];
        let answer = self.http.post(self.simulator.base_url()).form(&form).send().await?;
        if !answer.status().is_redirection() {
            return Err(format!("the clock does not go forward by {by}: {answer:?}").into());
        }
        Ok(())
    }

    pub(super) fn goes_wrong(&self, faults: Faults) {
        self.simulator.set_faults(faults, 1);
    }

    /// Delivers what was lost, twice at once.
    pub(super) async fn send_again_twice(&self) -> Result<(), Error> {
        let lost = |it: &Logged| it.progress == Progress::Dropped;
        let lost: Vec<_> = self.simulator.deliveries().into_iter().filter(lost).collect();
        if lost.is_empty() {
            return Err("nothing was lost".into());
        }
        for delivery in &lost {
            self.simulator.redeliver(delivery.number);
            self.simulator.redeliver(delivery.number);
        }
        let lost: Vec<_> = lost.iter().map(|it| it.number).collect();
        self.wait_until("what was lost is delivered", |it| {
            !lost.contains(&it.number) || taken(it) == 2
        })
        .await
    }

    /// Waits until each delivery was taken at least once, and those of a moment ago so many times.
    pub(super) async fn wait_until_all_are_delivered(&self, times: usize) -> Result<(), Error> {
        let newest = self.simulator.deliveries().last().map(|it| it.at);
        self.wait_until("all is delivered", |it| {
            taken(it) >= if Some(it.at) == newest { times } else { 1 }
        })
        .await
    }

    async fn wait_until(&self, what: &str, is_so: impl Fn(&Logged) -> bool) -> Result<(), Error> {
        let waiting = async {
            while !self.simulator.deliveries().iter().all(&is_so) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, waiting).await.map_err(|_| format!("never: {what}").into())
    }

    /// What was sent, and what became of it.
    pub(super) fn sum(&self) -> String {
        let deliveries = self.simulator.deliveries();
        let attempts: Vec<_> = deliveries.iter().flat_map(|it| &it.attempts).collect();
        let answered = |status| attempts.iter().filter(|it| it.status == Some(status)).count();
        format!(
            "Octany had {} deliveries, and made {} requests of them: {} were dealt with, {} repeated \
             what was,\n{} came while that was under way, {} were cut off, and {} were forged.",
            deliveries.len(),
            attempts.len(),
            answered(204),
            answered(200),
            answered(409),
            attempts.iter().filter(|it| it.fault == Some("cut")).count(),
            answered(401),
        )
    }
}

/// How often it was answered with a 2xx.
fn taken(delivery: &Logged) -> usize {
    let answers = delivery.attempts.iter().filter_map(|attempt| attempt.status);
    answers.filter(|status| (200..300).contains(status)).count()
}
