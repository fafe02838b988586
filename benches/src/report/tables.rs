//! The tables beneath the goals.

use std::fmt::Write as _;

use octany_benches::contest::BODIES;

use crate::measured::Measured;

pub(crate) fn write(text: &mut String, m: &Measured) {
    text.push_str(include_str!("contestants.md"));
    for (group, title) in [("verify-1k", "Verify 1 KiB"), ("verify-64k", "Verify 64 KiB")] {
        compared(text, m, group, title, "floor");
    }
    for (group, title) in [
        ("axum-verified", "axum: a verified body"),
        ("axum-typed", "axum: a typed event"),
        ("actix-verified", "actix-web: a verified body"),
        ("actix-typed", "actix-web: a typed event"),
    ] {
        over_bare(text, m, group, title);
    }
    guard(text, m);
    rotation(text, m);
    growth(text, m);
    http(text, m);
    printed(text, m);
}

/// Times as multiples of one contestant's.
fn compared(text: &mut String, m: &Measured, group: &str, title: &str, to: &str) {
    let names = m.timed(group);
    if names.is_empty() {
        return;
    }
    write!(text, "\n### {title}\n\n| | x {to} | ns | allocations |\n|---|---|---|---|\n").unwrap();
    for name in names {
        let ratio = number(m.ratio((group, name), (group, to)), 2);
        let (time, made) = (number(m.time(group, name), 0), number(allocations(m, group, name), 0));
        writeln!(text, "| {name} | {ratio} | {time} | {made} |").unwrap();
    }
}

/// What a delivery takes more than it does with the bare handler.
fn over_bare(text: &mut String, m: &Measured, group: &str, title: &str) {
    const BARE: &str = "bare";
    const BY_HAND: &str = "by hand, extractor";
    let names = m.timed(group);
    if names.is_empty() {
        return;
    }
    let verified = group.replace("typed", "verified");
    write!(
        text,
        "\n### {title}\n\n| | over bare, as a multiple of verifying by hand | ns over bare | \
         allocations over bare |\n|---|---|---|---|\n"
    )
    .unwrap();
    let floor = m.over((&verified, BY_HAND), (&verified, BARE));
    for name in names {
        let over = m.over((group, name), (group, BARE));
        let ratio = number(over.zip(floor).map(|(over, floor)| over / floor), 2);
        let made = allocations(m, group, name).zip(allocations(m, group, BARE));
        let made = number(made.map(|(made, bare)| made - bare), 0);
        let over = number(over, 0);
        if name == BARE {
            let time = number(m.time(group, BARE), 0);
            writeln!(text, "| {name} | | {time} in all | |").unwrap();
        } else {
            writeln!(text, "| {name} | {ratio} | {over} | {made} |").unwrap();
        }
    }
}

fn guard(text: &mut String, m: &Measured) {
    let (one, two) = ("guard-1", "guard-2");
    if m.timed(one).is_empty() {
        return;
    }
    text.push_str(include_str!("guard.md"));
    for name in m.timed(one) {
        let slower = m.time(two, name).zip(m.time(one, name)).map(|(two, one)| two / one);
        let (slower, each) = (number(slower, 2), number(m.time(one, name), 0));
        let (both, over) =
            (number(m.time(two, name), 0), m.over((one, name), (one, "empty layer")));
        let over = if name == "empty layer" { String::new() } else { number(over, 0) };
        writeln!(text, "| {name} | {slower} | {over} | {each} | {both} |").unwrap();
    }
}

fn rotation(text: &mut String, m: &Measured) {
    let groups = [("rotation-1k", "1 KiB"), ("rotation-64k", "64 KiB")];
    if m.timed(groups[0].0).is_empty() {
        return;
    }
    text.push_str(include_str!("rotation.md"));
    for (group, body) in groups {
        let [one, two] = ["one secret", "two secrets"].map(|name| number(m.time(group, name), 0));
        let ratio = number(m.ratio((group, "two secrets"), (group, "one secret")), 2);
        writeln!(text, "| {body} | {ratio} | {one} | {two} |").unwrap();
    }
}

fn growth(text: &mut String, m: &Measured) {
    if !m.timed("body-1024").is_empty() {
        text.push_str(
            "\n### The body grows\n\n| bytes | verified, x floor | parsed, x floor | verified, ns | \
             parsed, ns |\n|---|---|---|---|---|\n",
        );
        for length in BODIES {
            let group = format!("body-{length}");
            let (verified, parsed) =
                ((group.as_str(), "ours, verified"), (&*group, "ours, parsed"));
            let floor = (group.as_str(), "floor");
            let [one, other] = [verified, parsed].map(|it| number(m.ratio(it, floor), 2));
            let [verified, parsed] = [verified, parsed].map(|it| number(m.time(it.0, it.1), 0));
            writeln!(text, "| {length} | {one} | {other} | {verified} | {parsed} |").unwrap();
        }
    }
    let counts = [1, 10, 100, 1_000];
    let group = |count: i32| format!("subscriptions-{count}");
    if !m.timed(&group(1)).is_empty() {
        text.push_str(
            "\n### A reference has many subscriptions\n\nA decision from a copy, with all of them \
             active.\n\n| subscriptions | x one | ns |\n|---|---|---|\n",
        );
        for count in counts {
            let (group, one) = (group(count), group(1));
            let ratio = number(m.ratio((&group, "ours"), (&one, "ours")), 1);
            let time = number(m.time(&group, "ours"), 0);
            writeln!(text, "| {count} | {ratio} | {time} |").unwrap();
        }
    }
}

fn http(text: &mut String, m: &Measured) {
    let groups = [
        ("axum-verified", "axum: a verified body", "axum-verified", "bare"),
        ("axum-typed", "axum: a typed event", "axum-verified", "bare"),
        ("actix-verified", "actix-web: a verified body", "actix-verified", "bare"),
        ("actix-typed", "actix-web: a typed event", "actix-verified", "bare"),
        ("ingest", "Claimed, applied and acknowledged, each delivery once", "ingest", "bare"),
        ("flood", "A guard and strangers", "flood", "payers, no guard"),
    ];
    if groups.iter().all(|(group, ..)| m.served(group).is_empty()) {
        return;
    }
    text.push_str(include_str!("http.md"));
    for (group, title, bare_group, bare) in groups {
        let names = m.served(group);
        if names.is_empty() {
            continue;
        }
        write!(text, "\n#### {title}\n\n").unwrap();
        if group == "flood" {
            text.push_str(include_str!("flood.md"));
        }
        write!(text, "| | x {bare} | requests/s | 99 % within, us |\n|---|---|---|---|\n").unwrap();
        let bare = m.http(bare_group, bare);
        for name in names {
            let Some((rate, slowest)) = m.http(group, name) else { continue };
            let ratio = number(bare.map(|(bare, _)| rate / bare), 2);
            writeln!(text, "| {name} | {ratio} | {rate:.0} | {slowest:.0} |").unwrap();
        }
    }
}

/// What is printed as text by programs of its own.
fn printed(text: &mut String, m: &Measured) {
    if let Some(stores) = &m.stores {
        text.push_str(include_str!("stores.md"));
        write!(text, "\n```text\n{}\n```\n", stores.trim_end()).unwrap();
    }
    if let Some(instructions) = &m.instructions {
        text.push_str(include_str!("instructions.md"));
        write!(text, "\n```text\n{}\n```\n", instructions.trim_end()).unwrap();
    }
}

fn allocations(m: &Measured, group: &str, name: &str) -> Option<f64> {
    m.allocations(group, name).map(|(count, _)| count)
}

fn number(number: Option<f64>, digits: usize) -> String {
    number.map_or_else(String::new, |number| format!("{number:.digits$}"))
}
