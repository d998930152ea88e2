//! The program; its code is in the library, so that tests can parse its command line.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    claviger_cli::main().await
}
