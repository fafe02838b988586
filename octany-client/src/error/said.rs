//! What the server said about a failure.

use std::fmt;

use serde_json::Value;

/// What a code may be made of. Anything else could be a customer's data.
const CODE_LENGTH: usize = 64;

/// A member of the request that was refused, and why.
///
/// `Debug` shows the name only: the messages may quote what was sent.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// The member's name.
    pub field: String,
    /// What the server says about it, for a developer to read.
    pub messages: Vec<String>,
}

/// The part of an error's body that is understood: the contract's `{error: {code, message}}`, and
/// Laravel's `{message, errors: {field: [..]}}`.
#[derive(Default)]
pub(crate) struct Said {
    /// Out of the headers.
    pub(crate) request_id: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) fields: Vec<FieldError>,
}

impl Said {
    /// Reads what there is; a body that is `null`, empty, HTML or cut off says nothing.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let error = match &body["error"] {
            error @ Value::Object(_) => error,
            _ => &body,
        };
        let fields = [&error["errors"], &body["errors"]].into_iter().find_map(Value::as_object);
        Self {
            request_id: None,
            code: text(&error["code"]),
            message: text(&error["message"]).or_else(|| text(&body["error"])),
            fields: fields.into_iter().flatten().map(FieldError::read).collect(),
        }
    }

    /// Drops what is shown and repeats this: the API key, which looks like a code.
    pub(crate) fn without(mut self, key: &str) -> Self {
        let is_other = |text: &String| !text.contains(key);
        self.code = self.code.filter(is_other);
        self.request_id = self.request_id.filter(is_other);
        self
    }

    /// The code, if it looks like one and so may be shown anywhere.
    pub(crate) fn plain_code(&self) -> Option<&str> {
        let code = self.code.as_deref()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let is_code = code.len() <= CODE_LENGTH
            && code.starts_with(|first: char| first.is_ascii_alphabetic())
            && code.bytes().all(plain);
        is_code.then_some(code)
    }
}

impl FieldError {
    fn read((field, messages): (&String, &Value)) -> Self {
        let messages = match messages {
            Value::Array(messages) => messages.iter().filter_map(text).collect(),
            message => text(message).into_iter().collect(),
        };
        Self { field: field.clone(), messages }
    }
}

impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FieldError").field(&self.field).finish()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_form_and_laravels_are_read() {
        let said = Said::read(br#"{"error": {"code": "card_declined", "message": "No money"}}"#);
        assert_eq!(said.plain_code(), Some("card_declined"));
        assert_eq!(said.message.as_deref(), Some("No money"));

        let said = Said::read(br#"{"message": "Invalid.", "errors": {"url": ["Bad.", "Worse."]}}"#);
        assert_eq!(said.message.as_deref(), Some("Invalid."));
        assert_eq!(said.fields[0].field, "url");
        assert_eq!(said.fields[0].messages, ["Bad.", "Worse."]);
        assert_eq!(format!("{:?}", said.fields), r#"[FieldError("url")]"#);

        let said = Said::read(br#"{"error": "Unauthenticated."}"#);
        assert_eq!((said.code, said.message.as_deref()), (None, Some("Unauthenticated.")));
    }

    #[test]
    fn a_body_that_is_none_of_them_says_nothing() {
        let deep = "[".repeat(100_000);
        for body in ["", "null", "[]", "7", "{", "<html>502</html>", r#"{"errors": 7}"#, &deep] {
            let said = Said::read(body.as_bytes());
            assert!(said.code.is_none() && said.message.is_none() && said.fields.is_empty());
        }
    }

    #[test]
    fn only_a_code_that_looks_like_one_is_shown() {
        for code in ["anna@example.com", "Anna Andersson", "199001011234", "", &"a".repeat(65)] {
            let said = Said { code: Some(code.into()), ..Said::default() };
            assert_eq!(said.plain_code(), None, "{code}");
        }
    }

    #[test]
    fn a_key_that_is_repeated_is_no_code() {
        let said = Said {
            code: Some("key-51f6cbd2e0-never-shown".into()),
            request_id: Some("for key-51f6cbd2e0-never-shown".into()),
            ..Said::default()
        };
        let said = said.without("key-51f6cbd2e0-never-shown");
        assert_eq!((said.code, said.request_id), (None, None));
        let said = Said { code: Some("not_found".into()), ..Said::default() };
        assert_eq!(said.without("key-51f6cbd2e0-never-shown").plain_code(), Some("not_found"));
    }
}
