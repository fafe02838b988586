//! A server of a test's own, which may be harmed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use octany_redis::RedisStore;
use redis::{Client, FromRedisValue};
use tempfile::TempDir;

use crate::place::{cmd, run};

/// Stopped, and removed with all it holds, with the test.
pub(crate) struct OwnServer {
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
    process: Option<Child>,
}

impl OwnServer {
    /// A server with settings, each `--name value`.
    pub(crate) async fn start(settings: &[&str]) -> Self {
        // A port that nobody listens on, since it was just given back.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = settings.iter().map(ToString::to_string).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self { folder, port, settings, process: None };
        server.restart().await;
        server
    }

    /// Starts it again, with what it had written to its file.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.process = Some(self.spawn());
        while !self.answers().await {
            let ended = self.process.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the server ended: {ended:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// As a crash does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn spawn(&self) -> Child {
        for program in ["redis-server", "valkey-server"] {
            let started = Command::new(program)
                .args(["--bind", "127.0.0.1", "--save", "", "--port", &self.port.to_string()])
                .arg("--dir")
                .arg(self.folder.path())
                .args(self.settings.iter().flat_map(|setting| setting.split(' ')))
                .stdout(Stdio::null())
                .spawn();
            if let Ok(process) = started {
                return process;
            }
        }
        panic!(
            "this test starts a server of its own: run `./scripts/test`, or install redis-server"
        );
    }

    async fn answers(&self) -> bool {
        let client = Client::open(self.url()).unwrap();
        match client.get_multiplexed_async_connection().await {
            Ok(mut connection) => {
                let answer = redis::cmd("PING").query_async::<redis::Value>(&mut connection).await;
                answer.is_ok() || answer.is_err_and(|error| error.code() == Some("NOAUTH"))
            }
            Err(_) => false,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn store(&self) -> RedisStore {
        RedisStore::connect(&self.url()).await.unwrap()
    }

    pub(crate) async fn run<T: FromRedisValue>(&self, words: &[&str]) -> T {
        run(&self.url(), &cmd(words)).await
    }

    /// Ends all connections but the one that says so.
    pub(crate) async fn end_all(&self, which: &str) -> u32 {
        self.run(&["CLIENT", "KILL", "TYPE", which, "SKIPME", "yes"]).await
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.kill();
    }
}
