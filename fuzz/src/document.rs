//! Bodies that are nearly what Octany sends: its own members, with types, order, nesting and escapes
//! that it would not think of.

use std::fmt::Write as _;

use arbitrary::{Arbitrary, Result, Unstructured};
use octany_core::resource::{Order, Product, Subscription};

use crate::{event, memory};

/// What the repeats of one member may come to: as often as 25 bytes can ask for it, a deep value would
/// make a document of gigabytes, which no receiver would read to its end.
const LARGEST: usize = 256 * 1024;

/// An envelope and what it is about, as text.
#[derive(Debug)]
pub struct Document {
    body: Vec<u8>,
    data: Vec<u8>,
}

type Members = Vec<(String, String)>;

const NAMES: [&str; 13] = [
    "subscription.created",
    "subscription.updated",
    "subscription.renewed",
    "subscription.cancelled",
    "order.confirmed",
    "order.paid",
    "product.updated",
    "product.deleted",
    "product-group.updated",
    "product-group.deleted",
    "test.hook",
    "subscription.paused",
    "subscription.\\u0063reated",
];

const STATUSES: [&str; 9] = [
    "active",
    "trialing",
    "cancelled",
    "delayed",
    "pending",
    "unpaid",
    "expired",
    "future_start",
    "paus\\u00e4d",
];

const DATES: [&str; 14] = [
    "2026-03-01T12:00:00+00:00",
    "2026-03-01T12:00:00Z",
    "2026-03-01T12:00:00+0200",
    "2026-03-01T12:00:00.123456789-23:59",
    "2026-03-01 12:00:00",
    "2026-03-01",
    "0000-00-00 00:00:00",
    "-0001-11-30T00:00:00+00:00",
    "9999-12-31T23:59:59-23:59",
    "0000-01-01T00:00:00+23:59",
    "+262142-12-31T23:59:59+0000",
    "-262143-01-01T00:00:00+0000",
    "2016-12-31T23:59:60Z",
    "2026-03-01T12:00:00\\u002b00:00",
];

/// Values of all kinds, plain ones and those that parsers trip over.
const ODD: [&str; 46] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "2500",
    "0.0",
    "-0.0",
    "1e2",
    "1E-400",
    "1e400",
    "25.5",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "123456789012345678901234567890",
    "\"\"",
    "\" \"",
    "\"1\"",
    "\"+5\"",
    "\"007\"",
    "\"sek\"",
    "\"SEK\"",
    "\"s\\u0065k\"",
    "\"kr\"",
    "\"a\\/b\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\ude00\\ud83d\"",
    "\"\\ud83d\\\\ude00\"",
    "\"\\\\ud800\"",
    "\"\\\"\\b\\f\\n\\r\\t\"",
    "\"åäö\u{1f980}\u{2028}\"",
    "[]",
    "{}",
    "[ ]",
    "{ \n}",
    "[{}]",
    "[[],{}]",
    "{\"id\":7,\"name\":\"Plan\",\"price\":9900,\"currency\":\"sek\",\"vat_rate\":2500}",
    "[{\"id\":1,\"label\":\"\\u00d6nskem\\u00e5l\",\"type\":\"text\",\"value\":{\"a\":[false]},\"quantity\":\"1\"}]",
];

const MEMBERS: [&str; 52] = [
    "id",
    "status",
    "price",
    "vat",
    "currency",
    "created_at",
    "renews_at",
    "ends_at",
    "trial_ends_at",
    "starts_at",
    "reference_id",
    "reference_name",
    "update_card_url",
    "invoices_url",
    "cancel_url",
    "custom_fields",
    "metadata",
    "product",
    "product_id",
    "customer",
    "customer_id",
    "billing_method",
    "total",
    "total_with_vat",
    "state",
    "remote_id",
    "delivery",
    "items",
    "subscription_id",
    "name",
    "description",
    "type",
    "price_with_vat",
    "price_without_vat",
    "vat_rate",
    "interval",
    "image",
    "images",
    "use_cart",
    "stock_tracking",
    "out_of_stock",
    "strings",
    "portal_url",
    "person",
    "phone",
    "quantity",
    "account",
    "data",
    "\\u0069d",
    "st\\u0061tus",
    "data\\u0000",
    "",
];

impl<'a> Arbitrary<'a> for Document {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let name = *bytes.choose(&NAMES)?;
        let mut data = likely(bytes, name)?;
        change(bytes, &mut data)?;
        let data = match bytes.int_in_range(0..=15)? {
            0 => value(bytes)?,
            _ => object(bytes, &data)?,
        };
        let mut envelope: Members = vec![
            (
                "id".into(),
                any_of(bytes, &["991", "\"0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41\"", "0"])?,
            ),
            ("name".into(), format!("\"{name}\"")),
            ("account".into(), "7".into()),
            ("created_at".into(), format!("\"{}\"", bytes.choose(&DATES[..3])?)),
            ("data".into(), data.clone()),
        ];
        if bytes.ratio(1, 2)? {
            change(bytes, &mut envelope)?;
        }
        let mut body = object(bytes, &envelope)?.into_bytes();
        if bytes.ratio(1, 16)? {
            let at = bytes.int_in_range(0..=body.len())?;
            let strange: Vec<u8> = bytes.arbitrary()?;
            body.splice(at..at, strange);
        }
        Ok(Self { body, data: data.into_bytes() })
    }
}

impl Document {
    /// Reads it as an event, and what it is about as each resource.
    ///
    /// # Panics
    ///
    /// On the first promise that does not hold.
    pub fn check(&self) {
        event::check(&self.body);
        self.read_alone::<Subscription>(Subscription::parse);
        self.read_alone::<Order>(Order::parse);
        self.read_alone::<Product>(Product::parse);
    }

    /// A resource that stands alone is the same after it was written and read again.
    fn read_alone<T: serde::Serialize>(
        &self,
        parse: fn(bytes::Bytes) -> Result<T, octany_core::resource::ResourceError>,
    ) {
        let bytes = bytes::Bytes::copy_from_slice(&self.data);
        let Ok(read) = memory::bounded(bytes.len(), || parse(bytes)) else { return };
        let written = serde_json::to_string(&read).expect("what was read is written");
        let again =
            parse(written.clone().into()).unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(serde_json::to_string(&again).expect("again"), written, "it stays as it is");
    }
}

/// What an event of this name is about, mostly.
fn likely(bytes: &mut Unstructured<'_>, name: &str) -> Result<Members> {
    let mut members: Members =
        vec![("id".into(), any_of(bytes, &["76963688", "\"sub_8gKQz4F2\""])?)];
    if name.starts_with("subscription") {
        members.push(("status".into(), format!("\"{}\"", bytes.choose(&STATUSES)?)));
        members.push(("reference_id".into(), any_of(bytes, &["\"user_42\"", "42", "null"])?));
        for date in ["renews_at", "ends_at", "trial_ends_at"] {
            members.push((date.into(), format!("\"{}\"", bytes.choose(&DATES)?)));
        }
        members.push(("cancel_url".into(), "\"https:\\/\\/portal.example\\/c?s=1\"".into()));
    }
    for _ in 0..bytes.int_in_range(0..=8)? {
        let member = *bytes.choose(&MEMBERS)?;
        members.push((member.into(), value(bytes)?));
    }
    Ok(members)
}

/// Drops, repeats, moves, renames and replaces members.
fn change(bytes: &mut Unstructured<'_>, members: &mut Members) -> Result<()> {
    for _ in 0..bytes.int_in_range(0..=4)? {
        let at = bytes.int_in_range(0..=members.len())?.min(members.len().saturating_sub(1));
        if members.is_empty() {
            return Ok(());
        }
        match bytes.int_in_range(0..=6)? {
            0 => drop(members.remove(at)),
            1 => members[at].1 = value(bytes)?,
            2 => members[at].0 = (*bytes.choose(&MEMBERS)?).into(),
            3 => {
                let again = (members[at].0.clone(), value(bytes)?);
                members.push(again);
            }
            4 => {
                let moved = members.remove(at);
                members.insert(bytes.int_in_range(0..=members.len())?, moved);
            }
            5 => {
                let many = bytes.int_in_range(1..=100)?;
                let again = members[at].clone();
                let most = LARGEST / again.1.len().max(1);
                members.extend(std::iter::repeat_n(again, many.min(most)));
            }
            _ => members[at].1 = format!("\"{}\"", bytes.choose(&DATES)?),
        }
    }
    Ok(())
}

fn value(bytes: &mut Unstructured<'_>) -> Result<String> {
    Ok(match bytes.int_in_range(0..=9)? {
        0 => {
            // Around where it counts as an attack, and now and then deeper than a stack would bear.
            let deepest = if bytes.ratio(1, 32)? { 60_000 } else { 200 };
            let depth = bytes.int_in_range(1..=deepest)?;
            let (open, close) = *bytes.choose(&[("[", "]"), ("{\"a\":", "}"), ("[1,", "]")])?;
            format!("{}null{}", open.repeat(depth), close.repeat(depth))
        }
        1 => {
            let text: &str = bytes.arbitrary()?;
            serde_json::to_string(text).unwrap_or_default()
        }
        2 => bytes.arbitrary::<i64>()?.to_string(),
        3 => {
            let mut nested = Members::new();
            for _ in 0..bytes.int_in_range(0..=4)? {
                nested.push(((*bytes.choose(&MEMBERS)?).into(), (*bytes.choose(&ODD)?).into()));
            }
            object(bytes, &nested)?
        }
        _ => (*bytes.choose(&ODD)?).into(),
    })
}

fn object(bytes: &mut Unstructured<'_>, members: &Members) -> Result<String> {
    let space = *bytes.choose(&["", "", " ", "\n\t", "\r\n "])?;
    let mut text = String::from("{");
    for (index, (name, value)) in members.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(text, "{comma}{space}\"{name}\"{space}:{space}{value}{space}");
    }
    text.push('}');
    Ok(text)
}

fn any_of(bytes: &mut Unstructured<'_>, values: &[&str]) -> Result<String> {
    bytes.choose(values).map(|value| (*value).to_owned())
}
