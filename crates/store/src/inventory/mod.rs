//! Secrets and parameters: written by scans, searched in memory, read by id.

pub(crate) mod activity;
pub(crate) mod cached_index;
pub(crate) mod details;
mod favorites;
pub(crate) mod held_index;
pub(crate) mod index;
pub(crate) mod ingest;
pub(crate) mod keys;
pub(crate) mod limit;
pub(crate) mod listing;
pub(crate) mod owners;
pub(crate) mod parameter_tags;
pub(crate) mod path_readers;
pub(crate) mod region_scan;
pub(crate) mod resources;
pub(crate) mod saved_views;
pub(crate) mod search_patterns;
mod size;
pub(crate) mod usage;

use cached_index::InventoryIndex;
use claviger_domain::owner::OwnerRules;
use sqlx::PgPool;
use std::sync::Arc;

/// The inventory as people read it: lists, resources, saved views and exports.
#[derive(Clone, Debug)]
pub struct InventoryRepository {
    pub(crate) pool: PgPool,
    pub(crate) index: InventoryIndex,
}

/// What AWS said: facts of secrets and parameters as scans write them, details, keys, and who reads which paths.
#[derive(Clone, Debug)]
pub struct FactRepository {
    pub(crate) pool: PgPool,
    pub(crate) owners: Arc<OwnerRules>,
}
