//! Whoever makes a charge goes away in the middle of it.

use std::sync::Arc;
use std::time::Duration;

use octany_client::{ChargeError, Charged};
use octany_entitlement::MemoryStore;
use tokio::sync::Semaphore;

use crate::fake::{Deed, Fake, Makes};
use crate::hasty::{Hasty, LEASE};
use crate::{already, charge, created, is_unknown};

/// Begins a charge, and goes away once it has arrived.
async fn go_away(fake: &Fake, intents: &Arc<Hasty<MemoryStore>>) {
    let task = {
        let (fake, intents) = (fake.clone(), Arc::clone(intents));
        tokio::spawn(async move { charge(&fake, &*intents, "sub", "a").await })
    };
    while fake.posts("sub") == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}

/// Charges once the lease has ended.
async fn next(fake: &Fake, intents: &Hasty<MemoryStore>, id: &str) -> Result<Charged, ChargeError> {
    tokio::time::sleep(LEASE).await;
    charge(fake, intents, "sub", id).await
}

#[tokio::test]
async fn the_next_one_finds_the_order() {
    let (fake, intents) = (Fake::start().await, Arc::new(Hasty(MemoryStore::new())));
    let let_now = Arc::new(Semaphore::new(0));
    fake.does(Deed { makes: Makes::WhenLet(Arc::clone(&let_now)), ..Deed::GOOD });
    go_away(&fake, &intents).await;
    let_now.add_permits(1);
    while fake.orders("sub").is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(created(next(&fake, &intents, "a").await), "ord_0");
    assert_eq!(already(next(&fake, &intents, "a").await), "ord_0");
    assert_eq!((fake.orders("sub").len(), fake.posts("sub")), (1, 1));
}

#[tokio::test]
async fn the_next_one_does_not_send_it_again_where_there_is_no_order() {
    let (fake, intents) = (Fake::start().await, Arc::new(Hasty(MemoryStore::new())));
    let let_now = Arc::new(Semaphore::new(0));
    fake.does(Deed { makes: Makes::WhenLet(let_now), ..Deed::GOOD });
    go_away(&fake, &intents).await;
    fake.does(Deed::GOOD);
    assert!(is_unknown(&next(&fake, &intents, "a").await));
    assert!(matches!(next(&fake, &intents, "b").await, Err(ChargeError::Busy { .. })));
    assert_eq!((fake.orders("sub").len(), fake.posts("sub")), (0, 1));
}

#[tokio::test]
async fn what_was_not_sent_yet_is_sent_by_the_next_one_whoever_that_is() {
    for id in ["a", "b"] {
        let (fake, intents) = (Fake::start().await, Hasty(MemoryStore::new()));
        // It gets no further than to the list of orders.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nowhere = fake.clone().at(silent.local_addr().unwrap());
        let charging = charge(&nowhere, &intents, "sub", "a");
        tokio::time::timeout(Duration::from_millis(50), charging).await.unwrap_err();
        assert_eq!(created(next(&fake, &intents, id).await), "ord_0");
        assert_eq!((fake.orders("sub").len(), fake.posts("sub")), (1, 1));
    }
}
