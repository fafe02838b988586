//! A server that makes the order after the client gave up.

use std::sync::Arc;
use std::time::Duration;

use octany_client::{ChargeRequest, Charged, Settled};
use octany_entitlement::MemoryStore;
use tokio::sync::Semaphore;

use crate::fake::{Deed, Fake, Makes};
use crate::{PATIENT, already, charge, is_unknown};

#[tokio::test]
async fn an_order_that_comes_after_the_client_gave_up_is_found_and_not_doubled() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    let let_now = Arc::new(Semaphore::new(0));
    fake.does(Deed { makes: Makes::WhenLet(Arc::clone(&let_now)), ..Deed::GOOD });
    let (hasty, patient) = (fake.client(Duration::from_millis(500)), fake.client(PATIENT));
    let request = ChargeRequest::new(55, 4995);
    let charged = hasty.charge_once(&intents, &"sub".into(), &request, "a").await;
    let Ok(Charged::Unknown(intent)) = charged else { panic!("{charged:?}") };
    assert_eq!((intent.id.as_str(), intent.charge.amount), ("a", 4995));

    // There is none yet, which is not to say that there will be none.
    let settled = patient.settle_charge(&intents, "a").await.unwrap();
    assert!(matches!(settled, Settled::NotFound { .. }), "{settled:?}");
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    assert_eq!((fake.orders("sub").len(), fake.posts("sub")), (0, 1));

    let_now.add_permits(1);
    let mut tries = 0;
    let settled = loop {
        match patient.settle_charge(&intents, "a").await.unwrap() {
            Settled::NotFound { .. } if tries < 500 => tries += 1,
            settled => break settled,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(settled, Settled::Created("ord_0".into()));
    assert_eq!(already(charge(&fake, &intents, "sub", "a").await), "ord_0");
    assert_eq!((fake.orders("sub").len(), fake.posts("sub")), (1, 1));
}
