//! An inbox: what was delivered is stored, acknowledged, and handled in the background.
//!
//! Without one, a delivery's handler runs while Octany waits, and what fails is Octany's to repeat.
//! With one, the delivery is durable before it is acknowledged, and what fails is tried again here:
//! later and later, in order, on whichever node is there, until it succeeds or is a dead letter that
//! somebody looks at.
//!
//! ```
//! use std::sync::Arc;
//!
//! use octany_core::{Event, Payload};
//! use octany_entitlement::{Inbox, MemoryStore, Receipt, Receiver};
//! # use octany_core::signature::{SigningSecret, Verifier};
//! # fn verified_event() -> Result<Event, Box<dyn std::error::Error>> {
//! #     let body = r#"{"id":1,"name":"order.paid","created_at":"2026-03-01T12:00:00+00:00",
//! #         "data":{"id":7,"state":"paid"}}"#;
//! #     let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
//! #     let signature = secret.sign(body.as_bytes());
//! #     let verifier = Verifier::new(secret);
//! #     Ok(Event::parse(verifier.verify(body.into(), &signature, chrono::Utc::now)?)?)
//! # }
//!
//! async fn send_receipt(event: Arc<Event>) -> Result<(), &'static str> {
//!     match &event.payload {
//!         Payload::OrderPaid(_) => Err("the mail server is on holiday"),
//!         _ => Ok(()),
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let store = Arc::new(MemoryStore::new()); // or one of octany-sqlx, or your own
//!
//! // Behind: what is done with a delivery. In front: it is put into the inbox, and no more.
//! let behind = Receiver::builder().store(store.clone()).deliveries(store.clone()).build();
//! let inbox = Inbox::builder(store, behind, send_receipt).attempts(1).build();
//! let front = Receiver::builder().inbox(inbox.clone()).build();
//!
//! // It is acknowledged as soon as it is stored, however often it comes.
//! let event = verified_event()?;
//! let not_here = async || Ok::<_, std::io::Error>(());
//! assert_eq!(front.receive(&event, not_here).await?, Receipt::Accepted);
//! assert_eq!(front.receive(&event, not_here).await?, Receipt::Duplicate);
//! assert_eq!(inbox.depth().await?.waiting, 1);
//!
//! // Whatever runs the inbox handles it; here until there is a dead letter.
//! let looking = inbox.clone();
//! inbox.clone().run(async move {
//!     while looking.depth().await.is_ok_and(|depth| depth.dead == 0) {
//!         tokio::task::yield_now().await;
//!     }
//! }).await;
//!
//! // Somebody looks at it, and has it tried again.
//! let dead = inbox.dead(0, 10).await?;
//! assert_eq!(dead[0].last_error, "the mail server is on holiday");
//! assert!(inbox.replay(&dead[0].id).await?);
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! # What is promised
//!
//! - A delivery that was acknowledged is handled, or ends as a dead letter. Nothing is lost when a
//!   node dies: its letters are given out again when their lease ends.
//! - *At least once.* A handler also runs again if the process dies between its effect and the end
//!   of the letter. Use `event.id` as the key of effects that must not happen twice.
//! - What is about one subscription is handled one after the other, in the order of the events among
//!   those that wait. A letter that waits for another attempt holds up those behind it; a dead one
//!   does not. What is about different subscriptions is handled at the same time.
//! - An outage makes no dead letters: only what the handler did, and what the store refuses, counts
//!   as an attempt. A handler that panics has failed.
//! - A delivery that kills the process is not tried for ever. An attempt whose lease ended counts,
//!   since nobody is left to say why; but it takes more of them than there are
//!   [attempts](InboxBuilder::attempts), and five at least, to make a dead letter.
//!
//! # What is kept
//!
//! The body as it was delivered, which holds customers' data: of letters that are done for the
//! [retention](InboxBuilder::retention), of dead ones until they are replayed or
//! [discarded](Inbox::discard). And the text of a handler's last error (`Display`, 500 characters of
//! it), which is also logged: it is the app's own, so let it say what failed, and nothing about whom.

mod answers;
mod backoff;
mod builder;
mod handling;
mod letter;
mod outcome;
mod store;
mod text;
mod worker;

use std::fmt::{self, Display};
use std::sync::Arc;

use octany_core::{DeliveryId, Event};

pub use self::answers::{Claimed, DeadLetter, Depth, KeptLetter, LetterState, Put};
pub use self::builder::InboxBuilder;
use self::builder::Inner;
pub use self::letter::Letter;
pub use self::store::InboxStore;
use crate::store::StoreError;
use crate::{Receiver, telemetry};

/// Stores deliveries, and handles them in the background; see [the module](self).
///
/// Cheap to clone. Any number of nodes may have one over the same store.
#[derive(Clone)]
pub struct Inbox {
    inner: Arc<Inner>,
}

impl Inbox {
    /// An inbox over a store, whose letters this receiver takes in with this handler.
    ///
    /// The receiver is the one behind the inbox: its store is kept up to date, its observers are
    /// told, its delivery log remembers what was handled. An inbox of its own is taken from it.
    pub fn builder<F, Fut, E>(
        store: impl InboxStore + 'static,
        receiver: Receiver,
        handler: F,
    ) -> InboxBuilder
    where
        F: Fn(Arc<Event>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Display,
    {
        InboxBuilder::new(store, receiver, handler)
    }

    /// Stores a delivery. When this returns `Ok`, it may be acknowledged.
    ///
    /// A [receiver in front](crate::ReceiverBuilder::inbox) does this.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was stored; rejected for an event that was
    /// taken from its body by [`into_owned`](Event::into_owned).
    pub async fn put(&self, event: &Event) -> Result<Put, StoreError> {
        let letter = Letter::of(event, self.inner.clock.now())?;
        let put = self.inner.store.put(&letter).await?;
        let outcome = match put {
            Put::Stored => "stored",
            Put::Known => "duplicate",
        };
        telemetry::delivery(event, outcome);
        self.inner.wake.notify_one();
        Ok(put)
    }

    /// Dead letters in the order in which they were put, at most `limit` of them, from behind the
    /// one whose [`number`](DeadLetter::number) is `after`; 0 for the first ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    pub async fn dead(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.inner.store.dead(after, limit).await
    }

    /// Has a dead letter tried again, as if it had never been tried. `false` if there is none of
    /// this delivery.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it will be.
    pub async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        let replayed = self.inner.store.replay(id).await?;
        self.inner.wake.notify_one();
        Ok(replayed)
    }

    /// Has all dead letters tried again. Gives how many those are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether all will be.
    pub async fn replay_all(&self) -> Result<u64, StoreError> {
        let replayed = self.inner.store.replay_all().await?;
        self.inner.wake.notify_one();
        Ok(replayed)
    }

    /// Gives a dead letter up: it counts as done, and is forgotten like those. `false` if there is
    /// none of this delivery.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was given up.
    pub async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        self.inner.store.discard(id).await
    }

    /// How many letters there are that are not done.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    pub async fn depth(&self) -> Result<Depth, StoreError> {
        self.inner.store.depth().await
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("receiver", &self.inner.receiver)
            .field("workers", &self.inner.workers)
            .field("lease", &self.inner.lease)
            .field("attempts", &self.inner.attempts)
            .finish_non_exhaustive()
    }
}
