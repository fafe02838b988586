//! What is the server's own about an inbox.
