//! What one node tells the others, and hears from them.

mod backoff;
mod listener;
mod message;
mod publisher;
mod queue;
mod task;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use tokio::runtime::Handle;

use self::queue::Queue;
use self::task::Task;
use super::stamps::Stamps;
use super::{Change, Invalidation};

/// The other nodes of the app.
pub(super) struct Nodes {
    /// This node's name, so that it does not listen to itself.
    name: u64,
    transport: Arc<dyn Invalidation>,
    stamps: Arc<Stamps>,
    queue: Arc<Queue>,
    listening: Task,
    publishing: Task,
}

impl Nodes {
    pub(super) fn new(transport: Arc<dyn Invalidation>, stamps: Arc<Stamps>) -> Self {
        Self {
            name: RandomState::new().hash_one("a node"),
            transport,
            stamps,
            queue: Arc::new(Queue::new()),
            listening: Task::new(),
            publishing: Task::new(),
        }
    }

    /// Sees to it that both tasks run, if there is a runtime here.
    pub(super) fn start(&self) {
        if self.listening.is_running() && self.publishing.is_running() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        self.listening.start(&runtime, || {
            listener::listen(Arc::clone(&self.transport), Arc::clone(&self.stamps), self.name)
        });
        self.publishing.start(&runtime, || {
            publisher::publish(Arc::clone(&self.transport), Arc::clone(&self.queue), self.name)
        });
    }

    /// Tells the others, soon. It does not wait.
    pub(super) fn tell(&self, change: &Change<'_>) {
        self.queue.add(change);
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.listening.abort();
        // It ends by itself, after what waits.
        self.queue.close();
    }
}
