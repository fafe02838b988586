//! Who may read a file.
#![cfg(unix)]

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Fails unless it is its owner's only.
#[track_caller]
pub(crate) fn assert_is_its_owners(path: &Path) {
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600, "{} holds secrets", path.display());
}
