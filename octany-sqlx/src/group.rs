//! What waits at the same time goes to the database together.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use octany_entitlement::StoreError;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// How many calls go together at most.
const PORTION: usize = 128;

/// How calls are made, together and alone.
pub(crate) trait Work: Send + Sync + 'static {
    type Call: Send + Sync + 'static;
    type Answer: Send + 'static;

    /// How many portions are under way at once at most. While the database writes one to its disk,
    /// it can read the next.
    const AT_ONCE: usize;

    /// What a call is about. No two that share a key go together.
    fn keys(call: &Self::Call) -> [Option<&str>; 2];

    /// Makes several calls as one. `None` for one that has to be made alone.
    ///
    /// It must not wait long for what somebody else has locked: all that come later wait for it.
    fn together(
        &self,
        calls: &[&Self::Call],
    ) -> impl Future<Output = Vec<Option<Result<Self::Answer, StoreError>>>> + Send;

    /// Makes one call.
    fn alone(
        &self,
        call: &Self::Call,
    ) -> impl Future<Output = Result<Self::Answer, StoreError>> + Send;
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct OfAll(Arc<StoreError>);

/// One failure for each of so many calls.
pub(crate) fn to_each(error: StoreError, calls: usize) -> impl Iterator<Item = StoreError> {
    let error = Arc::new(error);
    (0..calls).map(move |_| StoreError::new(error.kind(), OfAll(Arc::clone(&error))))
}

/// Calls that are made together with those that come while others are under way.
///
/// The first ones go at once. Whatever comes until they are answered goes together, next.
pub(crate) struct Group<W: Work> {
    shared: Arc<Shared<W>>,
}

struct Shared<W: Work> {
    work: W,
    queue: Mutex<Queue<W>>,
    hasher: RandomState,
}

struct Queue<W: Work> {
    waiting: VecDeque<Waiting<W>>,
    runners: usize,
}

struct Waiting<W: Work> {
    call: W::Call,
    answer: oneshot::Sender<Result<W::Answer, StoreError>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the runtime ended before the database answered")]
struct RuntimeEnded;

impl<W: Work> Group<W> {
    pub(crate) fn new(work: W) -> Self {
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), runners: 0 });
        let hasher = RandomState::new();
        Self { shared: Arc::new(Shared { work, queue, hasher }) }
    }

    /// Makes a call: at once if nothing waits, else with all that wait.
    ///
    /// One that waits is made even if nobody waits for it any more, unless that happens before its
    /// turn.
    pub(crate) async fn call(&self, call: W::Call) -> Result<W::Answer, StoreError> {
        let (call, place) = match self.shared.enter(call) {
            Entered::First(call) => (call, Turn(Arc::clone(&self.shared))),
            Entered::Waits(receiver) => {
                return receiver
                    .await
                    .unwrap_or_else(|_| Err(StoreError::unavailable(RuntimeEnded)));
            }
        };
        let answer = self.shared.work.together(&[&call]).await.pop().flatten();
        // Others need not wait for one that has to be made alone.
        drop(place);
        match answer {
            Some(answer) => answer,
            None => self.shared.work.alone(&call).await,
        }
    }
}

/// Where a call stands.
enum Entered<W: Work> {
    /// It goes now, by itself.
    First(W::Call),
    Waits(oneshot::Receiver<Result<W::Answer, StoreError>>),
}

/// The turn of one that goes by itself. Those who came meanwhile are next.
struct Turn<W: Work>(Arc<Shared<W>>);

impl<W: Work> Drop for Turn<W> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        if queue.waiting.is_empty() {
            queue.runners -= 1;
            return;
        }
        drop(queue);
        let runner = Runner::new(&self.0);
        // Without a runtime, the runner tells them so as it is dropped.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(runner.run());
        }
    }
}

impl<W: Work> Shared<W> {
    fn enter(&self, call: W::Call) -> Entered<W> {
        let mut queue = self.queue();
        if queue.runners < W::AT_ONCE && queue.waiting.is_empty() {
            queue.runners += 1;
            return Entered::First(call);
        }
        let (answer, receiver) = oneshot::channel();
        queue.waiting.push_back(Waiting { call, answer });
        Entered::Waits(receiver)
    }

    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        // No panic can leave it half changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes next: those that wait, the first ones first, and none that shares a key with one
    /// before it.
    fn portion(&self) -> Vec<Waiting<W>> {
        let mut queue = self.queue();
        let (mut taken, mut later) = (Vec::new(), VecDeque::new());
        let mut keys = HashSet::new();
        while taken.len() < PORTION {
            let Some(waiting) = queue.waiting.pop_front() else { break };
            if waiting.answer.is_closed() {
                continue;
            }
            let mut alone = true;
            for key in W::keys(&waiting.call).iter().enumerate().filter(|(_, key)| key.is_some()) {
                // Two that only look alike wait for each other; nothing worse.
                alone &= keys.insert(self.hasher.hash_one(key));
            }
            if alone { taken.push(waiting) } else { later.push_back(waiting) }
        }
        later.append(&mut queue.waiting);
        queue.waiting = later;
        taken
    }
}

/// Makes calls until none waits.
struct Runner<W: Work> {
    shared: Arc<Shared<W>>,
    ended: bool,
}

impl<W: Work> Runner<W> {
    fn new(shared: &Arc<Shared<W>>) -> Self {
        Self { shared: Arc::clone(shared), ended: false }
    }

    async fn run(mut self) {
        while !self.end_if_nothing_waits() {
            self.make(self.shared.portion()).await;
        }
    }

    async fn make(&self, portion: Vec<Waiting<W>>) {
        let calls: Vec<_> = portion.iter().map(|waiting| &waiting.call).collect();
        if calls.is_empty() {
            return;
        }
        let answers = self.shared.work.together(&calls).await;
        for (waiting, answer) in portion.into_iter().zip(answers) {
            match answer {
                // Who waited may have gone away.
                Some(answer) => drop(waiting.answer.send(answer)),
                None => self.make_alone(waiting),
            }
        }
    }

    /// Beside the others, for as long as it takes.
    fn make_alone(&self, waiting: Waiting<W>) {
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let answer = shared.work.alone(&waiting.call).await;
            drop(waiting.answer.send(answer));
        });
    }

    fn end_if_nothing_waits(&mut self) -> bool {
        let mut queue = self.shared.queue();
        self.ended = queue.waiting.is_empty();
        queue.runners -= usize::from(self.ended);
        self.ended
    }
}

/// The runtime ended, or making calls has panicked: those who wait are told, and the next call
/// starts anew.
impl<W: Work> Drop for Runner<W> {
    fn drop(&mut self) {
        if !self.ended {
            let mut queue = self.shared.queue();
            queue.runners -= 1;
            queue.waiting.clear();
        }
    }
}
