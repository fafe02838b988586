//! The simulator over HTTP, met by the client and the receivers of this family.

mod api;
mod support;
mod webhooks;
