//! What can be seen of letters.

use octany_core::DeliveryId;

use super::{LEASE, bury, done, letter, only, put, put_all, retry};
use crate::conformance::reports::at;
use crate::{InboxStore, KeptLetter, LetterState};

async fn state<S: InboxStore>(store: &S, id: &str) -> Option<LetterState> {
    let found = store.letter(&id.into()).await.expect("letter failed");
    found.map(|(kept, _)| kept.state)
}

pub(super) async fn a_letter_is_shown_as_it_is_kept<S: InboxStore>(store: &S) {
    assert_eq!(state(store, "d").await, None, "nobody has heard of it");
    put(store, &letter("d", "k", 1)).await;
    let of = async || store.letter(&"d".into()).await.expect("letter failed").expect("it is there");
    let (kept, body) = of().await;
    let expected = KeptLetter {
        number: kept.number,
        id: DeliveryId::from("d"),
        key: "k".to_owned(),
        event: "subscription.updated".to_owned(),
        received_at: at(0),
        state: LetterState::Waiting { due_at: at(0) },
        attempts: 0,
        last_error: String::new(),
    };
    assert_eq!(kept, expected);
    assert_eq!((body.bytes().as_ref(), body.secret_label()), (&b"d"[..], "default"));

    let claimed = only(store, "d", 2).await;
    let until = at(2) + LEASE;
    assert_eq!(state(store, "d").await, Some(LetterState::Running { until }));
    assert!(retry(store, "d", claimed.token, 5).await);
    let (kept, _) = of().await;
    assert_eq!(kept.state, LetterState::Waiting { due_at: at(5) });
    assert_eq!((kept.attempts, kept.last_error.as_str()), (1, "a reason"));

    let claimed = only(store, "d", 5).await;
    assert!(bury(store, "d", claimed.token, 6).await);
    let (kept, body) = of().await;
    assert_eq!(kept.state, LetterState::Dead { died_at: at(6) });
    assert_eq!((kept.attempts, kept.last_error.as_str()), (2, "the last reason"));
    assert!(!body.bytes().is_empty(), "it can still be looked at");

    assert!(store.replay(&"d".into()).await.expect("replay failed"));
    let claimed = only(store, "d", 7).await;
    assert!(done(store, "d", claimed.token, 8).await);
    assert_eq!(state(store, "d").await, Some(LetterState::Done { done_at: at(8) }));
    assert_eq!(store.prune(at(9)).await.expect("prune failed"), 1);
    assert_eq!(state(store, "d").await, None, "it is forgotten");
}

pub(super) async fn what_is_not_done_is_listed_in_portions<S: InboxStore>(store: &S) {
    let listed = async |after, limit| {
        let letters = store.letters(after, limit).await.expect("letters failed");
        let named = letters.iter().map(|it| (it.id.to_string(), it.state.as_str()));
        (named.collect::<Vec<_>>(), letters.last().map_or(after, |it| it.number))
    };
    assert!(listed(0, 9).await.0.is_empty());
    put_all(store, &[("dies", "a", 9)]).await;
    let claimed = only(store, "dies", 0).await;
    assert!(bury(store, "dies", claimed.token, 1).await);
    put_all(store, &[("ends", "b", 5)]).await;
    let claimed = only(store, "ends", 1).await;
    assert!(done(store, "ends", claimed.token, 2).await);
    put_all(store, &[("runs", "c", 3)]).await;
    only(store, "runs", 2).await;
    put_all(store, &[("waits", "d", 1)]).await;

    let named = |(id, state): (&str, &'static str)| (id.to_owned(), state);
    let all = [("dies", "dead"), ("runs", "running"), ("waits", "waiting")].map(named);
    assert_eq!(listed(0, 9).await.0, all, "in the order in which they were put");
    assert!(listed(0, 0).await.0.is_empty());
    let (first, last) = listed(0, 2).await;
    assert_eq!(first, all[..2]);
    assert_eq!(listed(last, 2).await.0, all[2..]);
}
