//! The commands.

mod advance;
mod completions;
mod deliver;
mod events;
mod listen;
mod man;
mod replay;
mod sign;
mod sim;
mod trigger;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Sim(sim::Sim),
    Trigger(trigger::Trigger),
    Listen(listen::Listen),
    Advance(advance::Advance),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Replay(replay::Replay),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        match self {
            Self::Sim(command) => command.run(output).await,
            Self::Trigger(command) => command.run(output).await,
            Self::Listen(command) => command.run(output).await,
            Self::Advance(command) => command.run(output).await,
            Self::Sign(command) => command.run(output),
            Self::Verify(command) => command.run(output),
            Self::Replay(command) => command.run(output).await,
            Self::Completions(command) => Ok(command.run()),
            Self::Man(command) => command.run(),
        }
    }
}
