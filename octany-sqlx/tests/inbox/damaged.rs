//! A row that cannot be read.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::Version;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{InboxStore, Letter, StoreErrorKind};
use octany_sqlx::SqliteStore;
use sqlx::SqlitePool;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn letter(id: &str) -> Letter {
    Letter {
        id: id.into(),
        key: id.to_owned(),
        event: "order.paid".to_owned(),
        version: Version::from_i64(0),
        received_at: at(0),
        body: VerifiedBody::danger_verified_before_storing(id.to_owned(), "default"),
    }
}

#[tokio::test]
async fn a_letter_that_cannot_be_read_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let store = SqliteStore::open(&path).await.unwrap();
    for id in ["one", "damaged", "other"] {
        store.put(&letter(id)).await.unwrap();
    }
    let pool = SqlitePool::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    let damage = "UPDATE octany_inbox SET received_at = 9223372036854775807
        WHERE delivery_id = 'damaged'";
    sqlx::query(damage).execute(&pool).await.unwrap();
    let claim = async |now| store.claim(now, Duration::from_mins(1), 9).await;
    let claimed = claim(at(0)).await.unwrap();
    assert_eq!(claimed.len(), 2);
    for claimed in claimed {
        assert!(store.done(&claimed.letter.id, claimed.token, at(1)).await.unwrap());
    }
    let error = claim(at(60)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "nor is it passed over in silence");
}
