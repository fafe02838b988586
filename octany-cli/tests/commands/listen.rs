//! `octany listen`, and what else is about a local Octany.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use crate::octany::Octany;
#[cfg(unix)]
use crate::owner::assert_is_its_owners;
use crate::run::{interrupt, octany, told};

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_a_line_and_the_endpoint_goes_with_the_listener() {
    let sim = Octany::open().await;
    let endpoints = || sim.simulator.with(|engine| engine.account(sim.shop).endpoints.len());
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    let arguments = ["listen", "--json", "--record", record.to_str().unwrap()];
    let mut command = octany(&arguments);
    let mut child = command.env("OCTANY_SIM", sim.simulator.base_url()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert!(next()["secret"].is_string());
    assert_eq!(endpoints(), 1);
    sim.subscribe("user_42");
    let mut heard = [next(), next(), next()];
    heard.sort_by_key(|it| it["event"].to_string());
    assert_eq!(heard[2]["event"], "subscription.created", "{heard:?}");
    assert_eq!(heard[2]["reference"], "user_42");
    assert!(heard[2]["at"].is_string() && heard[2]["milliseconds"].is_u64());

    interrupt(&child);
    assert!(child.wait().unwrap().success());
    assert_eq!(endpoints(), 0);
    #[cfg(unix)]
    assert_is_its_owners(&record);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_goes_to_a_renewal() {
    let sim = Octany::open().await;
    let advance = || {
        let mut command = octany(&["advance", "renewal", "--json"]);
        told(command.env("OCTANY_SIM", sim.simulator.base_url()))
    };
    let refused = advance().exits(1).err;
    assert!(refused.contains("No subscription is to be renewed."), "{refused}");
    let id = sim.subscribe("user_42");
    let renews_at = sim.simulator.with(|engine| engine.next_renewal()).unwrap();
    advance().exits(0);
    sim.simulator.with(|engine| {
        assert!(engine.now() >= renews_at);
        assert!(engine.subscription(sim.shop, id).unwrap().renews_at > Some(renews_at));
    });
}

#[cfg(unix)]
#[test]
fn what_a_local_octany_keeps_is_its_owners() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let arguments = ["sim", "--port", "0", "--json", "--state", state.to_str().unwrap()];
    for _ in 0..2 {
        let mut child = octany(&arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let welcome: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert!(welcome["api_key"].is_string());
        interrupt(&child);
        assert!(child.wait().unwrap().success());
        assert_is_its_owners(&state);
    }
}
