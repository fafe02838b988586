//! The text of an id.

use std::sync::Arc;

/// How many bytes find room beside the length: every number of 64 bits does.
const ROOM: usize = 21;

/// The text of an id and whether it stood in JSON as a number, in 24 bytes.
///
/// Ids are kept by the million, and nearly all of them are short. So a short one stands in its
/// place, and a long one is shared by its clones. Neither keeps a delivery's body alive.
#[derive(Clone)]
pub(super) enum IdText {
    Short { number: bool, length: u8, bytes: [u8; ROOM] },
    Long { number: bool, text: Arc<str> },
}

impl IdText {
    pub(super) fn new(text: &str, number: bool) -> Self {
        let mut bytes = [0; ROOM];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short { number, length, bytes }
            }
            _ => Self::Long { number, text: text.into() },
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Short { .. } => {
                std::str::from_utf8(self.as_bytes()).expect("it was copied from a string")
            }
            Self::Long { text, .. } => text,
        }
    }

    /// Cheaper than the string, which would be checked for being one.
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes, .. } => {
                bytes.get(..usize::from(*length)).unwrap_or_default()
            }
            Self::Long { text, .. } => text.as_bytes(),
        }
    }

    pub(super) fn is_number(&self) -> bool {
        match self {
            Self::Short { number, .. } | Self::Long { number, .. } => *number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_stay_what_they_are() {
        for length in 0..64 {
            for unit in ["x", "å", "🦀"] {
                let text = unit.repeat(length);
                for number in [false, true] {
                    let id = IdText::new(&text, number);
                    assert_eq!(id.as_str(), text);
                    assert_eq!(id.clone().as_bytes(), text.as_bytes());
                    assert_eq!(id.is_number(), number);
                    assert_eq!(matches!(id, IdText::Short { .. }), text.len() <= ROOM);
                }
            }
        }
        assert!(matches!(IdText::new(&u64::MAX.to_string(), true), IdText::Short { .. }));
        assert!(matches!(IdText::new(&i64::MIN.to_string(), true), IdText::Short { .. }));
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_id_is_small_and_so_is_one_that_may_be_missing() {
        assert_eq!(size_of::<IdText>(), 24);
        assert_eq!(size_of::<Option<IdText>>(), 24);
    }
}
