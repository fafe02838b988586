//! A transport within the process, which can lose, repeat, fail and break.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use octany_entitlement::{Invalidation, InvalidationListener, StoreError};
use tokio::sync::{Notify, broadcast};

pub(crate) struct Bus {
    messages: broadcast::Sender<String>,
    /// All that were sent.
    pub(crate) sent: Mutex<Vec<String>>,
    /// Messages are lost.
    pub(crate) loses: AtomicBool,
    /// Messages come twice.
    pub(crate) repeats: AtomicBool,
    /// Nothing can be sent.
    pub(crate) refuses: AtomicBool,
    /// Sending never ends.
    pub(crate) hangs: AtomicBool,
    /// Nobody can listen.
    pub(crate) is_cut: AtomicBool,
    pub(crate) connections: AtomicUsize,
    pub(crate) longest: AtomicUsize,
    cutting: Notify,
}

impl Bus {
    pub(crate) fn new() -> Self {
        Self {
            messages: broadcast::Sender::new(1_000),
            sent: Mutex::default(),
            loses: AtomicBool::default(),
            repeats: AtomicBool::default(),
            refuses: AtomicBool::default(),
            hangs: AtomicBool::default(),
            is_cut: AtomicBool::default(),
            connections: AtomicUsize::default(),
            longest: AtomicUsize::new(4_096),
            cutting: Notify::new(),
        }
    }

    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.cutting.notify_waiters();
    }

    pub(crate) fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }

    /// How many listen.
    pub(crate) fn listeners(&self) -> usize {
        self.messages.receiver_count()
    }

    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    /// As if another node had said it.
    pub(crate) fn say(&self, message: &str) {
        self.messages.send(message.to_owned()).unwrap();
    }
}

#[async_trait]
impl Invalidation for Bus {
    async fn publish(&self, message: &str) -> Result<(), StoreError> {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.refuses.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("as the test wants it"));
        }
        assert!(message.len() <= self.longest(), "{} bytes are too long", message.len());
        assert!(!message.contains('\n'), "{message:?}");
        self.sent.lock().unwrap().push(message.to_owned());
        if !self.loses.load(Ordering::SeqCst) {
            for _ in 0..=usize::from(self.repeats.load(Ordering::SeqCst)) {
                // It is no matter if nobody listens.
                let _ = self.messages.send(message.to_owned());
            }
        }
        Ok(())
    }

    async fn listen(&self, listener: &dyn InvalidationListener) -> StoreError {
        if self.is_cut.load(Ordering::SeqCst) {
            return StoreError::unavailable("cut");
        }
        let mut messages = self.messages.subscribe();
        self.connections.fetch_add(1, Ordering::SeqCst);
        listener.connected();
        let hear = async {
            while let Ok(message) = messages.recv().await {
                listener.heard(&message);
            }
        };
        // Whichever ends first.
        let (mut hear, mut cut) = (std::pin::pin!(hear), std::pin::pin!(self.cutting.notified()));
        std::future::poll_fn(|context| {
            let ended = cut.as_mut().poll(context).is_ready();
            if ended { std::task::Poll::Ready(()) } else { hear.as_mut().poll(context) }
        })
        .await;
        StoreError::unavailable("the connection broke")
    }

    fn longest(&self) -> usize {
        self.longest.load(Ordering::SeqCst)
    }
}
