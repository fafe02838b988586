//! What a running simulator holds.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::Faults;
use super::clock::Clock;
use super::luck::Luck;
use super::webhooks::{self, Job, Log, Outbox};
use crate::engine::{Engine, Happened};
use crate::wire::Links;

/// How far time goes between two looks at what happened, so that a year at once does not pile up.
const STRIDE: TimeDelta = TimeDelta::days(1);

pub(super) struct State {
    pub(super) engine: Engine,
    pub(super) clock: Clock,
    pub(super) faults: Faults,
    pub(super) luck: Luck,
    pub(super) log: Log,
    pub(super) outbox: Outbox,
}

impl State {
    /// Lets things go wrong from now on; the same seed, the same things.
    pub(super) fn set_faults(&mut self, faults: Faults, seed: u64) {
        (self.faults, self.luck) = (faults, Luck::of(seed));
    }
}

pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) links: Links,
}

impl Shared {
    pub(super) fn new(state: State, links: Links) -> Self {
        Self { state: Mutex::new(state), links }
    }

    /// The state, without looking at the clock.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic between two steps of the engine leaves it as it was after the first.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something now, and sends what came of it.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        let mut state = self.state();
        let now = state.clock.now(state.engine.now());
        state.engine.advance_to(now);
        let done = act(&mut state.engine);
        self.send_events(&mut state);
        done
    }

    /// Sets the clock forward.
    pub(super) fn advance_to(&self, to: DateTime<Utc>) {
        let mut state = self.state();
        let target = to.max(state.clock.now(state.engine.now()));
        while state.engine.now() < target {
            let next = target.min(state.engine.now() + STRIDE);
            state.engine.advance_to(next);
            self.send_events(&mut state);
            if next == target {
                break;
            }
        }
        state.clock = state.clock.set(target);
    }

    fn send_events(&self, state: &mut State) {
        for event in state.engine.take_events() {
            self.dispatch(state, &event);
        }
    }

    fn dispatch(&self, state: &mut State, event: &Happened) {
        let account = state.engine.account(event.account);
        if account.endpoints.is_empty() {
            return;
        }
        let body = crate::wire::delivery(account, event, &self.links);
        for endpoint in account.endpoints.clone() {
            let State { faults, luck, log, .. } = &mut *state;
            let number = log.add(event, &endpoint, &body);
            let random = luck.of_webhooks();
            let planned = webhooks::plan(number, &endpoint, &body, &faults.webhooks, random);
            if planned.iter().all(Job::is_forged) {
                log.dropped(number);
            }
            for job in planned {
                // Nobody listens while the server is not running; the log has it.
                state.outbox.put(job, event.at);
            }
        }
    }
}
