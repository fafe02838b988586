//! What is asked for.

use axum::body::Bytes;
use serde::de::DeserializeOwned;

use super::ApiError;
use crate::wire::Page;

/// The parameters behind the question mark.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A parameter that may be repeated, with or without `[]` behind its name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_named = move |key: &str| key.strip_suffix("[]").unwrap_or(key) == name;
        self.0.iter().filter(move |(key, _)| is_named(key)).map(|(_, value)| value.as_str())
    }

    /// A list's URL with all that is asked of it but the page.
    pub(super) fn of_list(&self, mut url: String) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().filter(|(name, _)| name != "page"));
        let query = query.finish();
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        url
    }

    /// `page`, with so many a page.
    pub(super) fn page(&self, size: u64) -> Result<Page, ApiError> {
        Ok(Page { number: self.number("page", u64::MAX)?.unwrap_or(1), size })
    }

    /// `page` and `per_page`.
    pub(super) fn page_of(&self, size: u64, most: u64) -> Result<Page, ApiError> {
        self.page(self.number("per_page", most)?.unwrap_or(size))
    }

    fn number(&self, name: &str, most: u64) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        let refused = || ApiError::Invalid(format!("The {name} is not one there can be."));
        number.map(Some).ok_or_else(refused)
    }
}

/// Reads what was sent.
pub(super) fn body<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::Invalid(format!("The body is not what it should be: {error}.")))
}
