//! `octany charges`

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use octany_entitlement::{Charge, ChargeIntents, ChargePrepared, OrdersBefore};
use octany_sim::engine;

use crate::octany::{ONCE, Octany};
use crate::place::Place;
use crate::run::Told;

/// A charge that was sent, and whose answer got lost.
async fn unknown(charges: &dyn ChargeIntents, id: &str, subscription: u64) {
    let charge = Charge::new(subscription, ONCE, 4_995, None, None, None);
    let (now, lease) = (Utc::now(), Duration::from_mins(1));
    let prepared = charges.prepare(id, &charge, now, lease).await.unwrap();
    let ChargePrepared::Fresh(token) = prepared else { panic!("it is new") };
    let as_of = now - TimeDelta::seconds(5);
    let before = OrdersBefore { as_of, latest: Vec::new(), complete: false };
    assert!(charges.sending(id, token, &before, now + lease).await.unwrap());
    assert!(charges.doubted(id, token, now).await.unwrap());
}

fn charges(place: &Place, sim: &Octany, arguments: &[&str]) -> Told {
    sim.asked(place, &[&["charges"], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_charge_is_listed_until_its_order_is_found_or_somebody_gives_it_up() {
    let sim = Octany::open().await;
    for place in Place::sql().await {
        let (made, lost) = (sim.subscribe("user_42"), sim.subscribe("user_43"));
        let store = place.charges.as_ref().unwrap();
        unknown(&**store, "usage-1", made).await;
        unknown(&**store, "usage-2", lost).await;
        let listed = charges(&place, &sim, &["list", "--json"]).exits(0).documents();
        let ids: Vec<_> = listed.iter().map(|it| it["charge"].as_str().unwrap()).collect();
        assert_eq!(ids, ["usage-1", "usage-2"]);
        assert_eq!((&listed[0]["amount"], &listed[0]["state"]), (&4_995.into(), &"sent".into()));
        let listed = charges(&place, &sim, &["list"]).exits(0).out;
        assert!(listed.contains("1 × 49.95"), "{listed}");

        let charge = engine::Charge::new(ONCE, 4_995);
        sim.simulator.with(|engine| engine.charge(sim.shop, made, charge).map(drop)).unwrap();
        let settled = charges(&place, &sim, &["settle", "--all", "--json"]).documents();
        let of = |id: &str| settled.iter().find(|it| it["charge"] == id).unwrap().clone();
        assert_eq!(of("usage-1")["result"], "charged", "{settled:?}");
        assert!(of("usage-1")["order"].is_string());
        assert_eq!(of("usage-2")["settled"], false);
        charges(&place, &sim, &["settle", "usage-1"]).exits(0);
        charges(&place, &sim, &["settle", "usage-2"]).exits(1);
        charges(&place, &sim, &["settle", "usage-3"]).exits(1);

        charges(&place, &sim, &["abandon", "usage-2"]).exits(2);
        charges(&place, &sim, &["abandon", "usage-2", "--yes"]).exits(0);
        let made = charges(&place, &sim, &["abandon", "usage-1", "--yes"]).exits(1).err;
        assert!(made.contains("usage-1 is not open"), "{made}");
        let none = charges(&place, &sim, &["list"]).exits(0).out;
        assert_eq!(none, "No charge is unknown.\n");
    }
}
