//! Bodies that are nearly what Octany sends.
#![no_main]

use octany_fuzz::document::Document;

libfuzzer_sys::fuzz_target!(|document: Document| document.check());
