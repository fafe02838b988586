//! Bodies that were signed, whatever is in them.

use bytes::Bytes;
use chrono::DateTime;
use octany_core::resource::Problem;
use octany_core::signature::VerifiedBody;
use octany_core::{Event, EventErrorCause, Payload, RawJson};
use serde_json::Value;

use crate::view::{Names, is_its_own_limit, same_document};
use crate::{memory, resources};

/// Reads a body, in bounded memory, and compares with the referee.
///
/// # Panics
///
/// On the first promise that does not hold.
pub fn check(body: &[u8]) {
    let verified = || {
        let bytes = Bytes::copy_from_slice(body);
        VerifiedBody::danger_verified_before_storing(bytes, "fuzz")
    };
    let read = memory::bounded(body.len(), || Event::parse(verified()));
    let referee = serde_json::from_slice::<Value>(body);
    match read {
        Ok(event) => {
            assert_eq!(event.body().map(VerifiedBody::bytes), Some(&Bytes::copy_from_slice(body)));
            match &referee {
                Ok(value) => agrees(&event, value),
                Err(error) => assert!(is_its_own_limit(error), "read, and is no JSON: {error}"),
            }
            written_is_read_again(&event);
            use_all(event);
        }
        Err(error) => {
            assert_eq!(error.body().bytes(), body, "what arrived is kept");
            refused_for_a_reason(error.cause(), body, &referee);
        }
    }
}

fn agrees(event: &Event, value: &Value) {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    };
    // An integer that the referee makes a float of kept its digits here.
    if let Some(id) = text(&value["id"]) {
        assert_eq!(event.id, *id);
    }
    assert_eq!(Some(&*event.name.as_str()), value["name"].as_str());
    if let Ok(at) = DateTime::parse_from_rfc3339(value["created_at"].as_str().unwrap_or_default()) {
        assert_eq!(event.created_at, at);
    }
    let written = serde_json::to_value(event);
    if let Ok(written) = written {
        assert!(same_document(value, &written), "read {value}\nwritten {written}");
    }
    let data = &value["data"];
    if let Some(subscription) = event.payload.subscription() {
        assert_eq!(Some(subscription.status.as_str()), data["status"].as_str());
        let price = &data["price"];
        // The referee makes one float of `-0`, which is an integer, and of `-0.0`, which is none.
        let zero = price.as_f64().is_some_and(|price| price == 0.0 && price.is_sign_negative());
        assert!(
            subscription.price == price.as_i64() || (zero && subscription.price == Some(0)),
            "read {price} as {:?}",
            subscription.price
        );
        let reference = subscription.reference_id.as_ref().map(|reference| reference.as_str());
        if let Some(text) = text(&data["reference_id"]).filter(|text| !text.is_empty()) {
            assert_eq!(reference, Some(text.as_str()));
        } else if !data["reference_id"].is_number() {
            assert_eq!(reference, None);
        }
    }
}

fn written_is_read_again(event: &Event) {
    let written = serde_json::to_string(event).expect("what was read is written");
    let body = VerifiedBody::danger_verified_before_storing(written.clone(), "fuzz");
    let again = Event::parse(body).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(serde_json::to_string(&again).expect("again"), written, "it stays as it is");
    assert_eq!(again.mistyped(), event.mistyped());
    match (event.snapshot(), again.snapshot()) {
        (Some(one), Some(other)) => {
            assert!(one.agrees_with(&other) && one.version == other.version);
            assert_eq!(one.digest(), other.digest());
        }
        (None, None) => {}
        _ => panic!("one of the two is a report"),
    }
}

fn use_all(event: Event) {
    let _ = format!("{event:?}");
    if let Some(snapshot) = event.snapshot() {
        resources::report(&snapshot);
    }
    match &event.payload {
        Payload::OrderConfirmed(order) | Payload::OrderPaid(order) => resources::order(order),
        Payload::ProductUpdated(product) | Payload::ProductDeleted(product) => {
            let _ = product.money().map(|money| money.to_string());
        }
        Payload::ProductGroupUpdated(raw)
        | Payload::ProductGroupDeleted(raw)
        | Payload::TestHook(raw)
        | Payload::Unknown { raw, .. } => as_php(raw),
        payload => {
            let subscription = payload.subscription().expect("there is nothing else");
            resources::subscription(subscription);
        }
    }
    let written = serde_json::to_string(&event).expect("what was read is written");
    let owned = event.into_owned();
    assert_eq!(serde_json::to_string(&owned).expect("a copy as well"), written);
}

/// A document that PHP would have written differently says the same.
fn as_php(raw: &RawJson) {
    let php = raw.to_php();
    assert!(php.is_ascii());
    if let (Ok(one), Ok(other)) = (raw.decode::<Value>(), serde_json::from_str::<Value>(&php)) {
        assert_eq!(one, other);
    }
    assert_eq!(RawJson::parse(&php).expect("it is JSON").to_php(), php);
}

fn refused_for_a_reason(
    cause: &EventErrorCause,
    body: &[u8],
    referee: &Result<Value, serde_json::Error>,
) {
    match (cause, referee) {
        (EventErrorCause::Utf8(_), _) => assert!(std::str::from_utf8(body).is_err()),
        (_, Err(_)) => {}
        (EventErrorCause::Json(error), Ok(_)) => panic!("it is JSON: {error}"),
        (EventErrorCause::NotAnEnvelope, Ok(value)) => assert!(!value.is_object()),
        (EventErrorCause::Member { path, problem }, Ok(value)) => {
            let pointer = format!("/{}", path.replace('.', "/"));
            let found = value.pointer(&pointer);
            match problem {
                Problem::Missing => assert!(found.is_none(), "`{path}` is there: {value}"),
                Problem::Mistyped => {
                    assert!(found.is_some_and(|found| !fits(path, found, body)), "{path}: {value}");
                }
                // Deeper than 128 the referee does not read, but what was replaced counts as well.
                _ => assert!(body.len() > 128),
            }
        }
        (cause, Ok(_)) => panic!("{cause}"),
    }
}

/// Whether a member is of the type that it should be.
fn fits(path: &str, value: &Value, body: &[u8]) -> bool {
    let is_id = match value {
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.is_i64() || number.is_u64(),
        _ => false,
    };
    match path {
        "id" | "data.id" => is_id,
        "name" => {
            let names = serde_json::from_slice::<Names>(body).map(|names| names.0);
            let times = names.unwrap_or_default().iter().filter(|name| *name == "name").count();
            value.is_string() && times == 1
        }
        "created_at" => value.as_str().is_some_and(|at| DateTime::parse_from_rfc3339(at).is_ok()),
        "data.status" => value.is_string(),
        "data" => value.is_object() || value.as_array().is_some_and(Vec::is_empty),
        path => panic!("`{path}` makes nothing what it is"),
    }
}
