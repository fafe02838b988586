//! A way to a server on which answers get lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    Pass,
    /// The next one is swallowed, and the connection is cut.
    CutNext,
    /// All are swallowed.
    Swallow,
}

pub(crate) struct Way {
    port: u16,
    target: Arc<AtomicU16>,
    answers: watch::Sender<Answers>,
}

impl Way {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (answers, _) = watch::channel(Answers::Pass);
        let switch = answers.clone();
        let target = Arc::new(AtomicU16::new(port));
        let current = Arc::clone(&target);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let port = current.load(Ordering::Relaxed);
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                tokio::spawn(Self::carry(client, server, switch.clone()));
            }
        });
        Self { port: own, target, answers }
    }

    async fn carry(client: TcpStream, server: TcpStream, answers: watch::Sender<Answers>) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let there = tokio::spawn(async move {
            let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        });
        let mut bytes = vec![0; 65_536];
        while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
            let now = *answers.borrow();
            match now {
                Answers::Pass => {}
                Answers::Swallow => continue,
                Answers::CutNext => {
                    answers.send_replace(Answers::Pass);
                    break;
                }
            }
            if to_client.write_all(&bytes[..length]).await.is_err() {
                break;
            }
        }
        there.abort();
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where new connections go from now on.
    pub(crate) fn lead_to(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    pub(crate) fn cut_at_the_next_answer(&self) {
        self.answers.send_replace(Answers::CutNext);
    }

    /// From now on nothing comes back, and nothing breaks.
    pub(crate) fn fall_silent(&self) {
        self.answers.send_replace(Answers::Swallow);
    }

    pub(crate) fn speak_again(&self) {
        self.answers.send_replace(Answers::Pass);
    }
}
