//! The tags of parameters, which AWS lists apart from the parameters: read less often than these.

use crate::{Services, sweep::ScanError};
use claviger_aws::{AwsError, InventoryReader, ParameterTags};
use claviger_domain::{
    facts::ResourceFacts,
    ids::{AccountId, Region},
};
use claviger_store::StoreError;
use time::OffsetDateTime;

/// The tags for one account in one Region, asked for once there is any parameter.
pub(crate) struct TagsOfParameters<'a> {
    services: &'a Services,
    reader: &'a dyn InventoryReader,
    account: &'a AccountId,
    region: &'a Region,
    tags: Known,
}

/// What is known of the tags.
enum Known {
    Nothing,
    /// From an earlier scan. A parameter that is not among them is new.
    Remembered(ParameterTags),
    /// A parameter that is not among them has none. `None` where the role may not read them.
    Read(Option<ParameterTags>, OffsetDateTime),
}

impl<'a> TagsOfParameters<'a> {
    pub(crate) fn new(
        services: &'a Services,
        reader: &'a dyn InventoryReader,
        account: &'a AccountId,
        region: &'a Region,
    ) -> Self {
        Self { services, reader, account, region, tags: Known::Nothing }
    }

    /// Gives each parameter of a page its tags.
    pub(crate) async fn add_to(&mut self, page: &mut [ResourceFacts]) -> Result<(), ScanError> {
        if page.is_empty() {
            return Ok(());
        }
        if let Known::Nothing = self.tags {
            self.tags = Known::Remembered(self.remembered().await?);
        }
        if let Known::Remembered(tags) = &self.tags
            && !page.iter().all(|facts| tags.contains_key(facts.arn.as_str()))
        {
            self.tags = self.read().await?;
        }
        for facts in page {
            let own = |tags: &ParameterTags| tags.get(facts.arn.as_str()).cloned();
            facts.tags = match &self.tags {
                Known::Remembered(tags) => own(tags),
                Known::Read(Some(tags), _) => Some(own(tags).unwrap_or_default()),
                Known::Nothing | Known::Read(None, _) => None,
            };
        }
        Ok(())
    }

    /// Once all parameters are written: their tags need not be read for a while.
    pub(crate) async fn note(self) -> Result<(), StoreError> {
        match self.tags {
            Known::Read(Some(_), at) => {
                self.services.store.note_parameter_tags(self.account, self.region, at).await
            }
            _ => Ok(()),
        }
    }

    async fn remembered(&self) -> Result<ParameterTags, StoreError> {
        let since = self.services.clock.now() - self.services.sweep.parameter_tags;
        self.services.store.parameter_tags(self.account, self.region, since).await
    }

    async fn read(&self) -> Result<Known, AwsError> {
        let at = self.services.clock.now();
        Ok(Known::Read(self.reader.parameter_tags().await?, at))
    }
}
