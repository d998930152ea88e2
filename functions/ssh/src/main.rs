//! The Lambda function. With `KEEP_PREVIOUS` `true` in its environment, the previous key stays until the next rotation.

use lambda_runtime::Error;
use rotation_ssh::SshRotation;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let keeps_previous = std::env::var("KEEP_PREVIOUS").is_ok_and(|it| it == "true");
    rotation_steps::serve(SshRotation { keeps_previous }).await
}
