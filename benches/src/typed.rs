//! The event as plain serde reads it: with strings of its own, and with strings left as they came.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

/// All fields, in strings of their own.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "as in the document")]
pub struct Owned {
    pub id: u64,
    pub name: String,
    pub account: u64,
    pub created_at: DateTime<Utc>,
    pub data: OwnedSubscription,
}

#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "as in the document")]
pub struct OwnedSubscription {
    pub id: u64,
    pub price: i64,
    pub vat: i64,
    pub currency: String,
    pub created_at: DateTime<Utc>,
    pub renews_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub trial_ends_at: Option<DateTime<Utc>>,
    pub reference_id: String,
    pub reference_name: String,
    pub status: String,
    pub update_card_url: String,
    pub invoices_url: String,
    pub cancel_url: String,
    pub custom_fields: Vec<OwnedField>,
    pub metadata: Box<RawValue>,
    pub product: OwnedProduct,
    pub customer: OwnedCustomer,
}

#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "as in the document")]
pub struct OwnedField {
    pub id: u64,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub value: Box<RawValue>,
}

#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "as in the document")]
pub struct OwnedProduct {
    pub id: u64,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub price: i64,
    pub currency: String,
    pub vat_rate: i64,
    pub interval: String,
}

#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "as in the document")]
pub struct OwnedCustomer {
    pub id: u64,
    pub name: String,
    pub email: String,
    pub phone: String,
}

/// All fields; strings and what is nested stay slices of the body, escapes and all.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "as in the document")]
pub struct Raw<'a> {
    pub id: u64,
    #[serde(borrow)]
    pub name: &'a RawValue,
    pub account: u64,
    pub created_at: DateTime<Utc>,
    pub data: RawSubscription<'a>,
}

#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "as in the document")]
pub struct RawSubscription<'a> {
    pub id: u64,
    pub price: i64,
    pub vat: i64,
    #[serde(borrow)]
    pub currency: &'a RawValue,
    pub created_at: DateTime<Utc>,
    pub renews_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
    pub trial_ends_at: Option<DateTime<Utc>>,
    #[serde(borrow)]
    pub reference_id: &'a RawValue,
    #[serde(borrow)]
    pub reference_name: &'a RawValue,
    #[serde(borrow)]
    pub status: &'a RawValue,
    #[serde(borrow)]
    pub update_card_url: &'a RawValue,
    #[serde(borrow)]
    pub invoices_url: &'a RawValue,
    #[serde(borrow)]
    pub cancel_url: &'a RawValue,
    #[serde(borrow)]
    pub custom_fields: &'a RawValue,
    #[serde(borrow)]
    pub metadata: &'a RawValue,
    #[serde(borrow)]
    pub product: &'a RawValue,
    #[serde(borrow)]
    pub customer: &'a RawValue,
}
