//! The same work by other libraries. Each verifies its own scheme's signature over the same body, in
//! the way that its documentation shows.

#![allow(clippy::missing_panics_doc, reason = "a measurement that cannot go on should stop")]

mod actix;
mod axum;
pub mod contest;
mod schemes;
