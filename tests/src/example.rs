//! The examples as processes of their own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use octany_core::checkout::ReferenceKey;
use octany_core::signature::SigningSecret;
use tempfile::TempDir;

use crate::nobody;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const REFERENCE_KEY: &str = "a key that signs for tests only.";
const PRODUCT: &str = "42";

/// An example that is running, on a free port and a database of its own.
#[derive(Debug)]
pub struct Example {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The URL of its local Octany, if it has one.
    pub octany: Option<String>,
    /// It would not survive writing to nobody.
    _output: BufReader<ChildStdout>,
    /// Where it keeps what it would remove in the end, if it were not killed.
    _directory: Option<TempDir>,
}

impl Example {
    /// Builds an example, if it is not, and starts it over a database file. Its Octany
    /// answers that nobody has subscribed.
    ///
    /// # Panics
    ///
    /// If it does not come up.
    pub fn start(package: &str, database: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = command(package);
        let octany = nobody::start();
        command
            .env("OCTANY_ACCOUNT", "00000000-0000-4000-8000-000000000000")
            .env("OCTANY_API_KEY", "nobody asks for it")
            .env("OCTANY_API_URL", &octany)
            .env("OCTANY_CHECKOUT_URL", &octany)
            .env("OCTANY_WEBHOOK_SECRET", SECRET)
            .env("PAYWALL_PRODUCT", PRODUCT)
            .env("PAYWALL_REFERENCE_KEY", REFERENCE_KEY)
            .env("PAYWALL_URL", "http://127.0.0.1:3000")
            .env("PAYWALL_DATABASE", database)
            .envs(environment.iter().copied());
        Self::spawn(command, None)
    }

    /// Builds an example, if it is not, and starts it beside a local Octany.
    ///
    /// # Panics
    ///
    /// If it does not come up.
    pub fn start_beside_octany(package: &str) -> Self {
        let mut command = command(package);
        let directory = tempfile::tempdir().expect("a temporary directory");
        command.env("TMPDIR", directory.path());
        Self::spawn(command, Some(directory))
    }

    fn spawn(mut command: Command, directory: Option<TempDir>) -> Self {
        command.env("PAYWALL_ADDRESS", "127.0.0.1:0").stdout(Stdio::piped());
        let is_alone =
            command.get_envs().any(|(name, value)| name == "OCTANY_ACCOUNT" && value.is_some());
        let mut child = command.spawn().expect("an example that was built starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut url = || {
            let mut line = String::new();
            output.read_line(&mut line).expect("it says where it listens");
            let url = line.trim().rsplit(' ').next().filter(|url| url.starts_with("http://"));
            url.unwrap_or_else(|| unreachable!("it said {line:?}")).to_owned()
        };
        let app = url();
        let octany = (!is_alone).then(&mut url);
        let address = app["http://".len()..].parse().expect("it is an address");
        Self { child, address, octany, _output: output, _directory: directory }
    }

    /// The URL of a page.
    pub fn url(&self, page: &str) -> String {
        format!("http://{}{page}", self.address)
    }

    /// Kills it with SIGKILL: no destructor runs, and no buffer is flushed.
    ///
    /// # Panics
    ///
    /// If there is nothing to kill.
    pub fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it was running");
    }

    /// How much memory it holds, in KiB; `None` where the system has no `/proc` that tells.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    }

    /// A connection to it.
    ///
    /// # Panics
    ///
    /// If it does not accept one.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it accepts connections");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout can be set");
        stream
    }

    /// Sends a signed delivery and gives the answer.
    pub fn deliver(&self, body: &str) -> Answer {
        let mut stream = self.connect();
        send_delivery(&mut stream, body, &sign(body));
        Answer::read(stream)
    }

    /// Gets a page as a user.
    ///
    /// # Panics
    ///
    /// If the connection fails.
    pub fn get(&self, page: &str, user: &str) -> Answer {
        let mut stream = self.connect();
        let request = format!(
            "GET {page} HTTP/1.1\r\nhost: app\r\ncookie: user={user}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("it takes a request");
        Answer::read(stream)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The signature of the running examples' secret.
///
/// # Panics
///
/// Never: the secret is not empty.
pub fn sign(body: &str) -> String {
    secret().sign(body.as_bytes()).to_string()
}

/// The secret of the running examples and nodes.
///
/// # Panics
///
/// Never: it is not empty.
pub fn secret() -> SigningSecret {
    SigningSecret::new(SECRET).expect("it is not empty")
}

/// What a user's checkout at the running examples tells Octany.
///
/// # Panics
///
/// Never: key, user and product are right.
pub fn reference(user: &str) -> String {
    let key = ReferenceKey::new(REFERENCE_KEY).expect("there are 32 bytes");
    let reference =
        key.sign(&user.into(), &PRODUCT.into(), DateTime::UNIX_EPOCH + TimeDelta::days(40_000));
    reference.expect("user and product are short").as_reference_id().to_string()
}

/// Writes a delivery, whole.
///
/// # Panics
///
/// If the connection fails.
pub fn send_delivery(stream: &mut TcpStream, body: &str, signature: &str) {
    let request = format!(
        "POST /octany/webhook HTTP/1.1\r\nhost: app\r\ncontent-type: application/json\r\n\
         octany-signature: {signature}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len(),
    );
    stream.write_all(request.as_bytes()).expect("it takes a delivery");
}

/// An HTTP answer, as text.
#[derive(Debug)]
pub struct Answer {
    /// The status; 0 if the connection was closed without one.
    pub status: u16,
    /// Everything, from the status line to the end of the body.
    pub text: String,
}

impl Answer {
    /// Reads until the server closes.
    pub fn read(mut stream: impl Read) -> Self {
        let mut bytes = Vec::new();
        // A server that refuses a body it did not read may reset the connection after its answer.
        drop(stream.read_to_end(&mut bytes));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, text }
    }
}

/// An example, in an environment that says nothing to it.
fn command(package: &str) -> Command {
    let mut command = Command::new(built(package));
    for name in ["OCTANY_ACCOUNT", "OCTANY_API_KEY", "OCTANY_WEBHOOK_SECRET"] {
        command.env_remove(name);
    }
    command
}

/// Builds an example beside the running test and tells where it is.
fn built(package: &str) -> PathBuf {
    let deps = std::env::current_exe().expect("a test has a path");
    let profile = deps.parent().and_then(Path::parent).expect("target/<profile>/deps");
    let target = profile.parent().expect("target/<profile>");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", package, "--target-dir"]).arg(target);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let done = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
    assert!(done.success(), "{package} does not build");
    profile.join(package)
}
