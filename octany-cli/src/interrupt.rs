//! Ctrl-C, for work that stops where it can go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of what was interrupted: that of a process that SIGINT ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// Whether somebody pressed Ctrl-C, or told the process to end.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. Who asks a second time does not wait any longer.
    pub(crate) fn listen() -> Self {
        let interrupt = Self(Arc::default());
        let flag = Arc::clone(&interrupt.0);
        let first = interrupted();
        tokio::spawn(async move {
            first.await;
            flag.store(true, Ordering::Relaxed);
            interrupted().await;
            std::process::exit(INTERRUPTED.into());
        });
        interrupt
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Until somebody presses Ctrl-C, or the process is told to end: from when this is called, and not only
/// from when it is waited for.
#[cfg(unix)]
pub(crate) fn interrupted() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (pressed, ended) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        // Without them, the process just ends.
        let (Ok(mut pressed), Ok(mut ended)) = (pressed, ended) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = pressed.recv() => {}
            _ = ended.recv() => {}
        }
    }
}

/// Until somebody presses Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
