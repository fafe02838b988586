//! Reports, links, claims and guards' questions, in any order, against a model.
#![no_main]

use octany_fuzz::apply::Step;

libfuzzer_sys::fuzz_target!(|steps: Vec<Step>| octany_fuzz::apply::check(&steps));
