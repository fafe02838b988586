//! What a guard does with a request, on every framework.

mod admission;
mod subject;

pub use self::admission::Admission;
pub use self::subject::{IntoSubject, Subject, Subscriber};
