//! A file of policies: read whole, or refused with the place.
#![no_main]

use claviger_policy::compliance::read_policies;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(fault) = read_policies(text) {
        assert!(!fault.to_string().is_empty());
    }
});
