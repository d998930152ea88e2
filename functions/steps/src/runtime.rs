//! A function's life on AWS Lambda.

use crate::{AwsSecrets, Event, Frame, Rotation, StepError};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _, registry,
};

/// Logs as JSON. Only the crates of the functions say what they do: what an HTTP client or the SDK writes of a request in its
/// details has no place there, whatever the environment asks for.
pub fn log_to<W>(writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let ours = Targets::new()
        .with_target("rotation_steps", tracing::Level::INFO)
        .with_target("rotation_http", tracing::Level::INFO)
        .with_target("rotation_ssh", tracing::Level::INFO);
    let lines = tracing_subscriber::fmt::layer().json().without_time().with_writer(writer);
    registry().with(lines.with_filter(ours))
}

/// Runs steps as Lambda brings them, until Lambda ends the process.
pub async fn serve<R: Rotation>(rotation: R) -> Result<(), Error> {
    tracing::subscriber::set_global_default(log_to(std::io::stderr))?;
    let frame = Frame { secrets: AwsSecrets::from_environment().await, rotation };
    let frame = &frame;
    let step = |event: LambdaEvent<Event>| async move {
        frame.run(&event.payload).await?;
        Ok::<(), StepError>(())
    };
    lambda_runtime::run(service_fn(step)).await
}
