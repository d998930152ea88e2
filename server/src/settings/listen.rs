//! Only the address to listen on, for the health check, which runs every few seconds and needs no secret.

use super::{defaults, source};
use crate::StartError;
use std::{net::SocketAddr, path::Path};

/// From the environment's `CLAVIGER_LISTEN`, which takes precedence, or the file, or the default.
pub(crate) fn listen(
    environment: Option<String>,
    file: Option<&Path>,
) -> Result<SocketAddr, StartError> {
    let written = match (environment, file) {
        (Some(address), _) => Some(address),
        (None, None) => None,
        (None, Some(file)) => {
            source::text_of(&source::text(file)?, "listen").map_err(StartError::Settings)?
        }
    };
    let Some(address) = written else { return Ok(defaults::listen()) };
    address.parse().map_err(|_| {
        StartError::Settings(format!(
            "listen is {address}, which is not an address with a port such as 127.0.0.1:8080"
        ))
    })
}
