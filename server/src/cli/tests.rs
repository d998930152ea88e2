//! The reference of the command line, and its configuration file.

use super::{Cli, Command};
use crate::policy::PolicyCommand;
use clap::{CommandFactory, Parser};
use claviger_cli::reference::{compare_page, without_help};
use std::{
    env,
    path::{Path, PathBuf},
};

#[test]
fn every_command_and_argument_has_help() {
    assert_eq!(without_help(Cli::command()), Vec::<String>::new());
}

#[test]
fn the_reference_is_as_the_command_line() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    assert_eq!(compare_page(&page, "claviger", Cli::command()), Ok(()));
}

/// The files of subcommands are other files.
#[test]
fn the_configuration_file_is_not_the_file_of_a_subcommand() {
    let given = ["claviger", "--file", "claviger.toml", "policy", "import", "policies.yaml"];
    let after = ["claviger", "policy", "import", "--file", "claviger.toml", "policies.yaml"];
    for arguments in [given, after] {
        let cli = Cli::try_parse_from(arguments).unwrap();
        assert_eq!(cli.file, Some(PathBuf::from("claviger.toml")));
        let Command::Policy(PolicyCommand::Import { file, .. }) = cli.command else {
            unreachable!()
        };
        assert_eq!(file, Some(PathBuf::from("policies.yaml")));
    }
}
