//! What every test logs, searched for what nobody may read.
//!
//! A test target that says `use octany_test_trace as _;` logs at TRACE, with all the crates it uses, if
//! `OCTANY_TEST_TRACE` names a folder. Each event is searched for the [`SECRETS`] as it is written, and
//! only counted if there is none: so a whole run leaves a few numbers in the folder, and what should
//! not have been said. `scripts/secrets` reads them.

mod search;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use tracing_subscriber::filter::LevelFilter;

pub use self::search::{SECRETS, Search, shows_a_secret};

/// Before `main`, since a test has none of its own.
#[ctor::ctor(unsafe)]
fn log_everything() {
    let Some(folder) = std::env::var_os("OCTANY_TEST_TRACE") else { return };
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().and_then(OsStr::to_str).unwrap_or("test");
    let search = search_in(Path::new(&folder), &format!("{program}.{}", std::process::id()));
    let search = search.expect("the folder of OCTANY_TEST_TRACE takes files");
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false);
    // A program that logs by itself says so to whoever started it.
    drop(subscriber.with_writer(search).try_init());
}

/// Searches what is written, into two files of a folder: what was found, and how much was searched.
///
/// # Errors
///
/// If the folder takes no files.
pub fn search_in(folder: &Path, name: &str) -> io::Result<Search> {
    fs::create_dir_all(folder)?;
    let found = folder.join(format!("{name}.found"));
    let count = folder.join(format!("{name}.count"));
    Ok(Search::new(File::options().append(true).create(true).open(found)?, File::create(count)?))
}
