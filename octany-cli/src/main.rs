//! The `octany` command.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | it was done |
//! | 1 | it was done, and the answer is no: a signature that does not match, a refused delivery |
//! | 2 | it was asked for in a way that makes no sense |
//! | 3 | it could not be done: a file, a server or a database was out of reach |
//! | 130 | it was interrupted, and has stopped where it can go on |

#[cfg(test)]
use octany_test_trace as _;

mod api;
mod commands;
mod failure;
mod file;
mod input;
mod interrupt;
mod output;
mod references;
mod secret;
mod store;
mod time;

use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ColorChoice, Parser};

use self::commands::Command;
use self::failure::Failure;
use self::output::Output;

/// How the help looks: what can be typed stands out.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Tools for living on Octany: a local one to develop against, test events, and a look into the store
/// of an app that runs.
#[derive(Debug, Parser)]
#[command(name = "octany", version, propagate_version = true, max_term_width = 100, styles = STYLES)]
#[command(
    after_help = "Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 could not be done, \
                  130 interrupted.\n\
                  Secrets are in the environment or in a file: OCTANY_WEBHOOK_SECRET, OCTANY_STORE_URL, \
                  OCTANY_API_KEY, OCTANY_REFERENCE_KEY."
)]
struct Arguments {
    /// Write JSON, one document a line, instead of text.
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// Whether to use colours. For auto, `NO_COLOR`, `CLICOLOR_FORCE`, `TERM` and the terminal say so.
    #[arg(
        long, global = true, help_heading = "Output", value_name = "WHEN", value_enum,
        default_value_t = ColorChoice::Auto
    )]
    color: ColorChoice,

    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    colorchoice_clap::Color { color: arguments.color }.write_global();
    let output = Output::new(arguments.json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(arguments.command.run(output)),
        Err(error) => Err(Failure::Io("start", error)),
    };
    let done = done.and_then(|code| Output::is_complete().then_some(code).ok_or(Failure::Lost));
    match done {
        Ok(code) => code,
        Err(failure) => {
            output.failed(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
