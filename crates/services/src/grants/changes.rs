//! A value changed in part, under a grant to read and write: keys of a JSON object, or the settings of a parameter. And what
//! versions look like, without their values. Every call runs in a session for this resource alone.

use super::{GrantSessionService, SessionPurpose, number, sessions::Reach};
use crate::{ServiceError, audit::audited, uncancelled::uncancelled};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::Caller,
    clock::Clock,
    creation::ShapeFault,
    error_line::ErrorLine,
    facts::{Detail, Kind, ParameterFacts, ResourceFacts, SecretFacts},
    grants::{Action, GrantId, GrantResource, Refusal},
    ids::AccountId,
    json_edit::{KeyChange, KeyEdit, edited},
    json_shape::{ShapeComparison, ValueShape},
    parameter_change::{ParameterChange, ParameterForm, Setting},
    value::SECRET_BYTES,
    value_change::{ParameterPreview, SecretVersions, ShownKeys, Written},
};
use claviger_gateways::{
    AccessGateway, AwsError, Gateway, IssuedSession, ReadVersion, SecretValue,
};
use claviger_policy::{PatternCheck, pattern_check};
use claviger_store::Transactions;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// Changes in part, and comparisons, under a grant.
#[derive(Clone)]
pub struct GrantChangeService {
    pub(crate) transactions: Transactions,
    pub(crate) grant_session_service: GrantSessionService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access_gateway: Arc<dyn AccessGateway>,
    pub(crate) gateway: Arc<dyn Gateway>,
}

impl GrantChangeService {
    /// The keys of a secret's current value with their types. The value is read and not shown.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn show_keys(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
    ) -> Result<ShownKeys, ServiceError> {
        let (id, wanted) = (number(grant)?, resource.to_owned());
        uncancelled(self, caller, move |service, caller| async move {
            let subject = service.usable(&caller, id, &wanted, Action::Read, Kind::Secret).await?;
            let (version, shape) = service.shape(&caller, id, &subject, None).await?;
            Ok(ShownKeys { version, shape })
        })
        .await
    }

    /// Which keys two versions of a secret have. `from` and `to` are ids or stages; both values are read and not shown.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn compare(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
        from: &str,
        to: &str,
    ) -> Result<ShapeComparison, ServiceError> {
        let (id, wanted) = (number(grant)?, resource.to_owned());
        let (from, to) = (from.trim().to_owned(), to.trim().to_owned());
        uncancelled(self, caller, move |service, caller| async move {
            let subject = service.usable(&caller, id, &wanted, Action::Read, Kind::Secret).await?;
            let secret = service.secret_now(&subject).await?;
            let (from, to) = (version_of(&secret, &from)?, version_of(&secret, &to)?);
            if from == to {
                let fault = ShapeFault::new("to", "Choose two different versions.");
                return Err(ServiceError::NotWritten(vec![fault]));
            }
            let from = service.shape(&caller, id, &subject, Some(&from)).await?;
            let to = service.shape(&caller, id, &subject, Some(&to)).await?;
            Ok(ShapeComparison::new(from, to))
        })
        .await
    }

    /// Changes, adds or removes keys of a secret's JSON object. All other characters of the text stay. Returns the new version,
    /// with the version of anybody who wrote at the same time.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn edit_keys(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
        edits: Vec<KeyEdit>,
    ) -> Result<Written, ServiceError> {
        let (id, wanted) = (number(grant)?, resource.to_owned());
        uncancelled(self, caller, move |service, caller| async move {
            let subject =
                service.usable(&caller, id, &wanted, Action::Change, Kind::Secret).await?;
            let entry = NewEntry::started(Some(&caller.person), AuditAction::PutValue, id)
                .with("resource", &subject.arn)
                .with("keys", keys_in_words(&edits));
            let done = service.edit(&caller, id, &subject, &edits);
            service.audited_write(entry, done).await
        })
        .await
    }

    async fn edit(
        &self,
        caller: &Caller,
        id: GrantId,
        subject: &GrantResource,
        edits: &[KeyEdit],
    ) -> Result<Written, ServiceError> {
        let ReadVersion { value, version } = self.read(caller, id, subject, None).await?;
        let not_written =
            |reason: String| ServiceError::NotWritten(vec![ShapeFault::new("keys", reason)]);
        let new = match &value {
            SecretValue::Text(text) => edited(text.expose_secret(), edits)
                .map_err(|fault| not_written(fault.to_string()))?,
            SecretValue::Binary(_) => {
                return Err(not_written("The value is binary, so it has no keys.".into()));
            }
        };
        if new.len() > SECRET_BYTES {
            return Err(Refusal::Value.into());
        }
        let new = SecretValue::Text(new.as_str().into());
        let token = self.transactions.new_token();
        let session =
            self.session(caller, id, Reach::Alone(subject.id), SessionPurpose::Put).await?;
        let written = self.access_gateway.put_value(&session, subject, &new, &token).await;
        let after = after_write(self.secret_now(subject).await);
        let written = match written {
            Ok(written) => written,
            // The answer was lost, not the value: the token is the version's id.
            Err(_) if after.as_ref().is_some_and(|after| has_version(after, &token)) => token,
            Err(error) => return Err(ServiceError::aws_at(error, subject)),
        };
        let versions = SecretVersions { read: &version, written: &written };
        Ok(Written::of_secret(versions, after.as_ref()))
    }

    /// What a change of a parameter would do, and why AWS would refuse it. Reads the parameter's settings, not its value.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn preview_parameter(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
        form: &ParameterForm,
        value: Option<SecretString>,
    ) -> Result<ParameterPreview, ServiceError> {
        let id = number(grant)?;
        let subject = self.usable(caller, id, resource, Action::Change, Kind::Parameter).await?;
        let facts = self.parameter_now(&subject).await?;
        let change = form.read().map_err(ServiceError::NotWritten)?;
        Ok(self.preview(&change, &facts, value.as_ref()))
    }

    fn preview(
        &self,
        change: &ParameterChange,
        facts: &ResourceFacts,
        value: Option<&SecretString>,
    ) -> ParameterPreview {
        let bytes = value.map(|value| value.expose_secret().len());
        let mut faults = change.faults(facts, bytes, self.clock.now());
        let parameter = parameter_of(facts);
        let pattern = pattern_after(change, parameter);
        let check = pattern.zip(value).map(|(pattern, value)| {
            let check = pattern_check(pattern, value.expose_secret());
            (pattern.to_owned(), check)
        });
        let mut unchecked_pattern = None;
        match check {
            Some((pattern, PatternCheck::Differs)) => {
                let reason = format!("It doesn't match the allowed pattern {pattern}.");
                faults.push(ShapeFault::new("value", reason));
            }
            Some((pattern, PatternCheck::Unknown)) => unchecked_pattern = Some(pattern),
            Some((_, PatternCheck::Matches)) | None => {}
        }
        ParameterPreview {
            changes: change.changes(facts),
            faults,
            unchecked_pattern,
            version: parameter.and_then(|parameter| parameter.version),
        }
    }

    /// Changes a parameter: its settings, its value, or both. Without a new value the current one is read and sent again, as
    /// AWS wants it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn change_parameter(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
        form: &ParameterForm,
        value: Option<SecretString>,
    ) -> Result<Written, ServiceError> {
        let (id, wanted) = (number(grant)?, resource.to_owned());
        let change = form.read().map_err(ServiceError::NotWritten)?;
        uncancelled(self, caller, move |service, caller| async move {
            let subject =
                service.usable(&caller, id, &wanted, Action::Change, Kind::Parameter).await?;
            let before = service.parameter_now(&subject).await?;
            let preview = service.preview(&change, &before, value.as_ref());
            if !preview.faults.is_empty() {
                return Err(ServiceError::NotWritten(preview.faults));
            }
            let fields: Vec<&str> =
                preview.changes.iter().map(|change| change.field.as_str()).collect();
            let entry = NewEntry::started(Some(&caller.person), AuditAction::PutValue, id)
                .with("resource", &subject.arn)
                .with("value", if value.is_some() { "new" } else { "sent again" })
                .with("settings", fields.join(", "));
            let done = service.rewrite(&caller, id, &subject, &change, (before, preview), value);
            service.audited_write(entry, done).await
        })
        .await
    }

    async fn rewrite(
        &self,
        caller: &Caller,
        id: GrantId,
        subject: &GrantResource,
        change: &ParameterChange,
        (before, preview): (ResourceFacts, ParameterPreview),
        value: Option<SecretString>,
    ) -> Result<Written, ServiceError> {
        let (value, version) = match value {
            Some(value) => (value, preview.version),
            None => match self.read(caller, id, subject, None).await? {
                ReadVersion { value: SecretValue::Text(text), version } => {
                    let again = self.preview(change, &before, Some(&text));
                    if !again.faults.is_empty() {
                        return Err(ServiceError::NotWritten(again.faults));
                    }
                    (text, version.parse().ok())
                }
                ReadVersion { value: SecretValue::Binary(_), .. } => {
                    return Err(Refusal::BinaryParameter.into());
                }
            },
        };
        let reach = Reach::Changed(subject.id, change);
        let session = self.session(caller, id, reach, SessionPurpose::Put).await?;
        let written = self.access_gateway.change_parameter(&session, subject, &value, change).await;
        let written = written.map_err(|error| ServiceError::aws_at(error, subject))?;
        let after = after_write(self.parameter_now(subject).await);
        let unverified = after.as_ref().map(|after| change.unverified(after));
        let done = Written::of_parameter(version, &written);
        Ok(Written {
            is_verified: done.is_verified && after.is_some(),
            changes: preview.changes,
            unverified: unverified.unwrap_or_default(),
            ..done
        })
    }

    /// The resource, if the caller holds an active grant that allows this on it, and it is of this kind.
    async fn usable(
        &self,
        caller: &Caller,
        id: GrantId,
        wanted: &str,
        action: Action,
        kind: Kind,
    ) -> Result<GrantResource, ServiceError> {
        let subject = self.grant_session_service.usable(caller, id, wanted, action).await?;
        if subject.kind == kind { Ok(subject) } else { Err(Refusal::OtherKind(kind).into()) }
    }

    /// A version's id and shape: audited, because the value was read for it.
    async fn shape(
        &self,
        caller: &Caller,
        id: GrantId,
        subject: &GrantResource,
        version: Option<&str>,
    ) -> Result<(String, ValueShape), ServiceError> {
        let entry = NewEntry::started(Some(&caller.person), AuditAction::ReadKeys, id)
            .with("resource", &subject.arn)
            .with_some("version", version);
        let done = async {
            let read = self.read(caller, id, subject, version).await?;
            let shape = match &read.value {
                SecretValue::Text(text) => ValueShape::of_text(text.expose_secret()),
                SecretValue::Binary(_) => ValueShape::Binary,
            };
            Ok((read.version, shape))
        };
        audited(&self.transactions, self.clock.as_ref(), &entry, done).await
    }

    /// A value, in a session that reads this resource alone.
    async fn read(
        &self,
        caller: &Caller,
        id: GrantId,
        subject: &GrantResource,
        version: Option<&str>,
    ) -> Result<ReadVersion, ServiceError> {
        let reach = Reach::Alone(subject.id);
        let session = self.session(caller, id, reach, SessionPurpose::Reveal).await?;
        let read = self.access_gateway.version(&session, subject, version).await;
        read.map_err(|error| ServiceError::aws_at(error, subject))
    }

    async fn session(
        &self,
        caller: &Caller,
        id: GrantId,
        reach: Reach<'_>,
        purpose: SessionPurpose,
    ) -> Result<IssuedSession, ServiceError> {
        // On the heap: it is large.
        let issued = Box::pin(self.grant_session_service.issue(caller, id, reach, purpose));
        issued.await.map(|(session, _)| session)
    }

    /// A write between its two entries; the second says which version it made, and which it met.
    async fn audited_write(
        &self,
        entry: NewEntry,
        write: impl Future<Output = Result<Written, ServiceError>>,
    ) -> Result<Written, ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.audit(entry.clone());
        let started = work.commit().await?.first().copied().unwrap_or_default();
        let outcome = write.await;
        let done = entry.completed(started, outcome.is_ok());
        let done = match &outcome {
            Ok(written) => done
                .with("version", &written.version)
                .with_some("overwrote", written.overwrote.as_ref())
                .with_some("replaced-by", written.replaced_by.as_ref()),
            Err(error) => done.with("fault", error.code()),
        };
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.audit(done);
        work.commit().await?;
        outcome
    }

    /// The secret as AWS describes it now, read with the inventory role.
    async fn secret_now(&self, subject: &GrantResource) -> Result<SecretFacts, ServiceError> {
        let facts = self.described(subject).await?;
        match facts.detail {
            Detail::Secret(secret) => Ok(secret),
            Detail::Parameter(_) => Err(ServiceError::NotFound("secret")),
        }
    }

    async fn parameter_now(&self, subject: &GrantResource) -> Result<ResourceFacts, ServiceError> {
        self.described(subject).await
    }

    async fn described(&self, subject: &GrantResource) -> Result<ResourceFacts, ServiceError> {
        let missing = || Refusal::Gone(subject.name.clone());
        let account: AccountId = subject.arn.account().parse().map_err(|_| missing())?;
        let read = async {
            let reader = self.gateway.open(&account, &subject.region).await?;
            match subject.kind {
                Kind::Secret => reader.secret(subject.arn.as_str()).await,
                Kind::Parameter => reader.parameter(&subject.name).await,
            }
        };
        let found: Result<_, AwsError> = read.await;
        let found = found.map_err(|error| ServiceError::aws_at(error, subject))?;
        found.ok_or_else(|| missing().into())
    }
}

/// What AWS says after a write. If it says nothing, the write stays, and others are unknown.
fn after_write<T>(read: Result<T, ServiceError>) -> Option<T> {
    read.inspect_err(|error| {
        tracing::warn!(error = %ErrorLine(error), "a write could not be verified");
    })
    .ok()
}

fn parameter_of(facts: &ResourceFacts) -> Option<&ParameterFacts> {
    match &facts.detail {
        Detail::Parameter(parameter) => Some(parameter),
        Detail::Secret(_) => None,
    }
}

/// The pattern that AWS will check the value with.
fn pattern_after<'a>(
    change: &'a ParameterChange,
    parameter: Option<&'a ParameterFacts>,
) -> Option<&'a str> {
    match &change.pattern {
        Setting::Keep => parameter?.allowed_pattern.as_deref().filter(|text| !text.is_empty()),
        Setting::Set(pattern) => Some(pattern),
        Setting::Remove => None,
    }
}

fn has_version(secret: &SecretFacts, id: &str) -> bool {
    secret.versions.iter().any(|version| version.id == id)
}

/// The id of a version that is named by its id or by a stage.
fn version_of(secret: &SecretFacts, wanted: &str) -> Result<String, ServiceError> {
    let fits =
        |version: &&claviger_domain::facts::Version| version.id == wanted || version.has(wanted);
    let found = secret.versions.iter().find(fits);
    found.map(|version| version.id.clone()).ok_or_else(|| match wanted {
        "AWSPREVIOUS" => ServiceError::conflict(
            "This secret has no previous version: no version has the stage AWSPREVIOUS.",
            "Compare other versions by their ids or stages.",
        ),
        "AWSPENDING" => ServiceError::conflict(
            "No version has the stage AWSPENDING: no rotation is in progress.",
            "Compare other versions by their ids or stages.",
        ),
        _ => ServiceError::NotFound("version with this id or stage"),
    })
}

/// `changed password, added port`: the names, for the audit log.
fn keys_in_words(edits: &[KeyEdit]) -> String {
    let words = edits.iter().map(|edit| {
        let verb = match edit.change {
            KeyChange::Replace(_) => "changed",
            KeyChange::Add(_) => "added",
            KeyChange::Remove => "removed",
        };
        let name: String = edit.key.chars().take(64).collect();
        format!("{verb} {name}")
    });
    words.collect::<Vec<_>>().join(", ")
}
