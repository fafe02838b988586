//! Who is measured against whom. Times, allocations and servers are three ways to visit the same.

use actix_web::web::ServiceConfig;
use axum::Router;
use octany_core::signature::{SIGNATURE_HEADER, SIGNATURE_HEADER_NAME, Signature};

use crate::delivery::{self, Deliveries, octany, verifier};
use crate::floor::Key;
use crate::{actix, axum as routers};

/// What does something with each contestant: whom it is compared with (the group), its name, and
/// what it is.
pub trait Visit {
    /// A verification; it says whether the signature was right.
    fn verify(&mut self, group: &str, name: &str, verify: &mut dyn FnMut() -> bool);

    /// A router of axum.
    fn axum(&mut self, group: &str, name: &str, router: Router, deliveries: Deliveries);

    /// An application of actix-web.
    fn actix<F>(&mut self, group: &str, name: &str, configure: F, deliveries: Deliveries)
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static;
}

/// What is verified: the group, and how many bytes the body has.
pub const VERIFIED: [(&str, usize); 2] = [("verify-1k", 1_024), ("verify-64k", 65_536)];

/// How bodies grow.
pub const BODIES: [usize; 6] = [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20];

/// The floor and ours.
pub fn visit(visitor: &mut impl Visit) {
    for (group, length) in VERIFIED {
        verify(visitor, group, length);
    }
    rotation(visitor);
    let same = || Deliveries::Same(octany(delivery::body(0).into()));

    let group = "axum-verified";
    visitor.axum(group, "bare", routers::bare(), same());
    visitor.axum(group, "by hand, extractor", routers::by_hand(), same());
    visitor.axum(group, "by hand, layer", routers::by_hand_layer(), same());
    visitor.axum(group, "ours, extractor", routers::verified(), same());
    visitor.axum(group, "ours, layer", routers::verified_layer(), same());

    let group = "axum-typed";
    visitor.axum(group, "bare", routers::bare(), same());
    visitor.axum(group, "by hand, serde with owned strings", routers::by_hand_owned(), same());
    visitor.axum(group, "by hand, serde with raw strings", routers::by_hand_raw(), same());
    visitor.axum(group, "ours, extractor", routers::typed(), same());
    visitor.axum(group, "ours, layer", routers::typed_layer(), same());
    visitor.axum(group, "ours, synced to memory", routers::synced(), Deliveries::fresh());

    let group = "actix-verified";
    visitor.actix(group, "bare", actix::bare, same());
    visitor.actix(group, "by hand, extractor", actix::by_hand, same());
    visitor.actix(group, "ours, extractor", actix::verified, same());
    visitor.actix(group, "ours, layer", actix::verified_layer, same());

    let group = "actix-typed";
    visitor.actix(group, "bare", actix::bare, same());
    visitor.actix(group, "by hand, serde with owned strings", actix::by_hand_owned, same());
    visitor.actix(group, "by hand, serde with raw strings", actix::by_hand_raw, same());
    visitor.actix(group, "ours, extractor", actix::typed, same());
    visitor.actix(group, "ours, layer", actix::typed_layer, same());
    visitor.actix(group, "ours, synced to memory", actix::synced, Deliveries::fresh());
}

/// The floor and ours over a body of so many bytes.
pub fn verify(visitor: &mut impl Visit, group: &str, length: usize) {
    let (body, key) = (delivery::bytes(length), Key::new(delivery::SECRET.as_bytes()));
    let headers = headers(&octany(body.clone()));
    let header = headers[SIGNATURE_HEADER].clone();
    visitor.verify(group, "floor", &mut || key.verify(header.as_bytes(), &body));
    let verifier = verifier();
    let is_signed =
        |signature: &Signature| verifier.verify(body.clone(), signature, chrono::Utc::now).is_ok();
    visitor.verify(group, "ours", &mut || {
        Signature::parse(header.as_bytes()).is_ok_and(|signature| is_signed(&signature))
    });
    visitor.verify(group, "ours, header looked up", &mut || {
        let signature = Signature::from_headers(headers.get_all(&SIGNATURE_HEADER_NAME));
        signature.is_ok_and(|signature| is_signed(&signature))
    });
}

/// Ours during a rotation, where the older of two secrets signed.
fn rotation(visitor: &mut impl Visit) {
    for (group, length) in [("rotation-1k", 1_024), ("rotation-64k", 65_536)] {
        let body = delivery::bytes(length);
        let signature = delivery::secret().sign(&body);
        let other =
            || octany_core::signature::SigningSecret::new("another secret of 32 characters!");
        let both = octany_core::signature::Verifier::new(other().unwrap())
            .with_secret("old", delivery::secret());
        for (name, verifier) in [("one secret", verifier()), ("two secrets", both)] {
            visitor.verify(group, name, &mut || {
                verifier.verify(body.clone(), &signature, chrono::Utc::now).is_ok()
            });
        }
    }
}

/// A delivery's headers, as a map.
pub fn headers(delivery: &delivery::Delivery) -> http::HeaderMap {
    let header = |(name, value): &(&'static str, String)| {
        (http::HeaderName::from_static(name), value.parse().unwrap())
    };
    delivery.headers.iter().map(header).collect()
}
