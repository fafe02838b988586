//! Files, and what is piped in.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Reads a file, or what is piped in if it is none or `-`.
pub(crate) fn read(path: Option<&PathBuf>) -> Result<Vec<u8>, Failure> {
    match path.map(PathBuf::as_path) {
        Some(path) if path != Path::new("-") => {
            std::fs::read(path).map_err(|error| Failure::Read(path.to_owned(), error))
        }
        _ => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Failure::Io("read what is piped in", error))?;
            Ok(bytes)
        }
    }
}
