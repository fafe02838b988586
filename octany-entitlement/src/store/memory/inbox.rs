//! Letters that wait, run, are dead or done.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::signature::VerifiedBody;
use octany_core::{DeliveryId, Version};

use super::{MemoryStore, lock};
use crate::clock::after;
use crate::inbox::{Claimed, DeadLetter, Depth, InboxStore, KeptLetter, Letter, LetterState, Put};
use crate::store::{ClaimToken, StoreError};

#[derive(Default)]
pub(super) struct Letters {
    last: i64,
    known: HashMap<DeliveryId, Entry>,
    /// Of each key, those that wait or run, in their order.
    open: BTreeMap<String, BTreeMap<(Version, i64), DeliveryId>>,
    /// In the order in which they were put.
    dead: BTreeMap<i64, DeliveryId>,
}

struct Entry {
    number: i64,
    state: State,
    attempts: u32,
    last_error: String,
    letter: Letter,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting { due: DateTime<Utc> },
    Running { token: ClaimToken, until: DateTime<Utc> },
    Dead { at: DateTime<Utc> },
    Done { at: DateTime<Utc> },
}

impl Entry {
    fn kept(&self) -> KeptLetter {
        KeptLetter {
            number: self.number,
            id: self.letter.id.clone(),
            key: self.letter.key.clone(),
            event: self.letter.event.clone(),
            received_at: self.letter.received_at,
            state: match self.state {
                State::Waiting { due } => LetterState::Waiting { due_at: due },
                State::Running { until, .. } => LetterState::Running { until },
                State::Dead { at } => LetterState::Dead { died_at: at },
                State::Done { at } => LetterState::Done { done_at: at },
            },
            attempts: self.attempts,
            last_error: self.last_error.clone(),
        }
    }
}

impl Letters {
    /// The one of a key that may run, and since when it might have.
    fn next(&self, key: &BTreeMap<(Version, i64), DeliveryId>) -> Option<(DateTime<Utc>, &Entry)> {
        let mut entries = key.values().filter_map(|id| self.known.get(id));
        let first = key.values().next().and_then(|id| self.known.get(id))?;
        let entry = entries.find(|entry| matches!(entry.state, State::Running { .. }));
        let entry = entry.unwrap_or(first);
        match entry.state {
            State::Waiting { due } => Some((due, entry)),
            State::Running { until, .. } => Some((until, entry)),
            State::Dead { .. } | State::Done { .. } => None,
        }
    }

    /// The letter that runs under this token.
    fn held(&mut self, id: &DeliveryId, token: ClaimToken) -> Option<&mut Entry> {
        let runs =
            |state: State| matches!(state, State::Running { token: held, .. } if held == token);
        self.known.get_mut(id).filter(|entry| runs(entry.state))
    }

    fn open(&mut self, id: &DeliveryId) {
        let Some(entry) = self.known.get(id) else { return };
        let key = self.open.entry(entry.letter.key.clone()).or_default();
        key.insert((entry.letter.version, entry.number), entry.letter.id.clone());
    }

    fn close(&mut self, id: &DeliveryId) {
        let Some(entry) = self.known.get(id) else { return };
        let Some(key) = self.open.get_mut(&entry.letter.key) else { return };
        key.remove(&(entry.letter.version, entry.number));
        if key.is_empty() {
            self.open.remove(&entry.letter.key);
        }
    }

    fn replay(&mut self, number: i64) {
        let Some(id) = self.dead.remove(&number) else { return };
        if let Some(entry) = self.known.get_mut(&id)
            && let State::Dead { at } = entry.state
        {
            (entry.state, entry.attempts) = (State::Waiting { due: at }, 0);
        }
        self.open(&id);
    }

    fn dead_number(&self, id: &DeliveryId) -> Option<i64> {
        let entry = self.known.get(id)?;
        matches!(entry.state, State::Dead { .. }).then_some(entry.number)
    }
}

#[async_trait]
impl InboxStore for MemoryStore {
    async fn put(&self, letter: &Letter) -> Result<Put, StoreError> {
        let mut letters = lock(&self.letters);
        if letters.known.contains_key(&letter.id) {
            return Ok(Put::Known);
        }
        let mut letter = letter.clone();
        letter.id = letter.id.into_owned();
        letters.last += 1;
        let (id, number) = (letter.id.clone(), letters.last);
        let state = State::Waiting { due: letter.received_at };
        let entry = Entry { number, state, attempts: 0, last_error: String::new(), letter };
        letters.known.insert(id.clone(), entry);
        letters.open(&id);
        Ok(Put::Stored)
    }

    async fn claim(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        let mut letters = lock(&self.letters);
        let next = letters.open.values().filter_map(|key| letters.next(key));
        let mut due: Vec<_> = next
            .filter(|(due, _)| *due <= now)
            .map(|(due, entry)| (due, entry.number, entry.letter.id.clone()))
            .collect();
        due.sort_unstable();
        let (token, until) = (ClaimToken::random(), after(now, lease));
        let claim = |(_, _, id)| {
            let entry = letters.known.get_mut(&id)?;
            if matches!(entry.state, State::Running { .. }) {
                entry.attempts += 1;
            }
            entry.state = State::Running { token, until };
            Some(Claimed { letter: entry.letter.clone(), token, attempts: entry.attempts })
        };
        Ok(due.into_iter().take(limit).filter_map(claim).collect())
    }

    async fn extend(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut letters = lock(&self.letters);
        let held = letters.held(id, token);
        Ok(held.map(|entry| entry.state = State::Running { token, until }).is_some())
    }

    async fn done(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut letters = lock(&self.letters);
        let Some(entry) = letters.held(id, token) else { return Ok(false) };
        entry.state = State::Done { at: now };
        letters.close(id);
        Ok(true)
    }

    async fn retry(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
        error: &str,
    ) -> Result<bool, StoreError> {
        let mut letters = lock(&self.letters);
        let Some(entry) = letters.held(id, token) else { return Ok(false) };
        entry.state = State::Waiting { due: at };
        entry.attempts += 1;
        error.clone_into(&mut entry.last_error);
        Ok(true)
    }

    async fn postpone(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut letters = lock(&self.letters);
        let held = letters.held(id, token);
        Ok(held.map(|entry| entry.state = State::Waiting { due: at }).is_some())
    }

    async fn bury(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut letters = lock(&self.letters);
        let Some(entry) = letters.held(id, token) else { return Ok(false) };
        entry.state = State::Dead { at: now };
        entry.attempts += 1;
        error.clone_into(&mut entry.last_error);
        let (number, id) = (entry.number, entry.letter.id.clone());
        letters.close(&id);
        letters.dead.insert(number, id);
        Ok(true)
    }

    async fn dead(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let letters = lock(&self.letters);
        let behind = letters.dead.iter().filter(|(number, _)| **number > after);
        let entries = behind.filter_map(|(_, id)| letters.known.get(id));
        let dead = entries.filter_map(|entry| {
            let State::Dead { at: died_at } = entry.state else { return None };
            Some(DeadLetter {
                number: entry.number,
                id: entry.letter.id.clone(),
                key: entry.letter.key.clone(),
                event: entry.letter.event.clone(),
                received_at: entry.letter.received_at,
                died_at,
                attempts: entry.attempts,
                last_error: entry.last_error.clone(),
            })
        });
        Ok(dead.take(limit).collect())
    }

    async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        let mut letters = lock(&self.letters);
        let dead = letters.dead_number(id);
        Ok(dead.map(|number| letters.replay(number)).is_some())
    }

    async fn replay_all(&self) -> Result<u64, StoreError> {
        let mut letters = lock(&self.letters);
        let dead: Vec<_> = letters.dead.keys().copied().collect();
        for number in &dead {
            letters.replay(*number);
        }
        Ok(dead.len() as u64)
    }

    async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        let mut letters = lock(&self.letters);
        let Some(number) = letters.dead_number(id) else { return Ok(false) };
        letters.dead.remove(&number);
        if let Some(entry) = letters.known.get_mut(id)
            && let State::Dead { at } = entry.state
        {
            entry.state = State::Done { at };
        }
        Ok(true)
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut letters = lock(&self.letters);
        let known = letters.known.len();
        letters.known.retain(|_, entry| !matches!(entry.state, State::Done { at } if at < before));
        Ok((known - letters.known.len()) as u64)
    }

    async fn letters(&self, after: i64, limit: usize) -> Result<Vec<KeptLetter>, StoreError> {
        let letters = lock(&self.letters);
        let open = letters.open.values().flat_map(BTreeMap::values);
        let ids = open.chain(letters.dead.values());
        let entries = ids.filter_map(|id| letters.known.get(id));
        let mut entries: Vec<_> = entries.filter(|entry| entry.number > after).collect();
        entries.sort_unstable_by_key(|entry| entry.number);
        Ok(entries.into_iter().take(limit).map(Entry::kept).collect())
    }

    async fn letter(
        &self,
        id: &DeliveryId,
    ) -> Result<Option<(KeptLetter, VerifiedBody)>, StoreError> {
        let letters = lock(&self.letters);
        Ok(letters.known.get(id).map(|entry| (entry.kept(), entry.letter.body.clone())))
    }

    async fn depth(&self) -> Result<Depth, StoreError> {
        let letters = lock(&self.letters);
        let open = letters.open.values().flat_map(BTreeMap::values);
        let states = open.filter_map(|id| letters.known.get(id)).map(|entry| entry.state);
        let mut depth = Depth { dead: letters.dead.len() as u64, ..Depth::default() };
        for state in states {
            match state {
                State::Running { .. } => depth.running += 1,
                _ => depth.waiting += 1,
            }
        }
        Ok(depth)
    }
}
