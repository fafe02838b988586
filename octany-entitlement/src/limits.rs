//! How much of a body an adapter reads, and for how long.

use std::time::Duration;

/// How large a delivery may be unless the app says otherwise: 1 MiB. Octany's are a few KiB.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// How long a delivery's body may take to arrive unless the app says otherwise: 10 seconds.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);
