//! What nobody tries any more.

use super::{bury, claim, done, given_out, ids, letter, only, put, put_all, retry};
use crate::conformance::reports::at;
use crate::{DeadLetter, Depth, InboxStore, Put};

async fn dead<S: InboxStore>(store: &S, after: i64, limit: usize) -> Vec<DeadLetter> {
    store.dead(after, limit).await.expect("dead failed")
}

/// Buries letters in this order.
async fn bury_all<S: InboxStore>(store: &S, ids: &[&str]) {
    let claimed = claim(store, 0, 99).await;
    for id in ids {
        let one = claimed.iter().find(|one| one.letter.id == **id).expect("it was given out");
        assert!(bury(store, id, one.token, 5).await);
    }
}

pub(super) async fn a_dead_letter_is_listed_and_holds_nobody_up<S: InboxStore>(store: &S) {
    put_all(store, &[("d1", "k", 1), ("d2", "k", 2)]).await;
    assert!(dead(store, 0, 9).await.is_empty());
    let claimed = only(store, "d1", 0).await;
    assert!(retry(store, "d1", claimed.token, 3).await);
    let claimed = only(store, "d1", 3).await;
    assert!(bury(store, "d1", claimed.token, 4).await);
    let listed = dead(store, 0, 9).await.remove(0);
    let expected = DeadLetter {
        number: listed.number,
        id: "d1".into(),
        key: "k".to_owned(),
        event: "subscription.updated".to_owned(),
        received_at: at(0),
        died_at: at(4),
        attempts: 2,
        last_error: "the last reason".to_owned(),
    };
    assert_eq!(listed, expected);
    let second = only(store, "d2", 4).await;
    assert!(done(store, "d2", second.token, 5).await);
    assert!(given_out(store, 9_999, 9).await.is_empty(), "a dead letter is not given out");
}

pub(super) async fn dead_letters_are_listed_in_portions<S: InboxStore>(store: &S) {
    put_all(store, &[("a", "a", 9), ("b", "b", 5), ("c", "c", 1), ("lives", "d", 0)]).await;
    bury_all(store, &["c", "a", "b"]).await;
    let all = dead(store, 0, 9).await;
    let named = |letters: &[DeadLetter]| -> Vec<String> {
        letters.iter().map(|letter| letter.id.to_string()).collect()
    };
    assert_eq!(named(&all), ["a", "b", "c"], "in the order in which they were put");
    assert!(dead(store, 0, 0).await.is_empty());
    assert_eq!(named(&dead(store, 0, 2).await), ["a", "b"]);
    assert_eq!(named(&dead(store, all[1].number, 2).await), ["c"]);
    assert!(dead(store, all[2].number, 2).await.is_empty());
}

pub(super) async fn a_replayed_letter_is_as_good_as_new<S: InboxStore>(store: &S) {
    put_all(store, &[("first", "k", 1), ("waits", "w", 1)]).await;
    bury_all(store, &["first"]).await;
    put_all(store, &[("second", "k", 2)]).await;
    let replay = async |id: &str| store.replay(&id.into()).await.expect("replay failed");
    assert!(!replay("waits").await, "it is not dead");
    assert!(!replay("unheard of").await);
    assert!(replay("first").await);
    assert!(!replay("first").await, "it is not dead any more");
    assert!(dead(store, 0, 9).await.is_empty());
    let first = only(store, "first", 6).await;
    assert_eq!(first.attempts, 0, "it has all its attempts again");
    assert!(done(store, "first", first.token, 7).await);
    only(store, "second", 7).await;
}

pub(super) async fn all_dead_letters_are_replayed<S: InboxStore>(store: &S) {
    let replay_all = async || store.replay_all().await.expect("replay_all failed");
    assert_eq!(replay_all().await, 0);
    put_all(store, &[("a1", "a", 1), ("b1", "b", 1), ("runs", "r", 1)]).await;
    bury_all(store, &["a1", "b1"]).await;
    put_all(store, &[("a2", "a", 2)]).await;
    bury_all(store, &["a2"]).await;
    assert_eq!(replay_all().await, 3);
    assert_eq!(ids(&claim(store, 6, 9).await), ["a1", "b1"], "in order, and one of each key");
    assert_eq!(replay_all().await, 0);
}

pub(super) async fn a_discarded_letter_is_done<S: InboxStore>(store: &S) {
    put_all(store, &[("d", "k", 1), ("waits", "w", 1)]).await;
    bury_all(store, &["d"]).await;
    let discard = async |id: &str| store.discard(&id.into()).await.expect("discard failed");
    assert!(!discard("waits").await, "it is not dead");
    assert!(!discard("unheard of").await);
    assert!(discard("d").await);
    assert!(!discard("d").await, "it is not dead any more");
    assert!(!store.replay(&"d".into()).await.expect("replay failed"));
    assert!(dead(store, 0, 9).await.is_empty());
    assert!(given_out(store, 6, 9).await.is_empty());
    let again = store.put(&letter("d", "k", 1)).await.expect("put failed");
    assert_eq!(again, Put::Known, "it is known when it is delivered again");
    assert_eq!(store.prune(at(6)).await.expect("prune failed"), 1, "and pruned in its time");
}

pub(super) async fn what_is_not_done_is_counted<S: InboxStore>(store: &S) {
    let depth = async || store.depth().await.expect("depth failed");
    assert_eq!(depth().await, Depth::default());
    put_all(store, &[("a", "a", 1), ("b", "b", 1), ("c", "c", 1)]).await;
    bury_all(store, &["a"]).await;
    put_all(store, &[("c2", "c", 2)]).await;
    put(store, &letter("e", "e", 1)).await;
    assert_eq!(depth().await, Depth { waiting: 2, running: 2, dead: 1 });
    let claimed = only(store, "e", 1).await;
    assert!(retry(store, "e", claimed.token, 50).await);
    assert_eq!(depth().await, Depth { waiting: 2, running: 2, dead: 1 });
    let claimed = claim(store, 60, 9).await;
    for claimed in &claimed {
        assert!(done(store, claimed.letter.id.as_str(), claimed.token, 61).await);
    }
    assert_eq!(depth().await, Depth { waiting: 1, running: 0, dead: 1 });
}
