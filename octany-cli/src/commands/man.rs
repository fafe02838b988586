//! `octany man`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory};

use crate::failure::Failure;

/// Write the manual pages into a folder.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Which folder.
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let written = clap_mangen::generate_to(crate::Arguments::command(), &self.folder);
        written.map_err(|error| Failure::Write(self.folder, error))?;
        Ok(ExitCode::SUCCESS)
    }
}
