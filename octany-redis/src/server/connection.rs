//! The connection that all calls share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::{MultiplexedConnection, SendError};
use redis::{AsyncConnectionConfig, Client, PushInfo, PushKind, RedisResult};

/// How long a new connection may take.
pub(crate) const CONNECTING: Duration = Duration::from_secs(5);
/// How many calls may wait to be written.
const WAITING: usize = 1_000;

/// One connection at a time, replaced once it has ended.
///
/// The library's own manager keeps a connection whose server has gone silent or follows another one
/// by now; here whoever notices it discards it.
pub(crate) struct Connections {
    client: Client,
    current: Mutex<Option<Connection>>,
}

/// A connection, or the attempt to make one, for all who wait.
#[derive(Clone)]
pub(crate) struct Connection {
    made: Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>,
    ended: Arc<AtomicBool>,
}

impl Connections {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, current: Mutex::new(None) }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The connection, a new one if there is none. An attempt that failed is nobody's but theirs who
    /// waited for it.
    pub(crate) fn current(&self) -> Connection {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(connection) if !connection.is_over() => connection.clone(),
            _ => current.insert(Connection::make(self.client.clone())).clone(),
        }
    }
}

impl Connection {
    fn make(client: Client) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECTING))
            // Each call has its own.
            .set_response_timeout(None)
            .set_pipeline_buffer_size(WAITING);
        if client.get_connection_info().redis_settings().protocol().supports_resp3() {
            let ended = Arc::clone(&ended);
            config = config.set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    ended.store(true, Ordering::Relaxed);
                }
                Ok::<(), SendError>(())
            });
        }
        let made =
            async move { client.get_multiplexed_async_connection_with_config(&config).await };
        let made = made.boxed().shared();
        // It goes on when those who wait give up: their time may have been short.
        tokio::spawn(made.clone());
        Self { made, ended }
    }

    fn is_over(&self) -> bool {
        self.ended.load(Ordering::Relaxed) || self.made.peek().is_some_and(Result::is_err)
    }

    pub(crate) async fn made(&self) -> RedisResult<MultiplexedConnection> {
        self.made.clone().await
    }

    /// Calls to come get another one. Those that run on it go on.
    pub(crate) fn discard(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
