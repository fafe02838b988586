//! Where an answer is not what the contract says.

use octany_core::resource::ResourceError;

/// Where an answer is not what the contract says. It never quotes the answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undecodable {
    #[error("not JSON (line {line}, column {column})")]
    Syntax { line: usize, column: usize },
    #[error("`{path}` {problem}")]
    Member { path: String, problem: &'static str },
    #[error("`{path}`: {problem}")]
    Resource { path: String, problem: String },
    #[error("an answer of more than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("a page of HTML where there should be JSON")]
    Html,
    #[error("no JSON object")]
    NoObject,
    #[error("one page came again and again")]
    Repeated,
}

impl Undecodable {
    pub(crate) fn syntax(error: &serde_json::Error) -> Self {
        // Only the place: the error's text can quote the document.
        Self::Syntax { line: error.line(), column: error.column() }
    }

    pub(crate) fn member(path: impl Into<String>, problem: &'static str) -> Self {
        Self::Member { path: path.into(), problem }
    }

    /// A resource at `path` that is none.
    pub(crate) fn resource(path: String, error: &ResourceError) -> Self {
        match error {
            ResourceError::Member { path: below, problem } if !below.is_empty() => {
                Self::Resource { path: format!("{path}.{below}"), problem: problem.to_string() }
            }
            error => Self::Resource { path, problem: error.to_string() },
        }
    }

    /// The JSON path of what is wrong.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Member { path, .. } | Self::Resource { path, .. } => Some(path),
            _ => None,
        }
    }
}
