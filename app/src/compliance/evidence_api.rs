//! The server functions of evidence packs.

use crate::wire::{
    TextJson, WireError,
    server::{call, wire},
};
use claviger_domain::compliance::evidence::{EvidencePack, EvidenceView};
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "evidence/frameworks")]
pub(crate) async fn load_frameworks() -> Result<EvidenceView, WireError> {
    let (services, caller) = call()?;
    services.evidence().frameworks(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "evidence/pack")]
pub(crate) async fn load_evidence(framework: String) -> Result<EvidencePack, WireError> {
    let (services, caller) = call()?;
    services.evidence().evidence(&caller, &framework).await.map_err(wire)
}
