//! What may stand in a path and in a query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::CheckoutError;
use crate::{AccountUuid, ProductId};

/// Everything but the characters that RFC 3986 calls unreserved: no reader can take it otherwise.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The query, on top of the URL it is appended to.
pub(super) struct Query {
    url: String,
    separator: char,
}

impl Query {
    pub(super) fn new(url: String) -> Self {
        Self { url, separator: '?' }
    }

    pub(super) fn push(&mut self, name: &'static str, value: &str) {
        self.url.extend([self.separator]);
        self.url.extend([name, "="]);
        self.url.extend(utf8_percent_encode(value, ENCODED));
        self.separator = '&';
    }

    pub(super) fn finish(self) -> String {
        self.url
    }
}

pub(super) fn account_segment(account: &AccountUuid) -> Result<&str, CheckoutError> {
    let groups = account.as_str().split('-');
    let is_hex = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid = groups.clone().map(str::len).eq([8, 4, 4, 4, 12]) && groups.clone().all(is_hex);
    is_uuid.then_some(account.as_str()).ok_or(CheckoutError::AccountNotUuid)
}

/// Refused rather than encoded: servers disagree on what an encoded slash or dot in a path is.
pub(super) fn product_segment(product: &ProductId) -> Result<&str, CheckoutError> {
    let id = product.as_str();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (!id.is_empty() && id.bytes().all(fits)).then_some(id).ok_or(CheckoutError::InvalidProduct)
}
