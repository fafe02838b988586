//! The simulator over HTTP, met by the client and the receivers of this family.

mod api;
mod faults;
mod pages;
mod support;
mod webhooks;
