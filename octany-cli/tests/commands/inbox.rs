//! `octany inbox`

use std::time::Duration;

use chrono::Utc;
use octany_core::Event;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{InboxStore, Letter};

use crate::place::Place;
use crate::run::Told;

fn letter(id: u64) -> Letter {
    let body = format!(
        r#"{{"id":{id},"name":"subscription.updated","created_at":"2026-03-01T12:00:00Z","data":{{
            "id":{id}5,"status":"active","reference_id":"user_42","customer":{{"name":"Anna Ask"}},
            "update_payment_url":"https://portal.example/x?signature=abc"}}}}"#
    );
    let body = VerifiedBody::danger_verified_before_storing(body, "default");
    Letter::of(&Event::parse(body).unwrap(), Utc::now()).unwrap()
}

/// One that is dead, and one that waits.
async fn filled(inbox: &dyn InboxStore) {
    inbox.put(&letter(7)).await.unwrap();
    let claimed = inbox.claim(Utc::now(), Duration::from_mins(1), 9).await.unwrap();
    let (id, token) = (&claimed[0].letter.id, claimed[0].token);
    assert!(inbox.bury(id, token, "the mail server is on holiday", Utc::now()).await.unwrap());
    inbox.put(&letter(8)).await.unwrap();
}

fn inbox(place: &Place, arguments: &[&str]) -> Told {
    place.asked(&[&["inbox"], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_seen_replayed_and_given_up_in_every_database() {
    for place in Place::sql().await {
        filled(&**place.inbox.as_ref().unwrap()).await;
        let listed = inbox(&place, &["list"]).exits(0);
        assert!(listed.out.contains("the mail server is on holiday"), "{}", listed.out);
        assert!(listed.err.contains("1 waiting, 0 running, 1 dead"), "{}", listed.err);
        let listed = inbox(&place, &["list", "--json"]).exits(0).documents();
        let states: Vec<_> = listed.iter().map(|it| (&it["delivery"], &it["state"])).collect();
        assert_eq!(states, [(&"7".into(), &"dead".into()), (&"8".into(), &"waiting".into())]);
        let dead = inbox(&place, &["list", "--dead", "--json"]).exits(0).document();
        assert_eq!((&dead["delivery"], &dead["attempts"]), (&"7".into(), &1.into()));
        assert_eq!(inbox(&place, &["list", "--limit", "1", "--json"]).documents().len(), 1);

        assert_eq!(inbox(&place, &["replay", "7", "--json"]).exits(0).document()["done"], true);
        let again = inbox(&place, &["replay", "7"]).exits(1).out;
        assert!(again.contains("no dead letter"), "{again}");
        assert_eq!(inbox(&place, &["replay", "--all", "--json"]).document()["replayed"], 0);

        let store = place.inbox.as_ref().unwrap();
        for claimed in store.claim(Utc::now(), Duration::from_mins(1), 9).await.unwrap() {
            store.bury(&claimed.letter.id, claimed.token, "no", Utc::now()).await.unwrap();
        }
        let refused = inbox(&place, &["discard", "7"]).exits(2).err;
        assert!(refused.contains("--yes"), "nobody can be asked: {refused}");
        inbox(&place, &["discard", "7", "--yes"]).exits(0);
        assert_eq!(inbox(&place, &["show", "7", "--json"]).document()["state"], "done");
        assert_eq!(inbox(&place, &["replay", "--all", "--json"]).document()["replayed"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_people_is_shown_to_whom_asks_for_it_only() {
    let place = Place::sqlite().await;
    filled(&**place.inbox.as_ref().unwrap()).await;
    for arguments in [&["show", "7"][..], &["show", "7", "--json"], &["list"], &["list", "--json"]]
    {
        let shown = inbox(&place, arguments).exits(0).without("Anna").without("portal.example");
        assert!(shown.out.contains("subscription.updated"));
    }
    let shown = inbox(&place, &["show", "7", "--json"]).document();
    assert_eq!(shown["body"]["data"]["status"], "active");
    let revealed = inbox(&place, &["show", "7", "--reveal"]).exits(0).out;
    assert!(revealed.contains("Anna Ask") && revealed.contains("https://portal.example/x"));
    let unheard_of = inbox(&place, &["show", "99"]).exits(1).err;
    assert_eq!(unheard_of, "octany: there is no letter 99\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_no_inbox_and_says_so() {
    let refused = inbox(&Place::redis().await, &["list"]).exits(2).err;
    assert_eq!(refused, "octany: Redis keeps no inbox\n");
}
