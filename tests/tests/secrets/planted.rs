//! What is planted, and documents that hold it.

use bytes::Bytes;
use octany_client::ApiKey;
use octany_core::Event;
use octany_core::checkout::ReferenceKey;
use octany_core::signature::{SigningSecret, VerifiedBody, Verifier};

pub(crate) const SECRET: &str = "webhook-secret-never-shown";
pub(crate) const API_KEY: &str = "api-key-never-shown";
pub(crate) const REFERENCE_KEY: &str = "a key for references, never-shown";
pub(crate) const PASSWORD: &str = "s3cret-never-shown";
pub(crate) const SESSION: &str = "session-never-shown";
pub(crate) const EMAIL: &str = "anna@planted.example";
pub(crate) const PERSONAL_NUMBER: &str = "19850709-9805";
pub(crate) const NAME: &str = "Anna never-shown";
pub(crate) const PHONE: &str = "+46 70 never-shown";
pub(crate) const PORTAL: &str =
    "https://octany.example/portal/1/card?expires=1&signature=deadbeef99never-shown";

/// All of it.
pub(crate) const ALL: [&str; 10] = [
    SECRET,
    API_KEY,
    REFERENCE_KEY,
    PASSWORD,
    SESSION,
    EMAIL,
    PERSONAL_NUMBER,
    NAME,
    PHONE,
    PORTAL,
];

pub(crate) fn secret() -> SigningSecret {
    SigningSecret::new(SECRET).expect("it is not empty")
}

pub(crate) fn verifier() -> Verifier {
    Verifier::new(secret())
}

pub(crate) fn reference_key() -> ReferenceKey {
    ReferenceKey::new(REFERENCE_KEY).expect("it is long enough")
}

pub(crate) fn api_key() -> ApiKey {
    ApiKey::new(API_KEY).expect("a header takes it")
}

/// A customer with everything that can be known of one, some of it where no document has it.
pub(crate) fn customer() -> String {
    format!(
        r#"{{"id":7,"name":"{NAME}","first_name":"{NAME}","last_name":"{NAME}","email":"{EMAIL}",
            "phone":"{PHONE}","personal_number":"{PERSONAL_NUMBER}","session":"{SESSION}"}}"#
    )
}

/// How somebody pays.
pub(crate) fn billing_method() -> String {
    let customer = customer();
    format!(
        r#"{{"name":"{NAME}","type":"card","email":"{EMAIL}","person":{customer},
            "address":{{"street":"{NAME}"}},"company":{{"org":"{PERSONAL_NUMBER}"}}}}"#
    )
}

/// Fields that the app asked visitors for.
fn custom_fields() -> String {
    format!(
        r#"[{{"id":1,"label":"{NAME}","type":"text","value":"{PERSONAL_NUMBER}"}},
            {{"id":2,"label":"{NAME}","type":"text","value":["{EMAIL}"],"more":"{PHONE}"}}]"#
    )
}

/// Members that subscriptions and orders share.
fn about() -> String {
    let (customer, billing_method, fields) = (customer(), billing_method(), custom_fields());
    format!(
        r#""reference_id":"user_42","reference_name":"{NAME}","customer":{customer},
           "billing_method":{billing_method},"custom_fields":{fields},
           "metadata":{{"session":"{SESSION}","mail":"{EMAIL}"}},
           "renews_by":"{EMAIL}","price":"{PERSONAL_NUMBER}","vat":"{API_KEY}",
           "update_link":"{PORTAL}""#
    )
}

/// A subscription with all that a document can hold, some of it of a wrong type.
pub(crate) fn subscription() -> String {
    let about = about();
    format!(
        r#"{{"id":1,"status":"active","created_at":"2026-03-01T12:00:00Z","ends_at":"{EMAIL}",
            "update_card_url":"{PORTAL}","invoices_url":"{PORTAL}","cancel_url":"{PORTAL}",
            "product":{{"id":42,"name":"{NAME}","price":"{EMAIL}"}},{about}}}"#
    )
}

/// An order with all that a document can hold, some of it of a wrong type.
pub(crate) fn order() -> String {
    let about = about();
    format!(
        r#"{{"id":5,"state":"paid","remote_id":"{SESSION}","delivery":{{"to":"{NAME}"}},
            "items":[{{"product_id":42,"name":"{NAME}","quantity":1,"note":"{EMAIL}"}}],{about}}}"#
    )
}

/// A product whose texts hold what they should not.
pub(crate) fn product() -> String {
    format!(
        r#"{{"id":42,"name":"{NAME}","description":"{EMAIL}","image":"{PORTAL}",
            "strings":{{"a":"{SESSION}"}},"price":"{PERSONAL_NUMBER}","vat_rate":25}}"#
    )
}

/// A delivery's body.
pub(crate) fn delivery(id: &str, name: &str, data: &str) -> Bytes {
    let body = format!(
        r#"{{"id":"{id}","name":"{name}","account":1,"created_at":"2026-03-01T12:00:00Z",
            "data":{data},"mail":"{EMAIL}","sent_by":{{"key":"{API_KEY}"}}}}"#
    );
    body.into()
}

/// What a body is once it was verified.
pub(crate) fn verified(body: impl Into<Bytes>) -> VerifiedBody {
    let body = body.into();
    let signature = secret().sign(&body);
    let verified = verifier().verify(body, &signature, chrono::Utc::now);
    verified.expect("it was signed")
}

/// An event about a subscription.
pub(crate) fn event(id: &str) -> Event {
    let body = delivery(id, "subscription.updated", &subscription());
    Event::parse(verified(body)).expect("it is an event")
}
