//! A guarded route, those who have paid, and strangers.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, request::Parts};
use axum::routing::get;
use octany_axum::RequireSubscription;
use octany_benches::database::Database;
use octany_benches::everybody::{reference, snapshot};
use octany_core::{AccessPolicy, ReferenceId};
use octany_entitlement::{Cached, Gate, OnOutage, SubscriptionStore};
use octany_sqlx::PostgresStore;

const PAYERS: u64 = 10_000;

/// A route that is guarded from copies of what PostgreSQL holds. All who have paid are known.
pub(crate) async fn router(database: &Database) -> Router {
    let store = PostgresStore::connect(&database.url()).await.unwrap();
    let store = Arc::new(Cached::linked(store));
    for payer in (0..PAYERS).map(reference) {
        store.apply(&snapshot(&payer, 0)).await.unwrap();
        store.look_up(&payer).await.unwrap();
    }
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
    let guard = RequireSubscription::from_parts(gate, |parts: &Parts| {
        Some(ReferenceId::from(parts.headers.get("x-user")?.to_str().ok()?))
    });
    Router::new().route("/", get(async || StatusCode::NO_CONTENT)).route_layer(guard)
}

/// What the load generator sends: whoever has paid, and strangers who come once each.
pub(crate) fn scripts(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let script = |name: &str, user: &str| {
        let script = format!(
            "function request()\n    return \"GET / HTTP/1.1\\r\\nHost: localhost\\r\\nx-user: \" .. \
             {user} .. \"\\r\\n\\r\\n\"\nend\n"
        );
        std::fs::write(folder.join(name), script).unwrap();
    };
    script("payers.lua", &format!("\"user_\" .. math.random(0, {})", PAYERS - 1));
    script("strangers.lua", "\"stranger_\" .. math.random(0, 2147483647)");
}
