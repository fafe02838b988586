//! A process that can be killed and started again while others send to it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

pub(crate) struct Node {
    database: String,
    running: Mutex<Running>,
}

struct Running {
    child: Child,
    address: SocketAddr,
}

impl Node {
    pub(crate) fn start(database: &str) -> Self {
        let database = database.to_owned();
        let running = Mutex::new(Running::start(&database));
        Self { database, running }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.lock().unwrap().address
    }

    /// Kills it with SIGKILL, and starts it again, on another port.
    pub(crate) fn kill_and_start(&self) {
        self.running.lock().unwrap().kill();
        let next = Running::start(&self.database);
        *self.running.lock().unwrap() = next;
    }
}

impl Running {
    fn start(database: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_octany-test-node"))
            .env("OCTANY_NODE_DATABASE", database)
            .env("OCTANY_NODE_LEASE_MS", "500")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, address }
    }

    fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
