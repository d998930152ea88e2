//! One list of an account and Region, read page by page to its end. Scans of the Organization and of one account share it.

use crate::{parameter_tags::TagsOfParameters, region_scan_error::RegionScanError};
use async_trait::async_trait;
use claviger_domain::{
    facts::{Kind, ResourceFacts},
    scan::RegionScanFault,
};
use claviger_gateways::{AwsError, AwsPage, InventoryReader};

/// Takes the pages of a list.
#[async_trait]
pub(crate) trait PageSink: Send + Sync {
    async fn take(&self, page: Vec<ResourceFacts>) -> Result<(), RegionScanError>;
}

/// Reads a list to its end, each page taken while the next is asked for. Returns the ARNs that it shows.
pub(crate) async fn read_list(
    reader: &dyn InventoryReader,
    kind: Kind,
    mut tags: Option<&mut TagsOfParameters<'_>>,
    sink: &dyn PageSink,
) -> Result<Vec<String>, RegionScanError> {
    let mut seen = Vec::new();
    let mut here = page(reader, kind, None, tags.as_deref_mut()).await?;
    loop {
        note(&mut seen, &mut here.facts);
        let token = here.next_token.take();
        let next = async {
            match &token {
                Some(token) => {
                    page(reader, kind, Some(token.clone()), tags.as_deref_mut()).await.map(Some)
                }
                None => Ok(None),
            }
        };
        let (stored, next) = tokio::join!(sink.take(here.facts), next);
        stored?;
        let Some(next) = next? else { break };
        if next.next_token == token {
            return Err(RegionScanError::Aws(AwsError {
                operation: match kind {
                    Kind::Secret => "ListSecrets",
                    Kind::Parameter => "DescribeParameters",
                },
                fault: RegionScanFault::Unreachable,
                code: None,
                detail: "the list repeats its token".into(),
            }));
        }
        here = next;
    }
    if let Some(tags) = tags {
        tags.note().await?;
    }
    Ok(seen)
}

async fn page(
    reader: &dyn InventoryReader,
    kind: Kind,
    token: Option<String>,
    tags: Option<&mut TagsOfParameters<'_>>,
) -> Result<AwsPage, RegionScanError> {
    if kind == Kind::Secret {
        return Ok(reader.secrets(token).await?);
    }
    let mut page = reader.parameters(token).await?;
    if let Some(tags) = tags {
        tags.add_to(&mut page.facts).await?;
    }
    Ok(page)
}

/// Remembers the ARNs, and drops a row that the page repeats: one statement cannot write it twice.
fn note(seen: &mut Vec<String>, batch: &mut Vec<ResourceFacts>) {
    let first = seen.len();
    batch.retain(|facts| {
        let arn = facts.arn.to_string();
        let is_new = !seen[first..].contains(&arn);
        if is_new {
            seen.push(arn);
        }
        is_new
    });
}
