//! Chapters on what takes more than an item's docs.

pub mod your_database;
