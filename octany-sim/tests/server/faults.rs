//! What goes wrong with the API, on purpose.

use octany_client::ErrorKind;
use octany_sim::server::{ApiFaults, Chance, Faults};

use crate::support::{MONTHLY, Shop};

fn with(shop: &Shop, set: impl FnOnce(&mut ApiFaults)) {
    let mut faults = Faults::default();
    set(&mut faults.api);
    shop.simulator.set_faults(faults, 1);
}

async fn kind(shop: &Shop, id: u64) -> Result<(), ErrorKind> {
    shop.client().cancel(&id.into()).await.map(drop).map_err(|error| error.kind())
}

fn is_cancelled(shop: &Shop, id: u64) -> bool {
    shop.simulator.with(|engine| {
        engine.subscription(shop.account, id).expect("it is there").ends_at.is_some()
    })
}

#[tokio::test]
async fn some_faults_strike_before_anything_is_done_and_some_after() {
    let always = Chance(1.0);
    let shop = Shop::open().await;
    let id = shop.buy(MONTHLY, "user_42");
    with(&shop, |faults| faults.too_many = always);
    assert_eq!(kind(&shop, id).await, Err(ErrorKind::RateLimited));
    with(&shop, |faults| faults.unavailable = always);
    assert_eq!(kind(&shop, id).await, Err(ErrorKind::Server));
    assert!(!is_cancelled(&shop, id));

    with(&shop, |faults| faults.failed_afterwards = always);
    assert_eq!(kind(&shop, id).await, Err(ErrorKind::Server));
    assert!(is_cancelled(&shop, id));

    let other = shop.buy(MONTHLY, "user_43");
    with(&shop, |faults| faults.cut = always);
    assert_eq!(kind(&shop, other).await, Err(ErrorKind::Interrupted));
    assert!(is_cancelled(&shop, other));
}
