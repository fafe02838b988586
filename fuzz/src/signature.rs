//! Deliveries, signed by whoever knows one of the secrets, or by nobody.

use arbitrary::Arbitrary;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac_sha256::HMAC;
use octany_core::RawJson;
use octany_core::signature::{
    Hint, MalformedSignature, Signature, SignatureError, SigningSecret, Verifier,
};

/// What arrives, and the secrets it is verified by.
#[derive(Arbitrary, Debug)]
pub struct Delivery {
    body: Vec<u8>,
    /// Each with a second of its expiry, if it has one.
    secrets: Vec<(Vec<u8>, Option<i16>)>,
    now: i16,
    signed: Signed,
    edit: Option<Edit>,
    more_headers: Vec<Vec<u8>>,
    upper_case: bool,
    hints: bool,
}

/// By what the header was made.
#[derive(Arbitrary, Debug)]
enum Signed {
    By(u8),
    ByTrimmed(u8),
    AsPhpWouldBy(u8),
    Text(Vec<u8>),
}

/// What somebody did to it on its way.
#[derive(Arbitrary, Debug)]
enum Edit {
    FlipInBody(u16, u8),
    AppendToBody(u8),
    CutBody(u16),
    FlipInHeader(u8, u8),
    CutHeader(u8),
    PrefixHeader(Vec<u8>),
}

impl Delivery {
    /// Reads the header and verifies the body, and compares with another HMAC.
    ///
    /// # Panics
    ///
    /// On the first promise that does not hold.
    pub fn check(&self) {
        let header = self.header();
        let (body, header) = self.edited(header);
        let Some(signature) = read(&header) else { return };
        self.check_repeated(&header);
        let Some(verifier) = self.verifier() else { return };
        let verifier = if self.hints { verifier } else { verifier.without_hints() };
        let claimed = signature.to_string();
        let matching = self
            .secrets()
            .find(|(_, secret, active)| *active && hex(&HMAC::mac(&body, secret)) == claimed);
        let verified = verifier.verify(Bytes::from(body.clone()), &signature, || self.now());
        match (verified, matching) {
            (Ok(verified), Some((label, ..))) => {
                assert_eq!(verified.secret_label(), label);
                assert_eq!(verified.bytes(), &body);
            }
            (Err(SignatureError::Mismatch { hint }), None) => self.is_earned(hint, &body, &claimed),
            (Ok(_), None) => panic!("accepted, and no secret signed it"),
            (Err(error), _) => panic!("refused what was signed: {error}"),
        }
    }

    fn header(&self) -> Vec<u8> {
        let secret = |number: &u8| {
            let known = self.secrets.get(usize::from(*number) % self.secrets.len().max(1));
            known.map(|(secret, _)| secret.as_slice()).unwrap_or_default()
        };
        let text = match &self.signed {
            Signed::By(number) => hex(&HMAC::mac(&self.body, secret(number))),
            Signed::ByTrimmed(number) => hex(&HMAC::mac(&self.body, secret(number).trim_ascii())),
            Signed::AsPhpWouldBy(number) => {
                let php = as_php(&self.body).unwrap_or_default();
                hex(&HMAC::mac(php, secret(number)))
            }
            Signed::Text(text) => return text.clone(),
        };
        let text = if self.upper_case { text.to_uppercase() } else { text };
        text.into_bytes()
    }

    fn edited(&self, mut header: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
        let mut body = self.body.clone();
        let flip = |bytes: &mut Vec<u8>, at: usize, bit: u8| {
            let length = bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(at % length) {
                *byte ^= 1 << (bit % 8);
            }
        };
        match &self.edit {
            None => {}
            Some(Edit::FlipInBody(at, bit)) => flip(&mut body, (*at).into(), *bit),
            Some(Edit::AppendToBody(byte)) => body.push(*byte),
            Some(Edit::CutBody(length)) => body.truncate((*length).into()),
            Some(Edit::FlipInHeader(at, bit)) => flip(&mut header, (*at).into(), *bit),
            Some(Edit::CutHeader(length)) => header.truncate((*length).into()),
            Some(Edit::PrefixHeader(prefix)) => drop(header.splice(0..0, prefix.iter().copied())),
        }
        (body, header)
    }

    /// Two headers are none, be they equal or not.
    fn check_repeated(&self, header: &[u8]) {
        let none: [&[u8]; 0] = [];
        assert_eq!(Signature::from_headers(none).unwrap_err(), SignatureError::Missing);
        assert!(Signature::from_headers([header]).is_ok());
        for other in self.more_headers.iter().map(Vec::as_slice).chain([header]) {
            for both in [[header, other], [other, header]] {
                let refused = Signature::from_headers(both).unwrap_err();
                assert_eq!(refused, SignatureError::Repeated);
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.now.into(), 0).expect("some hours around 1970")
    }

    /// Those that count for something, with their labels and whether they count now.
    fn secrets(&self) -> impl Iterator<Item = (String, &[u8], bool)> {
        let usable = self.secrets.iter().filter(|(secret, _)| !secret.trim_ascii().is_empty());
        usable.enumerate().map(|(index, (secret, expires))| {
            // The first never expires.
            let active = index == 0 || expires.is_none_or(|end| self.now < end);
            (index.to_string(), secret.as_slice(), active)
        })
    }

    fn verifier(&self) -> Option<Verifier> {
        for (secret, _) in &self.secrets {
            assert_eq!(SigningSecret::new(secret.clone()).is_ok(), !secret.trim_ascii().is_empty());
        }
        let usable = self.secrets.iter().filter(|(secret, _)| !secret.trim_ascii().is_empty());
        let mut verifier: Option<Verifier> = None;
        for (index, (secret, expires)) in usable.enumerate() {
            let secret = SigningSecret::new(secret.clone()).expect("it is not empty");
            assert_eq!(secret.sign(&self.body).to_string().len(), 64);
            let label = index.to_string();
            verifier = Some(match (verifier, expires) {
                (None, _) => Verifier::labelled(label, secret),
                (Some(verifier), None) => verifier.with_secret(label, secret),
                (Some(verifier), Some(end)) => {
                    let end = DateTime::from_timestamp((*end).into(), 0).expect("some hours");
                    verifier.with_expiring_secret(label, secret, end)
                }
            });
        }
        verifier
    }

    /// A hint is for whoever knows a secret, and true.
    fn is_earned(&self, hint: Option<Hint>, body: &[u8], claimed: &str) {
        let mut signs = self.secrets().map(|(_, secret, active)| (secret, active));
        let by = |body: &[u8], secret: &[u8]| hex(&HMAC::mac(body, secret)) == claimed;
        match hint {
            None => {}
            Some(_) if !self.hints => panic!("hints are switched off"),
            Some(Hint::SecretWhitespace) => {
                assert!(signs.any(|(secret, active)| active && by(body, secret.trim_ascii())));
            }
            Some(Hint::ExpiredSecret) => {
                assert!(signs.any(|(secret, active)| !active && by(body, secret)));
            }
            // A body that is no JSON may be encoded anew as well.
            Some(Hint::Reencoded) => {
                if let Some(php) = as_php(body) {
                    assert!(signs.any(|(secret, active)| active && by(php.as_bytes(), secret)));
                }
            }
            Some(hint) => panic!("{hint}"),
        }
    }
}

/// Exactly 64 hex digits are a signature, which is written in lower case.
fn read(header: &[u8]) -> Option<Signature> {
    let is_one = header.len() == 64 && header.iter().all(u8::is_ascii_hexdigit);
    match Signature::parse(header) {
        Ok(signature) => {
            assert!(is_one);
            assert_eq!(signature.to_string().as_bytes(), header.to_ascii_lowercase());
            Some(signature)
        }
        Err(MalformedSignature::Length { length }) => {
            assert!(length == header.len() && length != 64);
            None
        }
        Err(_) => {
            assert!(!is_one && header.len() == 64);
            None
        }
    }
}

fn as_php(body: &[u8]) -> Option<String> {
    Some(RawJson::parse(std::str::from_utf8(body).ok()?).ok()?.to_php())
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
