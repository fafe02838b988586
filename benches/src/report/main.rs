//! Makes one document of what the parts of `scripts/bench` left: `report FOLDER OUTPUT`.

#![allow(clippy::unwrap_used, reason = "a report that cannot go on should stop")]

mod goals;
mod machine;
mod measured;
mod tables;

use std::fmt::Write as _;
use std::path::Path;

use self::goals::Goal;
use self::measured::Measured;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("the folder of what was measured");
    let output = arguments.next().expect("the file to write");
    let measured = Measured::read(Path::new(&folder));
    std::fs::write(output, document(&measured)).unwrap();
}

fn document(measured: &Measured) -> String {
    let mut text = String::from(include_str!("begin.md"));
    for fact in machine::facts() {
        writeln!(text, "- {fact}").unwrap();
    }
    let lock = std::fs::read_to_string("benches/peers/Cargo.lock").unwrap_or_default();
    writeln!(text, "- {}", machine::peers(&lock)).unwrap();

    let goals = goals::goals(measured);
    text.push_str(include_str!("goals.md"));
    for Goal { what, wanted, is, reached } in &goals {
        let verdict = if *reached { "reached" } else { "**not reached**" };
        writeln!(text, "| {what} | {is} | {wanted} | {verdict} |").unwrap();
    }
    let missed = goals.iter().any(|goal| !goal.reached);
    if missed {
        text.push_str(include_str!("missed.md"));
    }
    tables::write(&mut text, measured);
    text
}
