//! Secrets and parameters: written by scans, searched in memory, read by id.

pub(crate) mod cached_index;
pub(crate) mod details;
pub(crate) mod index;
pub(crate) mod ingest;
pub(crate) mod keys;
pub(crate) mod listing;
pub(crate) mod owners;
pub(crate) mod parameter_tags;
pub(crate) mod path_readers;
pub(crate) mod resources;
pub(crate) mod saved_views;
pub(crate) mod search_patterns;
pub(crate) mod size;
pub(crate) mod usage;
