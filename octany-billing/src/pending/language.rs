//! In which language the page speaks.

use super::Texts;

/// The texts that an `Accept-Language` header would rather have; the first where it names none of
/// them. There is always one.
pub(super) fn choose<'a>(texts: &'a [Texts], accept_language: Option<&str>) -> Option<&'a Texts> {
    let mut wishes: Vec<(&str, f32)> =
        accept_language.unwrap_or_default().split(',').map(wish).collect();
    // Stable: of two that are wished for as much, the first comes first.
    wishes.sort_by(|(_, first), (_, second)| second.total_cmp(first));
    let acceptable = wishes.into_iter().filter(|(_, quality)| *quality > 0.0);
    let mut found = acceptable.filter_map(|(language, _)| {
        texts.iter().find(|texts| primary(&texts.language).eq_ignore_ascii_case(primary(language)))
    });
    found.next().or(texts.first())
}

/// A language and how much it is wished for: `sv-SE;q=0.8`.
fn wish(range: &str) -> (&str, f32) {
    let (language, quality) = range.split_once(';').unwrap_or((range, ""));
    let quality = quality.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse);
    let quality = quality.ok().filter(|quality: &f32| quality.is_finite());
    (language.trim(), quality.unwrap_or(0.0))
}

fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_wished_for_most_is_chosen() {
        let texts = [Texts::english(), Texts::swedish()];
        for (accept, language) in [
            (None, "en"),
            (Some(""), "en"),
            (Some("*"), "en"),
            (Some("de, fr;q=0.9"), "en"),
            (Some("sv"), "sv"),
            (Some("SV-se"), "sv"),
            (Some("sv-SE,sv;q=0.9,en-US;q=0.8,en;q=0.7"), "sv"),
            (Some("en;q=0.7, sv;q=0.8"), "sv"),
            (Some("de, en;q=0.5, sv;q=0.5"), "en"),
            (Some("sv;q=0, en;q=0.1"), "en"),
            (Some("sv;q=0"), "en"),
            (Some("sv;q=nonsense"), "en"),
            (Some("sv;q=NaN, en"), "en"),
            (Some(";;,,;q=,"), "en"),
        ] {
            let chosen = choose(&texts, accept).unwrap();
            assert_eq!(chosen.language, language, "{accept:?}");
        }
        assert_eq!(choose(&[], Some("sv")), None);
    }
}
