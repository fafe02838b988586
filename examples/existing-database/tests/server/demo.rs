//! The demonstration shows what it says.

use std::process::{Command, Output};

use crate::place::Place;

fn run(url: Option<&str>) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_existing-database"));
    program.env_remove("DATABASE_URL").envs(url.map(|url| ("DATABASE_URL", url)));
    program.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_three_outcomes_are_shown_also_the_second_time() {
    let place = Place::new().await;
    for _ in 0..2 {
        let ran = run(Some(&place.url()));
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let shown = String::from_utf8(ran.stdout).unwrap();
        let row = |line: &str| line.split("  ").map(str::trim).filter(|c| !c.is_empty()).count();
        let decisions = |what: &str| {
            let line = shown.lines().find(|line| line.starts_with(what)).unwrap();
            assert_eq!(row(line), 3, "{line}");
            line[what.len()..].split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let nobody = "denied (no_subscription) denied (no_subscription)";
        let anna = "allowed (active) denied (no_subscription)";
        assert_eq!(decisions("nobody has paid"), nobody);
        assert_eq!(decisions("anna pays"), anna);
        assert_eq!(decisions("the same delivery again"), anna);
        assert_eq!(decisions("somebody pays, and nobody knows who"), anna);
        assert_eq!(decisions("it was bo"), "allowed (active) allowed (active)");
        let cancelled = "allowed (paid_until_end) allowed (active)";
        assert_eq!(decisions("anna cancels; her time is paid"), cancelled);
        assert_eq!(decisions("an update from before comes late"), cancelled);
        assert_eq!(decisions("the paid time is over"), "denied (ended) allowed (active)");
        assert_eq!(decisions("the database is away"), "could not tell could not tell");
        assert!(shown.contains("d1 was dealt with before"));
        assert!(shown.contains("charged next, says the app: bo@example.com on 2026-04-02"));
    }
}

#[test]
fn without_a_database_it_says_what_it_needs() {
    for url in [None, Some("")] {
        let ran = run(url);
        assert_eq!(ran.status.code(), Some(2));
        assert!(ran.stdout.is_empty());
        assert!(String::from_utf8(ran.stderr).unwrap().contains("DATABASE_URL=postgres://"));
    }
}

#[test]
fn a_server_that_is_not_there_is_a_failure_that_shows_no_password() {
    let ran = run(Some("postgres://anna:SECRET@127.0.0.1:1/app"));
    assert_eq!(ran.status.code(), Some(1));
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(!said.is_empty() && !said.contains("SECRET"), "{said}");
}
