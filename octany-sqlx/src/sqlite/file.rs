//! Whether the path still leads to the file that is open.
//!
//! A connection keeps the file it opened, wherever it goes: after `mv` or `rm` it would go on
//! writing to something that no restart will ever find. So the path is looked up around each call.
//! Looking it up is all that may be done: closing any descriptor of a database file drops the locks
//! that SQLite holds on it in the same process.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use octany_entitlement::StoreError;

/// What a call wants to do with the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Why a file is not what was opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    #[error("the database file cannot be reached: {}", .0.display())]
    Missing(PathBuf, #[source] io::Error),
    #[error("another file stands where the database was opened: {}", .0.display())]
    Replaced(PathBuf),
    #[error("the database's write-ahead log was taken away: {}", .0.display())]
    WithoutLog(PathBuf),
    #[error("nobody has the permission for it: {}", .0.display())]
    Forbidden(PathBuf),
    #[error("it is not made of database pages: {} ({length} bytes)", .path.display())]
    NoPages { path: PathBuf, length: u64 },
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::NoPages { .. } => Self::corrupt(lost),
            _ => Self::unavailable(lost),
        }
    }
}

/// A file that was opened.
pub(super) struct DatabaseFile {
    path: PathBuf,
    /// `None` inside for a database that is no file of that name: one in memory.
    opened: OnceLock<Option<FileId>>,
    /// The write-ahead log and its index. They stay the same while a connection is open.
    log: Vec<(PathBuf, FileId)>,
}

impl DatabaseFile {
    /// A file whose identity is learned when a call has succeeded.
    pub(super) fn of_pool(path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path, opened: OnceLock::new(), log: Vec::new() }
    }

    /// The file at a path that is open, and was read.
    pub(super) fn opened(path: PathBuf) -> Result<Self, Lost> {
        let found = whole(&path)?;
        // SQLite keeps them beside the file itself, where the path is a link to it.
        let file = path.canonicalize().map_err(|error| Lost::Missing(path.clone(), error))?;
        let log = ["-wal", "-shm"].map(|suffix| beside(&file, suffix));
        let log = log.into_iter().filter_map(|path| FileId::at(&path).map(|id| (path, id)));
        let log = log.collect();
        Ok(Self { path, opened: OnceLock::from(Some(FileId::of(&found))), log })
    }

    /// Whether this file's log still lies beside the path. Whatever is opened there next would take
    /// it for its own.
    pub(super) fn left_its_log(&self) -> bool {
        self.log.iter().any(|(path, id)| FileId::at(path) == Some(*id))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a file of no length, which SQLite takes for a database without a table. One that
    /// was seen with pages has lost them.
    pub(super) fn is_blank(&self) -> bool {
        self.opened.get().is_none() && metadata(&self.path).is_ok_and(|found| found.len() == 0)
    }

    /// Before a call.
    pub(super) fn check(&self, access: Access) -> Result<(), Lost> {
        let Some(Some(opened)) = self.opened.get() else {
            return Ok(());
        };
        let found = metadata(&self.path)?;
        if FileId::of(&found) != *opened {
            return Err(Lost::Replaced(self.path.clone()));
        }
        if !permits(&found, access) {
            return Err(Lost::Forbidden(self.path.clone()));
        }
        of_pages(&found, &self.path)?;
        // What was committed last is in the log, and only there.
        match self.log.iter().find(|(path, id)| FileId::at(path) != Some(*id)) {
            Some((path, _)) => Err(Lost::WithoutLog(path.clone())),
            None => Ok(()),
        }
    }

    /// After a call that succeeded: whether it was about the file that is there now.
    pub(super) fn confirm(&self, access: Access) -> Result<(), Lost> {
        if self.opened.get().is_none() {
            let found = match metadata(&self.path) {
                Ok(found) => Some(FileId::of(&found)),
                Err(Lost::Missing(_, error)) if error.kind() == io::ErrorKind::NotFound => None,
                Err(lost) => return Err(lost),
            };
            self.opened.get_or_init(|| found);
        }
        self.check(access)
    }
}

/// A database is a whole number of pages, the smallest of which has 512 bytes.
const SMALLEST_PAGE: u64 = 512;

/// What lies at a path, if it may be a database.
pub(super) fn whole(path: &Path) -> Result<Metadata, Lost> {
    let found = metadata(path)?;
    of_pages(&found, path)?;
    Ok(found)
}

fn of_pages(found: &Metadata, path: &Path) -> Result<(), Lost> {
    if found.len() == 0 || !found.len().is_multiple_of(SMALLEST_PAGE) {
        return Err(Lost::NoPages { path: path.to_owned(), length: found.len() });
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn metadata(path: &Path) -> Result<Metadata, Lost> {
    std::fs::metadata(path).map_err(|error| Lost::Missing(path.to_owned(), error))
}

/// Which file it is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl FileId {
    /// The file at a path, if there is one.
    fn at(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().as_ref().map(Self::of)
    }

    #[cfg(unix)]
    fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device_and_inode: (found.dev(), found.ino()) }
    }

    /// Elsewhere an open database cannot be moved or removed.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self {}
    }
}

/// Whether anybody may. An open connection no longer asks, so a permission that was taken away
/// would show at the next restart only.
#[cfg(unix)]
fn permits(found: &Metadata, access: Access) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode();
    mode & 0o444 != 0 && (access == Access::Read || mode & 0o222 != 0)
}

#[cfg(not(unix))]
fn permits(found: &Metadata, access: Access) -> bool {
    access == Access::Read || !found.permissions().readonly()
}
