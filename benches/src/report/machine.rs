//! On what it was measured: nothing that tells which machine it was.

use std::process::Command;

/// Lines about the machine and what the work was built with.
pub(crate) fn facts() -> Vec<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let flags = cpu.lines().find_map(|line| line.strip_prefix("flags")).unwrap_or_default();
    let has = |flag: &str| flags.split_whitespace().any(|it| it == flag);
    let features: Vec<_> =
        ["sha_ni", "avx2", "avx512f"].into_iter().filter(|flag| has(flag)).collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = output("uname", &["-sr"]);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().next().and_then(|line| line.split_whitespace().nth(1));
    let memory = memory.and_then(|kib| kib.parse::<u64>().ok()).map_or(0, |kib| kib >> 20);
    let commit = output("git", &["rev-parse", "--short", "HEAD"]);
    let changed = !output("git", &["status", "--porcelain", "--", "*.rs", "*.toml"]).is_empty();
    let changed = if changed { ", with changes" } else { "" };
    vec![
        format!("{}, {cores} cores ({}), {memory} GiB", model.unwrap_or("?"), features.join(", ")),
        kernel,
        format!("{}, `release`", output("rustc", &["--version"])),
        format!("commit {commit}{changed}"),
    ]
}

/// Names and versions of the peers, as they are locked.
pub(crate) fn peers(lock: &str) -> String {
    const PEERS: [&str; 10] = [
        "actix-web",
        "actix-web-lab",
        "async-stripe-webhook",
        "axum",
        "axum-standardwebhooks",
        "standardwebhooks",
        "svix",
        "tower-github-webhook",
        "webhooksmith-actix",
        "webhooksmith-axum",
    ];
    let lines: Vec<_> = lock.lines().collect();
    let version = |peer: &str| {
        let name = format!("name = \"{peer}\"");
        let versions = lines
            .windows(2)
            .filter(|two| two[0] == name)
            .filter_map(|two| two[1].strip_prefix("version = \"")?.strip_suffix('"'));
        let versions: Vec<_> = versions.collect();
        format!("{peer} {}", versions.join(" and "))
    };
    PEERS.map(version).join(", ")
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "?".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
