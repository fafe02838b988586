//! Help, colours, and what shells and `man` are given.

use std::fs::File;
use std::process::{Command, Stdio};

use chrono::Utc;
use octany_core::{Snapshot, Source, Version};

use crate::place::Place;
use crate::run::{Told, octany, told};

const COMMANDS: [&[&str]; 24] = [
    &[],
    &["sim"],
    &["trigger"],
    &["listen"],
    &["advance"],
    &["sign"],
    &["verify"],
    &["replay"],
    &["why"],
    &["reconcile"],
    &["backfill"],
    &["audit"],
    &["inbox"],
    &["inbox", "list"],
    &["inbox", "show"],
    &["inbox", "replay"],
    &["inbox", "discard"],
    &["charges"],
    &["charges", "list"],
    &["charges", "settle"],
    &["charges", "abandon"],
    &["doctor"],
    &["completions"],
    &["man"],
];

fn help(command: &[&str]) -> String {
    told(&mut octany(&[command, &["--help"]].concat())).exits(0).out
}

#[test]
fn every_command_has_a_help_that_fits_and_takes_no_secret_as_an_argument() {
    for command in COMMANDS {
        let help = help(command);
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{command:?}: {line}");
        }
        for secret in ["--secret ", "--api-key ", "--store-url", "--reference-key ", "--password"] {
            assert!(!help.contains(secret), "{command:?} takes {secret}");
        }
    }
    for command in ["inbox", "charges", "help"] {
        assert!(help(&[]).contains(command));
    }
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let folder = tempfile::tempdir().unwrap();
    told(&mut octany(&["man", folder.path().to_str().unwrap()])).exits(0);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let completions = told(&mut octany(&["completions", shell])).exits(0).out;
        for command in COMMANDS.concat() {
            assert!(completions.contains(command), "{shell} does not know {command}");
        }
        assert!(completions.contains("reveal"), "{shell} does not know --reveal");
    }
    for command in COMMANDS {
        let page = folder.path().join([&["octany"], command].concat().join("-") + ".1");
        let page = std::fs::read_to_string(&page).unwrap_or_else(|_| panic!("no {page:?}"));
        assert!(page.contains(".SH NAME"));
    }
}

/// Denies, in red where that is wanted.
async fn denied(settings: &[(&str, &str)], arguments: &[&str]) -> Told {
    let place = Place::sqlite().await;
    let mut command = octany(&[&["why", "nobody"], arguments].concat());
    told(place.given_to(command.envs(settings.iter().copied()))).exits(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_where_they_are_wanted() {
    let has = async |settings: &[(&str, &str)], arguments: &[&str]| {
        denied(settings, arguments).await.out.contains('\u{1b}')
    };
    assert!(!has(&[], &[]).await, "nobody looks");
    assert!(has(&[("CLICOLOR_FORCE", "1")], &[]).await);
    assert!(has(&[], &["--color", "always"]).await);
    assert!(!has(&[("NO_COLOR", "1")], &[]).await);
    assert!(!has(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]).await);
    assert!(!has(&[("CLICOLOR_FORCE", "1")], &["--json"]).await, "programs read no colours");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_could_not_be_written_is_no_success() {
    let place = Place::sqlite().await;
    let mut command = octany(&["inbox", "list"]);
    command.stdout(File::options().write(true).open("/dev/full").unwrap());
    let failed = place.given_to(&mut command).output().unwrap();
    assert_eq!(failed.status.code(), Some(3));
    let why = String::from_utf8(failed.stderr).unwrap();
    assert!(why.contains("octany: not all results could be written"), "{why}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_gets_colours_and_tables_no_wider_than_itself() {
    let place = Place::sqlite().await;
    let mut report = Snapshot::new(1, "active", Version::new(Utc::now(), Source::Api));
    report.reference = Some("user_42".into());
    report.renews_at = Some(Utc::now());
    place.store.apply(&report).await.unwrap();
    // Of the package bsdutils, which every Debian has.
    let shell = format!("stty rows 40 cols 60; {} why user_42", env!("CARGO_BIN_EXE_octany"));
    let mut command = Command::new("script");
    command.args(["-qec", &shell, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
    let shown = place.given_to(command.stdin(Stdio::null())).output().expect("script is there");
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("\u{1b}[32mallowed"), "{shown:?}");
    let (_, table) = shown.split_once("\r\n\r\n").expect("a table stands behind the verdict");
    for line in table.lines() {
        let line = anstream::adapter::strip_str(line).to_string();
        assert!(line.trim_end().chars().count() <= 60, "{line:?}");
    }
}
