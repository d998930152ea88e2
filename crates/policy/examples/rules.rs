//! Writes `docs/rules.md`, the reference of rules.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    fs::write(page, claviger_policy::compliance::reference_page())
}
