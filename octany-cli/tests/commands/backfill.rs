//! `octany backfill`

use std::path::Path;
use std::time::{Duration, Instant};

use crate::octany::Octany;
#[cfg(unix)]
use crate::owner::assert_is_its_owners;
use crate::place::Place;
use crate::run::{Told, interrupt, octany};

/// Until a file is there.
fn wait_for(path: &Path) {
    let began = Instant::now();
    while !path.exists() {
        assert!(began.elapsed() < Duration::from_mins(1), "nothing was kept");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_store_gets_all_that_octany_has() {
    let sim = Octany::open().await;
    for user in 0..25 {
        sim.subscribe(&format!("user_{user}"));
    }
    for place in Place::all().await {
        let done = sim.asked(&place, &["backfill", "--json"]).exits(0).document();
        assert_eq!((&done["done"], &done["seen"]), (&true.into(), &25.into()));
        for user in ["user_0", "user_24"] {
            assert_eq!(place.store.subscriptions(&user.into()).await.unwrap().len(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_interrupted_goes_on_behind_the_last_page() {
    let (sim, place) = (Octany::open().await, Place::sqlite().await);
    for user in 0..300 {
        sim.subscribe(&format!("user_{user}"));
    }
    let cursor = place.folder().join("cursor");
    let arguments = ["backfill", "--json", "--cursor", cursor.to_str().unwrap()];
    let mut command = octany(&arguments);
    let child = place.given_to(sim.given_to(&mut command)).spawn().unwrap();
    wait_for(&cursor);
    interrupt(&child);
    let stopped = Told::from(child.wait_with_output().unwrap()).exits(130).document();
    assert_eq!(stopped["done"], false);
    let page = stopped["page"].as_u64().unwrap();
    assert!((1..15).contains(&page), "{stopped}");
    #[cfg(unix)]
    assert_is_its_owners(&cursor);

    let done = sim.asked(&place, &arguments).exits(0).document();
    assert_eq!((&done["done"], &done["page"]), (&true.into(), &15.into()));
    assert!(done["seen"].as_u64().unwrap() >= 300);
    assert!(!cursor.exists(), "the next one begins anew");
    for user in 0..300 {
        let user = format!("user_{user}").into();
        assert_eq!(place.store.subscriptions(&user).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_cursor_is_not_overwritten() {
    let (sim, place) = (Octany::open().await, Place::sqlite().await);
    let cursor = place.folder().join("app.db.notes");
    std::fs::write(&cursor, "my notes").unwrap();
    sim.asked(&place, &["backfill", "--cursor", cursor.to_str().unwrap()]).exits(2);
    assert_eq!(std::fs::read_to_string(&cursor).unwrap(), "my notes");
}
