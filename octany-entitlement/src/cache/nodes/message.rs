//! What nodes say, as text.
//!
//! `{"v":1,"from":"00c0ffee00c0ffee","ids":["76963688","user_42"]}` says that something was written
//! about these ids, and `{"v":1,"from":"00c0ffee00c0ffee","everything":true}` that it may have been
//! about any.

use octany_core::{ReferenceId, SubscriptionId};
use serde_json::Value;

use super::queue::Pending;

const VERSION: u64 = 1;

/// What another node said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) from: u64,
    pub(super) everything: bool,
    pub(super) ids: Vec<String>,
}

/// The messages for what waits, none longer than `longest` bytes. An id that would be too long by
/// itself makes it one about everything.
pub(super) fn encode(pending: &Pending, from: u64, longest: usize) -> Vec<String> {
    let start = format!(r#"{{"v":{VERSION},"from":"{from:016x}","#);
    let everything = || vec![format!(r#"{start}"everything":true}}"#)];
    if pending.everything {
        return everything();
    }
    let empty = format!(r#"{start}"ids":["#);
    let (mut messages, mut message) = (Vec::new(), empty.clone());
    let subscriptions = pending.subscriptions.iter().map(SubscriptionId::as_str);
    let references = pending.references.iter().map(ReferenceId::as_str);
    for id in subscriptions.chain(references) {
        let id = Value::from(id).to_string();
        if empty.len() + id.len() + END.len() > longest {
            return everything();
        }
        let is_first = message.len() == empty.len();
        if !is_first && message.len() + 1 + id.len() + END.len() > longest {
            messages.push(std::mem::replace(&mut message, empty.clone()) + END);
        } else if !is_first {
            message.push(',');
        }
        message.push_str(&id);
    }
    if message.len() > empty.len() {
        messages.push(message + END);
    }
    messages
}

const END: &str = "]}";

/// `None` for one that cannot be read, in part or in whole.
pub(super) fn decode(message: &str) -> Option<Heard> {
    let Value::Object(mut members) = serde_json::from_str(message).ok()? else { return None };
    if members.remove("v")?.as_u64()? != VERSION {
        return None;
    }
    let from = u64::from_str_radix(members.remove("from")?.as_str()?, 16).ok()?;
    let everything = members.remove("everything").is_some_and(|value| value == Value::Bool(true));
    let ids = match members.remove("ids") {
        Some(Value::Array(ids)) => ids.iter().map(text).collect::<Option<_>>()?,
        None if everything => Vec::new(),
        _ => return None,
    };
    members.is_empty().then_some(Heard { from, everything, ids })
}

fn text(id: &Value) -> Option<String> {
    id.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(subscriptions: &[&str], references: &[&str]) -> Pending {
        Pending {
            everything: false,
            subscriptions: subscriptions.iter().map(|id| (*id).into()).collect(),
            references: references.iter().map(|id| (*id).into()).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let pending = pending(&["1", "\"2\""], &["user\n", "användare", "🦀", ""]);
        for longest in [0, 60, 80, 4_096] {
            let messages = encode(&pending, 7, longest);
            let heard: Vec<_> = messages.iter().map(|text| decode(text).unwrap()).collect();
            assert!(heard.iter().all(|heard| heard.from == 7));
            if longest == 0 {
                assert_eq!(messages, [r#"{"v":1,"from":"0000000000000007","everything":true}"#]);
                continue;
            }
            let ids: Vec<_> = heard.into_iter().flat_map(|heard| heard.ids).collect();
            assert_eq!(ids, ["\"2\"", "1", "", "användare", "user\n", "🦀"]);
            assert!(messages.iter().all(|text| text.len() <= longest && !text.contains('\n')));
        }
        assert!(encode(&Pending::default(), 7, 100).is_empty());
    }

    #[test]
    fn the_form_on_the_wire_stays() {
        let messages = encode(&pending(&["76963688"], &["user_42"]), 0x00c0_ffee_00c0_ffee, 4_096);
        assert_eq!(messages, [r#"{"v":1,"from":"00c0ffee00c0ffee","ids":["76963688","user_42"]}"#]);
    }
}
