//! What is sent for an event, with the faults that strike it.

use std::sync::Arc;
use std::time::Duration;

use octany_core::signature::SigningSecret;

use crate::engine::Endpoint;
use crate::server::WebhookFaults;

/// Something to be sent.
#[derive(Clone, Debug)]
pub(in crate::server) struct Job {
    /// Its number in the log.
    pub(super) number: u64,
    pub(super) url: String,
    pub(super) body: Arc<str>,
    pub(super) signature: String,
    /// How long it is held back.
    pub(super) wait: Duration,
    /// Whether the first attempt is cut.
    pub(super) cut: bool,
    /// Whether it is an attack: tried once, whatever is answered.
    pub(super) forged: bool,
    /// How often it was tried.
    pub(super) attempts: usize,
}

impl Job {
    /// Whether it is an attack.
    pub(in crate::server) fn is_forged(&self) -> bool {
        self.forged
    }

    /// A delivery as it should be.
    pub(super) fn plain(number: u64, url: &str, body: Arc<str>, secret: &SigningSecret) -> Self {
        let signature = secret.sign(body.as_bytes()).to_string();
        let url = url.to_owned();
        let wait = Duration::ZERO;
        Self { number, url, body, signature, wait, cut: false, forged: false, attempts: 0 }
    }
}

/// What to send for a delivery; nothing if it is lost.
pub(in crate::server) fn plan(
    number: u64,
    endpoint: &Endpoint,
    body: &str,
    faults: &WebhookFaults,
    random: &mut fastrand::Rng,
) -> Vec<Job> {
    let Ok(secret) = SigningSecret::new(endpoint.secret.as_str()) else { return Vec::new() };
    let mut job = Job::plain(number, &endpoint.url, body.into(), &secret);
    let mut jobs = Vec::new();
    if faults.forge.strikes(random) {
        let body = body.replacen("\"reference_id\":\"", "\"reference_id\":\"forged_", 1);
        let guessed =
            SigningSecret::new("a secret that nobody was told of").expect("it is not empty");
        let forged = Job::plain(number, &endpoint.url, body.into(), &guessed);
        jobs.push(Job { forged: true, ..forged });
    }
    if faults.drop.strikes(random) {
        return jobs;
    }
    if faults.reorder.strikes(random) {
        job.wait = faults.delay_up_to.mul_f64(random.f64());
    }
    if faults.burst.strikes(random) {
        job.wait = faults.delay_up_to;
    }
    job.cut = faults.cut.strikes(random);
    if faults.duplicate.strikes(random) {
        jobs.push(Job { cut: false, ..job.clone() });
    }
    jobs.push(job);
    jobs
}
