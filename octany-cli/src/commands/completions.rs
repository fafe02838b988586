//! `octany completions`

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print the completions for a shell.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Which one.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> ExitCode {
        let mut command = crate::Arguments::command();
        clap_complete::generate(self.shell, &mut command, "octany", &mut std::io::stdout());
        ExitCode::SUCCESS
    }
}
