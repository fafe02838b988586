//! On PostgreSQL.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use octany_sqlx::PostgresStore;
use tempfile::TempDir;

use super::load::Load;

const FIX: &str = "this test starts and stops a PostgreSQL server of its own, for which initdb and \
    pg_ctl must be there: sudo apt-get install postgresql";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_stopped_and_started_loses_nothing_and_denies_nobody() {
    let server = Server::new();
    server.start();
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    let load = Load::start(store.clone()).await;
    // As an operator does, and as a crash does.
    for how in ["fast", "immediate"] {
        load.until_delivered(200).await;
        server.stop(how);
        load.until_noticed().await;
        server.start();
    }
    load.until_delivered(200).await;
    load.finish(&store).await;
}

/// A server of this test's own.
struct Server {
    programs: PathBuf,
    directory: TempDir,
    port: u16,
}

impl Server {
    fn new() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { programs: programs(), directory: tempfile::tempdir().unwrap(), port };
        if is_root() {
            // PostgreSQL refuses to run as root.
            let owner = Command::new("chown").arg("postgres").arg(server.directory.path()).status();
            assert!(owner.unwrap().success(), "there is a user `postgres`");
        }
        let data = server.data();
        let data = data.to_str().unwrap();
        server.run("initdb", &["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]);
        server
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn start(&self) {
        let options =
            format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", self.port);
        self.pg_ctl(&["start", "-o", &options]);
    }

    fn stop(&self, how: &str) {
        self.pg_ctl(&["stop", "-m", how]);
    }

    fn pg_ctl(&self, arguments: &[&str]) {
        let (data, log) = (self.data(), self.directory.path().join("data/log"));
        let mut all = vec!["-s", "-w", "-D", data.to_str().unwrap(), "-l", log.to_str().unwrap()];
        all.extend(arguments);
        self.run("pg_ctl", &all);
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        command.args(arguments).current_dir(self.directory.path());
        command.stdout(std::process::Stdio::null());
        assert!(command.status().unwrap().success(), "{} {arguments:?}", program.display());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.stop("immediate");
        }
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// Where the newest server's programs are.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    let mut packaged: Vec<_> = ["/usr/lib/postgresql", "/opt/homebrew/opt"]
        .iter()
        .filter_map(|parent| Path::new(parent).read_dir().ok())
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    packaged.sort();
    folders.extend(packaged.into_iter().rev());
    let found = folders
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file());
    found.unwrap_or_else(|| panic!("{FIX}"))
}
