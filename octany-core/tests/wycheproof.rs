//! The Wycheproof project's vectors of HMAC-SHA256, through what verifies deliveries: a key is an
//! endpoint's secret, a tag the header, a message the body.
//!
//! A secret may have any length and any bytes but none, and white space around it is part of it, so
//! every key of the vectors is one. Their tags of 128 bits are refused by their length: Octany sends
//! none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

use bytes::Bytes;
use chrono::DateTime;
use octany_core::signature::{
    MalformedSignature, Signature, SignatureError, SigningSecret, Verifier,
};
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

const FULL: usize = 256;

/// What a delivery comes to whose header is this tag.
fn verify(key: &[u8], message: &[u8], tag: &[u8]) -> Result<(), SignatureError> {
    let signature = Signature::from_headers([const_hex::encode(tag)])?;
    let verifier = Verifier::new(SigningSecret::new(key).unwrap());
    let body = Bytes::copy_from_slice(message);
    verifier.verify(body, &signature, || DateTime::UNIX_EPOCH).map(drop)
}

#[test]
fn every_full_tag_is_judged_as_the_vectors_do_and_no_shorter_one_is_accepted() {
    let set = TestSet::load(TestName::HmacSha256).unwrap();
    let (mut valid, mut invalid, mut short) = (0, 0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            let verified = verify(&test.key, &test.msg, &test.tag);
            match (group.tag_size, test.result) {
                (FULL, TestResult::Valid) => {
                    assert_eq!(verified, Ok(()), "{}", test.tc_id);
                    let signed = SigningSecret::new(test.key.to_vec()).unwrap().sign(&test.msg);
                    assert_eq!(signed.to_string(), const_hex::encode(test.tag.as_slice()));
                    valid += 1;
                }
                (FULL, _) => {
                    let mismatch = SignatureError::Mismatch { hint: None };
                    assert_eq!(verified, Err(mismatch), "{}", test.tc_id);
                    invalid += 1;
                }
                (bits, _) => {
                    let malformed = MalformedSignature::Length { length: bits / 4 };
                    assert_eq!(verified, Err(malformed.into()), "{}", test.tc_id);
                    short += 1;
                }
            }
        }
    }
    assert_eq!((valid, invalid, short), (33, 54, 87));
}
