//! Takes letters out, and sees to it that they are handled.

use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::builder::Inner;
use super::handling::handle;
use super::{Claimed, Inbox};
use crate::store::StoreError;

/// How often what is done is pruned.
const BETWEEN_PRUNES: Duration = Duration::from_hours(1);
/// How long the store may take to answer once it is to end.
const ENDING: Duration = Duration::from_secs(5);

impl Inbox {
    /// Handles letters until `shutdown` ends. Then it takes no more, lets those that are being
    /// handled [end](super::InboxBuilder::finish_within), and returns. Spawn it, on every node that
    /// is to work; meanwhile it also forgets what has been done for longer than the
    /// [retention](super::InboxBuilder::retention).
    ///
    /// Dropping it stops the handlers where they are. Their letters are given back, where a runtime
    /// is there to do so, and else given out again when their lease ends.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        tokio::select! {
            () = work(&self.inner, shutdown) => {}
            never = keep_pruning(&self.inner) => match never {},
        }
    }
}

async fn work(inner: &Arc<Inner>, shutdown: impl Future<Output = ()>) {
    let (mut shutdown, mut running) = (pin!(shutdown), JoinSet::new());
    let (stop, stopped) = watch::channel(false);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = ready(()) => {}
        }
        while running.try_join_next().is_some() {}
        // Armed before the store is asked: what is put while it answers is not missed.
        let mut woken = pin!(inner.wake.notified());
        woken.as_mut().enable();
        let asked_at = Instant::now();
        let mut claiming = pin!(claim(inner, inner.workers - running.len()));
        let (claimed, ending) = tokio::select! {
            biased;
            claimed = &mut claiming => (claimed, false),
            // If nobody heard what it gives out, that would have to wait for its lease's end.
            () = &mut shutdown => (timeout(ENDING, claiming).await.unwrap_or_default(), true),
        };
        for claimed in claimed {
            running.spawn(handle(Arc::clone(inner), claimed, asked_at, stopped.clone()));
        }
        if ending {
            break;
        }
        let idle = running.len() < inner.workers;
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            // Where a worker became free, or the next letter of a key.
            Some(_) = running.join_next() => {}
            () = woken, if idle => {}
            () = sleep(inner.poll), if idle => {}
        }
    }
    if !all_end(&mut running, inner.finish).await {
        tracing::warn!(letters = running.len(), "handlers did not end in time");
        stop.send_replace(true);
        all_end(&mut running, Some(ENDING)).await;
    }
    running.shutdown().await;
}

/// Whether all ended within the time that they have; none is as long as they take.
async fn all_end(running: &mut JoinSet<()>, limit: Option<Duration>) -> bool {
    let ending = async { while running.join_next().await.is_some() {} };
    match limit {
        None => ending.await,
        Some(limit) => return timeout(limit, ending).await.is_ok(),
    }
    true
}

async fn claim(inner: &Inner, free: usize) -> Vec<Claimed> {
    if free == 0 {
        return Vec::new();
    }
    let claiming = inner.store.claim(inner.clock.now(), inner.lease, free);
    // What it gives out later is nobody's any more.
    let claimed = timeout(inner.lease, claiming).await;
    match claimed.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed))) {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(error = &error as &dyn Error, "the inbox could not be looked into");
            Vec::new()
        }
    }
}

async fn keep_pruning(inner: &Inner) -> Infallible {
    loop {
        let retention = TimeDelta::from_std(inner.retention).ok();
        let before = retention.and_then(|time| inner.clock.now().checked_sub_signed(time));
        if let Some(before) = before
            && let Err(error) = inner.store.prune(before).await
        {
            tracing::warn!(error = &error as &dyn Error, "the inbox could not be pruned");
        }
        sleep(BETWEEN_PRUNES).await;
    }
}
