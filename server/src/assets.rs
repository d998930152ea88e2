//! The browser's files. Their folder's name changes with their content, so browsers cache them permanently.

use crate::StartError;
use axum::http::{HeaderValue, header};
use leptos::config::LeptosOptions;
use std::{fs, io, path::Path};
use tower_http::{services::ServeDir, set_header::SetResponseHeader};

/// The file in the site's folder that names the current assets.
const CURRENT: &str = "current";

/// Finds the current assets.
pub(crate) fn options(site: &Path) -> Result<LeptosOptions, StartError> {
    let missing = |file: &Path, error: &io::Error| StartError::Site {
        folder: site.display().to_string(),
        reason: format!("{}: {error}", file.display()),
    };
    let named = site.join(CURRENT);
    let current = fs::read_to_string(&named).map_err(|error| missing(&named, &error))?;
    let folder = current.trim();
    if folder.is_empty() {
        return Err(missing(&named, &io::Error::other("the file is empty")));
    }
    let module = site.join(folder).join("console.js");
    fs::metadata(&module).map_err(|error| missing(&module, &error))?;
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
