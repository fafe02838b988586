//! JSON as PHP's `json_encode` writes it.

use std::str::Chars;

/// Writes JSON text anew: no white space between tokens, and strings with PHP's default escapes.
/// `None` if a string in it is not valid JSON.
///
/// Goes from character to character and never parses, so that it takes linear time, no stack, and
/// leaves numbers as they are.
pub(crate) fn as_php(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len() + json.len() / 8);
    let mut chars = json.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => string(&mut chars, &mut out)?,
            ' ' | '\n' | '\r' | '\t' => {}
            other => out.push(other),
        }
    }
    Some(out)
}

/// The rest of a string, whose opening quote has been read.
fn string(chars: &mut Chars<'_>, out: &mut String) -> Option<()> {
    out.push('"');
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => push(escaped(chars)?, out),
            char => char.encode_utf16(&mut [0; 2]).iter().for_each(|&unit| push(unit, out)),
        }
    }
    out.push('"');
    Some(())
}

/// The UTF-16 code unit that an escape stands for, after its backslash.
fn escaped(chars: &mut Chars<'_>) -> Option<u16> {
    let char = match chars.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        char @ ('"' | '\\' | '/') => char,
        'u' => {
            return (0..4).try_fold(0, |unit, _| {
                let digit = chars.next()?.to_digit(16)?;
                Some(unit << 4 | u16::try_from(digit).ok()?)
            });
        }
        _ => return None,
    };
    u16::try_from(u32::from(char)).ok()
}

/// PHP escapes everything outside ASCII unit by unit, so that pairs need no care here.
fn push(unit: u16, out: &mut String) {
    match u8::try_from(unit).map(char::from) {
        Ok(char @ ('"' | '\\' | '/')) => out.extend(['\\', char]),
        Ok('\u{8}') => out.push_str("\\b"),
        Ok('\u{c}') => out.push_str("\\f"),
        Ok('\n') => out.push_str("\\n"),
        Ok('\r') => out.push_str("\\r"),
        Ok('\t') => out.push_str("\\t"),
        Ok(char @ ' '..='\u{7f}') => out.push(char),
        _ => {
            out.push_str("\\u");
            out.push_str(const_hex::const_encode::<2, false>(&unit.to_be_bytes()).as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn strings_are_escaped_as_php_does() {
        // php -r 'echo json_encode("a/b\\\"\x08\x0c\n\r\t\x01\x1f\x7f <>& å€😀\u{2028}");'
        let raw = "a/b\\\"\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f} <>& å€😀\u{2028}";
        let php = concat!(
            r#""a\/b\\\"\b\f\n\r\t\u0001\u001f"#,
            "\u{7f}",
            r#" <>& \u00e5\u20ac\ud83d\ude00\u2028""#,
        );
        assert_eq!(as_php(&serde_json::to_string(raw).unwrap()).unwrap(), php);
    }

    #[test]
    fn an_escape_and_the_character_itself_end_as_the_same() {
        let escaped = r#""\u00E5\ud83d\ude00\u002f\u003c\u0022""#;
        assert_eq!(as_php(escaped), as_php(r#""å😀/<\"""#));
    }

    #[test]
    fn white_space_goes_between_tokens_and_stays_in_strings() {
        assert_eq!(
            as_php("{ \"a b\" :\t[ 1.50 ,\r\n-2e3 ] }\n").unwrap(),
            r#"{"a b":[1.50,-2e3]}"#
        );
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(as_php(&deep), Some(deep));
    }

    #[test]
    fn what_is_not_a_json_string_has_no_encoding() {
        for broken in ["\"", r#""\"#, r#""\q""#, r#""\u12"#, r#""\u12g4""#, r#""\u+123""#] {
            assert_eq!(as_php(broken), None);
        }
    }

    proptest! {
        #[test]
        fn the_meaning_stays(value in ".*") {
            let json = serde_json::to_string(&value).unwrap();
            let php = as_php(&json).unwrap();
            prop_assert!(php.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&php).unwrap(), value);
        }

        #[test]
        fn a_second_pass_changes_nothing(value in ".*") {
            let once = as_php(&serde_json::to_string(&value).unwrap()).unwrap();
            prop_assert_eq!(as_php(&once), Some(once));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = as_php(&text);
        }
    }
}
