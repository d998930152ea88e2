//! The tags of parameters, which AWS lists apart from the parameters: read less often than these.

use crate::{
    ScanSettings,
    region_scan_error::{RegionScanError, is_ended_session, list_fault},
};
use async_trait::async_trait;
use claviger_domain::{
    clock::Clock,
    facts::ResourceFacts,
    ids::{AccountId, Region},
    scan::ListFault,
};
use claviger_gateways::{InventoryReader, ParameterTags};
use claviger_store::{FactRepository, StoreError};
use time::OffsetDateTime;

/// What earlier scans read, where there were any.
#[async_trait]
pub(crate) trait TagMemory: Send + Sync {
    /// Tags that were read a short time ago.
    async fn recent(&self) -> Result<ParameterTags, StoreError>;

    /// The tags that were read last.
    async fn last(&self) -> Result<ParameterTags, StoreError>;

    /// The tags were read at this time.
    async fn note(&self, at: OffsetDateTime) -> Result<(), StoreError>;
}

/// In the database, for one account in one Region.
pub(crate) struct StoredTags<'a> {
    pub(crate) facts: &'a FactRepository,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) settings: &'a ScanSettings,
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
}

#[async_trait]
impl TagMemory for StoredTags<'_> {
    async fn recent(&self) -> Result<ParameterTags, StoreError> {
        let since = self.clock.now() - self.settings.parameter_tags;
        self.facts.parameter_tags(self.account, self.region, Some(since)).await
    }

    async fn last(&self) -> Result<ParameterTags, StoreError> {
        self.facts.parameter_tags(self.account, self.region, None).await
    }

    async fn note(&self, at: OffsetDateTime) -> Result<(), StoreError> {
        self.facts.note_parameter_tags(self.account, self.region, at).await
    }
}

/// The tags for one account in one Region, asked for once there is any parameter.
pub(crate) struct TagsOfParameters<'a> {
    memory: &'a dyn TagMemory,
    clock: &'a dyn Clock,
    reader: &'a dyn InventoryReader,
    tags: KnownTags,
    /// Why they could not be read in this scan.
    fault: Option<ListFault>,
}

/// What is known of the tags.
enum KnownTags {
    Nothing,
    /// From an earlier scan. A parameter that is not among them is new.
    Remembered(ParameterTags),
    /// A parameter that is not among them has none.
    Read(ParameterTags, OffsetDateTime),
    /// They could not be read in this scan: those of any earlier one. A parameter that is not among them is unknown.
    Stale(ParameterTags),
}

impl<'a> TagsOfParameters<'a> {
    pub(crate) fn new(
        memory: &'a dyn TagMemory,
        clock: &'a dyn Clock,
        reader: &'a dyn InventoryReader,
    ) -> Self {
        Self { memory, clock, reader, tags: KnownTags::Nothing, fault: None }
    }

    /// Gives each parameter of a page its tags.
    pub(crate) async fn add_to(
        &mut self,
        page: &mut [ResourceFacts],
    ) -> Result<(), RegionScanError> {
        if page.is_empty() {
            return Ok(());
        }
        if let KnownTags::Nothing = self.tags {
            self.tags = KnownTags::Remembered(self.memory.recent().await?);
        }
        if let KnownTags::Remembered(tags) = &self.tags
            && !page.iter().all(|facts| tags.contains_key(facts.arn.as_str()))
        {
            self.tags = self.read().await?;
        }
        for facts in page {
            let own = |tags: &ParameterTags| tags.get(facts.arn.as_str()).cloned();
            facts.tags = match &self.tags {
                KnownTags::Remembered(tags) | KnownTags::Stale(tags) => own(tags),
                KnownTags::Read(tags, _) => Some(own(tags).unwrap_or_default()),
                KnownTags::Nothing => None,
            };
        }
        Ok(())
    }

    /// Once all parameters are written: their tags need not be read for a while.
    pub(crate) async fn note(&self) -> Result<(), StoreError> {
        match self.tags {
            KnownTags::Read(_, at) => self.memory.note(at).await,
            _ => Ok(()),
        }
    }

    /// Why they could not be read in this scan; `None` where they were read, or were not asked for.
    pub(crate) fn fault(self) -> Option<ListFault> {
        self.fault
    }

    /// Reads them. Where AWS denies that, the parameters keep the tags that were read last: a list that fails does not
    /// end another, nor take away what is known.
    async fn read(&mut self) -> Result<KnownTags, RegionScanError> {
        let at = self.clock.now();
        match self.reader.parameter_tags().await {
            Ok(tags) => return Ok(KnownTags::Read(tags, at)),
            Err(error) if is_ended_session(&error) => return Err(error.into()),
            Err(error) => self.fault = Some(list_fault(&error)),
        }
        Ok(KnownTags::Stale(self.memory.last().await?))
    }
}
