//! The program; all of it is in the library, so that tests can read its command line.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    claviger_cli::main().await
}
