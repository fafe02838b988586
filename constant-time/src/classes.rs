//! Wrong signatures, by how many of their leading bytes are right.

use std::ops::Range;

use fastrand::Rng;
use octany_core::signature::Signature;

const LENGTH: usize = 32;

/// How many leading bytes of a wrong signature can be right.
pub(crate) const SHARED: Range<usize> = 0..LENGTH;

/// A signature whose first `shared` bytes are those of `right`, whose next one is not, and whose rest
/// is random.
pub(crate) fn wrong(right: &Signature, shared: usize, seed: u64) -> Signature {
    let mut random = Rng::with_seed(seed.wrapping_mul(LENGTH as u64) + shared as u64);
    let mut digest: [u8; LENGTH] =
        const_hex::decode_to_array(right.to_string()).expect("a signature is written in hex");
    for (at, byte) in digest.iter_mut().enumerate().skip(shared) {
        *byte = if at == shared { *byte ^ random.u8(1..) } else { random.u8(..) };
    }
    Signature::parse(const_hex::encode(digest).as_bytes()).expect("64 hex digits")
}
