//! Scripts on the server, and what is asked of it.

use std::sync::LazyLock;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, RedisResult, Script, ServerErrorKind, ToRedisArgs, Value};

/// A script of this crate.
pub(crate) type Lua = LazyLock<Script>;

/// A script from its parts, each a file.
macro_rules! lua {
    ($($part:literal),+) => {
        std::sync::LazyLock::new(|| {
            redis::Script::new(concat!($(include_str!(concat!("scripts/", $part, ".lua"))),+))
        })
    };
}
pub(crate) use lua;

/// One command, which may be the call of a script.
pub(crate) struct Request {
    command: Cmd,
    script: Option<&'static Script>,
}

impl Request {
    pub(crate) fn command(name: &str) -> Self {
        Self { command: redis::cmd(name), script: None }
    }

    pub(crate) fn script(script: &'static Lua, keys: &[String]) -> Self {
        let script = LazyLock::force(script);
        let mut command = redis::cmd("EVALSHA");
        command.arg(script.get_hash()).arg(keys.len()).arg(keys);
        Self { command, script: Some(script) }
    }

    pub(crate) fn arg(mut self, arg: impl ToRedisArgs) -> Self {
        self.command.arg(arg);
        self
    }

    /// A server that does not have the script gets it, and runs it then.
    pub(crate) async fn run(&self, connection: &mut MultiplexedConnection) -> RedisResult<Value> {
        let answer = self.command.query_async(connection).await;
        match (&answer, self.script) {
            (Err(error), Some(script)) if lacks_script(error.kind()) => {
                script.load_async(connection).await?;
                self.command.query_async(connection).await
            }
            _ => answer,
        }
    }
}

pub(crate) fn lacks_script(kind: ErrorKind) -> bool {
    kind == ErrorKind::Server(ServerErrorKind::NoScript)
}
