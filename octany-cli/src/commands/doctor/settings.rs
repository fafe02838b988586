//! What can be told without asking anybody.

use url::{Host, Url};

use super::finding::Finding;
use super::report::Report;

/// How long Octany makes its secrets.
const LENGTH: usize = 32;

/// The secret as it was set, and whether others can read along.
pub(super) fn check(report: &mut Report, secret: &str, url: &Url) {
    let trimmed = secret.trim();
    let inner = trimmed.chars().any(char::is_whitespace);
    let spaced = trimmed != secret || inner;
    let said = if spaced { "white space" } else { "none" };
    let finding = spaced.then_some(Finding::SecretSpace);
    report.note("white space in the secret", "none", said, finding);

    let length = trimmed.chars().count();
    let finding = (length != LENGTH).then_some(Finding::SecretLength);
    let said = format!("{length} characters");
    report.note("the secret's length", "32 characters", said, finding);

    if !is_local(url) {
        let open = (url.scheme() != "https").then_some(Finding::NoTls);
        report.note("the way to the endpoint", "https", url.scheme(), open);
    }
}

/// Whether it is on this machine.
pub(super) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("it is a URL")
    }

    #[test]
    fn this_machine_has_several_names_and_others_may_look_like_them() {
        for local in
            ["http://localhost:1/", "http://app.localhost/", "http://127.9.9.9/", "http://[::1]/"]
        {
            assert!(is_local(&url(local)), "{local}");
        }
        for other in [
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "http://10.0.0.1/",
            "http://[::2]/",
        ] {
            assert!(!is_local(&url(other)), "{other}");
        }
    }
}
