//! The `octany` command.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | it was done |
//! | 1 | it was done, and the answer is no: a signature that does not match, a refused delivery |
//! | 2 | it was asked for in a way that makes no sense |
//! | 3 | it could not be done: a file, a server or a database was out of reach |

mod commands;
mod failure;
mod input;
mod output;
mod secret;

use std::process::ExitCode;

use clap::Parser;

use self::commands::Command;
use self::output::Output;

/// Tools for living on Octany: a local one to develop against, test events, signatures.
#[derive(Debug, Parser)]
#[command(name = "octany", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 could not be done."
)]
struct Arguments {
    /// Write JSON, one document a line, instead of text.
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let output = Output::new(arguments.json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(arguments.command.run(output)),
        Err(error) => Err(failure::Failure::Io("start", error)),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            output.failed(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
