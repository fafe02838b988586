//! Why a document is not the resource it should be.

use std::fmt;
use std::str::Utf8Error;

/// Why a document could not be read as a resource. It never quotes the document.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// The bytes are not UTF-8.
    #[error("not UTF-8")]
    Utf8(#[from] Utf8Error),
    /// The text is not JSON.
    #[error("not JSON (line {}, column {})", .0.line(), .0.column())]
    Json(#[from] serde_json::Error),
    /// A member that makes the resource what it is, at its path.
    #[error("{}", shown(path, *problem))]
    Member {
        /// The member's path below the resource; empty for the resource itself.
        path: String,
        /// What is wrong there.
        problem: Problem,
    },
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It is not there.
    Missing,
    /// Its value is of another type.
    Mistyped,
    /// Its value nests deeper than any real one.
    TooDeep,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Mistyped => "has the wrong type",
            Self::TooDeep => "is nested too deep",
        })
    }
}

fn shown(path: &str, problem: Problem) -> String {
    if path.is_empty() { format!("the value {problem}") } else { format!("`{path}` {problem}") }
}

/// A member that keeps a draft from becoming a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defect {
    pub(crate) member: &'static str,
    pub(crate) problem: Problem,
}

impl Defect {
    pub(crate) fn missing(member: &'static str) -> Self {
        Self { member, problem: Problem::Missing }
    }

    pub(crate) fn mistyped(member: &'static str) -> Self {
        Self { member, problem: Problem::Mistyped }
    }

    pub(crate) fn too_deep(member: &'static str) -> Self {
        Self { member, problem: Problem::TooDeep }
    }

    pub(crate) fn not_an_object() -> Self {
        Self::mistyped("")
    }
}

impl From<Defect> for ResourceError {
    fn from(defect: Defect) -> Self {
        Self::Member { path: defect.member.to_owned(), problem: defect.problem }
    }
}
