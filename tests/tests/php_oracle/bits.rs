//! One flipped bit, anywhere.

use bytes::Bytes;
use octany_core::signature::{Hint, MalformedSignature, SignatureError, Verifier};
use octany_tests::fixtures::{PhpDelivery, php_deliveries};

use crate::{verifier, verify};

const MISMATCH: SignatureError = SignatureError::Mismatch { hint: None };

/// Every copy of `bytes` with one bit flipped, and the place of that bit.
fn flipped(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut copy = bytes.to_vec();
        copy[bit / 8] ^= 1 << (bit % 8);
        (bit, copy)
    })
}

/// Each delivery with its verifier: without hints, which change no verdict and cost time.
fn deliveries() -> impl Iterator<Item = (Verifier, PhpDelivery)> {
    php_deliveries()
        .into_iter()
        .map(|delivery| (verifier(&*delivery.secret).without_hints(), delivery))
}

#[test]
fn a_flipped_bit_in_a_body_is_refused() {
    for (verifier, delivery) in deliveries() {
        for (bit, body) in flipped(&delivery.body) {
            let refused = verify(&verifier, delivery.signature.as_bytes(), &body.into());
            assert_eq!(refused.unwrap_err(), MISMATCH, "bit {bit} of {}", delivery.file);
        }
    }
}

#[test]
fn a_flipped_bit_that_leaves_the_meaning_is_refused_with_a_hint() {
    let delivery = php_deliveries().swap_remove(0);
    let verifier = verifier(&*delivery.secret);
    let mut reencoded = 0;
    for (bit, body) in flipped(&delivery.body) {
        let refused = verify(&verifier, delivery.signature.as_bytes(), &body.into());
        match refused.unwrap_err() {
            // `\u00e5` and `\u00E5` differ by one bit.
            SignatureError::Mismatch { hint: Some(Hint::Reencoded) } => reencoded += 1,
            error => assert_eq!(error, MISMATCH, "bit {bit}"),
        }
    }
    assert!(reencoded > 0);
}

#[test]
fn a_flipped_bit_in_a_signature_is_refused() {
    for (verifier, delivery) in deliveries() {
        let digest: [u8; 32] = const_hex::decode_to_array(&delivery.signature).unwrap();
        for (bit, digest) in flipped(&digest) {
            let signature = const_hex::encode(digest);
            let refused = verify(&verifier, signature.as_bytes(), &delivery.body);
            assert_eq!(refused.unwrap_err(), MISMATCH, "bit {bit} of {}", delivery.file);
        }
    }
}

#[test]
fn a_flipped_bit_in_a_header_is_refused_unless_it_is_the_case_of_a_digit() {
    let not_hex = SignatureError::Malformed(MalformedSignature::NotHex);
    for (verifier, delivery) in deliveries() {
        let sent = delivery.signature.as_bytes();
        for (bit, header) in flipped(sent) {
            let expected = if header.eq_ignore_ascii_case(sent) {
                None // The same digest, written in another way: nothing was forged.
            } else if header[bit / 8].is_ascii_hexdigit() {
                Some(MISMATCH)
            } else {
                Some(not_hex)
            };
            let refused = verify(&verifier, &header, &delivery.body).err();
            assert_eq!(refused, expected, "bit {bit} of the header of {}", delivery.file);
        }
    }
}

#[test]
fn a_flipped_bit_in_a_secret_is_refused() {
    for (_, delivery) in deliveries() {
        for (bit, secret) in flipped(delivery.secret.as_bytes()) {
            let verifier = verifier(secret).without_hints();
            let refused = verify(&verifier, delivery.signature.as_bytes(), &delivery.body);
            assert_eq!(refused.unwrap_err(), MISMATCH, "bit {bit} of {}", delivery.file);
        }
    }
}

#[test]
fn a_body_that_is_cut_off_or_goes_on_is_refused() {
    for (verifier, delivery) in deliveries() {
        let (signature, whole) = (delivery.signature.as_bytes(), &delivery.body);
        for length in 0..whole.len() {
            let refused = verify(&verifier, signature, &whole.slice(..length));
            assert_eq!(refused.unwrap_err(), MISMATCH, "{length} bytes of {}", delivery.file);
        }
        let longer = Bytes::from([whole, &b"\0"[..]].concat());
        let refused = verify(&verifier, signature, &longer);
        assert_eq!(refused.unwrap_err(), MISMATCH, "{}", delivery.file);
    }
}
