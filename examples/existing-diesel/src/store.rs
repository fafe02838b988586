//! `SubscriptionStore` over the app's own table, by diesel.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::upsert::excluded;
use diesel_async::pooled_connection::bb8::Pool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use octany_core::{Applied, ProductId, ReferenceId, Snapshot, Version};
use octany_entitlement::{StoreError, SubscriptionStore};

use crate::error::{NoInstant, connection_error, store_error};
use crate::schema::{Licence, licences as l};

/// The app's licences.
#[derive(Clone)]
pub struct Licences {
    pub(crate) pool: Pool<AsyncPgConnection>,
}

#[async_trait]
impl SubscriptionStore for Licences {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        use diesel::query_dsl::methods::FilterDsl; // the upsert's `WHERE`

        let mut connection = self.pool.get().await.map_err(connection_error)?;
        let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
        let newer = excluded(l::version).gt(l::version);
        let as_new = excluded(l::version).eq(l::version);
        let write = case_when(as_new, "contested".into_sql::<Text>()).otherwise("updated");
        let otherwise = excluded(l::digest).ne(l::digest);
        let written: Option<String> = diesel::insert_into(l::table)
            .values((
                l::number.eq(snapshot.subscription.as_str()),
                l::account.eq(snapshot.reference.as_ref().map(ReferenceId::as_str)),
                l::product.eq(snapshot.product.as_ref().map(ProductId::as_str)),
                l::status.eq(snapshot.status.as_str()),
                l::renews_us.eq(micros(snapshot.renews_at)),
                l::ends_us.eq(micros(snapshot.ends_at)),
                l::trial_us.eq(micros(snapshot.trial_ends_at)),
                l::document.eq(snapshot.resource_json()),
                l::version.eq(snapshot.version.as_i64()),
                l::digest.eq(snapshot.digest()),
                l::contested.eq(snapshot.contested),
                l::last_write.eq("inserted"),
            ))
            .on_conflict(l::number)
            .do_update()
            .set((
                l::account.eq(excluded(l::account)),
                l::product.eq(excluded(l::product)),
                l::status.eq(excluded(l::status)),
                l::renews_us.eq(excluded(l::renews_us)),
                l::ends_us.eq(excluded(l::ends_us)),
                l::trial_us.eq(excluded(l::trial_us)),
                l::document.eq(excluded(l::document)),
                l::version.eq(excluded(l::version)),
                l::digest.eq(excluded(l::digest)),
                l::contested.eq(excluded(l::contested).or(as_new)),
                l::last_write.eq(write),
            ))
            .filter(newer.or(as_new.and(otherwise)))
            .returning(l::last_write)
            .get_result(&mut connection)
            .await
            .optional()
            .map_err(store_error)?;
        match written.as_deref() {
            Some("inserted") => return Ok(Applied::Inserted),
            Some("updated") => return Ok(Applied::Updated),
            Some(_) => return Ok(Applied::Contested),
            None => {}
        }
        // Nothing was written, and that is settled. This only asks why; versions never go back.
        let known: i64 = l::table
            .find(snapshot.subscription.as_str())
            .select(l::version)
            .first(&mut connection)
            .await
            .map_err(store_error)?;
        let stale = Version::from_i64(known) > snapshot.version;
        Ok(if stale { Applied::Stale } else { Applied::Unchanged })
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        let mut connection = self.pool.get().await.map_err(connection_error)?;
        let found: Vec<Licence> = l::table
            .filter(l::account.eq(reference.as_str()))
            .select(Licence::as_select())
            .load(&mut connection)
            .await
            .map_err(store_error)?;
        found.into_iter().map(|licence| snapshot(licence, reference)).collect()
    }
}

fn snapshot(found: Licence, reference: &ReferenceId) -> Result<Snapshot, StoreError> {
    let instant = |micros: Option<i64>| {
        let read = |micros| DateTime::from_timestamp_micros(micros).ok_or(NoInstant(micros));
        micros.map(read).transpose().map_err(StoreError::corrupt)
    };
    let version = Version::from_i64(found.version);
    let mut snapshot = Snapshot::new(found.number, found.status.as_str(), version);
    snapshot.reference = Some(reference.clone());
    snapshot.product = found.product.map(Into::into);
    snapshot.renews_at = instant(found.renews_us)?;
    snapshot.ends_at = instant(found.ends_us)?;
    snapshot.trial_ends_at = instant(found.trial_us)?;
    snapshot.contested = found.contested;
    Ok(snapshot)
}
