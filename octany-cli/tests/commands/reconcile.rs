//! `octany reconcile`

use chrono::{TimeDelta, Utc};
use octany_core::checkout::ReferenceKey;
use octany_entitlement::Checkout;

use crate::octany::Octany;
use crate::place::Place;
use crate::run::{Told, octany, told};

const KEY: &str = "an example, and not a random one";

fn reconcile(place: &Place, sim: &Octany, arguments: &[&str]) -> Told {
    sim.asked(place, &[&["reconcile"], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_octany_says_is_taken_into_every_store() {
    let sim = Octany::open().await;
    sim.subscribe("user_42");
    for place in Place::all().await {
        let first = reconcile(&place, &sim, &["user_42", "user_43"]).exits(1).out;
        assert!(first.contains("taken in") && first.contains("none at Octany"), "{first}");
        let known = place.store.subscriptions(&"user_42".into()).await.unwrap();
        assert_eq!(known.len(), 1);
        let again = reconcile(&place, &sim, &["user_42", "--json"]).exits(0).document();
        assert_eq!((&again["asked"], &again["seen"]), (&true.into(), &1.into()));
        place.asked(&["why", "user_42"]).exits(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_references_are_read_as_the_app_does_or_not_at_all() {
    let (sim, place) = (Octany::open().await, Place::sqlite().await);
    let key = ReferenceKey::new(KEY).unwrap();
    let tomorrow = Utc::now() + TimeDelta::days(1);
    let signed = key.sign(&"user_42".into(), &42.into(), tomorrow).unwrap();
    let signed = signed.as_reference_id().clone();
    sim.subscribe(signed.as_str());
    let checkout = Checkout::new(signed.clone(), "user_42", 42, Utc::now());
    place.store.begin(&checkout).await.unwrap();

    let refused = reconcile(&place, &sim, &["user_42"]).exits(3).err;
    assert!(refused.contains("OCTANY_REFERENCE_KEY"), "{refused}");
    assert!(place.store.subscriptions(&signed).await.unwrap().is_empty(), "it took nothing in");
    let refused = sim.asked(&place, &["audit"]).exits(3).err;
    assert!(refused.contains("OCTANY_REFERENCE_KEY"), "all would seem to be others': {refused}");

    let mut command = octany(&["reconcile", "user_42", "--quarantine"]);
    told(place.given_to(sim.given_to(command.env("OCTANY_REFERENCE_KEY", KEY)))).exits(0);
    assert_eq!(place.store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    reconcile(&place, &sim, &["user_42", "--quarantine"]).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn octany_must_be_there_and_let_the_account_in() {
    let (sim, place) = (Octany::open().await, Place::sqlite().await);
    let mut command = octany(&["reconcile", "user_42"]);
    sim.given_to(place.given_to(&mut command)).env("OCTANY_API_KEY", "a-wrong-key");
    told(&mut command).exits(3).without("a-wrong-key");
    for (missing, told_to) in
        [("OCTANY_API_KEY", "--api-key-file"), ("OCTANY_ACCOUNT", "--account")]
    {
        let mut command = octany(&["reconcile", "user_42"]);
        sim.given_to(place.given_to(&mut command)).env_remove(missing);
        let refused = told(&mut command).exits(2).err;
        assert!(refused.contains(missing) && refused.contains(told_to), "{refused}");
    }
    let mut command = octany(&["reconcile", "user_42"]);
    sim.given_to(place.given_to(&mut command)).env("OCTANY_URL", "http://octany.example/api");
    let refused = told(&mut command).exits(2).without(&sim.key()).err;
    assert!(refused.contains("plain HTTP"), "{refused}");
}
