//! A body without what is about people.

use serde_json::Value;

/// What takes the place of what is left out.
const LEFT_OUT: &str = "…";

/// Members that say nothing about anybody. All others are left out: what Octany adds tomorrow may be
/// somebody's name.
const KNOWN: [&str; 32] = [
    "amount",
    "created_at",
    "currency",
    "cycles",
    "delayed_at",
    "discount",
    "ends_at",
    "event",
    "id",
    "interval",
    "interval_count",
    "order_id",
    "paid_at",
    "payment_method",
    "price",
    "product_group_id",
    "product_id",
    "quantity",
    "reference_id",
    "remaining_cycles",
    "renews_at",
    "starts_at",
    "state",
    "status",
    "subscription_id",
    "total",
    "trial_ends_at",
    "type",
    "updated_at",
    "vat",
    "vat_rate",
    "uuid",
];

/// The body of a delivery, with ids, states, instants and amounts, and the form of the rest.
pub(super) fn redacted(body: Value) -> Value {
    let Value::Object(mut envelope) = body else { return without(body) };
    for (name, value) in &mut envelope {
        // The name of the event is no customer's.
        let is_known = name == "name" || KNOWN.contains(&name.as_str());
        *value = if is_known && is_single(value) { value.take() } else { without(value.take()) };
    }
    Value::Object(envelope)
}

fn without(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| {
                let is_known = KNOWN.contains(&name.as_str()) && is_single(&value);
                let value = if is_known { value } else { without(value) };
                (name, value)
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without).collect()),
        Value::Null => Value::Null,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => LEFT_OUT.into(),
    }
}

/// Whether it is one value, and no link, whatever it is called.
fn is_single(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains("://") && !text.contains('@'),
        Value::Object(_) | Value::Array(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_about_people_is_left_out_and_its_form_stays() {
        let body = json!({
            "id": 7, "name": "subscription.updated", "created_at": "2026-03-01T12:00:00Z",
            "data": {
                "id": 5, "status": "active", "reference_id": "user_42", "price": 9900,
                "name": "Anna", "customer": {"id": 1, "email": "anna@example.com", "age": 30},
                "links": {"update_card": "https://portal.example/x?signature=1"},
                "id_number": "19800101", "amount": "https://portal.example/", "lines": ["Anna", null],
                "state": {"of": "Anna"},
            },
        });
        let shown = redacted(body);
        assert_eq!(
            shown,
            json!({
                "id": 7, "name": "subscription.updated", "created_at": "2026-03-01T12:00:00Z",
                "data": {
                    "id": 5, "status": "active", "reference_id": "user_42", "price": 9900,
                    "name": "…", "customer": {"id": 1, "email": "…", "age": "…"},
                    "links": {"update_card": "…"},
                    "id_number": "…", "amount": "…", "lines": ["…", null],
                    "state": {"of": "…"},
                },
            })
        );
        assert_eq!(redacted(json!("Anna")), "…");
    }
}
