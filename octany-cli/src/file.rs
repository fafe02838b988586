//! Files that hold what others should not see.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that only its owner may read: the whole of it or none.
pub(crate) fn replace(path: &Path, content: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = Path::new(&beside);
    let written = write_own(beside, content).and_then(|()| std::fs::rename(beside, path));
    if written.is_err() {
        // What is left of it may hold half of a secret.
        let _ = std::fs::remove_file(beside);
    }
    written
}

fn write_own(path: &Path, content: &str) -> io::Result<()> {
    let mut file = own().create_new(true).open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

/// For writing a file that only its owner may read, where it is made now.
pub(crate) fn own() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
