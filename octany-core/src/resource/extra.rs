//! Members that have no field of their own.

use std::fmt;

use crate::RawJson;
use crate::json::Raw;

/// The members of a resource that its type does not name, and those it names whose value it could
/// not read, as raw JSON in the order they came.
///
/// `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra(Vec<(String, RawJson)>);

impl Extra {
    /// The member of that name; the last of several, as in PHP and JavaScript.
    pub fn get(&self, name: &str) -> Option<&RawJson> {
        self.0.iter().rev().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// All members, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a member.
    pub fn insert(&mut self, name: impl Into<String>, value: RawJson) {
        self.0.push((name.into(), value));
    }

    pub(crate) fn insert_raw(&mut self, name: &str, value: Raw<'_>) {
        self.insert(name, RawJson::share(value));
    }

    /// Leaves out what was replaced later. `unread` says of a member with a field of its own whether
    /// its last value could not be read; then that value stays, and else none.
    ///
    /// Once for all of them: a document may repeat a member as often as it likes.
    pub(crate) fn settle(&mut self, unread: impl Fn(&str) -> Option<bool>) {
        let mut stayed = Vec::new();
        let mut settled: Vec<_> = std::mem::take(&mut self.0)
            .into_iter()
            .rev()
            .filter(|(key, _)| match unread(key) {
                None => true,
                Some(unread) => {
                    let stays = unread && !stayed.contains(key);
                    if stays {
                        stayed.push(key.clone());
                    }
                    stays
                }
            })
            .collect();
        settled.reverse();
        self.0 = settled;
    }

    pub(crate) fn into_owned(self) -> Self {
        Self(self.0.into_iter().map(|(key, value)| (key, value.into_owned())).collect())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(key, _)| key)).finish()
    }
}
