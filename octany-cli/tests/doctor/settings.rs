//! What the command is told, and what it refuses to do.

use std::net::TcpListener;

use crate::receiver::{Mistake, receiver};
use crate::run::told;
use crate::support::{SECRET, doctor, examine, examined, serve};

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_octany_did_not_make_is_noticed() {
    let url = serve(receiver(Mistake::None)).await;
    let with = async |secret: &str| {
        let mut command = doctor(&url, &[]);
        command.env("OCTANY_WEBHOOK_SECRET", secret);
        examined(command).await
    };
    let spaced = with(&format!("{SECRET}\n")).await;
    assert!(spaced.findings.contains("secret_whitespace"), "{}", spaced.text);
    let short = with("too short").await;
    assert!(short.findings.contains("secret_length"), "{}", short.text);
    for said in [spaced.text, short.text] {
        assert!(!said.contains(SECRET) && !said.contains("too short"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_endpoint_is_fired_at_on_purpose_only() {
    let examined = examine("https://app.invalid/octany/webhook", &[]).await;
    assert_eq!(examined.code, 2, "{}", examined.text);
    assert!(examined.text.contains("--yes"), "{}", examined.text);
    let examined = examine("https://app.invalid/octany/webhook", &["--yes"]).await;
    assert_eq!(examined.code, 3, "{}", examined.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_away_is_no_verdict() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free").local_addr();
    let url = format!("http://{}/", free.expect("it is bound"));
    assert_eq!(examine(&url, &[]).await.code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_why_and_what_to_do() {
    let url = serve(receiver(Mistake::NoVerification)).await;
    let said = told(&mut doctor(&url, &[])).without(SECRET).out;
    assert!(said.contains("no_verification") && said.contains("Do: Verify"), "{said}");
    assert!(said.contains("octany-doctor"), "what is left behind is told: {said}");
}
