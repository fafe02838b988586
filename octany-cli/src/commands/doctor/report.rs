//! What was found.

use std::fmt::Write;
use std::process::ExitCode;

use serde::Serialize;

use super::endpoint::Reply;
use super::finding::{Finding, Severity};
use crate::output::{Output, Table, Tone};

/// All checks that were made, in order.
#[derive(Default)]
pub(super) struct Report {
    rows: Vec<Row>,
}

/// One check.
#[derive(Serialize)]
struct Row {
    check: &'static str,
    expected: &'static str,
    answered: String,
    verdict: &'static str,
    findings: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    finding: &'static str,
    severity: Severity,
    why: &'static str,
    fix: &'static str,
}

impl Report {
    /// Notes a check, what should have been answered, what was, and what is wrong with that.
    pub(super) fn note(
        &mut self,
        check: &'static str,
        expected: &'static str,
        answered: impl Into<String>,
        findings: impl IntoIterator<Item = Finding>,
    ) {
        let findings: Vec<_> = findings.into_iter().map(Told::from).collect();
        let worst = findings.iter().map(|it| it.severity).max();
        let verdict = worst.map_or("good", Severity::as_str);
        self.rows.push(Row { check, expected, answered: answered.into(), verdict, findings });
    }

    /// The same for what was answered to a delivery.
    pub(super) fn reply(
        &mut self,
        check: &'static str,
        expected: &'static str,
        reply: &Reply,
        finding: Option<Finding>,
    ) {
        self.note(check, expected, reply.text(), finding);
    }

    /// Notes what could not be checked.
    pub(super) fn skip(&mut self, check: &'static str, why: &str) {
        let row = Row {
            check,
            expected: "",
            answered: why.to_owned(),
            verdict: "skipped",
            findings: Vec::new(),
        };
        self.rows.push(row);
    }

    pub(super) fn has(&self, finding: Finding) -> bool {
        let mut findings = self.rows.iter().flat_map(|row| &row.findings);
        findings.any(|it| it.finding == finding.code())
    }

    /// Tells all of it.
    pub(super) fn tell(&self, output: Output, left: &str) -> ExitCode {
        let mut table = Table::new(["", "Check", "Should be", "Was", "Finding"]);
        for row in &self.rows {
            let tone = tone(row.verdict);
            let findings: Vec<_> = row.findings.iter().map(|it| it.finding).collect();
            table.row([
                tone.cell(row.verdict),
                row.check.into(),
                Tone::Faint.cell(row.expected),
                row.answered.as_str().into(),
                tone.cell(findings.join(", ")),
            ]);
        }
        output.list(&table, "Nothing was checked.", &self.rows);
        let count = |verdict| self.rows.iter().filter(|row| row.verdict == verdict).count();
        let (wrong, warnings) = (count("wrong"), count("warning"));
        let json = serde_json::json!({
            "checks": self.rows.len(), "good": count("good"), "warnings": warnings,
            "wrong": wrong, "skipped": count("skipped"), "left_behind": left,
        });
        output.tell(&self.summary(wrong, warnings, left), &json);
        if wrong > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn summary(&self, wrong: usize, warnings: usize, left: &str) -> String {
        let mut text = String::new();
        let mut told = Vec::new();
        for it in self.rows.iter().flat_map(|row| &row.findings) {
            if told.contains(&it.finding) {
                continue;
            }
            told.push(it.finding);
            let name = it.severity.tone().paint(it.finding);
            let _ = writeln!(text, "\n{name}\n  {}\n  Do: {}", it.why, it.fix);
        }
        let verdict = match (wrong, warnings) {
            (0, 0) => Tone::Good.paint("All is as it should be."),
            (0, warnings) => Tone::Warn.paint(format!("It works; {warnings} to look at.")),
            (wrong, warnings) => {
                Tone::Bad.paint(format!("{wrong} wrong, and {warnings} to look at."))
            }
        };
        format!("{text}\n{verdict}\n{left}")
    }
}

impl From<Finding> for Told {
    fn from(finding: Finding) -> Self {
        let (severity, why, fix) = (finding.severity(), finding.why(), finding.fix());
        Self { finding: finding.code(), severity, why, fix }
    }
}

fn tone(verdict: &str) -> Tone {
    match verdict {
        "good" => Tone::Good,
        "warning" => Tone::Warn,
        "wrong" => Tone::Bad,
        _ => Tone::Faint,
    }
}
