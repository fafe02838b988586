//! `octany-core`.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use octany_core::checkout::{
    Bought, CheckoutError, CheckoutUrl, LinkError, ReferenceKey, check_link,
};
use octany_core::resource::{
    BillingMethod, CustomField, Customer, Order, OrderItem, Person, Phone, PlanProduct, PortalUrl,
    Problem, Product, Quantity, ResourceError, Subscription,
};
use octany_core::signature::{Signature, SignatureError, SigningSecret, Verifier};
use octany_core::{
    AccessPolicy, AccountNumber, AccountUuid, Applied, BasisPoints, Currency, CustomerId,
    DeliveryId, Event, EventErrorCause, EventName, Money, OrderId, OrderState, Percent, ProductId,
    RawJson, Reason, ReferenceId, Snapshot, Source, SubscriptionId, SubscriptionStatus, Text,
    Version, evaluate,
};

use crate::planted::{
    EMAIL, NAME, PASSWORD, PERSONAL_NUMBER, PHONE, PORTAL, REFERENCE_KEY, SECRET, SESSION,
    billing_method, customer, delivery, event, order, product, reference_key, secret, subscription,
    verified, verifier,
};
use crate::search::Search;

#[test]
fn nothing_planted_is_shown_by_the_core() {
    let mut search = Search::of("octany-core");
    signatures(&mut search);
    resources(&mut search);
    events(&mut search);
    documents_that_cannot_be_read(&mut search);
    checkouts(&mut search);
    what_holds_only_numbers_and_names(&mut search);
    search.end(32_000);
}

fn signatures(search: &mut Search) {
    let body = Bytes::from(subscription());
    let signature = secret().sign(&body);
    search.debug(&secret());
    search.debug(&signature);
    search.debug(&verified(body.clone()));
    let rotated = verifier()
        .with_secret("next", SigningSecret::new(format!(" {SECRET}2\n")).expect("it is not empty"))
        .with_expiring_secret("old", secret(), Utc::now());
    search.debug(&rotated);

    let as_long = format!("{SESSION:.<64}");
    let headers: [Vec<&[u8]>; 4] = [
        vec![],
        vec![SECRET.as_bytes(), EMAIL.as_bytes()],
        vec![SESSION.as_bytes()],
        vec![as_long.as_bytes()],
    ];
    for values in headers {
        let error = Signature::from_headers(values).expect_err("it is no signature");
        search.error(&error);
        if let SignatureError::Malformed(malformed) = error {
            search.error(&malformed);
        }
    }

    let other = |key: &str| SigningSecret::new(key).expect("it is not empty").sign(&body);
    let spaced = SigningSecret::new(format!("{SECRET}\n")).expect("it is not empty");
    let expired = Verifier::new(SigningSecret::new("x").expect("it is not empty"))
        .with_expiring_secret("old", secret(), DateTime::UNIX_EPOCH);
    let anew = Bytes::from(body.iter().chain(b" ").copied().collect::<Vec<_>>());
    let php = RawJson::parse(&subscription()).expect("it is JSON").to_php();
    for (verifier, body, signature) in [
        (verifier(), body.clone(), other(PASSWORD)),
        (Verifier::new(spaced), body.clone(), signature.clone()),
        (expired, body.clone(), signature),
        (verifier(), anew, secret().sign(php.as_bytes())),
    ] {
        let error = verifier.verify(body, &signature, Utc::now).expect_err("it does not match");
        search.error(&error);
        if let SignatureError::Mismatch { hint: Some(hint) } = error {
            search.error(&hint);
        }
    }
    search.error(&SigningSecret::new(" ").expect_err("it is empty"));
}

fn resources(search: &mut Search) {
    let subscription = Subscription::parse(subscription()).expect("it has an id and a status");
    let order = Order::parse(order()).expect("it has an id");
    assert!(subscription.mistyped().count() > 2 && !order.extra.is_empty());
    search.debug(&subscription.extra);
    search.debug(&subscription.cancel_url);
    search.debug(&subscription.custom_fields);
    search.debug(subscription.customer.as_ref().expect("it is there"));
    search.debug(subscription.custom_fields.as_ref().expect("they are there"));
    search.debug(subscription.metadata.as_ref().expect("it is there"));
    let fields = subscription.custom_fields.as_ref().expect("they are there").read();
    search.debug_all(fields.expect("they are objects"));
    let items = order.items.as_ref().expect("they are there").read().expect("they are objects");
    search.debug(items.first().expect("there is one"));
    search.debug(&subscription);
    search.debug(&order);
    search.debug(&order.into_owned());
    search.debug(&Customer::parse(customer()).expect("it is an object"));
    search.debug(&Person::parse(customer()).expect("it is an object"));
    search.debug(&BillingMethod::parse(billing_method()).expect("it is an object"));
    search.debug(&CustomField::parse(customer()).expect("it is an object"));
    search.debug(&Product::parse(product()).expect("it has an id"));
    search.debug(&PlanProduct::parse(product()).expect("it has an id"));
    search.debug(&OrderItem::parse(product()).expect("it is an object"));
    search.debug(&Phone::Number(Text::from(PHONE)));
    search.debug(&PortalUrl::new(PORTAL));
    search.debug(&RawJson::parse(&customer()).expect("it is JSON"));
    for text in [NAME, EMAIL, PERSONAL_NUMBER, PORTAL] {
        search.debug(&Text::from(text));
        search.debug(&EventName::from(text));
    }
    let snapshot = Snapshot::of(&subscription.into(), Version::new(Utc::now(), Source::Api));
    let policy = AccessPolicy::new().products(["42"]).feature("reports", ["42"]);
    search.debug(&evaluate(&policy, std::slice::from_ref(&snapshot), Utc::now()));
    search.debug(&snapshot);
    search.debug(&snapshot.into_owned());
    search.debug(&policy);
}

fn events(search: &mut Search) {
    let names = EventName::KNOWN.into_iter().map(|name| name.to_string());
    for name in names.chain(["somebody.unknown".to_owned()]) {
        for data in [subscription(), order(), product(), customer()] {
            let Ok(event) = Event::parse(verified(delivery("d1", &name, &data))) else { continue };
            search.debug(&event);
            search.debug(&event.payload);
            search.debug(&event.name);
            search.debug(&event.snapshot());
            search.debug(&event.mistyped());
            search.debug(&event.into_owned());
        }
    }
    search.debug(&event("d2"));
}

/// Whatever breaks a document, customers' data stands where it breaks.
fn documents_that_cannot_be_read(search: &mut Search) {
    let whole = subscription();
    let mut documents: Vec<Vec<u8>> = vec![
        format!("\"{EMAIL}\"").into(),
        format!("[\"{EMAIL}\"]").into(),
        EMAIL.into(),
        format!("{{\"id\":1,\"email\":{EMAIL}}}").into(),
        format!("{{\"id\":1,{NAME}:1}}").into(),
        format!("{{\"id\":1,\"status\":\"{NAME}\\q\"}}").into(),
        format!("{{\"id\":{{\"mail\":\"{EMAIL}\"}},\"status\":[\"{EMAIL}\"]}}").into(),
        format!("{{\"id\":1,\"status\":{customer}}}", customer = customer()).into(),
        format!("{whole}{SESSION}").into(),
        [whole.as_bytes(), b"\xff"].concat(),
        [&whole.as_bytes()[..whole.len() / 2], b"\xff"].concat(),
        format!("{{\"id\":1,\"status\":\"active\",\"customer\":{}\"{EMAIL}\"", "[".repeat(200))
            .into(),
        format!(
            "{{\"id\":1,\"status\":\"active\",\"product\":{}\"{EMAIL}\"{}}}",
            "{\"a\":".repeat(200),
            "}".repeat(200)
        )
        .into(),
    ];
    // Cut everywhere, so within each planted text too.
    documents.extend((1..whole.len()).step_by(7).map(|end| whole.as_bytes()[..end].to_vec()));
    for document in documents {
        for error in [
            Subscription::parse(document.clone()).err(),
            Order::parse(document.clone()).err(),
            Customer::parse(document.clone()).err(),
            Product::parse(document.clone()).err(),
        ]
        .into_iter()
        .flatten()
        {
            search.error(&error);
            if let ResourceError::Member { problem, .. } = error {
                search.debug(&problem);
                search.display(&problem);
            }
        }
        let data = String::from_utf8_lossy(&document).into_owned();
        for body in [
            Bytes::from(document.clone()),
            delivery("d1", "subscription.updated", &data),
            delivery(EMAIL, "subscription.updated", "1"),
            format!(r#"{{"id":["{EMAIL}"],"name":{{"{NAME}":1}},"data":{data}}}"#).into(),
            format!(
                r#"{{"data":{data},"id":1,"name":"subscription.created","created_at":"{EMAIL}"}}"#
            )
            .into(),
        ] {
            let Err(error) = Event::parse(verified(body)) else { continue };
            search.error(&error);
            search.debug(error.body());
            search.chain(error.cause());
            search.debug(error.cause());
        }
        if let Ok(text) = std::str::from_utf8(&document)
            && let Err(error) = RawJson::parse(text)
        {
            search.error(&error);
        }
    }
    search.debug(&EventErrorCause::NotAnEnvelope);
    let raw = RawJson::parse(&customer()).expect("it is JSON");
    search.error(&raw.decode::<u32>().expect_err("it is no number"));
    search.error(&raw.get("email").expect("it is there").decode::<u32>().expect_err("nor is it"));
    search.error(&raw.decode::<Vec<String>>().expect_err("nor a list"));
    search.error(&raw.get("email").expect("it is there").decode::<Kind>().expect_err("nor this"));
}

/// What an app may want to read a member as.
#[derive(Debug, serde::Deserialize)]
enum Kind {
    #[serde(rename = "company")]
    _Company,
}

fn checkouts(search: &mut Search) {
    let key = reference_key();
    search.debug(&key);
    search.debug(&key.clone().with_previous(reference_key()));
    let (user, product) = (ReferenceId::from("user_42"), ProductId::from("42"));
    let now = Utc::now();
    let signed = key.sign_with_amount(&user, &product, 100, now).expect("it is short");
    search.debug(&signed);

    let other = ReferenceKey::new("another key that signs references").expect("it is long enough");
    let errors = [
        key.sign(&"".into(), &product, now),
        key.sign_with_amount(&user, &product, -1, now),
        key.sign(&NAME.repeat(100).into(), &product, now),
        key.open(&EMAIL.into(), now),
        key.open(&format!("o1.{EMAIL}.{SESSION}").into(), now),
        other.open(signed.as_reference_id(), now),
        key.open(signed.as_reference_id(), now + TimeDelta::days(1)),
    ];
    for error in errors {
        search.error(&error.expect_err("each is wrong"));
    }
    search.error(&ReferenceKey::new(&REFERENCE_KEY[..20]).expect_err("it is short"));

    let uuid = "00000000-0000-4000-8000-000000000000";
    let url = || {
        CheckoutUrl::new(uuid, 42)
            .reference_name(NAME)
            .email(EMAIL)
            .first_name(NAME)
            .last_name(NAME)
            .company_name(NAME)
            .role(SESSION)
            .utm_source(SESSION)
            .amount(100)
            .roles([SESSION])
            .success_url(format!("https://app.example/?session={SESSION}"))
    };
    search.debug(&url());
    let with_password = format!("https://app:{PASSWORD}@app.example/");
    let wrong = [
        CheckoutUrl::new(EMAIL, 42).email(EMAIL),
        CheckoutUrl::new(uuid, "a/b").email(EMAIL),
        url().base(with_password.clone()),
        url().success_url(with_password.clone()),
        url().reference_id(" "),
        url().reference_id(NAME.repeat(100)),
        CheckoutUrl::new(uuid, 43).signed_reference(&signed),
        url().signed_reference(&signed).amount(7),
        url().amount(-1),
        url().methods([format!("{EMAIL},{SESSION}")]),
    ];
    for wrong in wrong {
        let error = wrong.build().expect_err("each is wrong");
        search.error(&error);
        if let CheckoutError::Base(link) | CheckoutError::SuccessUrl(link) = error {
            search.error(&link);
        }
    }
    for link in [
        with_password,
        format!("http://app.example/?session={SESSION}"),
        format!("https://{NAME} {EMAIL}/"),
    ] {
        search.error(&check_link(&link, false).expect_err("each is wrong"));
    }
    search.error(&LinkError::QueryOrFragment);
    let query = url().base(format!("https://checkout.example/?key={SESSION}"));
    search.error(&query.build().expect_err("a base has no query"));
}

/// Ids are shown, as is said of them, so nothing is planted there.
fn what_holds_only_numbers_and_names(search: &mut Search) {
    search.debug(&DeliveryId::from("d1"));
    search.debug(&SubscriptionId::from(1));
    search.debug(&OrderId::from(1));
    search.debug(&ProductId::from(1));
    search.debug(&CustomerId::from(1));
    search.debug(&ReferenceId::from("user_42"));
    search.debug(&AccountUuid::from("00000000-0000-4000-8000-000000000000"));
    search.debug(&AccountNumber::from(1));
    search.debug(&Money::new(100, Currency::SEK));
    search.debug(&Currency::SEK);
    search.error(&EMAIL.parse::<Currency>().expect_err("it is no currency"));
    search.debug(&BasisPoints(2500));
    search.debug(&Percent::new(25.0));
    search.debug(&Quantity::new(1));
    search.debug(&Version::new(Utc::now(), Source::Api));
    search.debug(&Source::Webhook(octany_core::Rank::Created));
    search.debug(&octany_core::Rank::Created);
    search.debug(&Applied::Inserted);
    search.debug(&Bought::AsOffered);
    search.debug(&Reason::Active);
    search.debug(&OrderState::Paid);
    search.debug(&SubscriptionStatus::Active);
    search.debug_all([Problem::Missing, Problem::Mistyped, Problem::TooDeep]);
}
