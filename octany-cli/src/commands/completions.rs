//! `octany completions`

use std::io::Write;
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
        let mut completions = Vec::new();
        clap_complete::generate(self.shell, &mut command, "octany", &mut completions);
        // Whoever reads may have read enough.
        let _ = std::io::stdout().lock().write_all(&completions);
        ExitCode::SUCCESS
    }
}
