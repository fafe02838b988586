use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::*;
use crate::Priority::{Background, Person};

const TENTH: Duration = Duration::from_millis(100);

fn pace(burst: u32) -> Arc<Pace> {
    Arc::new(Pace::new(RateLimit::every(TENTH).burst(burst)))
}

fn in_a_day() -> Instant {
    Instant::now() + Duration::from_hours(24)
}

/// When each of so many turns came, all asked for at once.
async fn turns(pace: &Arc<Pace>, priority: Priority, count: usize) -> Vec<Duration> {
    let begun = Instant::now();
    let mut waiting = JoinSet::new();
    for _ in 0..count {
        let pace = pace.clone();
        waiting.spawn(async move {
            pace.turn(priority, in_a_day()).await.unwrap();
            begun.elapsed()
        });
    }
    let mut times = waiting.join_all().await;
    times.sort();
    times
}

/// Timers are exact to the millisecond.
fn tenths(times: &[Duration]) -> Vec<u128> {
    times.iter().map(|time| time.as_millis() / 100).collect()
}

#[tokio::test(start_paused = true)]
async fn people_get_what_was_saved_at_once_and_then_one_in_each_interval() {
    let pace = pace(4);
    assert_eq!(tenths(&turns(&pace, Person, 8).await), [0, 0, 0, 0, 1, 2, 3, 4]);
    // After a rest they may again, but no more than what is saved at most.
    sleep(TENTH * 100).await;
    assert_eq!(tenths(&turns(&pace, Person, 6).await), [0, 0, 0, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn the_background_leaves_half_of_what_was_saved_to_people() {
    let pace = pace(4);
    assert_eq!(tenths(&turns(&pace, Background, 5).await), [0, 0, 1, 2, 3]);
    assert_eq!(tenths(&turns(&pace, Person, 3).await), [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn people_go_before_a_sweep_that_came_first() {
    let pace = pace(1);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut all = JoinSet::new();
    let names = (0..200).map(|_| Background).chain((0..20).map(|_| Person));
    for priority in names {
        let (pace, order) = (pace.clone(), order.clone());
        all.spawn(async move {
            pace.turn(priority, in_a_day()).await.unwrap();
            order.lock().unwrap_or_else(PoisonError::into_inner).push(priority);
        });
        tokio::task::yield_now().await;
    }
    all.join_all().await;
    let order = order.lock().unwrap();
    // One of the sweep went before the first person came.
    assert_eq!(order[0], Background);
    assert!(order[1..=20].iter().all(|priority| *priority == Person), "{order:?}");
    assert_eq!(order.len(), 220);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_everybody_and_what_was_saved_does_not_follow_it_in_one_burst() {
    let pace = pace(4);
    pace.pause(TENTH * 10);
    pace.pause(TENTH * 5); // a shorter one takes nothing back
    assert_eq!(tenths(&turns(&pace, Person, 3).await), [10, 11, 12]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_those_who_wait_already() {
    let pace = pace(1);
    turns(&pace, Person, 1).await;
    let waiting = {
        let pace = pace.clone();
        tokio::spawn(async move { turns(&pace, Person, 2).await })
    };
    tokio::task::yield_now().await;
    pace.pause(TENTH * 10);
    assert_eq!(tenths(&waiting.await.unwrap()), [10, 11]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_beyond_somebodys_patience_is_refused_at_once_and_a_shorter_one_waited_for() {
    let pace = pace(4);
    pace.pause(TENTH * 10);
    let begun = Instant::now();
    let refused = pace.turn(Person, begun + TENTH * 9).await.unwrap_err();
    assert_eq!((refused, begun.elapsed()), (TENTH * 10, Duration::ZERO));
    pace.turn(Person, begun + TENTH * 10).await.unwrap();
    assert_eq!(tenths(&[begun.elapsed()]), [10]);
}

#[tokio::test(start_paused = true)]
async fn an_absurd_pause_ends_after_an_hour() {
    let pace = pace(4);
    pace.pause(Duration::MAX);
    let begun = Instant::now();
    pace.turn(Person, in_a_day()).await.unwrap();
    assert!(begun.elapsed() <= LONGEST_PAUSE + TENTH);
}

#[tokio::test(start_paused = true)]
async fn no_interval_and_no_number_of_saved_turns_is_too_much() {
    for burst in [0, 1, 10, u32::MAX] {
        let pace = Arc::new(Pace::new(RateLimit::every(Duration::MAX).burst(burst)));
        let saved = burst.clamp(1, 10) as usize;
        assert!(turns(&pace, Person, saved).await.iter().all(Duration::is_zero));
        pace.pause(Duration::MAX);
        // What comes back once in longer than a life does not come back after a pause either.
        let next = turns(&pace, Person, 2);
        assert!(tokio::time::timeout(Duration::from_hours(24), next).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_while_waiting_costs_nobody_a_turn() {
    let pace = pace(1);
    turns(&pace, Person, 1).await;
    // The first in the queue, which sleeps until its turn, and one behind it are dropped.
    let [first, second, third] = [(); 3].map(|()| {
        let pace = pace.clone();
        tokio::spawn(async move { turns(&pace, Person, 1).await })
    });
    tokio::task::yield_now().await;
    first.abort();
    second.abort();
    assert_eq!(tenths(&third.await.unwrap()), [1]);
    assert!(pace.lock().waiting.is_empty());
}

#[tokio::test(start_paused = true)]
async fn any_mix_of_waiting_and_giving_up_ends_with_an_empty_queue() {
    let pace = pace(3);
    let mut all = JoinSet::new();
    for number in 0_u32..300 {
        let pace = pace.clone();
        let priority = if number % 3 == 0 { Person } else { Background };
        all.spawn(async move {
            let patience = TENTH * (number * 7 % 400);
            let turn = pace.turn(priority, in_a_day());
            tokio::time::timeout(patience, turn).await.is_ok()
        });
    }
    let came = all.join_all().await.into_iter().filter(|came| *came).count();
    assert!((100..300).contains(&came), "{came}");
    assert!(pace.lock().waiting.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_turn_is_lost_where_many_threads_wait_and_give_up() {
    let pace = Arc::new(Pace::new(RateLimit::every(Duration::from_micros(50)).burst(2)));
    let mut all = JoinSet::new();
    for number in 0..2_000 {
        let pace = pace.clone();
        let priority = if number % 5 == 0 { Person } else { Background };
        let waiting = all.spawn(async move { pace.turn(priority, in_a_day()).await });
        if number % 3 == 0 {
            waiting.abort();
        }
    }
    let ended = async { while all.join_next().await.is_some() {} };
    tokio::time::timeout(Duration::from_mins(1), ended).await.expect("nobody waits for ever");
    assert!(pace.lock().waiting.is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nobody_waits_but_for_a_pause() {
    let pace = Arc::new(Pace::new(RateLimit::off()));
    assert!(turns(&pace, Background, 1_000).await.iter().all(Duration::is_zero));
    pace.pause(TENTH * 10);
    let times = turns(&pace, Background, 50).await;
    assert!(tenths(&times).iter().all(|tenths| *tenths == 10), "{times:?}");
}
