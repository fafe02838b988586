//! What a client would rather have.

/// Whether an `Accept` header asks for HTML by name, and for JSON no more than that.
/// Browsers do; `*/*`, which most programs send, is no wish for HTML.
pub(super) fn prefers_html(accept: &str) -> bool {
    let html = quality(accept, "text/html");
    html > 0 && html >= quality(accept, "application/json")
}

/// The quality of a media type in thousandths; 0 if it is not named.
fn quality(accept: &str, media_type: &str) -> u32 {
    let named = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        parts.next().filter(|name| name.eq_ignore_ascii_case(media_type))?;
        let q = parts.find_map(|part| {
            part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")).map(thousandths)
        });
        Some(q.unwrap_or(1000))
    });
    named.max().unwrap_or(0)
}

/// `0.8` is 800; what is not a quality is 0.
fn thousandths(q: &str) -> u32 {
    let q: f32 = q.parse().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    {
        (q.clamp(0.0, 1.0) * 1000.0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_prefer_html() {
        assert!(prefers_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(prefers_html("TEXT/HTML; level=1"));
        assert!(prefers_html("application/json;q=0.5, text/html;q=0.5"));
    }

    #[test]
    fn programs_do_not() {
        for accept in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html;q=0.5",
            "text/html;q=0",
            "text/html;q=nonsense",
            "text/htmlx",
        ] {
            assert!(!prefers_html(accept), "{accept}");
        }
    }
}
