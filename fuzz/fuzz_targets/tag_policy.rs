//! Tag policies as somebody attached them, one a line, from the root down.
#![no_main]

use claviger_policy::tag_policy::{Document, EffectiveTagPolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = EffectiveTagPolicy::read(text);
    let levels: Vec<Vec<Document>> =
        text.lines().map(|line| Document::read(line).into_iter().collect()).collect();
    let merged = EffectiveTagPolicy::merge(&levels);
    assert!(merged.agrees(&merged));
});
