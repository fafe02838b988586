//! The peers, in the groups of the floor and ours.

use bytes::Bytes;
use octany_benches::contest::{self, VERIFIED, Visit, headers};
use octany_benches::delivery::{self, Deliveries, Delivery, SECRET};

use crate::schemes::{github, keyed, same, standard, standard_webhook, stripe, webhooksmith};
use crate::{actix, axum as routers};

/// What also takes routers of axum 0.7.
pub trait VisitPeers: Visit {
    /// A router of axum 0.7.
    fn axum07(&mut self, group: &str, name: &str, router: axum07::Router, deliveries: Deliveries);
}

/// Everybody.
pub fn visit(visitor: &mut impl VisitPeers) {
    contest::visit(visitor);
    for (group, length) in VERIFIED {
        verify(visitor, group, length);
    }
    let body = Bytes::from(delivery::body(0));
    let by = |scheme: fn(&Bytes) -> Delivery| same(scheme(&body));

    let group = "axum-verified";
    visitor.axum(group, "axum-standardwebhooks", routers::axum_standardwebhooks(), by(standard));
    visitor.axum(group, "standardwebhooks", routers::standardwebhooks(), by(standard));
    visitor.axum(group, "svix", routers::svix(), by(standard));
    visitor.axum(group, "tower-github-webhook", routers::tower_github(), by(github));
    visitor.axum07(group, "webhooksmith", routers::webhooksmith(), by(webhooksmith));

    let group = "axum-typed";
    let router = routers::axum_standardwebhooks_typed();
    visitor.axum(group, "axum-standardwebhooks", router, by(standard));
    visitor.axum(group, "tower-github-webhook", routers::tower_github_typed(), by(github));
    visitor.axum07(group, "webhooksmith", routers::webhooksmith_typed(), by(webhooksmith));
    visitor.axum(group, "async-stripe-webhook", routers::stripe(), by(stripe));

    let octany = |body: &Bytes| delivery::octany(body.clone());
    let group = "actix-verified";
    visitor.actix(group, "RequestSignature", actix::request_signature, by(octany));
    visitor.actix(group, "webhooksmith", actix::webhooksmith, by(webhooksmith));

    let group = "actix-typed";
    visitor.actix(group, "RequestSignature", actix::request_signature_typed, by(octany));
    visitor.actix(group, "webhooksmith", actix::webhooksmith_typed, by(webhooksmith));
}

/// Peers that have a function for it.
fn verify(visitor: &mut impl Visit, group: &str, length: usize) {
    let body = delivery::bytes(length);

    let (key, delivery) = (keyed(), delivery::octany(body.clone()));
    visitor.verify(group, "hmac and sha2, by hand", &mut || {
        use hmac::Mac;
        let claimed = const_hex::decode(&delivery.headers[0].1);
        claimed.is_ok_and(|claimed| key.clone().chain_update(&body).verify_slice(&claimed).is_ok())
    });

    let standard = headers(&standard(&body));
    let webhook = standard_webhook();
    visitor.verify(group, "standardwebhooks", &mut || webhook.verify(&body, &standard).is_ok());

    let webhook = svix::webhooks::Webhook::from_bytes(SECRET.into()).expect("the secret is one");
    visitor.verify(group, "svix", &mut || webhook.verify(&body, &standard).is_ok());

    let delivery = webhooksmith(&body);
    let (signature, timestamp) = (&delivery.headers[0].1, &delivery.headers[1].1);
    visitor.verify(group, "webhooksmith", &mut || {
        timestamp.parse().is_ok_and(|timestamp| {
            webhooksmith::signing::verify(SECRET, timestamp, &body, signature)
        })
    });
}
