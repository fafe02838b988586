//! Calls to one server, and which of them are repeated.

mod connection;
mod error;
mod eviction;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use octany_entitlement::StoreError;
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{Client, FromRedisValue, IntoConnectionInfo, ProtocolVersion, from_redis_value};
use tokio::time::{Instant, timeout_at};

use self::connection::Connections;
use self::error::Aftermath;
pub(crate) use self::error::{Failure, store_error};
use crate::script::Request;

/// How long a call may take unless said otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a call of which it is not known whether it ran may run again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It does nothing that the first run did not do, and its answer is as good.
    Safe,
    /// It would answer something else.
    Unsafe,
}

/// A server, and how long its answers may take.
#[derive(Clone)]
pub(crate) struct Server {
    connections: Arc<Connections>,
    patience: Duration,
}

/// A client for a URL. Its connections notice it themselves when the other side is gone.
pub(crate) fn client(url: &str) -> Result<Client, StoreError> {
    let refused = |_| StoreError::rejected(Failure::Url);
    let info = url.into_connection_info().map_err(refused)?;
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(15))
        .with_interval(Duration::from_secs(5));
    let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    // The newer protocol tells of a connection's end while nobody waits for an answer on it.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let info = info.set_tcp_settings(tcp).set_redis_settings(settings);
    Client::open(info).map_err(refused)
}

impl Server {
    pub(crate) fn new(client: Client) -> Self {
        Self { connections: Arc::new(Connections::new(client)), patience: PATIENCE }
    }

    pub(crate) fn client(&self) -> &Client {
        self.connections.client()
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    #[must_use]
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// What the server answers. The call is repeated, once and on a new connection, if it did not
    /// run, or if it may have and that does no harm.
    pub(crate) async fn call<T: FromRedisValue>(
        &self,
        repeat: Repeat,
        request: Request,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + self.patience;
        let mut repeated = false;
        loop {
            let connection = self.connections.current();
            let mut made = until(deadline, connection.made()).await?.map_err(store_error)?;
            let Ok(answer) = until(deadline, request.run(&mut made)).await else {
                connection.discard();
                return Err(StoreError::unavailable(Failure::Silent));
            };
            let error = match answer {
                // The library's error would show the value.
                Ok(value) => {
                    return from_redis_value(value)
                        .map_err(|_| StoreError::corrupt(Failure::Unreadable));
                }
                Err(error) => error,
            };
            let may_repeat = match Aftermath::of(&error) {
                Aftermath::Final => false,
                Aftermath::Undone => true,
                Aftermath::Elsewhere => {
                    connection.discard();
                    true
                }
                Aftermath::Unknown => {
                    connection.discard();
                    repeat == Repeat::Safe
                }
            };
            if repeated || !may_repeat {
                return Err(store_error(error));
            }
            repeated = true;
        }
    }
}

/// Unavailable if it takes longer.
pub(crate) async fn until<F: Future>(deadline: Instant, work: F) -> Result<F::Output, StoreError> {
    timeout_at(deadline, work).await.map_err(|_| StoreError::unavailable(Failure::Silent))
}
