//! What the benchmark counted.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde_json::Value;

/// Instructions by the step's name.
pub(crate) struct Counts(BTreeMap<String, i64>);

impl Counts {
    /// Reads summaries, one JSON document a line.
    pub(crate) fn read(lines: impl BufRead) -> Self {
        let counts = lines.lines().map(|line| {
            let summary: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let name = summary["id"].as_str().unwrap().to_owned();
            let metrics = &summary["profiles"][0]["data"]["total"]["metrics"];
            let count = metrics["Ir"]["values"]["new"].as_i64();
            (name, count.expect("callgrind counts instructions"))
        });
        Self(counts.collect())
    }

    /// Those of a step.
    pub(crate) fn of(&self, step: &str) -> i64 {
        *self.0.get(step).unwrap_or_else(|| unreachable!("`{step}` was not counted"))
    }

    /// Those of a step, without those of others.
    pub(crate) fn over(&self, step: &str, others: &[&str]) -> i64 {
        self.of(step) - others.iter().map(|step| self.of(step)).sum::<i64>()
    }
}
