//! The whole filtered inventory as a file, piece by piece: what is held in memory are the ids, and one piece.

use crate::{FileExport, InventoryService, ServiceError, files};
use async_trait::async_trait;
use claviger_domain::{
    InvalidChoice,
    authz::{Caller, Permission, VisibleAccounts},
    error_line::ErrorLine,
    ids::ResourceId,
    inventory::{
        Column, InventoryQuery,
        view::{ExportProgress, InventoryRow, Owner},
    },
    rotation::RotationState,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// Rows read at once.
const EXPORT_CHUNK_ROWS: usize = 1_000;
/// Pieces after which the progress is written down.
const NOTED: usize = 10;
/// The longest word that a browser has for its export.
const TOKEN: usize = 40;

/// The formats of an inventory's file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum InventoryFormat {
    Csv,
    Json,
}

/// A list on its way out. What is written is what the caller may see.
pub struct InventoryExport {
    service: InventoryService,
    visible: VisibleAccounts,
    query: InventoryQuery,
    format: InventoryFormat,
    at: OffsetDateTime,
    /// Whether a scan had come to its end when it began.
    is_whole: bool,
    ids: Vec<ResourceId>,
    next: usize,
    written: u64,
    begun: bool,
    /// Whose it is, and what their browser calls it.
    progress: Option<(String, String)>,
}

impl InventoryService {
    /// Begins an export of what a URL's query asks for. With a `token` its progress can be asked for.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn export_inventory(
        &self,
        caller: &Caller,
        format: InventoryFormat,
        url_query: &str,
        token: Option<&str>,
    ) -> Result<InventoryExport, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let query: InventoryQuery = url_query.parse()?;
        let at = self.clock.now();
        let ids = self.index.find_all(&visible, &query, at).await?;
        let token = token.filter(|token| !token.is_empty() && token.len() <= TOKEN);
        let progress = token.map(|token| (caller.person.subject.clone(), token.to_owned()));
        if let Some((subject, token)) = &progress {
            let total = u64::try_from(ids.len()).unwrap_or(u64::MAX);
            self.inventory.begin_export(subject, token, total, at).await?;
        }
        tracing::info!(person.id = %caller.person.subject, db.rows = ids.len(), "the inventory is exported");
        Ok(InventoryExport {
            is_whole: self.progress_service.unfinished_scan(&visible).await?.is_none(),
            service: self.clone(),
            visible,
            query: query.view(),
            format,
            at,
            ids,
            next: 0,
            written: 0,
            begun: false,
            progress,
        })
    }

    /// How far the caller's export is; `None` where there is none of that name, or not yet.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn export_progress(
        &self,
        caller: &Caller,
        token: &str,
    ) -> Result<Option<ExportProgress>, ServiceError> {
        self.authority.within(caller, Permission::ReadInventory).await?;
        Ok(self.inventory.export_progress(&caller.person.subject, token).await?)
    }
}

const COLUMNS: [&str; 20] = [
    "arn",
    "kind",
    "type",
    "name",
    "account_id",
    "account_name",
    "region",
    "replica_regions",
    "owner",
    "rotation",
    "next_rotation_at",
    "key",
    "last_accessed_on",
    "changed_at",
    "deleted_at",
    "gone_at",
    "tags",
    "tags_read",
    "description",
    "id",
];

#[async_trait]
impl FileExport for InventoryExport {
    fn content_type(&self) -> &'static str {
        match self.format {
            InventoryFormat::Csv => "text/csv; charset=utf-8",
            InventoryFormat::Json => "application/json",
        }
    }

    fn file_name(&self) -> String {
        files::name("inventory", self.at, self.is_whole, &self.format.to_string())
    }

    async fn piece(&mut self) -> Result<Option<String>, ServiceError> {
        let text = self.next_piece().await;
        let is_last = self.begun && self.next >= self.ids.len();
        if text.is_err() || is_last || self.next.is_multiple_of(EXPORT_CHUNK_ROWS * NOTED) {
            self.note(text.is_err(), is_last || text.is_err()).await;
        }
        text
    }
}

impl InventoryExport {
    async fn next_piece(&mut self) -> Result<Option<String>, ServiceError> {
        if self.begun && self.next >= self.ids.len() {
            return Ok(None);
        }
        let until = self.ids.len().min(self.next + EXPORT_CHUNK_ROWS);
        let ids = &self.ids[self.next..until];
        let columns = [Column::Tags, Column::Description, Column::Arn];
        let rows =
            self.service.inventory.inventory_rows(&self.visible, ids, &columns, self.at).await?;
        let mut text = if self.begun { String::new() } else { self.head()? };
        for row in &rows {
            match self.format {
                InventoryFormat::Csv => text.push_str(&line(row)?),
                InventoryFormat::Json => {
                    text.push_str(if self.written == 0 { "\n" } else { ",\n" });
                    text.push_str(&object(row).to_string());
                }
            }
            self.written += 1;
        }
        self.begun = true;
        self.next = until;
        if until == self.ids.len() && self.format == InventoryFormat::Json {
            text.push_str("\n]}\n");
        }
        Ok(Some(text))
    }

    pub(crate) fn head(&self) -> Result<String, ServiceError> {
        let (at, filter) = (files::format_timestamp(self.at), self.query.to_url_query());
        Ok(match self.format {
            InventoryFormat::Csv => {
                let filter = if filter.is_empty() { "none" } else { &filter };
                format!("# Claviger inventory; exported_at {at}; filter {filter}\n")
                    + &files::record(COLUMNS.map(ToOwned::to_owned))?
            }
            InventoryFormat::Json => format!(
                "{{\"exported_at\":{},\"filter\":{},\"resources\":[",
                Value::from(at),
                Value::from(filter)
            ),
        })
    }

    pub(crate) async fn note(&self, failed: bool, ended: bool) {
        let Some((subject, token)) = &self.progress else { return };
        let ended = ended.then_some(failed);
        let store = &self.service.inventory;
        let now = self.service.clock.now();
        // The file itself goes on: its progress is a courtesy.
        if let Err(error) = store.note_export(subject, token, self.written, ended, now).await {
            tracing::warn!(error = %ErrorLine(&error), "the progress of an export cannot be recorded");
        }
    }
}

fn owner(row: &InventoryRow) -> Option<&str> {
    match &row.owner {
        Owner::Named(owner) => Some(owner),
        Owner::Missing | Owner::Unknown => None,
    }
}

fn next_rotation(row: &InventoryRow) -> Option<OffsetDateTime> {
    match row.rotation {
        RotationState::Overdue { since } => Some(since),
        RotationState::Scheduled { next, .. } => next,
        _ => None,
    }
}

fn line(row: &InventoryRow) -> Result<String, ServiceError> {
    let format_timestamp =
        |at: Option<OffsetDateTime>| at.map(files::format_timestamp).unwrap_or_default();
    let regions: Vec<String> = row.replica_regions.iter().map(ToString::to_string).collect();
    let tags: Vec<String> =
        row.tags.iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
    files::record([
        row.arn.as_ref().map(ToString::to_string).unwrap_or_default(),
        row.kind.to_string(),
        row.parameter_type.map(|own| own.to_string()).unwrap_or_default(),
        row.name.clone(),
        row.account_id.to_string(),
        row.account_name.clone(),
        row.region.to_string(),
        regions.join(" "),
        owner(row).unwrap_or_default().to_owned(),
        row.rotation.class().to_string(),
        format_timestamp(next_rotation(row)),
        row.key.to_string(),
        row.accessed_on.map(|on| on.to_string()).unwrap_or_default(),
        format_timestamp(row.changed_at),
        format_timestamp(row.deleted_at),
        format_timestamp(row.gone_at),
        tags.join("; "),
        if row.tags.is_some() { "yes" } else { "no" }.to_owned(),
        row.description.clone().unwrap_or_default(),
        row.id.to_string(),
    ])
}

fn object(row: &InventoryRow) -> Value {
    let format_timestamp = |at: Option<OffsetDateTime>| at.map(files::format_timestamp);
    json!({
        "id": row.id.to_string(),
        "arn": row.arn.as_ref().map(ToString::to_string),
        "kind": row.kind.to_string(),
        "type": row.parameter_type.map(|own| own.to_string()),
        "name": row.name,
        "description": row.description,
        "account_id": row.account_id.to_string(),
        "account_name": row.account_name,
        "region": row.region.to_string(),
        "replica_regions": row.replica_regions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "owner": owner(row),
        "rotation": row.rotation.class().to_string(),
        "next_rotation_at": format_timestamp(next_rotation(row)),
        "key": row.key.to_string(),
        "last_accessed_on": row.accessed_on.map(|on| on.to_string()),
        "changed_at": format_timestamp(row.changed_at),
        "deleted_at": format_timestamp(row.deleted_at),
        "gone_at": format_timestamp(row.gone_at),
        // Null where they could not be read.
        "tags": row.tags,
    })
}
