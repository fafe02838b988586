//! Tells other nodes.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::backoff::Backoff;
use super::queue::{Pending, Queue};
use super::{Invalidation, message};
use crate::StoreError;

/// After how long a message counts as not sent.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Tells what waits in the queue until it is closed and empty, or cannot be told.
pub(super) async fn publish(transport: Arc<dyn Invalidation>, queue: Arc<Queue>, from: u64) {
    let mut backoff = Backoff::new();
    while let Some(batch) = queue.next().await {
        match send(&*transport, &batch.pending, from).await {
            Ok(()) => {
                batch.told();
                backoff.reset();
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "other nodes could not be told yet");
                drop(batch);
                if queue.is_closed() {
                    return;
                }
                backoff.wait().await;
            }
        }
    }
}

async fn send(
    transport: &dyn Invalidation,
    pending: &Pending,
    from: u64,
) -> Result<(), StoreError> {
    for message in message::encode(pending, from, transport.longest()) {
        tokio::time::timeout(TIMEOUT, transport.publish(&message))
            .await
            .map_err(StoreError::unavailable)??;
    }
    Ok(())
}
