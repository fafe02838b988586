//! Compares counted instructions with those that are committed: what `scripts/instructions` ends in.
//!
//! Standard input is what the benchmark prints as JSON. The argument is the file of the committed
//! counts; `--update` as a second one writes it anew.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it says what it found, and stops where it finds nothing"
)]

mod counts;
mod guarded;

use std::fmt::Write as _;
use std::process::ExitCode;

use self::counts::Counts;
use self::guarded::GUARDED;

/// By how much a count may differ: a share of it, and no less than what the compiler makes of the same
/// code when its neighbours change, which of the smallest is more.
const TOLERANCE: f64 = 0.05;
const AT_LEAST: i64 = 100;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("the file of the committed counts");
    let update = arguments.next().is_some_and(|argument| argument == "--update");

    let counts = Counts::read(std::io::stdin().lock());
    let counted = GUARDED.map(|(what, count)| (what, count(&counts)));
    let machine = machine();
    if update {
        let mut file = format!("{machine}\n");
        for (what, count) in counted {
            writeln!(file, "{count:>8} {what}").unwrap();
        }
        std::fs::write(path, file).unwrap();
        return ExitCode::SUCCESS;
    }

    let committed = std::fs::read_to_string(path).expect("the committed counts can be read");
    let (committed_on, committed) = committed.split_once('\n').unwrap();
    let comparable = committed_on == machine;
    let mut good = true;
    println!("{:>8} {:>9} {:>8}", "now", "committed", "");
    for (what, count) in counted {
        let before = committed.lines().find_map(|line| {
            let (count, name) = line.trim_start().split_once(' ')?;
            (name == what).then(|| count.parse::<i64>().ok())?
        });
        let Some(before) = before else {
            println!("{count:>8} {:>9} {:>8} {what}", "none", "");
            good = false;
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let change = (count - before) as f64 / before.abs() as f64;
        let beyond = change.abs() > TOLERANCE && (count - before).abs() > AT_LEAST;
        let verdict = if comparable && beyond { "  <- beyond 5 %" } else { "" };
        good &= verdict.is_empty();
        println!("{count:>8} {before:>9} {:>+7.1}% {what}{verdict}", change * 100.0);
    }
    if !comparable {
        println!("\nNOT COMPARED. The committed counts are of another compiler or machine:");
        println!("  {committed_on}\n  {machine} (this one)");
        println!("Where they are to count, write them anew: scripts/instructions --update");
    } else if !good {
        println!("\nIf it is meant to be so, write them anew and say why in the commit:");
        println!("    scripts/instructions --update");
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What counts depend on, beside the code: the compiler, the allocator and the copying of the C library,
/// and what these ask the processor for. Callgrind's own processor has no SHA instructions, whatever the
/// real one has.
fn machine() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let (rustc, libc) = (output(&rustc, "--version"), output("getconf", "GNU_LIBC_VERSION"));
    let avx2 = std::fs::read_to_string("/proc/cpuinfo")
        .is_ok_and(|cpu| cpu.split_whitespace().any(|flag| flag == "avx2"));
    let simd = if avx2 { "avx2" } else { "no avx2" };
    format!("{rustc}; {libc}; {} ({simd})", std::env::consts::ARCH)
}

fn output(program: &str, argument: &str) -> String {
    let output = std::process::Command::new(program).arg(argument).output();
    output.map_or_else(
        |_| format!("no {program}"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
