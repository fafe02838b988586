//! Absolute URLs that a visitor may be sent to.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::Authority;

/// Why a URL is not one to send a visitor to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// It is not an absolute URL in plain ASCII, percent-encoded where it has to be.
    #[error("not an absolute URL in ASCII")]
    Invalid,
    /// It is not HTTPS; plain HTTP is for `localhost`, and there only where it was allowed.
    #[error("not an HTTPS URL")]
    NotHttps,
    /// It holds a user name or password, which would be shown to everyone on the way.
    #[error("a user name or password in the URL")]
    Credentials,
    /// It has a query or a fragment where there must be none.
    #[error("a query or fragment in a base URL")]
    QueryOrFragment,
}

/// Whether a visitor may be sent to a URL: HTTPS, and HTTP to this very machine if
/// `allow_localhost`.
///
/// ```
/// use octany_core::checkout::{LinkError, check_link};
///
/// assert_eq!(check_link("https://app.example/welcome", false), Ok(()));
/// assert_eq!(check_link("http://localhost:3000/", false), Err(LinkError::NotHttps));
/// assert_eq!(check_link("javascript:alert(1)", true), Err(LinkError::Invalid));
/// ```
///
/// # Errors
///
/// [`LinkError`] says why not.
pub fn check_link(url: &str, allow_localhost: bool) -> Result<(), LinkError> {
    // A browser reads `\` as `/`, and drops tabs and line breaks: it would see another URL.
    if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err(LinkError::Invalid);
    }
    let uri: Uri = url.parse().map_err(|_| LinkError::Invalid)?;
    let authority = uri.authority().ok_or(LinkError::Invalid)?;
    if authority.as_str().contains('@') {
        return Err(LinkError::Credentials);
    }
    if authority.host().is_empty() || !has_valid_port(authority) {
        return Err(LinkError::Invalid);
    }
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if allow_localhost && is_this_machine(authority.host()) => Ok(()),
        Some(_) => Err(LinkError::NotHttps),
        None => Err(LinkError::Invalid),
    }
}

/// The same for a URL that paths are appended to; without the slash at its end.
pub(super) fn check_base(url: &str, allow_localhost: bool) -> Result<&str, LinkError> {
    check_link(url, allow_localhost)?;
    if url.contains(['?', '#']) {
        return Err(LinkError::QueryOrFragment);
    }
    Ok(url.trim_end_matches('/'))
}

/// `http` lets an authority through with anything behind the colon.
fn has_valid_port(authority: &Authority) -> bool {
    let is_port =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok();
    match authority.as_str().strip_prefix(authority.host()) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
        None => false,
    }
}

fn is_this_machine(host: &str) -> bool {
    let v6 = || host.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || v6().is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_accepted() {
        for url in [
            "https://app.example",
            "https://app.example/welcome?plan=pro&x=%C3%A5#/done",
            "HTTPS://APP.EXAMPLE:8443/",
            "https://[2001:db8::1]:8443/welcome",
            "https://localhost/",
        ] {
            assert_eq!(check_link(url, false), Ok(()), "{url}");
        }
    }

    #[test]
    fn plain_http_is_accepted_only_to_this_machine_and_only_where_allowed() {
        for url in [
            "http://localhost",
            "http://LOCALHOST:3000/welcome",
            "http://127.0.0.1:3000/",
            "http://127.8.8.8/",
            "http://[::1]:3000/",
        ] {
            assert_eq!(check_link(url, true), Ok(()), "{url}");
            assert_eq!(check_link(url, false), Err(LinkError::NotHttps), "{url}");
        }
        for url in [
            "http://app.example",
            "http://localhost.evil.example",
            "http://evil.example/localhost",
            "http://128.0.0.1/",
            "http://0.0.0.0/",
            "http://127.1/",
            "http://0177.0.0.1/",
            "http://[::2]/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert_eq!(check_link(url, true), Err(LinkError::NotHttps), "{url}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        for url in ["myapp://billing/success", "ftp://localhost/", "ws://localhost/"] {
            assert_eq!(check_link(url, true), Err(LinkError::NotHttps), "{url}");
        }
    }

    #[test]
    fn what_is_not_an_absolute_url_is_refused() {
        for url in [
            "",
            "/welcome",
            "app.example",
            "//app.example/welcome",
            "https:",
            "https://",
            "https:///welcome",
            "https://:443/",
            "https://app.example:/",
            "https://app.example:99999/",
            "https://app.example:44a/",
            "https://app.example:+443/",
            "https://[::1]443/",
            "https://app.example/a b",
            " https://app.example/",
            "https://app.example/\n",
            "https://app.example\\@evil.example/",
            "https://app.example/\\evil",
            "https://åäö.example/",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert_eq!(check_link(url, true), Err(LinkError::Invalid), "{url}");
        }
    }

    #[test]
    fn credentials_are_refused() {
        for url in ["https://user:pass@app.example/", "http://localhost@evil.example/"] {
            assert_eq!(check_link(url, true), Err(LinkError::Credentials), "{url}");
        }
    }

    #[test]
    fn a_base_has_neither_query_nor_fragment_nor_a_slash_at_its_end() {
        assert_eq!(check_base("https://a.example/b/", false), Ok("https://a.example/b"));
        for url in ["https://a.example/?b", "https://a.example#b", "https://a.example/#"] {
            assert_eq!(check_base(url, false), Err(LinkError::QueryOrFragment), "{url}");
        }
    }
}
