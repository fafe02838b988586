//! What a verified body may look like, and what it may not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

use bytes::Bytes;
use chrono::DateTime;
use octany_core::resource::{Phone, Problem, Subscription};
use octany_core::signature::{SigningSecret, VerifiedBody, Verifier};
use octany_core::{
    AccessPolicy, BasisPoints, Event, EventErrorCause, EventName, Payload, SubscriptionStatus,
    evaluate,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn verified(body: impl Into<Bytes>) -> VerifiedBody {
    let (body, secret) = (body.into(), SigningSecret::new("0123456789abcdef").unwrap());
    let signature = secret.sign(&body);
    Verifier::new(secret).verify(body, &signature, || DateTime::UNIX_EPOCH).unwrap()
}

fn event(body: &Value) -> Event {
    Event::parse(verified(body.to_string())).unwrap()
}

fn refused(body: impl Into<Bytes>) -> String {
    let body = body.into();
    let error = Event::parse(verified(body.clone())).unwrap_err();
    assert_eq!(error.body().bytes(), &body, "what arrived is kept");
    error.to_string()
}

fn envelope(name: &str, data: &Value) -> Value {
    json!({
        "id": 991, "name": name, "account": 7,
        "created_at": "2026-03-01T12:00:00+00:00", "data": data,
    })
}

fn subscription(data: &Value) -> std::sync::Arc<Subscription> {
    let event = event(&envelope("subscription.updated", data));
    let Payload::SubscriptionUpdated(subscription) = event.payload else { unreachable!() };
    subscription
}

#[test]
fn members_without_which_it_is_no_event_are_named() {
    let whole = envelope("subscription.created", &json!({"id": 1, "status": "active"}));
    for member in ["id", "name", "created_at", "data"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(member);
        assert_eq!(refused(body.to_string()), format!("`{member}` is missing"));
        body[member] = json!(true);
        assert_eq!(refused(body.to_string()), format!("`{member}` has the wrong type"));
    }
    for member in ["id", "status"] {
        let mut body = whole.clone();
        body["data"].as_object_mut().unwrap().remove(member);
        assert_eq!(refused(body.to_string()), format!("`data.{member}` is missing"));
        body["data"][member] = json!(true);
        assert_eq!(refused(body.to_string()), format!("`data.{member}` has the wrong type"));
    }
}

#[test]
fn the_order_of_members_does_not_matter() {
    let body = r#"{"data":{"status":"active","id":1},"created_at":"2026-03-01T12:00:00Z",
        "name":"subscription.created","id":"d"}"#;
    let event = Event::parse(verified(body)).unwrap();
    assert_eq!(event.payload.subscription().unwrap().id, "1");
    let body = r#"{"data":{"id":1},"created_at":"2026-03-01T12:00:00Z",
        "name":"subscription.created","id":"d"}"#;
    assert_eq!(refused(body), "`data.status` is missing");
}

#[test]
fn a_second_name_is_not_believed() {
    let body = r#"{"id":1,"name":"subscription.created","created_at":"2026-03-01T12:00:00Z",
        "data":{"id":1,"status":"active"},"name":"order.paid"}"#;
    assert_eq!(refused(body), "`name` has the wrong type");
}

#[test]
fn what_is_no_json_or_no_envelope_is_refused() {
    for body in ["", " ", "{", "{}x", "{\"id\":", "\u{feff}{}", "{'id':1}"] {
        assert!(refused(body).starts_with("the body is not JSON"), "{body:?}");
    }
    for body in ["[]", "[1]", "null", "1", "\"subscription.created\"", "true"] {
        assert_eq!(refused(body), "the body is not an envelope", "{body:?}");
    }
    assert_eq!(refused(Bytes::from_static(b"{\"id\":\"\xff\"}")), "the body is not UTF-8");
}

#[test]
fn errors_show_nothing_of_the_body() {
    let body = envelope("subscription.created", &json!({"id": 1, "email": "anna@kund.example"}));
    let error = Event::parse(verified(body.to_string())).unwrap_err();
    assert!(matches!(
        error.cause(),
        EventErrorCause::Member { path, problem: Problem::Missing } if path == "data.status"
    ));
    assert!(!format!("{error:?} {error}").contains("anna"));
}

#[test]
fn unknown_names_and_statuses_are_values() {
    let unknown = event(&envelope("subscription.frozen", &json!({"any": ["thing"]})));
    assert_eq!(unknown.name, EventName::from("subscription.frozen"));
    let Payload::Unknown { name, raw } = &unknown.payload else { unreachable!() };
    assert_eq!(name, "subscription.frozen");
    assert_eq!(raw.decode::<Value>().unwrap(), json!({"any": ["thing"]}));

    let frozen = subscription(&json!({"id": 1, "status": "frozen"}));
    assert_eq!(frozen.status, SubscriptionStatus::Unknown("frozen".into()));
}

#[test]
fn an_order_or_product_that_cannot_be_read_is_not_lost() {
    for name in ["order.paid", "order.confirmed", "product.updated", "product.deleted"] {
        for data in [json!({"sum": 1}), json!([]), json!("deleted"), Value::Null] {
            let event = event(&envelope(name, &data));
            let Payload::Unknown { name: kept, raw } = &event.payload else { unreachable!() };
            assert_eq!(kept, name);
            assert_eq!(raw.decode::<Value>().unwrap(), data);
        }
    }
}

#[test]
fn a_mistyped_member_is_kept_and_reported() {
    let data = json!({
        "id": 1, "status": "active", "price": "99", "vat": null, "ends_at": "soon",
        "metadata": [], "custom_fields": 7,
    });
    let body = envelope("subscription.updated", &data);
    let event = event(&body);
    assert_eq!(event.mistyped(), ["data.price", "data.ends_at", "data.custom_fields"]);
    let subscription = event.payload.subscription().unwrap();
    assert_eq!(subscription.price, None);
    assert_eq!(subscription.extra.get("price").unwrap().as_str(), "\"99\"");
    assert_eq!(subscription.extra.get("ends_at").unwrap().as_str(), "\"soon\"");
    assert_eq!(serde_json::to_value(&event).unwrap(), normal(body));
}

#[test]
fn a_zero_with_a_sign_is_an_integer_and_a_fraction_is_none() {
    let price = |text: &str| {
        let body = envelope("subscription.updated", &json!({"id": 1, "status": "active"}));
        let body = body.to_string().replace("\"active\"", &format!("\"active\",\"price\":{text}"));
        Event::parse(verified(body)).unwrap().payload.subscription().unwrap().price
    };
    assert_eq!(price("-0"), Some(0));
    for fraction in ["-0.0", "0.0", "-1E-400", "25.0"] {
        assert_eq!(price(fraction), None, "{fraction}");
    }
}

#[test]
fn an_end_that_cannot_be_read_ends_access() {
    let event = event(&envelope(
        "subscription.updated",
        &json!({"id": 1, "status": "active", "ends_at": "1 april"}),
    ));
    let snapshot = event.snapshot().unwrap();
    assert!(!snapshot.is_paying(event.created_at));
    assert!(snapshot.contested, "so that the truth is fetched");
}

#[test]
fn an_end_of_a_trial_that_cannot_be_read_ends_it_where_ends_are_enforced() {
    let event = event(&envelope(
        "subscription.updated",
        &json!({"id": 1, "status": "trialing", "trial_ends_at": 20_260_401}),
    ));
    let (snapshot, now) = (event.snapshot().unwrap(), event.created_at);
    assert!(snapshot.contested && snapshot.is_paying(now), "as published, a status is enough");
    let strict = AccessPolicy::new().enforce_trial_end(chrono::TimeDelta::zero());
    assert!(!evaluate(&strict, &[snapshot], now).is_allowed());
}

#[test]
fn a_null_is_not_mistyped() {
    let mut body =
        envelope("subscription.updated", &json!({"id": 1, "status": "active", "vat": null}));
    body["account"] = Value::Null;
    assert_eq!(event(&body).mistyped(), [""; 0]);
    body["account"] = json!([1]);
    assert_eq!(event(&body).mistyped(), ["account"]);
}

#[test]
fn nested_quirks_of_older_documents_are_read() {
    let subscription = subscription(&json!({
        "id": 1, "status": "active", "reference_name": "",
        "product": {"id": 42, "name": "Månad", "vat_rate": 2500},
        "customer": {"id": "c", "phone": null},
        "billing_method": {"person": {"phone": false}, "address": null, "company": null},
        "custom_fields": {},
    }));
    assert_eq!(subscription.product().unwrap(), "42");
    assert_eq!(subscription.reference_name.as_ref().unwrap(), "");
    let product = subscription.product.as_ref().unwrap().read().unwrap();
    assert_eq!(product.vat_rate, Some(BasisPoints(2500)));
    assert_eq!(product.name.unwrap(), "Månad");
    let billing_method = subscription.billing_method.as_ref().unwrap().read().unwrap();
    let person = billing_method.person.unwrap().read().unwrap();
    assert_eq!(person.phone, Some(Phone::Unset));
    assert!(subscription.custom_fields.as_ref().unwrap().read().unwrap().is_empty());
    assert_eq!(subscription.mistyped().count(), 0);
}

#[test]
fn dates_are_read_with_any_zone_and_never_without_one() {
    let read = |date: &str| {
        subscription(&json!({"id": 1, "status": "active", "renews_at": date})).renews_at
    };
    let noon = DateTime::from_timestamp(1_772_366_400, 0);
    for date in [
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T13:00:00+0100",
        "2026-03-01T12:00:00.000000Z",
    ] {
        assert_eq!(read(date), noon, "{date}");
    }
    for date in ["2026-03-01T12:00:00", "2026-03-01", "", "0000-00-00 00:00:00", "1772366400"] {
        assert_eq!(read(date), None, "{date}");
    }
}

#[test]
fn ids_of_any_size_come_back_as_they_came() {
    for id in ["76963688", "18446744073709551616", "123456789012345678901234567890", "\"sub_8gK\""]
    {
        let body = format!(
            r#"{{"id":{id},"name":"subscription.updated","created_at":"2026-03-01T12:00:00Z","data":{{"id":{id},"status":"active","product":{{"id":{id}}}}}}}"#
        );
        let event = Event::parse(verified(body.clone())).unwrap();
        assert_eq!(event.id, id.trim_matches('"'));
        assert_eq!(event.snapshot().unwrap().product.unwrap(), id.trim_matches('"'));
        assert_eq!(serde_json::to_string(&event).unwrap(), body);
    }
    for id in ["1.5", "1e3", "-", "\"\"", "{}", "true"] {
        let body = format!(r#"{{"id":1,"name":"subscription.updated","data":{{"id":{id}}}}}"#);
        let error = refused(body);
        assert!(error.contains("not JSON") || error.contains("created_at"), "{id}: {error}");
    }
}

#[test]
fn strings_whose_escapes_name_no_character_are_kept_raw() {
    let body = r#"{"id":1,"name":"subscription.updated","created_at":"2026-03-01T12:00:00Z",
        "data":{"id":1,"status":"active","reference_id":"\ud83d","reference_name":"\udc00x","metadata":{"a":"\ud800"}}}"#;
    let event = Event::parse(verified(body)).unwrap();
    assert_eq!(event.mistyped(), ["data.reference_id", "data.reference_name"]);
    assert!(event.snapshot().unwrap().reference.is_none());
}

#[test]
fn nesting_is_kept_raw_where_anything_goes_and_refused_elsewhere() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let data = |member: &str| {
        format!(
            r#"{{"id":1,"name":"subscription.updated","created_at":"2026-03-01T12:00:00Z","data":{{"id":1,"status":"active","{member}":{deep}}}}}"#
        )
    };
    for member in ["metadata", "something_new"] {
        let body = data(member);
        let event = Event::parse(verified(body.clone())).unwrap();
        assert_eq!(event.mistyped(), [""; 0]);
        assert_eq!(serde_json::to_string(&event).unwrap(), body);
        drop(event.into_owned());
    }
    for member in ["price", "ends_at", "reference_id", "product", "status"] {
        let error = refused(data(member));
        assert!(error.contains("too deep") || error.contains("wrong type"), "{member}: {error}");
    }
    assert_eq!(refused(deep.clone()), "the body is not an envelope");
    let name = r#""name":"subscription.updated","created_at":"2026-03-01T12:00:00Z""#;
    assert_eq!(refused(format!(r#"{{"id":1,{name},"data":{deep}}}"#)), "`data` has the wrong type");
    assert_eq!(refused(format!(r#"{{"id":{deep},{name}}}"#)), "`id` has the wrong type");
}

#[test]
fn an_owned_event_says_the_same_and_lets_the_body_go() {
    let body = Bytes::from(
        envelope("subscription.created", &json!({
            "id": 1, "status": "active", "reference_id": "user_42", "reference_name": "Å/\u{1f980}",
            "metadata": {"plan": "x"}, "product": {"id": 42}, "new": [1],
        }))
        .to_string()
        .replace('/', "\\/"),
    );
    let event = Event::parse(verified(body.clone())).unwrap();
    let json = serde_json::to_value(&event).unwrap();
    assert!(!body.is_unique(), "an event shares the body");
    let owned = event.into_owned();
    assert!(body.is_unique(), "an owned event does not");
    assert_eq!(serde_json::to_value(&owned).unwrap(), json);
}

#[test]
fn debug_shows_no_customer_and_no_portal_link() {
    let data = json!({
        "id": 1, "status": "active", "reference_name": "Anna Åkesson",
        "customer": {"email": "anna@kund.example", "name": "Anna"},
        "metadata": {"personal_number": "19850709-9805"},
        "cancel_url": "https://app.octany.example/cancel?signature=abc",
        "portal_url": "https://app.octany.example/new?signature=abc",
    });
    let event = event(&envelope("subscription.updated", &data));
    let snapshot = event.snapshot().unwrap();
    let customer = event.payload.subscription().unwrap().customer.as_ref().unwrap().read().unwrap();
    let shown = format!("{event:?} {event:#?} {snapshot:?} {customer:?}");
    for secret in ["Anna", "anna@", "9805", "signature=", "https"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn what_is_kept_has_no_portal_links() {
    let data = json!({
        "id": 1, "status": "active", "metadata": {"note": "kept"}, "new": true,
        "update_card_url": "https://a.example?signature=1",
        "invoices_url": ["https://a.example?signature=2"],
        "cancel_url": "https://a.example?signature=3",
        "portal_url": "https://a.example?signature=4",
    });
    let kept = event(&envelope("subscription.updated", &data)).snapshot().unwrap();
    let kept = kept.resource_json().unwrap();
    assert!(!kept.contains("signature"), "{kept}");
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let expected = json!({"id": 1, "status": "active", "metadata": {"note": "kept"}, "new": true});
    assert_eq!(kept, expected);
}

#[test]
fn a_digest_changes_with_the_content_and_not_with_the_portal_links() {
    let digest =
        |data: Value| event(&envelope("subscription.updated", &data)).snapshot().unwrap().digest();
    let link = |n: u32| {
        digest(
            json!({"id": 1, "status": "active", "cancel_url": format!("https://x?signature={n}")}),
        )
    };
    assert_eq!(link(1), link(2), "links are signed anew in every report");
    let with = |data: Value| {
        let mut whole = json!({"id": 1, "status": "active"});
        whole.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
        digest(whole)
    };
    let all = [
        with(json!({})),
        with(json!({"price": 1})),
        with(json!({"price": 2})),
        with(json!({"metadata": {"a": 1}})),
        with(json!({"reference_id": "a"})),
        with(json!({"reference_id": "b"})),
        with(json!({"status": "unpaid"})),
        with(json!({"ends_at": "2026-03-01T12:00:00Z"})),
        with(json!({"new": 1})),
    ];
    let distinct: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
}

/// The sender's way to write instants, so that documents can be compared as JSON.
fn normal(mut body: Value) -> Value {
    body["created_at"] = json!("2026-03-01T12:00:00Z");
    body
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[a-z]{1,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-z_]{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const MEMBERS: [&str; 14] = [
    "price",
    "vat",
    "currency",
    "reference_id",
    "reference_name",
    "custom_fields",
    "metadata",
    "product",
    "customer",
    "billing_method",
    "cancel_url",
    "product_id",
    "shipping",
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn whatever_its_members_are_a_subscription_is_read_and_written_back(
        members in proptest::collection::hash_map(proptest::sample::select(MEMBERS.to_vec()), any_json(), 0..8),
    ) {
        let mut data = json!({"id": 76_963_688, "status": "active"});
        for (name, value) in &members {
            data[*name] = value.clone();
        }
        let body = envelope("subscription.renewed", &data);
        let read = event(&body);
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), normal(body));
        let again = Event::parse(verified(serde_json::to_string(&read).unwrap())).unwrap();
        prop_assert_eq!(again.mistyped(), read.mistyped());
        drop((read.snapshot().unwrap().digest(), read.into_owned()));
    }

    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = Event::parse(verified(body));
    }

    #[test]
    fn no_cut_or_changed_event_makes_it_panic(at in 0_usize..200, byte in any::<u8>()) {
        let data = json!({"id": 1, "status": "active", "product": {"id": 4}, "metadata": {"ö": "/\n"}});
        let mut body = envelope("subscription.updated", &data).to_string().into_bytes();
        let at = at % body.len();
        let _ = Event::parse(verified(body[..at].to_vec()));
        body[at] = byte;
        if let Ok(event) = Event::parse(verified(body)) {
            let _ = (serde_json::to_string(&event), event.snapshot());
        }
    }
}
