//! The least that a verification can do: one compression for each block, over key states that were
//! computed once, and a comparison in constant time.

use sha2::block_api::compress256;
use subtle::ConstantTimeEq;

/// The state that SHA-256 begins with (FIPS 180-4, 5.3.3).
const BEGIN: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

const BLOCK: usize = 64;

/// What is left of a key: the states after its two blocks.
#[derive(Clone, Debug)]
pub struct Key {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Key {
    /// Of a key that fits a block.
    pub fn new(key: &[u8]) -> Self {
        let state = |pad: u8| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            let mut state = BEGIN;
            compress256(&mut state, &[block]);
            state
        };
        Self { inner: state(0x36), outer: state(0x5c) }
    }

    /// HMAC-SHA256.
    pub fn sign(&self, body: &[u8]) -> [u8; 32] {
        let mut state = self.inner;
        let (blocks, rest) = body.as_chunks::<BLOCK>();
        compress256(&mut state, blocks);
        finish(&mut state, rest, body.len());
        let inner = to_bytes(state);
        let mut state = self.outer;
        finish(&mut state, &inner, inner.len());
        to_bytes(state)
    }

    /// Whether a header of 64 hex digits is that of this body.
    pub fn verify(&self, header: &[u8], body: &[u8]) -> bool {
        let Ok(claimed) = const_hex::decode_to_array::<_, 32>(header) else { return false };
        self.sign(body).ct_eq(&claimed).into()
    }
}

/// Compresses what is left of a message, its end and its length, one block of a key included.
fn finish(state: &mut [u32; 8], rest: &[u8], length: usize) {
    let mut blocks = [[0; BLOCK]; 2];
    let flat = blocks.as_flattened_mut();
    flat[..rest.len()].copy_from_slice(rest);
    flat[rest.len()] = 0x80;
    let count = if rest.len() < BLOCK - 8 { 1 } else { 2 };
    let bits = ((length + BLOCK) as u64 * 8).to_be_bytes();
    flat[count * BLOCK - 8..count * BLOCK].copy_from_slice(&bits);
    compress256(state, &blocks[..count]);
}

fn to_bytes(state: [u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{SECRET, secret};

    #[test]
    fn it_says_what_the_real_one_says() {
        let key = Key::new(SECRET.as_bytes());
        for length in 0..300 {
            let body = crate::delivery::bytes(length);
            let real = secret().sign(&body).to_string();
            assert_eq!(const_hex::encode(key.sign(&body)), real);
            assert!(key.verify(real.as_bytes(), &body));
            assert!(!key.verify(real.as_bytes(), b"another"));
        }
    }
}
