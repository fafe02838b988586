#![doc = include_str!("../../docs/your-database.md")]
