//! How fast deliveries are taken in and subscriptions are looked up, as ratios to the bare statement
//! on the same server, in the same run.
//!
//! `cargo run --release -p octany-benches --bin stores`, with servers as the tests want them. It
//! makes a database of its own and drops it.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on should stop, and its result is what it prints"
)]

mod cache;
mod measure;
mod postgres;
mod redis;
mod reports;
mod sqlite;

#[tokio::main]
async fn main() {
    cache::measure().await;
    println!("{:<58} {:>9} {:>9} {:>7} {:>6}", "", "bare/s", "ours/s", "ratio", "goal");
    postgres::measure().await;
    sqlite::measure().await;
    redis::measure().await;
}
