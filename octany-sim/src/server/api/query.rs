//! What is asked for.

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

    /// The id of a product.
    pub(super) fn product(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let digits = text.strip_prefix('-').unwrap_or(text);
        is_number(digits).then_some(Some(text)).ok_or_else(|| refused(name))
    }

    fn number(&self, name: &str, most: u64) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        // What is beyond all numbers is beyond all pages, too.
        let number = is_number(text).then(|| text.parse().unwrap_or(u64::MAX));
        let number = number.filter(|number| (1..=most).contains(number));
        number.map(Some).ok_or_else(|| refused(name))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn refused(name: &str) -> ApiError {
    ApiError::Invalid(format!("The {name} is not one there can be."))
}
