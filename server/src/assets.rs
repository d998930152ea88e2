//! The browser's files. Their folder's name changes with their content, so browsers cache them permanently.

use crate::StartError;
use axum::http::{HeaderValue, header};
use leptos::config::LeptosOptions;
use std::path::Path;
use tower_http::{services::ServeDir, set_header::SetResponseHeader};

/// The file in the site's folder that names the current assets.
const CURRENT: &str = "current";

/// Finds the current assets.
pub(crate) fn options(site: &Path) -> Result<LeptosOptions, StartError> {
    let missing = || StartError::Site(site.display().to_string());
    let current = std::fs::read_to_string(site.join(CURRENT)).map_err(|_| missing())?;
    let folder = current.trim();
    let is_there = |name: &str| site.join(folder).join(name).exists();
    if folder.is_empty() || !is_there("claviger.js") || !is_there("console.js") {
        return Err(missing());
    }
    Ok(LeptosOptions::builder()
        .output_name("claviger")
        .site_root(site.display().to_string())
        .site_pkg_dir(folder.to_owned())
        .build())
}

/// Serves them, compressed at build time.
pub(crate) fn service(options: &LeptosOptions) -> SetResponseHeader<ServeDir, HeaderValue> {
    let folder = Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref());
    SetResponseHeader::overriding(
        ServeDir::new(folder).precompressed_br(),
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    )
}
