//! Text from outside, made harmless for a terminal.

use std::fmt::Write;

/// A text without what a terminal would act on, or show in another order: references and answers are
/// written by others. Such a character is shown by its number, a line break too.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_direction(character) {
            let _ = write!(plain, "{}", character.escape_unicode());
        } else {
            plain.push(character);
        }
    }
    plain
}

/// The same for a text of several lines, which stay lines.
pub(crate) fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// Whether it changes the direction of what stands beside it.
fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{061c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_given_nothing_to_act_on() {
        assert_eq!(plain("user_42 åäö"), "user_42 åäö");
        assert_eq!(plain("\u{1b}[2Jgone\u{9b}1m\r\n"), "\\u{1b}[2Jgone\\u{9b}1m\\u{d}\\u{a}");
        assert_eq!(plain("\u{202e}nimda"), "\\u{202e}nimda");
        assert_eq!(plain_lines("one\n\u{7}two\n"), "one\n\\u{7}two");
    }
}
