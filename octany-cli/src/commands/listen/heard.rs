//! A delivery, in a line.

use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};

use crate::commands::deliver::Delivered;
use crate::output::{Output, Tone, plain};
use crate::time::shown;

/// How much of an answer people are shown.
const SHOWN: usize = 200;

/// What a delivery is about.
pub(super) struct Heard {
    event: String,
    delivery: Option<String>,
    reference: Option<String>,
}

impl Heard {
    pub(super) fn of(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let event = body["name"].as_str().unwrap_or("a delivery").to_owned();
        Self { event, delivery: text(&body["id"]), reference: text(&body["data"]["reference_id"]) }
    }

    /// Tells of it, and what it was answered in this time; `None` for no answer of anybody else.
    pub(super) fn tell(&self, output: Output, answer: Option<&Answer<'_>>, took: Duration) {
        let now = shown(Utc::now());
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let reference = self.reference.as_deref().unwrap_or("-");
        let mut text = format!(
            "{}  {}  {}",
            Tone::Faint.paint(&now),
            Tone::Strong.paint(format!("{:<24}", self.event)),
            plain(&format!("{reference:<16}")),
        );
        if let Some(answer) = answer {
            text = format!("{text}  {}  {milliseconds} ms", answer.painted());
            if let Some(why) = answer.why() {
                text = format!("{text}\n    {}", plain(&why));
            }
        }
        let json = json!({
            "at": now, "event": self.event, "delivery": self.delivery, "reference": self.reference,
            "status": answer.and_then(Answer::status), "milliseconds": milliseconds,
        });
        output.tell(text.trim_end(), &json);
    }
}

/// What came of forwarding.
pub(super) enum Answer<'a> {
    Came(&'a Delivered),
    None,
}

impl Answer<'_> {
    fn status(&self) -> Option<u16> {
        match self {
            Self::Came(delivered) => Some(delivered.status),
            Self::None => None,
        }
    }

    fn painted(&self) -> String {
        match self {
            Self::Came(delivered) if delivered.is_accepted() => Tone::Good.paint(delivered.status),
            Self::Came(delivered) => Tone::Bad.paint(delivered.status),
            Self::None => Tone::Bad.paint("no answer"),
        }
    }

    /// What a refusal says, in a line.
    fn why(&self) -> Option<String> {
        let Self::Came(delivered) = self else { return None };
        let answer = delivered.answer.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_worth_it = !delivered.is_accepted() && !answer.is_empty();
        is_worth_it.then(|| answer.chars().take(SHOWN).collect())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
