//! Text for people that every database takes.

/// In characters.
const LONGEST: usize = 500;

/// The beginning of a text, without the one character that PostgreSQL cannot store.
pub(super) fn short(text: &str) -> String {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    text[..end].replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(short("out of\0 coffee"), "out of\u{fffd} coffee");
        assert_eq!(short(&"å".repeat(500)), "å".repeat(500));
        assert_eq!(short(&"å".repeat(501)), "å".repeat(500));
    }
}
