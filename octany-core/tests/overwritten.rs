//! Documents that name a member twice, and dates that are strange: what was read is written so that
//! it is read again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

use octany_core::Event;
use octany_core::resource::{Order, Product, Subscription};
use octany_core::signature::VerifiedBody;

fn written(subscription: &Subscription) -> String {
    serde_json::to_string(subscription).unwrap()
}

#[test]
fn what_a_later_value_replaced_is_not_written_again() {
    for (document, rewritten) in [
        (r#"{"id":[],"status":"active","id":5}"#, r#"{"id":5,"status":"active"}"#),
        (r#"{"id":5,"status":7,"status":"active"}"#, r#"{"id":5,"status":"active"}"#),
        (
            r#"{"id":5,"status":"active","vat":"x","vat":1}"#,
            r#"{"id":5,"status":"active","vat":1}"#,
        ),
        (
            r#"{"id":5,"status":"active","vat":"x","a":1,"vat":"y","a":2}"#,
            r#"{"id":5,"status":"active","a":1,"vat":"y","a":2}"#,
        ),
        (
            r#"{"id":5,"status":"active","vat":"x","vat":null}"#,
            r#"{"id":5,"status":"active","vat":null}"#,
        ),
    ] {
        let read = Subscription::parse(document).unwrap();
        assert_eq!(written(&read), rewritten, "{document}");
        assert_eq!(written(&Subscription::parse(rewritten).unwrap()), rewritten);
    }
}

#[test]
fn an_account_that_a_later_one_replaced_is_not_named_as_mistyped() {
    let body = r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00Z",
        "account":[1],"account":7,"data":[]}"#;
    let read = |body: String| {
        Event::parse(VerifiedBody::danger_verified_before_storing(body, "test")).unwrap()
    };
    let event = read(body.to_owned());
    assert!(event.mistyped().is_empty() && event.extra.is_empty());
    let again = read(serde_json::to_string(&event).unwrap());
    assert_eq!(again.account.unwrap(), "7");
}

/// Quadratic work would not end here.
#[test]
fn the_same_unreadable_member_a_hundred_thousand_times_costs_no_more_than_as_many_others() {
    let many = r#""vat":"x","a":1,"#.repeat(300_000);
    let read = Subscription::parse(format!(r#"{{{many}"id":5,"status":"active"}}"#)).unwrap();
    assert_eq!(read.mistyped().collect::<Vec<_>>(), ["vat"]);
    assert_eq!(read.extra.iter().filter(|(name, _)| *name == "vat").count(), 1);
}

#[test]
fn an_instant_beyond_four_digits_of_years_is_read_again() {
    for ends_at in [
        "9999-12-31T23:59:59-01:00",
        "+12026-03-01T12:00:00+0000",
        "-0001-11-30T00:00:00+0000",
        "0000-01-01T00:00:00+01:00",
        "+262142-12-31T23:59:59.999999999+0000",
        "2016-12-31T23:59:60Z",
    ] {
        let document = format!(r#"{{"id":5,"status":"active","ends_at":"{ends_at}"}}"#);
        let read = Subscription::parse(document).unwrap();
        assert!(read.ends_at.is_some(), "{ends_at}");
        let again = Subscription::parse(written(&read)).unwrap();
        assert_eq!(again.ends_at, read.ends_at, "{}", written(&read));
    }
}

#[test]
fn only_the_white_space_of_json_may_stand_around_a_document() {
    assert!(Product::parse(" \n\r\t{\"id\":1}\n").is_ok());
    for around in ["\u{c}", "\u{b}", "\u{a0}", "\u{feff}", "\0"] {
        assert!(Order::parse(format!("{around}{{\"id\":1}}")).is_err(), "{around:?}");
        assert!(Order::parse(format!("{{\"id\":1}}{around}")).is_err(), "{around:?}");
    }
}
