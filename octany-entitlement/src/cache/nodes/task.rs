//! A task that can be started again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// A task of which one runs at a time. If its runtime ends, it can be started on another.
pub(super) struct Task {
    running: Arc<AtomicBool>,
    handle: Mutex<Option<AbortHandle>>,
}

impl Task {
    pub(super) fn new() -> Self {
        Self { running: Arc::default(), handle: Mutex::default() }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    pub(super) fn start<F>(&self, runtime: &Handle, task: impl FnOnce() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if self.running.swap(true, Ordering::AcqRel) {
            return;
        }
        let (running, task) = (Running(Arc::clone(&self.running)), task());
        let spawned = runtime.spawn(async move {
            let _running = running;
            task.await;
        });
        let mut handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        *handle = Some(spawned.abort_handle());
    }

    pub(super) fn abort(&self) {
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(handle) = handle {
            handle.abort();
        }
    }
}

/// Held by the task, and dropped with it in whichever way it ends.
struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
