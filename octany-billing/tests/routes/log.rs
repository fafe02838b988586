//! What reaches the log: never who it is, nor where they are sent.

use octany_core::{Snapshot, Source, Version};
use octany_entitlement::SubscriptionStore;

use crate::capture::Log;
use crate::support::{App, ask, start, with_links};

#[tokio::test]
async fn no_line_holds_a_customers_data_a_reference_or_a_link_into_the_portal() {
    let (log, logging) = Log::start();
    let app = App::with(|builder| {
        builder.prefill(|_, checkout| async { checkout.email("anna@example.com") })
    });
    let checkout = app.subscribe("return_to=/reports/private").await;
    app.ask("GET /pending?to=%2Freports%2Fprivate", "").await;
    app.ask("GET /pending/status", "").await;
    app.octany.paid("sub_1", &checkout);
    app.ask("GET /pending/status", "").await;
    app.links.set("sub_1", with_links("sub_1", "https://portal.example/x"));
    assert_eq!(app.ask("GET /portal/card", "").await.status, 303);
    app.links.set("sub_1", with_links("sub_1", "http://portal.example/x"));
    assert_eq!(app.ask("GET /portal/card", "").await.status, 502);
    for user in ["down", "broken"] {
        let mut report = Snapshot::new(user, "active", Version::new(start(), Source::Api));
        report.reference = Some(user.into());
        app.store.apply(&report).await.unwrap();
        ask(&app.billing, Some(user), "GET /portal/card", "", &[]).await;
    }
    ask(&app.billing, None, "GET /portal/card", "", &[]).await;

    drop(logging);
    let log = log.text();
    assert!(log.contains("billing") && log.contains("out of reach"), "{log}");
    for secret in ["anna", "user_42", "o1.", "s3cret", "portal.example", "private", "random"] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
}
