//! Statuses and states in a saved engine, by their names on the wire.

use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<T: Display, S: Serializer>(
    name: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(name)
}

pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: for<'a> From<&'a str>,
    D: Deserializer<'de>,
{
    Ok(T::from(&String::deserialize(deserializer)?))
}
