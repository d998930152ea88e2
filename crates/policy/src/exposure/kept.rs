//! A cache of analyses: many secrets have the same resource policy, and several rules evaluate each.

use super::{
    Document, DocumentFault, Exposure, OrganizationMembers, Scene, Statement, analyse_document,
};
use claviger_domain::ids::AccountId;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use time::OffsetDateTime;

/// The maximum number of cached documents; then the cache is cleared.
const MAX_ANALYSES: usize = 4_096;

/// Analyses by document, for one view of the Organization.
#[derive(Default)]
pub struct Analyses {
    kept: Mutex<HashMap<String, Kept>>,
}

struct Kept {
    document: Arc<Result<Document, DocumentFault>>,
    /// A secret's name matters only for the statements that match it.
    exposures: HashMap<View, (OffsetDateTime, Arc<Exposure>)>,
}

#[derive(PartialEq, Eq, Hash)]
struct View {
    own: AccountId,
    partition_and_region: String,
    covered: Vec<bool>,
}

impl fmt::Debug for Analyses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyses").finish_non_exhaustive()
    }
}

/// A copy starts empty, because its context may change.
impl Clone for Analyses {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Analyses {
    /// Like [`super::analyse`], at most once for the same input.
    pub(crate) fn analyse(
        &self,
        text: &str,
        arn: &str,
        own: &AccountId,
        around: &OrganizationMembers,
        now: OffsetDateTime,
    ) -> Result<Arc<Exposure>, DocumentFault> {
        let document = self.document(text);
        let document = document.as_ref().as_ref().map_err(Clone::clone)?;
        let view = View {
            own: own.clone(),
            partition_and_region: arn.split(':').take(4).collect::<Vec<_>>().join(":"),
            covered: document.statements.iter().map(|one: &Statement| one.covers(arn)).collect(),
        };
        let holds = |(at, exposure): &&(OffsetDateTime, Arc<Exposure>)| {
            *at <= now && exposure.until.is_none_or(|until| now < until)
        };
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.get(text).and_then(|one| one.exposures.get(&view)).filter(holds);
        if let Some((_, exposure)) = before {
            return Ok(Arc::clone(exposure));
        }
        drop(kept);
        let exposure = Arc::new(analyse_document(document, Scene { arn, own, around, now }));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = kept.get_mut(text) {
            one.exposures.insert(view, (now, Arc::clone(&exposure)));
        }
        Ok(exposure)
    }

    fn document(&self, text: &str) -> Arc<Result<Document, DocumentFault>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = kept.get(text) {
            return Arc::clone(&one.document);
        }
        if kept.len() >= MAX_ANALYSES {
            kept.clear();
        }
        let document = Arc::new(Document::read(text));
        let new = Kept { document: Arc::clone(&document), exposures: HashMap::new() };
        kept.insert(text.to_owned(), new);
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::analyse;
    use time::macros::datetime;

    const POLICY: &str = r#"{"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:secretsmanager:*:*:secret:a-*",
         "Condition": {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}},
        {"Effect": "Allow", "Principal": {"AWS": "773100984412"}, "Action": "*", "Resource": "*"}]}"#;

    #[test]
    fn what_is_kept_is_what_would_be_found() {
        let kept = Analyses::default();
        let around = OrganizationMembers::default();
        for (own, name, now) in [
            ("441205839201", "a-AbCdEf", datetime!(2026-01-01 0:00 UTC)),
            ("441205839201", "a-GhIjKl", datetime!(2026-01-02 0:00 UTC)),
            ("441205839201", "b-AbCdEf", datetime!(2026-01-02 0:00 UTC)),
            ("773100984412", "a-AbCdEf", datetime!(2026-01-03 0:00 UTC)),
            // The date has passed.
            ("441205839201", "a-AbCdEf", datetime!(2027-02-01 0:00 UTC)),
            ("441205839201", "a-AbCdEf", datetime!(2026-01-01 0:00 UTC)),
        ] {
            let own: AccountId = own.parse().unwrap();
            let arn = format!("arn:aws:secretsmanager:eu-west-1:{own}:secret:{name}");
            let found = kept.analyse(POLICY, &arn, &own, &around, now).unwrap();
            assert_eq!(*found, analyse(POLICY, &arn, &own, &around, now).unwrap());
        }
        let own: AccountId = "441205839201".parse().unwrap();
        assert!(kept.analyse("{", "arn", &own, &around, datetime!(2026-01-01 0:00 UTC)).is_err());
    }
}
