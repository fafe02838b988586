//! What was to be reached.

use crate::measured::Measured;

/// One goal: what it is about, what was to be, what is, and whether that is enough.
pub(crate) struct Goal {
    pub(crate) what: String,
    pub(crate) wanted: String,
    pub(crate) is: String,
    pub(crate) reached: bool,
}

/// Those whose parts were measured.
pub(crate) fn goals(m: &Measured) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (group, what, most) in
        [("verify-1k", "verify a header and 1 KiB", 1.05), ("verify-64k", "verify 64 KiB", 1.01)]
    {
        let is = m.ratio((group, "ours"), (group, "floor"));
        goals.extend(is.map(|is| at_most(what, is, most, "x the floor")));
        let is = m.allocations(group, "ours").map(|(count, _)| count);
        goals.extend(is.map(|is| no_more(&format!("{what}: allocations"), is, 0.0)));
    }
    for framework in ["axum", "actix"] {
        adapter(m, framework, &mut goals);
    }
    guard(m, &mut goals);
    http(m, &mut goals);
    goals
}

fn guard(m: &Measured, goals: &mut Vec<Goal>) {
    let (ours, empty) = (("guard-1", "ours"), ("guard-1", "empty layer"));
    let over = m.over(ours, empty);
    let what = "axum: guard, 1,000,000 references, over an empty layer";
    goals.extend(over.map(|is| at_most(what, is, 350.0, "ns")));
    let is = over.zip(kept(m, "hash map")).map(|(over, look_up)| over / look_up);
    goals.extend(is.map(|is| at_most(what, is, 350.0 / 123.0, "x a look-up in a hash map")));
    let made = m.allocations(ours.0, ours.1).zip(m.allocations(empty.0, empty.1));
    goals.extend(made.map(|(ours, empty)| {
        // The request's extension.
        no_more("axum: guard: allocations", ours.0, empty.0 + 1.0)
    }));
    let is = m.ratio(("guard-2", "ours"), ours);
    goals.extend(is.map(|is| at_most("axum: guard, two threads", is, 1.3, "x one")));
    let what = "cache: memory of a reference, of 1,000,000";
    goals.extend(kept(m, "resident").map(|is| at_most(what, is, 250.0, "bytes")));
}

fn adapter(m: &Measured, framework: &str, goals: &mut Vec<Goal>) {
    let group = format!("{framework}-verified");
    let group = group.as_str();
    let layer = if framework == "axum" { "by hand, layer" } else { "by hand, extractor" };
    for (shape, by_hand, took) in [
        ("extractor", "by hand, extractor", if framework == "axum" { 1_150.0 } else { 1_120.0 }),
        ("layer", layer, if framework == "axum" { 1_310.0 } else { 1_120.0 }),
    ] {
        let name = format!("ours, {shape}");
        let [ours, floor] = [&name, by_hand].map(|name| m.over((group, name), (group, "bare")));
        let what = format!("{framework}: verified body, {shape}, over {by_hand}");
        let is = m.over((group, &name), (group, by_hand));
        goals.extend(is.map(|is| at_most(&what, is, 100.0, "ns")));
        let what = format!("{framework}: verified body, {shape}, over the bare handler");
        let (most, unit) = (1.0 + 100.0 / took, format!("x {by_hand}"));
        goals
            .extend(ours.zip(floor).map(|(ours, floor)| at_most(&what, ours / floor, most, &unit)));
        let made = m.allocations(group, &name).zip(m.allocations(group, by_hand));
        goals.extend(made.map(|(ours, floor)| {
            no_more(&format!("{framework}: verified body, {shape}: allocations"), ours.0, floor.0)
        }));
    }
    let typed = format!("{framework}-typed");
    for shape in ["extractor", "layer"] {
        let name = format!("ours, {shape}");
        let is = m.over((&typed, &name), (&typed, "bare"));
        let what = format!("{framework}: typed event, {shape}, over the bare handler");
        goals.extend(is.map(|is| at_most(&what, is, 3_400.0, "ns")));
        let by_hand = m.over((&typed, "by hand, serde with raw strings"), (&typed, "bare"));
        let most = 3_400.0 / 3_150.0;
        goals.extend(is.zip(by_hand).map(|(is, by_hand)| {
            at_most(&what, is / by_hand, most, "x by hand, serde with raw strings")
        }));
        let made = m.allocations(&typed, &name).zip(m.allocations(group, &name));
        goals.extend(made.map(|(event, body)| {
            let what = format!("{framework}: typed event, {shape}: allocations");
            no_more(&what, event.0, body.0 + 3.0)
        }));
    }
}

fn http(m: &Measured, goals: &mut Vec<Goal>) {
    for (framework, kind, name, least) in [
        ("axum", "verified", "ours, extractor", 0.82),
        ("axum", "verified", "ours, layer", 0.82),
        ("axum", "typed", "ours, extractor", 0.60),
        ("axum", "typed", "ours, synced to memory", 0.52),
        ("actix", "verified", "ours, extractor", 0.80),
        ("actix", "verified", "ours, layer", 0.80),
        ("actix", "typed", "ours, extractor", 0.55),
    ] {
        let bare = m.http(&format!("{framework}-verified"), "bare");
        let is = m.http(&format!("{framework}-{kind}"), name).zip(bare);
        goals.extend(is.map(|((ours, _), (bare, _))| {
            let is = ours / bare;
            Goal {
                what: format!("HTTP, {framework}: {kind}, {name}"),
                wanted: format!(">= {least:.2} x bare"),
                is: format!("{is:.2}"),
                reached: is >= least,
            }
        }));
    }
}

/// What `stores` measured of 1,000,000 references: the first number of its line.
fn kept(m: &Measured, what: &str) -> Option<f64> {
    let lines = m.stores.as_ref()?.lines();
    let mut of_them = lines.filter_map(|line| line.strip_prefix("Cache, 1000000 references: "));
    of_them.find(|line| line.contains(what))?.split(' ').find_map(|word| word.parse().ok())
}

fn at_most(what: &str, is: f64, most: f64, unit: &str) -> Goal {
    let digits = if most < 10.0 { 2 } else { 0 };
    Goal {
        what: what.to_owned(),
        wanted: format!("<= {most:.digits$} {unit}"),
        is: format!("{is:.digits$}"),
        reached: is <= most,
    }
}

fn no_more(what: &str, is: f64, most: f64) -> Goal {
    Goal {
        what: what.to_owned(),
        wanted: format!("<= {most:.0}"),
        is: format!("{is:.0}"),
        reached: is <= most,
    }
}
