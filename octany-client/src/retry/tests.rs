use std::sync::Mutex;
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::*;
use crate::Priority::{Background, Person};

const ALL: [ErrorKind; 12] = [
    ErrorKind::Unauthorized,
    ErrorKind::Forbidden,
    ErrorKind::NotFound,
    ErrorKind::PaymentRequired,
    ErrorKind::Validation,
    ErrorKind::RateLimited,
    ErrorKind::Server,
    ErrorKind::Timeout,
    ErrorKind::Connect,
    ErrorKind::Interrupted,
    ErrorKind::Decode,
    ErrorKind::Rejected,
];

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn retries(policy: RetryPolicy) -> Retries {
    Retries::new(policy, RateLimit::off())
}

fn failing(kind: ErrorKind) -> Failure {
    Failure::new(kind)
}

fn limited(wait: u64) -> Failure {
    let failure = Failure::answered(StatusCode::TOO_MANY_REQUESTS, b"");
    Failure { retry_after: Some(seconds(wait)), ..failure }
}

/// When each attempt began of a call whose attempts all fail in that way, and the last failure.
async fn attempts(
    retries: &Retries,
    safe: bool,
    priority: Priority,
    fail: impl Fn() -> Failure,
) -> (Vec<Duration>, Failure) {
    let (begun, times) = (Instant::now(), Mutex::new(Vec::new()));
    let attempt = || {
        times.lock().unwrap().push(begun.elapsed());
        let failure = fail();
        async { Err::<(), _>(failure) }
    };
    let (count, outcome) = retries.run(safe, priority, attempt).await;
    let times = times.into_inner().unwrap();
    assert_eq!(usize::try_from(count).unwrap(), times.len());
    (times, outcome.unwrap_err())
}

#[tokio::test(start_paused = true)]
async fn only_what_may_pass_and_is_safe_is_tried_again() {
    for kind in ALL {
        let fail = || failing(kind);
        let (reads, _) = attempts(&retries(RetryPolicy::new()), true, Person, fail).await;
        let (writes, _) = attempts(&retries(RetryPolicy::new()), false, Person, fail).await;
        let (reading, writing) = match kind {
            ErrorKind::Connect | ErrorKind::RateLimited => (3, 3),
            ErrorKind::Server | ErrorKind::Timeout | ErrorKind::Interrupted => (3, 1),
            _ => (1, 1),
        };
        assert_eq!((reads.len(), writes.len()), (reading, writing), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_double_and_have_a_random_part() {
    let policy = RetryPolicy::new().attempts(7).pauses(seconds(1), seconds(8));
    let policy = policy.within(Person, seconds(600));
    let (times, _) =
        attempts(&retries(policy.clone()), true, Person, || failing(ErrorKind::Server)).await;
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    for (pause, least) in pauses.iter().zip([1, 2, 4, 8, 8, 8]) {
        let least = seconds(least);
        assert!((least..=least * 2 + Duration::from_millis(2)).contains(pause), "{pauses:?}");
    }
    let (again, _) = attempts(&retries(policy), true, Person, || failing(ErrorKind::Server)).await;
    assert_ne!(times, again);
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_time_of_a_call() {
    let policy = RetryPolicy::new().attempts(100).within(Person, seconds(20));
    let (times, failure) =
        attempts(&retries(policy), true, Person, || failing(ErrorKind::Server)).await;
    assert!(times.len() > 2 && *times.last().unwrap() <= seconds(20), "{times:?}");
    assert_eq!(failure.kind, ErrorKind::Server);
}

#[tokio::test(start_paused = true)]
async fn the_servers_wait_is_kept_and_one_that_is_too_long_ends_the_call() {
    let (times, _) = attempts(&retries(RetryPolicy::new()), false, Person, || limited(9)).await;
    assert!(times[1] >= seconds(9) && times[2] >= seconds(18), "{times:?}");

    let retries = retries(RetryPolicy::new());
    let (times, failure) = attempts(&retries, true, Person, || limited(40)).await;
    assert_eq!((times.len(), failure.retry_after), (1, Some(seconds(40))));
}

#[tokio::test(start_paused = true)]
async fn a_429_of_one_call_holds_all_calls_and_fails_those_that_would_not_wait() {
    let retries = retries(RetryPolicy::new());
    let _ = attempts(&retries, true, Person, || limited(60)).await;
    tokio::time::advance(seconds(10)).await;

    // A person is told at once, and nothing was sent.
    let (times, failure) = attempts(&retries, true, Person, || failing(ErrorKind::Decode)).await;
    assert_eq!(times.len(), 0);
    assert_eq!((failure.kind, failure.retry_after), (ErrorKind::RateLimited, Some(seconds(50))));

    // The background waits for the rest.
    let (times, _) = attempts(&retries, true, Background, || failing(ErrorKind::Decode)).await;
    assert!(times.len() == 1 && times[0] >= seconds(50), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_one_attempt_neither_repeats_nor_waits() {
    let retries = retries(RetryPolicy::never());
    let (times, _) = attempts(&retries, true, Person, || limited(5)).await;
    assert_eq!(times.len(), 1);
    let (times, failure) = attempts(&retries, true, Background, || limited(5)).await;
    assert_eq!((times.len(), failure.kind), (0, ErrorKind::RateLimited));
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_multiplied() {
    let retries = retries(RetryPolicy::new().pauses(Duration::ZERO, Duration::ZERO));
    let mut sent = 0;
    for _ in 0..1_000 {
        sent += attempts(&retries, true, Person, || failing(ErrorKind::Server)).await.0.len();
    }
    assert_eq!(sent, 1_010);
    // Ten seconds later ten more may be repeated.
    tokio::time::advance(seconds(10)).await;
    for _ in 0..1_000 {
        sent += attempts(&retries, true, Person, || failing(ErrorKind::Server)).await.0.len();
    }
    assert_eq!(sent, 2_020);
}

#[tokio::test(start_paused = true)]
async fn times_that_never_end_are_no_panic() {
    let policy = RetryPolicy::new().within(Person, Duration::MAX).pauses(Duration::MAX, seconds(1));
    let fail = || Failure { retry_after: Some(Duration::MAX), ..failing(ErrorKind::Server) };
    assert_eq!(attempts(&retries(policy), true, Person, fail).await.0.len(), 1);
}
