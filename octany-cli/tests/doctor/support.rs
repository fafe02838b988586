//! The command, and servers for it to look at.

use std::collections::BTreeSet;
use std::process::Command;

use axum::Router;
use octany_core::signature::{SigningSecret, Verifier};
use tokio::net::TcpListener;

use crate::run::{octany, told};

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// What the command said.
pub(crate) struct Examined {
    pub(crate) code: i32,
    /// The names of all findings.
    pub(crate) findings: BTreeSet<String>,
    pub(crate) text: String,
}

impl Examined {
    /// Fails unless exactly these were found.
    #[track_caller]
    pub(crate) fn finds(self, findings: &[&str]) -> Self {
        let findings = findings.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(self.findings, findings, "{}", self.text);
        self
    }
}

pub(crate) fn verifier() -> Verifier {
    Verifier::new(SigningSecret::new(SECRET).expect("it is not empty"))
}

/// Serves an app until the runtime ends, and gives its URL.
pub(crate) async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

/// The command that looks at an endpoint with these arguments besides, and has the right secret.
pub(crate) fn doctor(url: &str, more: &[&str]) -> Command {
    let mut command = octany(&[&["doctor", url], more].concat());
    command.env("OCTANY_WEBHOOK_SECRET", SECRET);
    command
}

pub(crate) async fn examine(url: &str, more: &[&str]) -> Examined {
    examined(doctor(url, more)).await
}

/// The same for a command that was told more.
pub(crate) async fn examined(mut command: Command) -> Examined {
    let told = tokio::task::spawn_blocking(move || told(command.arg("--json"))).await;
    let told = told.expect("it does not panic");
    let documents = told.documents().into_iter();
    let findings = documents.filter_map(|it| it["findings"].as_array().cloned()).flatten();
    let names = findings.map(|it| it["finding"].as_str().expect("a name").to_owned());
    Examined { code: told.code, findings: names.collect(), text: told.out + &told.err }
}
