//! Asks a live PHP. Where none is installed, each of these tests says so and passes; where
//! `OCTANY_REQUIRE_PHP=1`, it fails.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use octany_core::signature::SigningSecret;
use octany_tests::fixtures::php_directory;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::php::Php;
use crate::read_and_write;

/// The bodies and the index in a directory, by name.
fn written(directory: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let files = fs::read_dir(directory).expect("the directory is there");
    let paths = files.map(|file| file.expect("the directory can be listed").path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "body" || end == "json"))
        .map(|path| {
            let content = fs::read(&path).expect("the file can be read");
            (path.file_name().expect("it is a file").to_owned(), content)
        })
        .collect()
}

#[test]
fn php_writes_the_committed_deliveries() {
    let Some(php) = Php::find() else { return };
    let directory = tempfile::tempdir().unwrap();
    php.run("generate.php", [directory.path()], "");

    let (committed, now) = (written(&php_directory()), written(directory.path()));
    assert!(committed.keys().eq(now.keys()), "{:?} and {:?}", committed.keys(), now.keys());
    for (file, content) in committed {
        assert!(now[&file] == content, "php writes {} in another way", file.display());
    }
}

#[test]
fn what_php_invents_and_signs_verifies_and_is_written_again_as_it_came() {
    let Some(php) = Php::find() else { return };
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_micros().to_string();
    let lines = php.run("oracle.php", ["invent", &seed, "300"], "");
    assert_eq!(lines.len(), 300);
    for (number, line) in lines.iter().enumerate() {
        let words = line.split(' ').map(|word| const_hex::decode(word).unwrap());
        let [secret, body, signature] = words.collect::<Vec<_>>().try_into().unwrap();
        let [secret, signature] = [secret, signature].map(|text| String::from_utf8(text).unwrap());
        // To see it again: php oracle.php invent <seed> 300
        let name = format!("delivery {number} of seed {seed}");
        read_and_write(&name, &secret, &signature, &Bytes::from(body));
    }
}

/// Words in hex, as `oracle.php` reads them.
fn line(words: &[&[u8]]) -> String {
    let words: Vec<String> = words.iter().map(const_hex::encode).collect();
    words.join(" ") + "\n"
}

/// A secret as Octany makes them or of any other bytes, and a body of any bytes.
fn secret_and_body() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let printable = "[!-~]{32}".prop_map(String::into_bytes);
    // Longer than a block, too: HMAC hashes such a key first.
    let other = vec(any::<u8>(), 1..200);
    let secret = prop_oneof![printable, other];
    let body = prop_oneof![vec(any::<u8>(), 0..300), ".{0,80}".prop_map(String::into_bytes),];
    (secret, body).prop_filter("a secret of white space is refused", |(secret, _)| {
        !secret.trim_ascii().is_empty()
    })
}

/// Checks many cases at once, a few times: to start PHP is what takes the time.
fn check_many<C: Strategy>(case: C, check: impl Fn(Vec<C::Value>) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { cases: 4, failure_persistence: None, ..Default::default() };
    TestRunner::new(config).run(&vec(case, 64), check).unwrap_or_else(|error| {
        unreachable!("{error}");
    });
}

#[test]
fn php_signs_any_bytes_as_they_are_signed_here() {
    let Some(php) = Php::find() else { return };
    check_many(secret_and_body(), |cases| {
        let input: String = cases.iter().map(|(secret, body)| line(&[secret, body])).collect();
        let ours = cases
            .iter()
            .map(|(secret, body)| SigningSecret::new(&**secret).unwrap().sign(body).to_string());
        prop_assert_eq!(php.run("oracle.php", ["sign"], &input), ours.collect::<Vec<_>>());
        Ok(())
    });
}

#[test]
fn php_accepts_what_is_signed_here_and_refuses_a_flipped_bit() {
    let Some(php) = Php::find() else { return };
    check_many((secret_and_body(), 0..256_usize), |cases| {
        let mut input = String::new();
        for ((secret, body), bit) in &cases {
            let signature = SigningSecret::new(&**secret).unwrap().sign(body).to_string();
            let mut forged: [u8; 32] = const_hex::decode_to_array(&signature).unwrap();
            forged[bit / 8] ^= 1 << (bit % 8);
            input += &line(&[secret, body, signature.as_bytes()]);
            input += &line(&[secret, body, const_hex::encode(forged).as_bytes()]);
        }
        let answers = php.run("oracle.php", ["check"], &input);
        prop_assert_eq!(answers.len(), 2 * cases.len());
        for pair in answers.chunks(2) {
            prop_assert_eq!(pair, ["accepted", "refused"]);
        }
        Ok(())
    });
}
