//! What can be set on a cache.

use std::sync::Arc;
use std::time::Duration;

use super::copy::Lifetimes;
use super::nodes::Nodes;
use super::{Cached, Copies, Invalidation};
use crate::Clock;
use crate::clock::Time;

impl<S> Cached<S> {
    /// How many references there are copies of; about 100,000 unless set. Those not asked for
    /// longest make room.
    #[must_use]
    pub fn capacity(mut self, references: usize) -> Self {
        self.copies = Copies::new(references);
        self
    }

    /// How long a copy may be served, counted from before the store was asked, to a tenth of a
    /// second; 60 seconds unless set. It is for how long access may be seen as it was where a
    /// message between nodes got lost, or somebody wrote past this cache.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.lifetimes = Lifetimes { positive: ttl, ..self.lifetimes };
        self
    }

    /// The same for a reference without a subscription; 5 seconds unless set. Who has just paid
    /// should not wait.
    #[must_use]
    pub fn negative_ttl(mut self, ttl: Duration) -> Self {
        self.lifetimes = Lifetimes { negative: ttl, ..self.lifetimes };
        self
    }

    /// The clock that copies age by; the system's unless set.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.time = Time::Set(Arc::new(clock));
        self
    }

    /// Tells the app's other nodes what was written here, and forgets here what they wrote.
    ///
    /// Two tasks do that. They start on the tokio runtime in which this is called, or else in
    /// which something is first looked up or written; should that runtime end, with one worker of
    /// many, the next look-up or write starts them anew on its own. When this cache is dropped,
    /// the task that listens ends, and so does the other once it has tried to send what waits.
    #[must_use]
    pub fn invalidation(mut self, transport: impl Invalidation + 'static) -> Self {
        let nodes = Nodes::new(Arc::new(transport), Arc::clone(&self.stamps));
        nodes.start();
        self.nodes = Some(nodes);
        self
    }
}
