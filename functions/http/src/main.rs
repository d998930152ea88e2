//! The Lambda function. Its environment has `DESCRIPTION`, the text of a description or the name of a ready one, and, where the
//! description asks for it, `ADMIN_SECRET_ARN`.

use lambda_runtime::Error;
use rotation_http::{Description, HttpRotation};
use std::env;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let text = env::var("DESCRIPTION").map_err(|_| "DESCRIPTION is not set")?;
    let description = Description::parse(&text)?;
    let admin = env::var("ADMIN_SECRET_ARN").ok().filter(|arn| !arn.is_empty());
    rotation_steps::serve(HttpRotation::new(description, admin)?).await
}
