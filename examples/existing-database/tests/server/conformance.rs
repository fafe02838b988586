//! The app's tables keep what the traits promise.

use existing_database::{Memberships, SCHEMA};
use octany_entitlement::conformance;

use crate::place::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memberships_pass_the_suite() {
    let place = Place::new().await;
    place.execute(SCHEMA).await;
    let pool = place.pool().await;
    let make = async || {
        sqlx::query("TRUNCATE memberships, webhook_calls").execute(&pool).await.unwrap();
        Memberships::new(pool.clone())
    };
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::delivery_log(make).await, 7);
}
