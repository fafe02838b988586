//! Comparing the store with what Octany says.

use std::ops::ControlFlow;

use octany_client::{Audit, AuditMode, DriftedField, Sample};
use octany_core::{Snapshot, Source, SubscriptionId, Version};
use octany_entitlement::{SubscriptionLinks, SubscriptionStore};
use serde_json::json;

use crate::octany::{PER_PAGE, at};
use crate::support::App;

/// What Octany says of subscription 1 in these tests.
fn planted(app: &App, id: u64) -> Snapshot {
    app.octany.subscribe(id, &format!("user {id}"), "active");
    app.octany.set(id, "product_id", 7);
    app.octany.set(id, "renews_at", json!(at(100)));
    app.octany.set(id, "ends_at", json!(at(200)));
    app.octany.set(id, "trial_ends_at", json!(at(300)));
    let mut stored = Snapshot::new(id, "active", Version::new(at(-60), Source::Api));
    stored.reference = Some(format!("user {id}").into());
    stored.product = Some(7.into());
    stored.renews_at = Some(at(100));
    stored.ends_at = Some(at(200));
    stored.trial_ends_at = Some(at(300));
    stored
}

type Change = fn(&mut Snapshot);

/// Plants one drift of every field, and what is none.
async fn plant(app: &App) -> Vec<(SubscriptionId, DriftedField)> {
    let changes: [(DriftedField, Change); 6] = [
        (DriftedField::Status, |stored| stored.status = "unpaid".into()),
        (DriftedField::Product, |stored| stored.product = None),
        (DriftedField::Owner, |stored| stored.reference = Some("somebody else".into())),
        (DriftedField::RenewsAt, |stored| stored.renews_at = Some(at(101))),
        (DriftedField::EndsAt, |stored| stored.ends_at = None),
        (DriftedField::TrialEndsAt, |stored| stored.trial_ends_at = Some(at(0))),
    ];
    let mut drifts = Vec::new();
    for (id, (field, change)) in (1..).zip(changes) {
        let mut stored = planted(app, id);
        change(&mut stored);
        app.store.apply(&stored).await.unwrap();
        drifts.push((id.into(), field));
    }
    planted(app, 7);
    drifts.push((7.into(), DriftedField::Missing));

    let same = planted(app, 8);
    app.store.apply(&same).await.unwrap();
    let mut newer = planted(app, 9);
    newer.version = Version::new(at(1), Source::Api);
    newer.status = "unpaid".into();
    app.store.apply(&newer).await.unwrap();
    // One that nobody owns, and one that was linked.
    for id in [10, 11] {
        let mut stored = planted(app, id);
        app.octany.set(id, "reference_id", json!(null));
        stored.reference = None;
        app.store.apply(&stored).await.unwrap();
    }
    app.store.link(&11.into(), &"user 11".into()).await.unwrap();
    drifts
}

#[tokio::test]
async fn planted_drift_of_every_field_is_found_and_repaired() {
    let app = App::start().await;
    let planted = plant(&app).await;
    let mut found = app.reconciler.audit(Sample::All, AuditMode::Report).await.unwrap();
    found.drifts.sort_by(|one, other| one.subscription.cmp(&other.subscription));
    let drifted: Vec<_> = found
        .drifts
        .iter()
        .map(|drift| (drift.subscription.clone(), drift.fields.clone()))
        .collect();
    let planted: Vec<_> = planted.into_iter().map(|(id, field)| (id, vec![field])).collect();
    assert_eq!(drifted, planted);
    assert_eq!((found.pages, found.compared, found.drifted), (1, 9, 7));
    assert_eq!((found.newer, found.unowned, found.repaired), (1, 1, 0));
    let known = app.store.subscriptions(&"user 1".into()).await.unwrap();
    assert_eq!(known[0].status, "unpaid".into(), "it was only told");

    let repaired = app.reconciler.audit(Sample::All, AuditMode::Repair).await.unwrap();
    assert_eq!((repaired.drifted, repaired.repaired), (7, 7));
    let again = app.reconciler.audit(Sample::All, AuditMode::Report).await.unwrap();
    assert_eq!((again.compared, again.drifted), (9, 0));
    assert!(app.passes("user 1").await && app.passes("user 7").await);
    assert!(!app.passes("somebody else").await);
}

#[tokio::test]
async fn drift_shows_nothing_of_a_customer() {
    let app = App::start().await;
    let mut stored = planted(&app, 1);
    stored.reference = Some("anna@example.com".into());
    app.store.apply(&stored).await.unwrap();
    let found = app.reconciler.audit(Sample::All, AuditMode::Report).await.unwrap();
    let drift = &found.drifts[0];
    assert_eq!(drift.stored.as_ref().unwrap().reference.as_ref().unwrap(), "anna@example.com");
    assert_eq!(drift.answered.reference.as_ref().unwrap(), "user 1");
    assert!(drift.answered.resource_json().is_none(), "no document is kept");
    let shown = format!("{found:?}");
    assert!(!shown.contains("anna") && !shown.contains("user 1"), "{shown}");
    assert!(shown.contains("Owner"), "{shown}");
}

#[tokio::test]
async fn a_sample_looks_at_so_many_pages() {
    let app = App::start().await;
    for id in 0..10 * PER_PAGE as u64 {
        app.octany.subscribe(id, "user", "active");
    }
    let found = app.reconciler.audit(Sample::Pages(3), AuditMode::Report).await.unwrap();
    assert_eq!((found.pages, found.compared, found.drifted), (3, 60, 60));
    assert!(app.octany.calls() <= 4, "the first page tells how many there are");
}

#[tokio::test]
async fn whoever_watches_an_audit_can_stop_it_after_a_page() {
    let app = App::start().await;
    for id in 0..3 * PER_PAGE as u64 {
        app.octany.subscribe(id, "user", "active");
    }
    let mut told = Vec::new();
    let watch = |found: &Audit, pages| {
        told.push((found.pages, found.drifted, pages));
        if found.pages == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let found = app.reconciler.audit_by_page(Sample::All, AuditMode::Repair, watch).await.unwrap();
    assert_eq!(told, [(1, 20, Some(3)), (2, 40, Some(3))]);
    assert_eq!((found.pages, found.drifted, found.repaired), (2, 40, 40));
}

#[tokio::test]
async fn an_end_that_cannot_be_read_is_no_drift_each_time_anew() {
    let app = App::start().await;
    app.octany.subscribe(1, "user", "active");
    app.octany.set(1, "ends_at", "some day");
    for second in 0..3 {
        app.clock.set(at(second));
        let found = app.reconciler.audit(Sample::All, AuditMode::Repair).await.unwrap();
        assert_eq!(found.drifted, u64::from(second == 0), "only missing at first");
    }
}
