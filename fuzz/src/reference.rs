//! Signed references: as they were made, as somebody edited them, and as whoever has the key could
//! have made them.

use arbitrary::Arbitrary;
use chrono::{DateTime, Utc};
use hmac_sha256::HMAC;
use octany_core::checkout::{MAX_REFERENCE_LENGTH, ReferenceError, ReferenceKey, SignedReference};
use octany_core::signature::SigningSecret;
use octany_core::{ProductId, ReferenceId};

/// What every MAC of a reference absorbs first.
const CONTEXT: &[u8] = b"octany-core checkout reference\0";

/// What is signed, when it is opened, and what happened to it meanwhile.
#[derive(Arbitrary, Debug)]
pub struct Reference {
    keys: [[u8; 32]; 2],
    user: String,
    product: String,
    expires_at: i64,
    amount: Option<i64>,
    opened_at: i64,
    edits: Vec<(u8, char)>,
    /// Anything, as a reference and as what a reference signs.
    text: String,
}

impl Reference {
    /// Signs, opens, edits and forges.
    ///
    /// # Panics
    ///
    /// On the first promise that does not hold.
    pub fn check(&self) {
        let [key, other] = self.keys.map(|key| ReferenceKey::new(key).expect("of 32 bytes"));
        let instant = |second| DateTime::from_timestamp(second, 0).unwrap_or(DateTime::UNIX_EPOCH);
        let (expires_at, at) = (instant(self.expires_at), instant(self.opened_at));
        self.texts_of_others(&key, at);
        let Some(signed) = self.sign(&key, expires_at) else { return };
        let text = signed.as_reference_id().as_str();
        assert!(text.len() <= MAX_REFERENCE_LENGTH);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        assert!(text.bytes().all(fits), "it needs no encoding: {text}");
        self.opens(&key, &signed, at);
        self.opens(&other.clone().with_previous(key.clone()), &signed, at);
        if self.keys[0] != self.keys[1] {
            assert_eq!(other.open(signed.as_reference_id(), at), Err(ReferenceError::Forged));
        }
        self.edited(&key, text, at);
    }

    fn sign(&self, key: &ReferenceKey, expires_at: DateTime<Utc>) -> Option<SignedReference> {
        let (user, product) = (ReferenceId::from(&*self.user), ProductId::from(&*self.product));
        let signed = match self.amount {
            Some(amount) => key.sign_with_amount(&user, &product, amount, expires_at),
            None => key.sign(&user, &product, expires_at),
        };
        match signed {
            Ok(signed) => {
                assert_eq!(signed.user(), &user);
                assert_eq!(signed.product(), &product);
                assert_eq!((signed.amount(), signed.expires_at()), (self.amount, expires_at));
                Some(signed)
            }
            Err(error) => {
                assert!(match error {
                    ReferenceError::Empty => self.user.is_empty() || self.product.is_empty(),
                    ReferenceError::NegativeAmount => self.amount.is_some_and(|it| it < 0),
                    ReferenceError::TooLong { length } => length > MAX_REFERENCE_LENGTH,
                    _ => false,
                });
                None
            }
        }
    }

    fn opens(&self, key: &ReferenceKey, signed: &SignedReference, at: DateTime<Utc>) {
        match key.open(signed.as_reference_id(), at) {
            Ok(opened) => assert!(opened == *signed && signed.expires_at() > at),
            Err(ReferenceError::Expired(opened)) => {
                assert!(*opened == *signed && signed.expires_at() <= at);
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn edited(&self, key: &ReferenceKey, text: &str, at: DateTime<Utc>) {
        let mut edited: Vec<char> = text.chars().collect();
        for (place, char) in &self.edits {
            let place = usize::from(*place) % (edited.len() + 1);
            match edited.get_mut(place) {
                Some(old) if *char != '\0' => *old = *char,
                Some(_) => drop(edited.remove(place)),
                None => edited.push(*char),
            }
        }
        let edited: String = edited.into_iter().collect();
        if edited != text {
            is_refused(key, &edited, at);
        }
    }

    /// Whatever has no MAC by the key is refused, and what has one is what signing writes, or not
    /// opened either.
    fn texts_of_others(&self, key: &ReferenceKey, at: DateTime<Utc>) {
        is_refused(key, &self.text, at);
        is_refused(key, &format!("o1.{}", self.text), at);
        let signed = format!("o1.{}", self.text);
        // The same key, used for something else.
        let webhook = SigningSecret::new(self.keys[0].to_vec());
        let digest = webhook.ok().map(|secret| secret.sign(signed.as_bytes()).to_string());
        if let Some(digest) = digest {
            is_refused(key, &format!("{signed}.{}", base64(&bytes(&digest))), at);
        }
        let with_context = [CONTEXT, signed.as_bytes()].concat();
        let genuine = format!("{signed}.{}", base64(&HMAC::mac(with_context, self.keys[0])));
        match key.open(&genuine.as_str().into(), at) {
            Ok(opened) => self.is_canonical(key, &opened, &genuine),
            Err(ReferenceError::Expired(opened)) => self.is_canonical(key, &opened, &genuine),
            Err(ReferenceError::TooLong { length }) => assert_eq!(length, genuine.len()),
            Err(error) => assert_eq!(error, ReferenceError::Malformed),
        }
    }

    fn is_canonical(&self, key: &ReferenceKey, opened: &SignedReference, text: &str) {
        let again = match opened.amount() {
            Some(amount) => {
                key.sign_with_amount(opened.user(), opened.product(), amount, opened.expires_at())
            }
            None => key.sign(opened.user(), opened.product(), opened.expires_at()),
        };
        let again = again.map(|again| again.as_reference_id().to_string());
        assert_eq!(again, Ok(text.to_owned()), "signing writes it in one form");
    }
}

fn is_refused(key: &ReferenceKey, text: &str, at: DateTime<Utc>) {
    let refused = key.open(&text.into(), at).map(|_| ()).unwrap_err();
    assert!(match refused {
        ReferenceError::NotSigned => !text.starts_with("o1."),
        ReferenceError::TooLong { length } => length == text.len() && length > MAX_REFERENCE_LENGTH,
        ReferenceError::Malformed | ReferenceError::Forged => text.starts_with("o1."),
        _ => false,
    });
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// URL-safe, without padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(word >> (18 - 6 * digit)) as usize & 63]));
        }
    }
    text
}
