//! The commands.

mod advance;
mod audit;
mod backfill;
mod charges;
mod completions;
mod confirm;
mod deliver;
mod doctor;
mod events;
mod inbox;
mod listen;
mod man;
mod policy;
mod reconcile;
mod replay;
mod shop;
mod sign;
mod sim;
mod take_in;
mod trigger;
mod verify;
mod why;

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
    Why(why::Why),
    Reconcile(reconcile::Reconcile),
    Backfill(backfill::Backfill),
    Audit(audit::Audit),
    Inbox(inbox::Inbox),
    Charges(charges::Charges),
    Doctor(doctor::Doctor),
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
            Self::Why(command) => command.run(output).await,
            Self::Reconcile(command) => command.run(output).await,
            Self::Backfill(command) => command.run(output).await,
            Self::Audit(command) => command.run(output).await,
            Self::Inbox(command) => command.run(output).await,
            Self::Charges(command) => command.run(output).await,
            Self::Doctor(command) => command.run(output).await,
            Self::Completions(command) => Ok(command.run()),
            Self::Man(command) => command.run(),
        }
    }
}
