//! The reference of the command line.

use super::Cli;
use clap::CommandFactory;
use claviger_cli::reference::{reference, with_section, without_help};
use std::{env, fs, path::Path};

#[test]
fn every_command_and_argument_has_help() {
    assert_eq!(without_help(Cli::command()), Vec::<String>::new());
}

#[test]
fn the_reference_is_as_the_command_line() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let found = fs::read_to_string(&page).unwrap();
    let rendered = with_section(&found, "claviger", &reference(Cli::command())).unwrap();
    if env::var_os("REWRITE_REFERENCE").is_some() {
        fs::write(page, rendered).unwrap();
        return;
    }
    assert!(
        found == rendered,
        "docs/cli.md differs from the command line of claviger: run `REWRITE_REFERENCE=1 cargo test -p claviger --lib cli`"
    );
}
