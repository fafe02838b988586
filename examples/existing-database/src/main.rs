//! Reports come in, and the app's own tables answer who may pass.
//!
//! `DATABASE_URL=postgres://user:password@host/database cargo run -p existing-database`

mod demo;

use std::process::ExitCode;

#[tokio::main]
#[expect(clippy::print_stderr, reason = "a program says why it stops")]
async fn main() -> ExitCode {
    let Some(url) = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) else {
        eprintln!(
            "This needs a PostgreSQL server, in which it makes a schema named {} anew:\n\
             DATABASE_URL=postgres://user:password@host/database cargo run -p existing-database",
            demo::NAMESPACE
        );
        return ExitCode::from(2);
    };
    match demo::run(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
