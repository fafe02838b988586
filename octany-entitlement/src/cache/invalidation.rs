//! What nodes tell each other.

use std::sync::Arc;

use async_trait::async_trait;

use crate::StoreError;

/// Carries messages between the nodes of one app, so that each forgets the copies of what another
/// one changed.
///
/// Messages may get lost and may come twice, or to the one who sent them. One that got lost costs
/// as long as a copy lives, and no more.
#[async_trait]
pub trait Invalidation: Send + Sync {
    /// Sends a message to every node that listens. It is text without line breaks and no longer
    /// than [`longest`](Self::longest).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was sent.
    async fn publish(&self, message: &str) -> Result<(), StoreError>;

    /// Listens until the connection breaks, and gives why it did. As soon as no later message can
    /// be missed it says so, and then passes on each message as it comes.
    async fn listen(&self, listener: &dyn InvalidationListener) -> StoreError;

    /// How long a message may be, in bytes; 4,096 unless said otherwise.
    fn longest(&self) -> usize {
        4_096
    }
}

/// Hears what other nodes say.
pub trait InvalidationListener: Send + Sync {
    /// From here on, no message is missed; any before may have been.
    fn connected(&self);

    /// A message.
    fn heard(&self, message: &str);
}

#[async_trait]
impl<T: Invalidation + ?Sized> Invalidation for Arc<T> {
    async fn publish(&self, message: &str) -> Result<(), StoreError> {
        (**self).publish(message).await
    }

    async fn listen(&self, listener: &dyn InvalidationListener) -> StoreError {
        (**self).listen(listener).await
    }

    fn longest(&self) -> usize {
        (**self).longest()
    }
}
