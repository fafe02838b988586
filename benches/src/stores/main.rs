//! How fast deliveries are taken in and subscriptions are looked up, as ratios to the bare statement
//! on the same server, in the same run.
//!
//! `cargo run --release -p octany-benches --bin stores`, with servers as the tests want them. It
//! makes a database of its own and drops it. Arguments choose: `cache`, `postgres`, `sqlite`,
//! `redis`, `nodes`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on should stop, and its result is what it prints"
)]

mod cache;
mod measure;
mod nodes;
mod postgres;
mod redis;
mod reports;
mod sqlite;

#[tokio::main]
async fn main() {
    let chosen: Vec<_> = std::env::args().skip(1).collect();
    if let [among, references] = &chosen[..]
        && among == "among"
    {
        return cache::among(references.parse().unwrap()).await;
    }
    let wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|chosen| chosen == part);
    if wanted("cache") {
        cache::measure();
    }
    println!("{:<58} {:>9} {:>9} {:>7} {:>6}", "", "bare/s", "ours/s", "ratio", "goal");
    if wanted("postgres") {
        postgres::measure().await;
    }
    if wanted("sqlite") {
        sqlite::measure().await;
    }
    if wanted("redis") {
        redis::measure().await;
    }
    if wanted("nodes") {
        nodes::measure().await;
    }
}
