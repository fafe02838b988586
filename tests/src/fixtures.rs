//! Deliveries made and signed by PHP, as Octany's sender makes them.
//!
//! `fixtures/php/generate.php` writes them; the target `php_oracle` keeps them true.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::Deserialize;

/// One delivery that PHP encoded and signed.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct PhpDelivery {
    /// The file with the body, by which a failing test names it.
    pub file: String,
    /// The event's name, as it stands in the body.
    pub event: String,
    /// The endpoint's secret.
    pub secret: String,
    /// The signature, as it stands in the header.
    pub signature: String,
    /// What is worth knowing about it.
    pub note: String,
    /// The JSON paths of members whose type no document of Octany's gives them.
    pub mistyped: Vec<String>,
    /// Whether the data is what the event's name promises: `false` for events that no document
    /// names, and for data without what makes it an order or a product.
    pub typed: bool,
    /// The body, to the byte.
    #[serde(skip)]
    pub body: Bytes,
}

/// Where PHP's deliveries are, and the scripts that make them.
pub fn php_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/php")
}

/// All of PHP's deliveries, in the order of their numbers.
///
/// # Panics
///
/// If a fixture is missing or its index is not what the generator writes.
pub fn php_deliveries() -> Vec<PhpDelivery> {
    let directory = php_directory();
    let index = fs::read(directory.join("index.json")).expect("the index is committed");
    let mut deliveries: Vec<PhpDelivery> =
        serde_json::from_slice(&index).expect("the index is as the generator writes it");
    for delivery in &mut deliveries {
        let body = fs::read(directory.join(&delivery.file));
        delivery.body = body.expect("every file of the index is committed").into();
    }
    deliveries
}
