//! What is put is there, once, for as long as it is needed.

use std::sync::Arc;

use octany_core::signature::VerifiedBody;

use super::{bury, claim, done, given_out, letter, only, put, put_all, retry};
use crate::conformance::TASKS;
use crate::conformance::race::race;
use crate::conformance::reports::at;
use crate::{InboxStore, Put};

pub(super) async fn a_letter_is_put_once<S: InboxStore>(store: &S) {
    let again = async || store.put(&letter("d", "k", 5)).await.expect("put failed");
    put(store, &letter("d", "k", 0)).await;
    assert_eq!(again().await, Put::Known, "what waits is known");
    let claimed = only(store, "d", 0).await;
    assert_eq!(again().await, Put::Known, "what runs is known");
    retry(store, "d", claimed.token, 1).await;
    let claimed = only(store, "d", 1).await;
    bury(store, "d", claimed.token, 2).await;
    assert_eq!(again().await, Put::Known, "what is dead is known");
    assert!(given_out(store, 99, 9).await.is_empty(), "and stays dead");
    store.replay(&"d".into()).await.expect("replay failed");
    let claimed = only(store, "d", 3).await;
    assert!(done(store, "d", claimed.token, 4).await);
    assert_eq!(again().await, Put::Known, "what is done is known");
    assert!(given_out(store, 99, 9).await.is_empty(), "and stays done");
}

pub(super) async fn a_letter_comes_back_as_it_was_put<S: InboxStore>(store: &S) {
    for (id, seconds, bytes) in [
        ("text", 0, b"{\"name\":\"\xc3\xa5\"}".to_vec()),
        ("any bytes", -1, (0..=u8::MAX).collect()),
        ("none", 1, Vec::new()),
        ("many", 2, vec![b'x'; 1024 * 1024]),
    ] {
        let mut given = letter(id, &format!("subscription:{id}å'\u{1f980}"), seconds);
        given.event = String::from("an.event.of.tomorrow å");
        given.received_at = at(7);
        given.body = VerifiedBody::danger_verified_before_storing(bytes, "the old secret");
        put(store, &given).await;
        let claimed = only(store, id, 7).await;
        let got = claimed.letter;
        assert_eq!(got.id, given.id);
        assert_eq!(got.key, given.key);
        assert_eq!(got.event, given.event);
        assert_eq!(got.version, given.version);
        assert_eq!(got.received_at, given.received_at);
        assert!(got.body.bytes() == given.body.bytes(), "the body is the same, byte by byte");
        assert_eq!(got.body.secret_label(), "the old secret");
        assert_eq!(claimed.attempts, 0);
        assert!(done(store, id, claimed.token, 8).await);
    }
}

pub(super) async fn one_of_many_puts_at_once_stores<S: InboxStore + 'static>(store: &Arc<S>) {
    for round in 0..8 {
        let tasks = (0..TASKS).map(|_| {
            let (store, letter) = (Arc::clone(store), letter(&format!("d_{round}"), "k", round));
            async move { store.put(&letter).await.expect("put failed") }
        });
        let puts = race(tasks.collect()).await;
        assert_eq!(puts.iter().filter(|put| **put == Put::Stored).count(), 1, "one stores it");
        let claimed = only(&**store, &format!("d_{round}"), 0).await;
        assert!(done(&**store, &format!("d_{round}"), claimed.token, 0).await);
    }
}

pub(super) async fn letters_are_told_apart<S: InboxStore>(store: &S) {
    let ids = ["1", "01", "a", "A", "å", "a\u{30a}", "7f0c2c6e-0000-4000-8000-000000000001"];
    for id in ids {
        put(store, &letter(id, id, 0)).await;
    }
    assert_eq!(given_out(store, 0, 99).await.len(), ids.len(), "their keys, too");
    let number = letter("1", "k", 0);
    assert_eq!(store.put(&number).await.expect("put failed"), Put::Known);
}

pub(super) async fn what_was_done_is_pruned<S: InboxStore>(store: &S) {
    put_all(store, &[("1_old", "a", 0), ("2_edge", "b", 0), ("3_young", "c", 0), ("runs", "d", 0)])
        .await;
    let claimed = claim(store, 0, 3).await;
    for (claimed, at) in claimed.iter().zip([10, 100, 200]) {
        done(store, claimed.letter.id.as_str(), claimed.token, at).await;
    }
    only(store, "runs", 0).await;
    put_all(store, &[("waits", "e", 0), ("dies", "f", 0)]).await;
    let claimed = claim(store, 0, 9).await;
    assert!(bury(store, "dies", claimed[0].token, 1).await);
    assert!(retry(store, "waits", claimed[1].token, 1).await);

    let prune = async || store.prune(at(100)).await.expect("prune failed");
    assert_eq!(prune().await, 1, "what was done before the instant is forgotten");
    assert_eq!(prune().await, 0, "and nothing else");
    for known in ["2_edge", "3_young", "runs", "waits", "dies"] {
        let again = store.put(&letter(known, "z", 0)).await.expect("put failed");
        assert_eq!(again, Put::Known, "{known}");
    }
    put(store, &letter("1_old", "z", 0)).await;
}
