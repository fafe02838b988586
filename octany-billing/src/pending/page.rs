//! The page that waits.

use std::fmt::{self, Write as _};
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use octany_entitlement::Answer;
use sha2::{Digest, Sha256};

use super::{Texts, language};
use crate::Head;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Slow,
}

/// The page, for all who wait.
pub(crate) struct Page {
    texts: Vec<Texts>,
    poll_every: Duration,
    policy: String,
}

impl Page {
    /// `None` without texts.
    pub(crate) fn new(texts: Vec<Texts>, poll_every: Duration) -> Option<Self> {
        // Nothing but this script and this style, and no one to ask but the app itself.
        let policy = format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(SCRIPT),
            hash(STYLE),
        );
        (!texts.is_empty()).then_some(Self { texts, poll_every, policy })
    }

    pub(super) fn answer(&self, state: State, target: &str, head: &Head<'_>) -> Answer {
        let texts = language::choose(&self.texts, head.accept_language);
        let texts = texts.expect("a page without texts is not made");
        let page = Rendered { texts, state, target, poll_every: self.poll_every };
        let mut body = String::with_capacity(STYLE.len() + SCRIPT.len() + 2048);
        write!(body, "{page}").expect("writing to a string cannot fail");
        Answer::empty(200)
            .with("content-type", "text/html; charset=utf-8")
            .with("cache-control", "no-store")
            .with("content-security-policy", self.policy.clone())
            .with("referrer-policy", "no-referrer")
            .with("vary", "accept-language")
            .with("x-content-type-options", "nosniff")
            .body(body)
    }
}

/// The page, for one who waits.
struct Rendered<'a> {
    texts: &'a Texts,
    state: State,
    target: &'a str,
    poll_every: Duration,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { texts, state, target, poll_every } = self;
        let waits = *state == State::Waiting;
        let (waiting, slow) = if waits { ("", " hidden") } else { (" hidden", "") };
        let to: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
        let to = Text(&to);
        writeln!(f, "<!doctype html>")?;
        writeln!(f, "<html lang=\"{}\">", Text(&texts.language))?;
        writeln!(f, "<head>")?;
        writeln!(f, "<meta charset=\"utf-8\">")?;
        writeln!(f, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        writeln!(f, "<meta name=\"robots\" content=\"noindex\">")?;
        writeln!(f, "<title>{}</title>", Text(&texts.heading))?;
        if waits {
            let seconds = poll_every.as_millis().div_ceil(1000).max(1);
            writeln!(
                f,
                "<noscript><meta http-equiv=\"refresh\" content=\"{seconds}\"></noscript>"
            )?;
        }
        writeln!(f, "<style>{STYLE}</style>")?;
        writeln!(f, "</head>")?;
        writeln!(f, "<body>")?;
        writeln!(
            f,
            "<main data-state=\"{}\" data-status=\"pending/status?to={to}\" data-every=\"{}\">",
            if waits { "waiting" } else { "slow" },
            poll_every.as_millis(),
        )?;
        writeln!(f, "<div class=\"wheel\" aria-hidden=\"true\"{waiting}></div>")?;
        writeln!(f, "<h1>{}</h1>", Text(&texts.heading))?;
        writeln!(f, "<div role=\"status\" aria-live=\"polite\">")?;
        writeln!(f, "<p data-in=\"waiting\"{waiting}>{}</p>", Text(&texts.waiting))?;
        writeln!(f, "<p data-in=\"ready\" hidden>{}</p>", Text(&texts.ready))?;
        writeln!(f, "<p data-in=\"slow\"{slow}>{}</p>", Text(&texts.slow))?;
        writeln!(f, "</div>")?;
        writeln!(f, "<p data-in=\"ready slow\"{slow}>")?;
        let look_again = Text(&texts.look_again);
        writeln!(f, "<a data-in=\"slow\"{slow} href=\"pending?to={to}\">{look_again}</a>")?;
        writeln!(f, "<a href=\"{}\">{}</a>", Text(target), Text(&texts.go_on))?;
        writeln!(f, "</p>")?;
        writeln!(f, "</main>")?;
        writeln!(f, "<script>{SCRIPT}</script>")?;
        writeln!(f, "</body>")?;
        writeln!(f, "</html>")
    }
}

/// Text in HTML, between tags and in quoted attributes.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            char => f.write_char(char),
        })
    }
}

/// By which a content security policy knows a script or a style.
fn hash(source: &str) -> String {
    format!("sha256-{}", Base64::encode_string(&Sha256::digest(source)))
}
