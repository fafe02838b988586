//! The store of an app that runs.

mod address;
mod location;
mod opened;

use clap::Args;

pub(crate) use self::location::StoreLocation;
pub(crate) use self::opened::Store;
use crate::failure::Failure;

/// What a command does with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// A store that a command cannot do without, and that has to have all that this release needs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreSource {
    #[command(flatten)]
    location: StoreLocation,
    /// Bring the store's tables to what this release needs, should they lack something. Without it,
    /// nothing is done to them.
    #[arg(long)]
    migrate: bool,
}

impl StoreSource {
    /// Opens it. What is to be read only is not written to.
    pub(crate) async fn open(&self, access: Access) -> Result<Store, Failure> {
        let access = if self.migrate { Access::Write } else { access };
        let store = self.location.required(access).await?;
        if self.migrate {
            store.migrate().await?;
        }
        let missing = store.missing_migrations().await?;
        if !missing.is_empty() {
            return Err(Failure::Migrations(missing));
        }
        Ok(store)
    }
}
