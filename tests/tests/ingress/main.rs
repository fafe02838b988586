//! What anybody on the internet can send leaves the server answering, and its memory as it was.

use octany_test_trace as _;

mod body;
mod framing;
mod framings;
mod header;
mod server;
mod size;
mod slow;
