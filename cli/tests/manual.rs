//! What `clv` says about itself, without a server.

use clap::CommandFactory;
use claviger_cli::{
    Cli,
    reference::{compare_page, without_help},
};
use std::{
    env, fs,
    path::Path,
    process::{self, Command},
};

#[test]
fn completions_and_man_pages_need_no_sign_in() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_clv")).args(arguments).env_clear().output().unwrap()
    };
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("give-back"), "{shell}");
    }
    let folder = env::temp_dir().join(format!("clv-man-pages-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    assert!(run(&["man", folder.to_str().unwrap()]).status.success());
    let page = fs::read_to_string(folder.join("clv-get.1")).unwrap();
    assert!(page.contains("Print a secret"), "{page}");
    let refused = run(&["man", "/nowhere/at/all"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("/nowhere/at/all"));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn every_command_and_argument_has_help() {
    assert_eq!(without_help(Cli::command()), Vec::<String>::new());
}

#[test]
fn the_reference_is_as_the_command_line() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    assert_eq!(compare_page(&page, "clv", Cli::command()), Ok(()));
}
