//! A month in the life of Anna's subscription, as Octany delivers it.

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Octany delivers this body, truly signed, and is answered with this status.
    Deliver(&'static str, u16),
    /// Somebody else delivers this body under a signature of their own.
    Forge(&'static str),
    /// Time passes until then (RFC 3339).
    Until(&'static str),
    /// The application is stopped and started again.
    Restart,
}

/// What must be true after a step: who sees the paid page, and how many mails Anna got.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Why the page is open to Anna (`user_42`) or not.
    pub anna: &'static str,
    /// How many welcome mails she got.
    pub mails: u32,
}

/// One line of the recording.
pub type Line = (&'static str, Step, Expected);

/// When the recording begins.
pub const BEGIN: &str = "2026-03-01T12:00:02+00:00";

const fn anna(anna: &'static str, mails: u32) -> Expected {
    Expected { anna, mails }
}

/// The recording.
pub const MONTH: &[Line] = &[
    ("nothing yet", Step::Until(BEGIN), anna("no_subscription", 0)),
    ("Anna pays", Step::Deliver(CREATED, 204), anna("active", 1)),
    ("the same delivery again", Step::Deliver(CREATED, 200), anna("active", 1)),
    ("somebody forges an end", Step::Forge(FORGED), anna("active", 1)),
    ("Bob forges a subscription", Step::Forge(FORGED_FOR_BOB), anna("active", 1)),
    ("the app is restarted", Step::Restart, anna("active", 1)),
    ("again the same delivery", Step::Deliver(CREATED, 200), anna("active", 1)),
    ("the month is over", Step::Until("2026-04-01T12:00:05+00:00"), anna("active", 1)),
    ("the renewal is paid", Step::Deliver(RENEWED, 204), anna("active", 1)),
    ("its earlier \"delayed\" comes late", Step::Deliver(DELAYED, 204), anna("active", 1)),
    ("days later", Step::Until("2026-04-10T08:30:02+00:00"), anna("active", 1)),
    ("Anna cancels; her time is paid", Step::Deliver(CANCELLED, 204), anna("paid_until_end", 1)),
    ("an update from before comes late", Step::Deliver(UPDATED, 204), anna("paid_until_end", 1)),
    ("the last second", Step::Until("2026-05-01T11:59:59+00:00"), anna("paid_until_end", 1)),
    ("the end", Step::Until("2026-05-01T12:00:00+00:00"), anna("ended", 1)),
    ("the app is restarted", Step::Restart, anna("ended", 1)),
];

const CREATED: &str = r#"{"id":"8d2f6a1e-1111-4a7b-9c58-2f1f6c1d0001","name":"subscription.created","account":2112,"created_at":"2026-03-01T12:00:00+00:00","data":{"id":76963688,"price":9900,"vat":2500,"currency":"SEK","created_at":"2026-03-01T11:59:58+00:00","renews_at":"2026-04-01T12:00:00+00:00","ends_at":null,"trial_ends_at":null,"reference_id":"user_42","reference_name":"Anna \u00c5kesson","status":"active","update_card_url":"https:\/\/app.octany.example\/card?signature=1","invoices_url":"https:\/\/app.octany.example\/invoices?signature=1","cancel_url":"https:\/\/app.octany.example\/cancel?signature=1","custom_fields":[],"metadata":[],"product":{"id":42,"name":"M\u00e5nad","type":"Recurring","price":9900,"currency":"SEK","vat_rate":2500,"interval":"month"}}}"#;
const FORGED: &str = r#"{"id":"8d2f6a1e-1111-4a7b-9c58-2f1f6c1d0666","name":"subscription.updated","account":2112,"created_at":"2026-03-02T12:00:00+00:00","data":{"id":76963688,"reference_id":"user_42","status":"unpaid"}}"#;
const FORGED_FOR_BOB: &str = r#"{"id":"8d2f6a1e-1111-4a7b-9c58-2f1f6c1d0667","name":"subscription.created","account":2112,"created_at":"2026-03-02T12:00:00+00:00","data":{"id":76963699,"reference_id":"user_43","status":"active"}}"#;
const RENEWED: &str = r#"{"id":"8d2f6a1e-1111-4a7b-9c58-2f1f6c1d0003","name":"subscription.renewed","account":2112,"created_at":"2026-04-01T12:00:04+00:00","data":{"id":76963688,"price":9900,"vat":2500,"currency":"SEK","renews_at":"2026-05-01T12:00:00+00:00","ends_at":null,"reference_id":"user_42","status":"active","custom_fields":[],"metadata":[],"product":{"id":42,"name":"M\u00e5nad"}}}"#;
const DELAYED: &str = r#"{"id":"8d2f6a1e-1111-4a7b-9c58-2f1f6c1d0002","name":"subscription.updated","account":2112,"created_at":"2026-04-01T12:00:01+00:00","data":{"id":76963688,"price":9900,"vat":2500,"currency":"SEK","renews_at":"2026-04-01T12:00:00+00:00","ends_at":null,"reference_id":"user_42","status":"delayed","custom_fields":[],"metadata":[],"product":{"id":42,"name":"M\u00e5nad"}}}"#;
const CANCELLED: &str = r#"{"id":"8d2f6a1e-1111-4a7b-9c58-2f1f6c1d0005","name":"subscription.cancelled","account":2112,"created_at":"2026-04-10T08:30:00+00:00","data":{"id":76963688,"price":9900,"vat":2500,"currency":"SEK","renews_at":null,"ends_at":"2026-05-01T12:00:00+00:00","reference_id":"user_42","status":"cancelled","custom_fields":[],"metadata":[],"product":{"id":42,"name":"M\u00e5nad"}}}"#;
const UPDATED: &str = r#"{"id":"8d2f6a1e-1111-4a7b-9c58-2f1f6c1d0004","name":"subscription.updated","account":2112,"created_at":"2026-04-10T08:29:00+00:00","data":{"id":76963688,"price":9900,"vat":2500,"currency":"SEK","renews_at":"2026-05-01T12:00:00+00:00","ends_at":null,"reference_id":"user_42","status":"active","custom_fields":[],"metadata":{"campaign":"spring"},"product":{"id":42,"name":"M\u00e5nad"}}}"#;
