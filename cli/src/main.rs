//! The program; its code is in the library, so that tests can parse its command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    claviger_cli::main()
}
