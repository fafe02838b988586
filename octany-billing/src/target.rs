//! Where visitors may be sent back to.

use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

/// The longest, in bytes: it stands in the success URL, which stands in the checkout's.
const MAX_LENGTH: usize = 1024;

/// What no app of its own can register, or what leads to something else than that app.
const RESERVED: [&str; 21] = [
    "about",
    "android-app",
    "blob",
    "chrome",
    "chrome-extension",
    "content",
    "data",
    "file",
    "filesystem",
    "ftp",
    "http",
    "https",
    "intent",
    "jar",
    "javascript",
    "moz-extension",
    "resource",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Where visitors may be sent back to: paths of the app's own origin, and links of the schemes that
/// were registered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    schemes: Vec<String>,
}

impl Targets {
    /// Registers a scheme, as `myapp` or as `myapp://`. Gives whether it can be one.
    pub(crate) fn register(&mut self, scheme: &str) -> bool {
        let scheme = scheme.trim_end_matches('/').trim_end_matches(':').to_ascii_lowercase();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let is_scheme = scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(fits)
            && !RESERVED.contains(&&*scheme);
        if is_scheme {
            self.schemes.push(scheme);
        }
        is_scheme
    }

    /// The target as it can stand in a header, or `None` if nobody should be sent there.
    pub(crate) fn read(&self, text: &str) -> Option<String> {
        // A browser reads `\` as `/`, and drops tabs and line breaks: it would see another URL.
        let fits = |byte: u8| (byte.is_ascii_graphic() && byte != b'\\') || !byte.is_ascii();
        if text.len() > MAX_LENGTH || !text.bytes().all(fits) {
            return None;
        }
        let is_target = is_own_path(text) || self.is_registered(text);
        // It comes back as it is written here, and must be taken again.
        is_target.then(|| header_safe(text)).filter(|target| target.len() <= MAX_LENGTH)
    }

    fn is_registered(&self, text: &str) -> bool {
        let Some((scheme, rest)) = text.split_once(':') else { return false };
        self.schemes.iter().any(|registered| registered == scheme) && is_link(rest)
    }
}

/// What stands behind a scheme: a path from the root, or a name and whatever follows it.
fn is_link(rest: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match rest.strip_prefix("//") {
        Some(rest) => {
            let name = rest.split(['/', '?', '#']).next().unwrap_or_default();
            name.bytes().all(fits)
        }
        None => rest.starts_with('/'),
    }
}

/// Whether it is a path of one's own origin, with or without query and fragment.
///
/// Stricter than browsers are: what a proxy could decode into another path is refused as well, be it
/// encoded once or twice.
pub(crate) fn is_own_path(text: &str) -> bool {
    let path = &text[..text.find(['?', '#']).unwrap_or(text.len())];
    let hides = |byte: u8| matches!(byte, b'/' | b'\\' | b'%') || byte.is_ascii_control();
    let is_plain = |segment: &str| {
        let decoded: Vec<u8> = percent_decode_str(segment).collect();
        decoded != b"." && decoded != b".." && !decoded.into_iter().any(hides)
    };
    path.starts_with('/') && !path.contains("//") && path.split('/').all(is_plain)
}

/// With everything percent-encoded that is not ASCII.
fn header_safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii() {
            safe.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    fn targets() -> Targets {
        let mut targets = Targets::default();
        assert!(targets.register("myapp://") && targets.register("com.example.app"));
        targets
    }

    /// What a browser makes of it (WHATWG): the referee.
    fn resolved(target: &str) -> Url {
        let page = Url::parse("https://app.example/billing/pending?to=x").unwrap();
        page.join(target).unwrap()
    }

    #[test]
    fn own_paths_and_registered_schemes_are_targets() {
        for (text, target) in [
            ("/", "/"),
            ("/reports", "/reports"),
            ("/reports/?week=7&x=%2F#top", "/reports/?week=7&x=%2F#top"),
            ("/next?url=https://evil.example//x", "/next?url=https://evil.example//x"),
            ("/app#//x", "/app#//x"),
            ("/a%20b/%C3%A5", "/a%20b/%C3%A5"),
            ("/rapporter/å", "/rapporter/%C3%A5"),
            ("/:80", "/:80"),
            ("/@evil.example", "/@evil.example"),
            ("myapp://billing/success?x=1", "myapp://billing/success?x=1"),
            ("com.example.app:/done", "com.example.app:/done"),
        ] {
            assert_eq!(targets().read(text).as_deref(), Some(target), "{text}");
        }
    }

    #[test]
    fn what_leads_away_or_could_be_read_in_two_ways_is_none() {
        for text in [
            "",
            "reports",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " /reports",
            "/reports ",
            "/a b",
            "/a//b",
            "/./reports",
            "/../reports",
            "/..//evil.example",
            "/%2e%2e/reports",
            "/.%2E/reports",
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%252fevil.example",
            "/%5cevil.example",
            "/%00",
            "/%0d%0aset-cookie:x=1",
            "/%",
            "/%zz",
            "/\u{0}",
            "/\u{7f}",
            "https://app.example/reports",
            "https://evil.example/",
            "http:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "other://x",
            "myapp",
            "myapp:",
            "myapp:x",
            "myapp:javascript:alert(1)",
            "MYAPP://x",
            "myapp2://x",
            "xmyapp://x",
            "myapp\t://x",
            "myapp://\\evil.example",
            "myapp://user@evil.example",
            "myapp://<",
            "?to=/reports",
            "#top",
            "@evil.example",
            "..",
        ] {
            assert_eq!(targets().read(text), None, "{text:?}");
        }
        assert_eq!(targets().read(&format!("/{}", "x".repeat(MAX_LENGTH))), None);
        // It would come back longer than it went.
        assert_eq!(targets().read(&format!("/{}", "å".repeat(MAX_LENGTH / 4))), None);
    }

    #[test]
    fn no_scheme_is_registered_that_a_browser_gives_a_meaning() {
        for scheme in RESERVED {
            assert!(!Targets::default().register(scheme), "{scheme}");
            assert!(!Targets::default().register(&format!("{}://", scheme.to_uppercase())));
        }
        for scheme in ["", "x", "1app", "my app", "my/app", "my:app", "-app", "äpp", "//"] {
            assert!(!Targets::default().register(scheme), "{scheme}");
        }
    }

    /// Texts made of what redirects are attacked with.
    fn tricks() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![
            "/",
            "//",
            "\\",
            "%2f",
            "%2F",
            "%5c",
            "%25",
            "%2e",
            ".",
            "..",
            "@",
            ":",
            "?",
            "#",
            "&",
            ";",
            "\t",
            "\n",
            "\r",
            "\0",
            " ",
            "\u{a0}",
            "\u{2028}",
            "\u{ff0f}",
            "\u{202e}",
            "\u{ad}",
            "http",
            "https",
            "https:",
            "javascript:",
            "data:",
            "myapp",
            "myapp:",
            "myapp://",
            "MyApp:",
            "com.example.app:/",
            "evil.example",
            "app.example",
            "[::1]",
            "80",
            "a",
            "å",
            "<",
            "\"",
        ]);
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    fn judge(text: &str) -> Result<(), TestCaseError> {
        let Some(target) = targets().read(text) else { return Ok(()) };
        prop_assert!(target.bytes().all(|byte| byte.is_ascii_graphic()), "{}", target);
        let seen = resolved(&target);
        if target.starts_with('/') {
            prop_assert_eq!(seen.origin(), resolved("/").origin(), "{}", target);
            // Nor does it become another one where somebody decodes the path first.
            let decoded: Vec<u8> = percent_decode_str(seen.path()).collect();
            let again = resolved(&String::from_utf8_lossy(&decoded));
            prop_assert_eq!(again.origin(), seen.origin(), "{}", target);
        } else {
            prop_assert!(["myapp", "com.example.app"].contains(&seen.scheme()), "{}", target);
        }
        // What was accepted is accepted again as it was written.
        prop_assert_eq!(targets().read(&target), Some(target));
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn no_text_made_of_tricks_leads_to_another_origin(text in tricks()) {
            judge(&text)?;
            judge(&format!("/{text}"))?;
            judge(&format!("myapp:/{text}"))?;
        }

        #[test]
        fn no_text_at_all_leads_to_another_origin(text in any::<String>()) {
            judge(&text)?;
            judge(&format!("/{text}"))?;
        }
    }
}
