//! The connection ends at every byte of the exchange.

use octany_client::{ChargeError, Settled};
use octany_entitlement::{ChargeIntents, MemoryStore};

use crate::fake::{Deed, Fake, Makes};
use crate::{PATIENT, already, charge, created, is_unknown};

/// The bytes of a charge and of its answer.
async fn sizes(fake: &Fake, deed: Deed) -> (usize, usize) {
    fake.does(deed);
    drop(charge(fake, &MemoryStore::new(), "sub_measured", "a").await);
    let (request, answer) = fake.sizes();
    assert!(request > 200 && answer > 100, "{request} and {answer} bytes");
    (request, answer)
}

/// As long as the one that was measured.
fn named(cut: usize) -> String {
    format!("sub_{cut:08}")
}

/// It was made, and everybody knows.
async fn assert_made(fake: &Fake, deed: Deed, cut: &str) {
    let intents = MemoryStore::new();
    fake.does(deed);
    let order = created(charge(fake, &intents, cut, "a").await);
    assert_eq!(fake.orders(cut), [order.as_str()], "{cut}");
    assert_eq!(already(charge(fake, &intents, cut, "a").await), order, "{cut}");
    assert_eq!(fake.posts(cut), 1, "{cut}");
}

/// It was not made, and nobody says that it was, nor sends it again.
async fn assert_unknown(fake: &Fake, deed: Deed, cut: &str) {
    let intents = MemoryStore::new();
    fake.does(deed);
    assert!(is_unknown(&charge(fake, &intents, cut, "a").await), "{cut}");
    fake.does(Deed::GOOD);
    assert!(is_unknown(&charge(fake, &intents, cut, "a").await), "{cut}");
    let settled = fake.client(PATIENT).settle_charge(&intents, "a").await.unwrap();
    assert!(matches!(settled, Settled::NotFound { .. }), "{cut}: {settled:?}");
    assert_eq!(intents.unknown(chrono::Utc::now(), 9).await.unwrap().len(), 1, "{cut}");
    assert_eq!((fake.orders(cut).len(), fake.posts(cut)), (0, 1), "{cut}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_byte_of_the_request_before_which_the_order_is_made() {
    let fake = Fake::start().await;
    let (request, _) = sizes(&fake, Deed::GOOD).await;
    for read in 0..=request {
        let deed = Deed { read: Some(read), ..Deed::GOOD };
        assert_made(&fake, deed, &named(read)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_byte_of_the_request_and_no_order_is_made() {
    let fake = Fake::start().await;
    let (request, _) = sizes(&fake, Deed::GOOD).await;
    for read in 0..=request {
        let deed = Deed { read: Some(read), makes: Makes::Never, ..Deed::GOOD };
        assert_unknown(&fake, deed, &named(read)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_byte_of_the_answer() {
    let fake = Fake::start().await;
    let (_, answer) = sizes(&fake, Deed::GOOD).await;
    for send in 0..=answer {
        let deed = Deed { send: Some(send), ..Deed::GOOD };
        assert_made(&fake, deed, &named(send)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_byte_of_a_refusal() {
    let fake = Fake::start().await;
    let (_, answer) = sizes(&fake, Deed::refuses(402)).await;
    let mut refused = 0;
    for send in 0..=answer {
        let (intents, cut) = (MemoryStore::new(), named(send));
        fake.does(Deed { send: Some(send), ..Deed::refuses(402) });
        match charge(&fake, &intents, &cut, "a").await {
            // What says so itself may be tried again.
            Err(ChargeError::NotCharged(_)) => refused += 1,
            charged => assert!(is_unknown(&charged), "{cut}: {charged:?}"),
        }
        assert_eq!((fake.orders(&cut).len(), fake.posts(&cut)), (0, 1), "{cut}");
    }
    assert!(refused >= 1, "a whole refusal is one");
}
