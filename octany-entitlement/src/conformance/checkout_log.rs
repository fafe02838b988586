//! What a [`CheckoutLog`] promises.

use std::sync::Arc;

use chrono::TimeDelta;

use super::TASKS;
use super::race::race;
use super::reports::at;
use crate::{Checkout, CheckoutLog};

/// Proves a [`CheckoutLog`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn checkout_log<L: CheckoutLog + 'static>(mut make: impl AsyncFnMut() -> L) -> usize {
    let mut cases = 0;
    let mut log = async || {
        cases += 1;
        Arc::new(make().await)
    };
    an_empty_log_knows_nothing(&log().await).await;
    what_has_begun_is_found(&log().await).await;
    the_newest_come_first(&log().await).await;
    ties_have_one_order(&log().await).await;
    time_counts_to_the_microsecond(&log().await).await;
    what_begins_again_is_replaced(&log().await).await;
    a_return_is_noted_once(&log().await).await;
    a_return_is_from_the_newest(&log().await).await;
    references_are_each_users_own(&log().await).await;
    users_are_compared_byte_by_byte(&log().await).await;
    what_began_before_is_forgotten(&log().await).await;
    many_begin_at_once(&log().await).await;
    one_of_many_begins_last(&log().await).await;
    one_of_many_returns(&log().await).await;
    begins_and_returns_race(&log().await).await;
    cases
}

async fn begin<L: CheckoutLog>(log: &L, user: &str, reference: &str, seconds: i64) {
    let checkout = Checkout::new(reference, user, "42", at(seconds));
    log.begin(&checkout).await.expect("begin failed");
}

async fn returned<L: CheckoutLog>(log: &L, user: &str, since: i64, now: i64) -> Option<Checkout> {
    log.returned(&user.into(), at(since), at(now)).await.expect("returned failed")
}

async fn begun<L: CheckoutLog>(log: &L, user: &str, since: i64, limit: usize) -> Vec<Checkout> {
    log.begun(&user.into(), at(since), limit).await.expect("begun failed")
}

async fn forget<L: CheckoutLog>(log: &L, seconds: i64) -> u64 {
    log.forget_begun_before(at(seconds)).await.expect("forget_begun_before failed")
}

/// The references of a user, in the order in which they are given.
async fn references<L: CheckoutLog>(log: &L, user: &str) -> Vec<String> {
    let begun = begun(log, user, -1_000, usize::MAX).await;
    begun.iter().map(|checkout| checkout.reference.to_string()).collect()
}

async fn an_empty_log_knows_nothing<L: CheckoutLog>(log: &L) {
    assert!(begun(log, "user", 0, 9).await.is_empty(), "nothing has begun");
    assert_eq!(returned(log, "user", 0, 1).await, None, "nobody was sent anywhere");
    assert!(begun(log, "user", 0, 9).await.is_empty(), "a return begins nothing");
    assert_eq!(forget(log, 99).await, 0, "nothing to forget");
}

async fn what_has_begun_is_found<L: CheckoutLog>(log: &L) {
    let begun_at = at(1) + TimeDelta::microseconds(123_456);
    let longest = format!("o1.{}", "x".repeat(247));
    let texts = [longest.as_str(), "anv\u{e4}ndare 42 \u{1f980}", "a b'c\"d\\e\n%_", "-1 2 3", " "];
    for reference in texts {
        let mut checkout = Checkout::new(reference, "user", reference, begun_at);
        checkout.returned_at = Some(at(9));
        log.begin(&checkout).await.expect("begin failed");
    }
    let found = begun(log, "user", 1, 9).await;
    for reference in texts {
        let expected = Checkout::new(reference, "user", reference, begun_at);
        assert!(found.contains(&expected), "{expected:?} comes back, and nobody has returned");
    }
    assert_eq!(found.len(), texts.len());
    assert!(begun(log, "other", 0, 9).await.is_empty(), "a checkout was found for a stranger");
}

async fn the_newest_come_first<L: CheckoutLog>(log: &L) {
    for (reference, seconds) in [("b", 2), ("d", 4), ("a", 1), ("c", 3)] {
        begin(log, "user", reference, seconds).await;
    }
    assert_eq!(references(log, "user").await, ["d", "c", "b", "a"], "the newest first");
    let of = async |since, limit| {
        let begun = begun(log, "user", since, limit).await;
        begun.iter().map(|checkout| checkout.reference.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of(3, 9).await, ["d", "c"], "what began at that instant is there");
    assert!(of(5, 9).await.is_empty(), "none has begun since");
    assert_eq!(of(0, 2).await, ["d", "c"], "as many as asked for, the newest");
    assert!(of(0, 0).await.is_empty(), "none of none");
}

async fn ties_have_one_order<L: CheckoutLog>(log: &L) {
    let descending = ["\u{1f980}", "\u{e5}", "a\u{30a}", "a", "Z", "10", "1"];
    for index in [3, 0, 6, 2, 5, 1, 4] {
        begin(log, "user", descending[index], 0).await;
    }
    assert_eq!(references(log, "user").await, descending, "by the bytes of their references");
    let newest = returned(log, "user", 0, 1).await.map(|checkout| checkout.reference);
    assert_eq!(newest, Some(descending[0].into()), "the first of them is the newest");
}

async fn time_counts_to_the_microsecond<L: CheckoutLog>(log: &L) {
    let moment = |nanoseconds| at(1) + TimeDelta::nanoseconds(nanoseconds);
    for (reference, nanoseconds) in [("b", 100), ("a", 900)] {
        let checkout = Checkout::new(reference, "user", "42", moment(nanoseconds));
        log.begin(&checkout).await.expect("begin failed");
    }
    assert_eq!(references(log, "user").await, ["b", "a"], "both began at one moment");
    let forgotten = log.forget_begun_before(moment(999)).await.expect("could not forget");
    assert_eq!(forgotten, 0, "none began before it");
    let returned = log.returned(&"user".into(), moment(999), moment(1_999)).await;
    let newest = returned.expect("returned failed").expect("it began at that moment");
    let moments = (newest.begun_at, newest.returned_at);
    assert_eq!((&newest.reference, moments), (&"b".into(), (at(1), Some(moment(1_000)))));
    let begun = log.begun(&"user".into(), moment(999), 1).await.expect("begun failed");
    assert_eq!(begun, [newest], "what was told is what is known");
}

async fn what_begins_again_is_replaced<L: CheckoutLog>(log: &L) {
    let begin = async |product: &str, seconds| {
        let checkout = Checkout::new("text", "user", product, at(seconds));
        log.begin(&checkout).await.expect("begin failed");
        let mut all = begun(log, "user", -1_000, 9).await;
        assert_eq!(all.len(), 1, "one row for a user and a reference");
        let it = all.remove(0);
        (it.product.to_string(), it.begun_at, it.returned_at)
    };
    assert_eq!(begin("1", 10).await, ("1".into(), at(10), None));
    returned(log, "user", 0, 12).await;
    assert_eq!(begin("2", 10).await, ("2".into(), at(10), Some(at(12))), "the same moment again");
    assert_eq!(begin("3", 5).await, ("2".into(), at(10), Some(at(12))), "an earlier one, late");
    assert_eq!(begin("4", 11).await, ("4".into(), at(11), None), "nobody returned since then");
    returned(log, "user", 0, 13).await;
    assert_eq!(begin("4", 11).await, ("4".into(), at(11), Some(at(13))), "a return is kept");
}

async fn a_return_is_noted_once<L: CheckoutLog>(log: &L) {
    begin(log, "user", "text", 0).await;
    let first = returned(log, "user", 0, 5).await.expect("a checkout had begun");
    assert_eq!((&first.reference, first.returned_at), (&"text".into(), Some(at(5))));
    for now in [6, 4] {
        let again = returned(log, "user", 0, now).await;
        assert_eq!(again.as_ref(), Some(&first), "a second return changes nothing");
    }
    assert_eq!(begun(log, "user", 0, 9).await, [first], "a return is remembered");
}

async fn a_return_is_from_the_newest<L: CheckoutLog>(log: &L) {
    begin(log, "user", "old", 0).await;
    begin(log, "user", "new", 10).await;
    assert_eq!(returned(log, "user", 11, 20).await, None, "none has begun since then");
    let newest = returned(log, "user", 10, 20).await.map(|checkout| checkout.reference);
    assert_eq!(newest, Some("new".into()), "what began at that instant counts");
    returned(log, "user", 0, 21).await;
    let noted: Vec<_> = begun(log, "user", 0, 9).await.iter().map(|it| it.returned_at).collect();
    assert_eq!(noted, [Some(at(20)), None], "the older one is left alone");
    begin(log, "user", "old", 30).await;
    let newest = returned(log, "user", 0, 31).await.expect("checkouts had begun");
    assert_eq!((newest.reference, newest.returned_at), ("old".into(), Some(at(31))));
}

async fn references_are_each_users_own<L: CheckoutLog>(log: &L) {
    begin(log, "user", "text", 0).await;
    begin(log, "thief", "text", 10).await;
    returned(log, "thief", 0, 11).await;
    let users = begun(log, "user", 0, 9).await;
    assert_eq!(users, [Checkout::new("text", "user", "42", at(0))], "nobody takes or marks it");
    begin(log, "us", "ertext", 0).await;
    assert_eq!(references(log, "us").await, ["ertext"], "where one ends the other begins");
    assert_eq!(forget(log, 1).await, 2, "each is one");
    assert_eq!(references(log, "thief").await, ["text"], "the other one's is left");
}

async fn users_are_compared_byte_by_byte<L: CheckoutLog>(log: &L) {
    let alike = ["user", "User", "user ", "us\u{e9}r", "use\u{301}r", "user%", "0", "00", "1e3"];
    for user in alike {
        begin(log, user, user, 0).await;
    }
    for user in alike {
        assert_eq!(references(log, user).await, [user]);
        let returned = returned(log, user, 0, 1).await.map(|checkout| checkout.user);
        assert_eq!(returned, Some(user.into()));
    }
}

async fn what_began_before_is_forgotten<L: CheckoutLog>(log: &L) {
    for seconds in 0..5 {
        begin(log, "a", &seconds.to_string(), seconds).await;
        begin(log, "b", "one text", seconds).await;
    }
    assert_eq!(forget(log, 0).await, 0, "none began before the first");
    assert_eq!(forget(log, 3).await, 3, "what began again is no older than that");
    assert_eq!(references(log, "a").await, ["4", "3"], "what began at that instant remains");
    assert_eq!(forget(log, 3).await, 0, "it is forgotten once");
    assert_eq!(forget(log, 99).await, 3, "all that is left");
    assert!(references(log, "b").await.is_empty(), "it is gone");
    begin(log, "b", "one text", 1).await;
    assert_eq!(references(log, "b").await, ["one text"], "what was forgotten may begin");
}

async fn many_begin_at_once<L: CheckoutLog + 'static>(log: &Arc<L>) {
    for round in 0..8 {
        let user = format!("user_{round}");
        let tasks = (0..TASKS).map(|task| {
            let (log, user) = (Arc::clone(log), user.clone());
            async move { begin(&*log, &user, &format!("text_{:02}", task % 16), 0).await }
        });
        race(tasks.collect()).await;
        let mut expected: Vec<_> = (0..16).map(|text| format!("text_{text:02}")).collect();
        expected.reverse();
        assert_eq!(references(&**log, &user).await, expected, "each is there once");
    }
}

async fn one_of_many_begins_last<L: CheckoutLog + 'static>(log: &Arc<L>) {
    for round in 0..8 {
        let user = format!("user_{round}");
        let tasks = (0..TASKS).map(|task| {
            let (log, user) = (Arc::clone(log), user.clone());
            let seconds = i64::try_from(task).unwrap_or_default();
            async move { begin(&*log, &user, "text", seconds).await }
        });
        race(tasks.collect()).await;
        let last = at(i64::try_from(TASKS - 1).unwrap_or_default());
        let expected = Checkout::new("text", user.as_str(), "42", last);
        assert_eq!(begun(&**log, &user, 0, 9).await, [expected], "the last time counts");
    }
}

async fn one_of_many_returns<L: CheckoutLog + 'static>(log: &Arc<L>) {
    for round in 0..8 {
        let user = format!("user_{round}");
        begin(&**log, &user, "text", 0).await;
        let tasks = (0..TASKS).map(|task| {
            let (log, user) = (Arc::clone(log), user.clone());
            let seconds = i64::try_from(task).unwrap_or_default();
            async move { returned(&*log, &user, 0, 1 + seconds).await }
        });
        let returns = race(tasks.collect()).await;
        let noted = begun(&**log, &user, 0, 9).await.pop();
        assert!(noted.as_ref().is_some_and(|it| it.returned_at.is_some()), "a return is noted");
        assert!(returns.iter().all(|it| *it == noted), "all are told of the same return");
    }
}

/// A return marks what was the newest at one moment of the race, and marks are not lost.
async fn begins_and_returns_race<L: CheckoutLog + 'static>(log: &Arc<L>) {
    for round in 0..8 {
        let user = format!("user_{round}");
        begin(&**log, &user, "text_00", 0).await;
        let tasks = (0..TASKS).map(|task| {
            let (log, user) = (Arc::clone(log), user.clone());
            let seconds = i64::try_from(task).unwrap_or_default();
            async move {
                if task % 2 == 1 {
                    begin(&*log, &user, &format!("text_{task:02}"), seconds).await;
                    return None;
                }
                returned(&*log, &user, 0, 100 + seconds).await
            }
        });
        let returns = race(tasks.collect()).await;
        let known = begun(&**log, &user, 0, TASKS).await;
        assert_eq!(known.len(), TASKS / 2 + 1, "all have begun");
        for returned in returns.iter().flatten() {
            assert!(returned.returned_at.is_some(), "who returns is told when");
            assert!(known.contains(returned), "what was told is what is known");
        }
        assert_eq!(returns.iter().flatten().count(), TASKS / 2, "each return finds a checkout");
        let newest = returned(&**log, &user, 0, 200).await;
        assert_eq!(newest.map(|it| it.reference), Some(format!("text_{}", TASKS - 1).into()));
    }
}
