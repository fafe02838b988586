//! Asking before what cannot be taken back.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::failure::Failure;

/// Whether there is anything to ask.
#[derive(Debug, Args)]
pub(super) struct Confirm {
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

impl Confirm {
    /// Asks whoever sits at the terminal, unless they have said so already.
    pub(super) fn ask(&self, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::Usage("nobody is there to be asked: say --yes".to_owned()));
        }
        let asked = write!(anstream::stderr().lock(), "{question} [y/N] ");
        asked.map_err(|error| Failure::Io("ask", error))?;
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        read.map_err(|error| Failure::Io("hear the answer", error))?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Failure::Refused("nothing was done".to_owned())),
        }
    }
}
