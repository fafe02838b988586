//! `octany audit`

use chrono::{TimeDelta, Utc};
use octany_core::{Snapshot, Source, Version};

use crate::octany::Octany;
use crate::place::Place;
use crate::run::Told;

fn audit(place: &Place, sim: &Octany, arguments: &[&str]) -> Told {
    sim.asked(place, &[&["audit"], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_are_told_and_repaired_in_every_store() {
    let sim = Octany::open().await;
    let (stale, missing) = (sim.subscribe("user_42"), sim.subscribe("user_43"));
    for place in Place::all().await {
        let yesterday = Utc::now() - TimeDelta::days(1);
        let mut old = Snapshot::new(stale, "unpaid", Version::new(yesterday, Source::Api));
        old.reference = Some("user_42".into());
        place.store.apply(&old).await.unwrap();

        let told = audit(&place, &sim, &[]).exits(1).out;
        assert!(told.contains("2 differ, 0 repaired"), "{told}");
        let told = audit(&place, &sim, &["--json"]).exits(1).documents();
        assert_eq!(told.len(), 3);
        let of = |id: u64| {
            let id = id.to_string();
            told.iter().find(|it| it["subscription"] == id.as_str()).unwrap()["fields"].clone()
        };
        let status =
            of(stale).as_array().unwrap().iter().find(|it| it["field"] == "status").cloned();
        let status = status.unwrap();
        assert_eq!((&status["stored"], &status["at_octany"]), (&"unpaid".into(), &"active".into()));
        assert_eq!(of(missing)[0]["field"], "missing");
        assert_eq!((&told[2]["differ"], &told[2]["repaired"]), (&2.into(), &0.into()));
        let known = place.store.subscriptions(&"user_42".into()).await.unwrap();
        assert_eq!(known[0].status.as_str(), "unpaid", "it was only told");

        let repaired = audit(&place, &sim, &["--repair"]).exits(0).out;
        assert!(repaired.contains("2 differ, 2 repaired"), "{repaired}");
        let same = audit(&place, &sim, &["--pages", "1", "--json"]).exits(0).document();
        assert_eq!((&same["compared"], &same["differ"]), (&2.into(), &0.into()));
    }
}
