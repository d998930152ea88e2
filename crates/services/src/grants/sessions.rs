//! Using a grant: sessions from AWS, a value shown, a value written. Audited before it happens.

use super::{number, session_order::order, session_policies::composed, value_keys::ObjectKeys};
use crate::{
    EligibilityService, GrantReader, ServiceError,
    audit::audited,
    grants::{
        Federation,
        reader::{locked, not_paused},
    },
    uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::Caller,
    clock::Clock,
    facts::Kind,
    grants::{Action, Grant, GrantId, GrantResource, Refusal, Selector, view::Revealed},
    ids::ResourceId,
    parameter_change::ParameterChange,
    value::{ADVANCED_BYTES, SECRET_BYTES},
};
use claviger_gateways::{AccessGateway, AwsError, IssuedSession, SecretValue};
use claviger_policy::{SESSION_POLICY_LIMIT, SessionPolicy, SessionResource};
use claviger_store::{NewSession, Transactions};
use secrecy::ExposeSecret;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::{Duration, OffsetDateTime};

/// What a session is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum SessionPurpose {
    /// Credentials for the holder's own tools.
    Client,
    Reveal,
    Put,
    Rotate,
    /// A sign-in link to the AWS console.
    Console,
}

impl SessionPurpose {
    /// What a session for this can do: the grant's whole action for the holder's own tools, otherwise its own part.
    fn action(self, granted: Action) -> Action {
        match self {
            Self::Client | Self::Console => granted,
            Self::Reveal => Action::Read,
            Self::Put => Action::Write,
            Self::Rotate => Action::Rotate,
        }
    }
}

/// Which of a grant's resources a session covers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach<'a> {
    /// As many as fit into one session; with one named, those that share its session.
    Grant(Option<ResourceId>),
    /// This one and no other.
    Alone(ResourceId),
    /// A parameter, as it is after this change.
    Changed(ResourceId, &'a ParameterChange),
}

impl Reach<'_> {
    fn only(self) -> Option<ResourceId> {
        match self {
            Self::Grant(only) => only,
            Self::Alone(id) | Self::Changed(id, _) => Some(id),
        }
    }

    /// The resources that are left for the session.
    fn narrowed(self, resources: Vec<SessionResource>) -> Vec<SessionResource> {
        let alone = |id| resources.iter().filter(move |one| one.resource.id == id).cloned();
        match self {
            Self::Grant(_) => resources,
            Self::Alone(id) => alone(id).collect(),
            Self::Changed(id, change) => alone(id).map(|one| one.changed(change)).collect(),
        }
    }
}

/// Credentials for the holder, with what they are good for.
#[derive(Debug)]
pub struct CredentialsOut {
    pub session: IssuedSession,
    pub resources: Vec<GrantResource>,
}

/// AWS sessions under live grants, and what the console does with them.
#[derive(Clone)]
pub struct GrantSessionService {
    pub(crate) transactions: Transactions,
    pub(crate) eligibility_service: EligibilityService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access_gateway: Arc<dyn AccessGateway>,
    pub(crate) session_seconds: u32,
    pub(crate) federation: Option<Arc<dyn Federation>>,
}

impl GrantSessionService {
    /// Credentials that can do exactly what the grant says, until it ends or an hour is over. Where the
    /// grant needs several sessions, `only` chooses the one that covers this resource (by id, ARN or name); it
    /// is then the first of those that come back.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn issue_credentials(
        &self,
        caller: &Caller,
        grant: &str,
        only: Option<&str>,
        purpose: SessionPurpose,
    ) -> Result<CredentialsOut, ServiceError> {
        let id = number(grant)?;
        let only = match only {
            Some(wanted) => {
                let grant = self.grant_reader.known(id).await?.grant;
                self.grant_reader.seen_by_holder(caller, &grant).await?;
                Some(the_one(&grant, wanted)?.id)
            }
            None => None,
        };
        uncancelled(self, caller, move |service, caller| async move {
            let (session, policy) = service.issue(&caller, id, Reach::Grant(only), purpose).await?;
            let mut resources = policy.resources;
            // Its Region is the session's.
            resources.sort_by_key(|resource| Some(resource.id) != only);
            Ok(CredentialsOut { session, resources })
        })
        .await
    }

    /// Shows a value, once: text to the last character as AWS has it.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn reveal(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
    ) -> Result<Revealed, ServiceError> {
        Ok(match self.take_value(caller, grant, resource).await? {
            SecretValue::Text(text) => Revealed::Text(text.expose_secret().to_owned().into()),
            SecretValue::Binary(bytes) => Revealed::Binary(base64(bytes.expose_secret()).into()),
        })
    }

    /// The keys of a value that is a JSON object; `None` if it is none. The value is overwritten, and its members' values are not
    /// kept.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject, grant.id = %grant))]
    pub(crate) async fn value_keys(
        &self,
        caller: &Caller,
        grant: GrantId,
        resource: ResourceId,
    ) -> Result<Option<BTreeSet<String>>, ServiceError> {
        let value = self.take_value(caller, &grant.to_string(), &resource.to_string()).await?;
        let SecretValue::Text(text) = value else { return Ok(None) };
        let read = serde_json::from_str::<ObjectKeys>(text.expose_secret());
        Ok(read.ok().map(|found| found.0))
    }

    async fn take_value(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
    ) -> Result<SecretValue, ServiceError> {
        self.act(
            caller,
            grant,
            resource,
            Action::Read,
            |_| Ok(()),
            |aws, session, subject| async move { aws.value(&session, &subject).await },
        )
        .await
    }

    /// Writes a new value, text or bytes; returns the new version.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn put_value(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
        value: SecretValue,
    ) -> Result<String, ServiceError> {
        let size = value.size();
        let is_binary = matches!(value, SecretValue::Binary(_));
        let fits = move |subject: &GrantResource| {
            if is_binary && subject.kind == Kind::Parameter {
                return Err(Refusal::BinaryParameter);
            }
            let most = match subject.kind {
                Kind::Secret => SECRET_BYTES,
                Kind::Parameter => ADVANCED_BYTES,
            };
            if (1..=most).contains(&size) { Ok(()) } else { Err(Refusal::Value) }
        };
        let token = self.transactions.new_token();
        self.act(caller, grant, resource, Action::Write, fits, |aws, session, subject| async move {
            aws.put_value(&session, &subject, &value, &token).await
        })
        .await
    }

    /// Rotates a secret at once, with the function that it has.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn rotate(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
    ) -> Result<(), ServiceError> {
        let token = self.transactions.new_token();
        self.act(
            caller,
            grant,
            resource,
            Action::Rotate,
            |_| Ok(()),
            |aws, session, subject| async move { aws.rotate(&session, &subject, &token).await },
        )
        .await
    }

    /// What the console does with a grant: one call to AWS, about one resource, under a session of its own.
    async fn act<T, F>(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
        action: Action,
        fits: impl FnOnce(&GrantResource) -> Result<(), Refusal> + Send + 'static,
        call: impl FnOnce(Arc<dyn AccessGateway>, IssuedSession, GrantResource) -> F + Send + 'static,
    ) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AwsError>> + Send + 'static,
    {
        let (audit_action, purpose) = audit_action_of(action);
        let (id, wanted) = (number(grant)?, resource.to_owned());
        uncancelled(self, caller, move |service, caller| async move {
            let subject = service.usable(&caller, id, &wanted, action).await?;
            fits(&subject)?;
            let entry = NewEntry::started(Some(&caller.person), audit_action, id)
                .with("resource", &subject.arn);
            let done = async {
                let reach = Reach::Grant(Some(subject.id));
                let (session, _) = service.issue(&caller, id, reach, purpose).await?;
                let done = call(service.access_gateway.clone(), session, subject.clone()).await;
                done.map_err(|error| ServiceError::aws_at(error, &subject))
            };
            audited(&service.transactions, service.clock.as_ref(), &entry, done).await
        })
        .await
    }

    /// The resource (by id, ARN or name), if the caller holds a live grant that allows this on it.
    pub(super) async fn usable(
        &self,
        caller: &Caller,
        id: GrantId,
        wanted: &str,
        action: Action,
    ) -> Result<GrantResource, ServiceError> {
        let grant = self.grant_reader.known(id).await?.grant;
        self.grant_reader.seen_by_holder(caller, &grant).await?;
        grant.live_until(self.clock.now())?;
        grant.allows(action)?;
        let subject = the_one(&grant, wanted)?.clone();
        if let Some(why) = self.eligibility_service.lost(caller, &grant).await?.remove(&subject.id)
        {
            let (audit_action, _) = audit_action_of(action);
            let entry = NewEntry::done(Some(&caller.person), audit_action, id);
            return Err(self.refused(entry.with("resource", &subject.arn), why).await?);
        }
        Ok(subject)
    }

    /// Writes down that a live grant was not to be used, and why.
    async fn refused(&self, entry: NewEntry, why: String) -> Result<ServiceError, ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.audit(NewEntry { succeeded: Some(false), ..entry }.with("reason", &why));
        work.commit().await?;
        Ok(Refusal::Lost(why).into())
    }

    /// A session under a live grant: written down, asked of AWS, and handed over only if the grant still lives.
    pub(super) async fn issue(
        &self,
        caller: &Caller,
        id: GrantId,
        reach: Reach<'_>,
        purpose: SessionPurpose,
    ) -> Result<(IssuedSession, SessionPolicy), ServiceError> {
        // AWS packs policies and tags together, by a measure of its own; what does not fit is split further.
        let mut limit = SESSION_POLICY_LIMIT;
        // Before the grant is locked: inside of that no second connection is asked for.
        let held = self.grant_reader.known(id).await?.grant;
        self.grant_reader.seen_by_holder(caller, &held).await?;
        let lost = self.eligibility_service.lost(caller, &held).await?;
        let resources = self.eligibility_service.session_resources(&held).await?;
        let (only, resources) = (reach.only(), reach.narrowed(resources));
        loop {
            let issued = self.issue_within(caller, id, &resources, only, &lost, purpose, limit);
            match Box::pin(issued).await {
                Err(ServiceError::Refused(Refusal::Lost(why))) => {
                    let entry = NewEntry::done(Some(&caller.person), AuditAction::IssueSession, id);
                    return Err(self
                        .refused(entry.with("for", <&str>::from(purpose)), why)
                        .await?);
                }
                Err(ServiceError::AwsAccess { error, .. })
                    if error.code.as_deref() == Some("PackedPolicyTooLarge") && limit > 512 =>
                {
                    limit /= 2;
                }
                done => return done,
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is decided by the caller, once for all attempts"
    )]
    async fn issue_within(
        &self,
        caller: &Caller,
        id: GrantId,
        resources: &[SessionResource],
        only: Option<ResourceId>,
        lost: &BTreeMap<ResourceId, String>,
        purpose: SessionPurpose,
        limit: usize,
    ) -> Result<(IssuedSession, SessionPolicy), ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let grant = locked(&mut work, id).await?;
        self.grant_reader.seen_by_holder(caller, &grant).await?;
        let until = grant.live_until(work.now)?;
        not_paused(&mut work).await?;
        let action = purpose.action(grant.terms.action);
        let policy = part(action, resources, until, only, limit)?;
        // Only what this session would reach: the rest of the grant goes on without it.
        if let Some(why) = policy.resources.iter().find_map(|resource| lost.get(&resource.id)) {
            return Err(Refusal::Lost(why.clone()).into());
        }
        let order = order(self.session_seconds, &grant, policy.document.clone(), until, work.now);
        let ends = until.min(work.now + Duration::seconds(order.seconds.into()));
        let session = work
            .insert_session(&NewSession { grant: id, purpose: purpose.into(), expires_at: ends })
            .await?;
        let entry = NewEntry::started(Some(&caller.person), AuditAction::IssueSession, id)
            .with("for", <&str>::from(purpose))
            .with("role", "claviger-access")
            .with("session", &grant.session_name)
            .with("seconds", (ends - work.now).whole_seconds())
            .with("resources", policy.resources.len());
        work.audit(entry.clone());
        let started = work.commit().await?.first().copied().unwrap_or_default();

        let issued = self.access_gateway.issue(&order).await;

        let mut work = self.transactions.begin(self.clock.now()).await?;
        let now_is = locked(&mut work, id).await?;
        let outcome = match issued {
            Err(error) => Err(ServiceError::aws_in(error, &grant.account)),
            // Revoked meanwhile: what AWS has given is dropped, and denied like the others.
            Ok(given) => now_is.live_until(work.now).map(|_| given).map_err(ServiceError::from),
        };
        let done = entry.completed(started, outcome.is_ok());
        match &outcome {
            Ok(given) => {
                let ends = given.expires_at.min(until);
                work.session_issued(session, &given.access_key_id, ends).await?;
                work.audit(done.with("access-key", &given.access_key_id));
            }
            Err(error) => work.audit(done.with("fault", error.code())),
        }
        work.commit().await?;
        let mut given = outcome?;
        // Anyone who renews by the expiration renews in time.
        given.expires_at = given.expires_at.min(until);
        Ok((given, policy))
    }
}

/// What an action is in the audit trail, and for what its session is.
fn audit_action_of(action: Action) -> (AuditAction, SessionPurpose) {
    match action {
        Action::Read => (AuditAction::Reveal, SessionPurpose::Reveal),
        Action::Write | Action::Change => (AuditAction::PutValue, SessionPurpose::Put),
        Action::Rotate => (AuditAction::Rotate, SessionPurpose::Rotate),
    }
}

/// The document that covers the resource, or the only one there is.
fn part(
    action: Action,
    resources: &[SessionResource],
    until: OffsetDateTime,
    only: Option<ResourceId>,
    limit: usize,
) -> Result<SessionPolicy, ServiceError> {
    let mut parts = match (composed(action, resources, until, limit), only) {
        (Ok(parts), _) => parts,
        (Err(refusal), None) => return Err(refusal.into()),
        // One that does not fit does not stop the others.
        (Err(_), Some(id)) => {
            let alone: Vec<SessionResource> =
                resources.iter().filter(|one| one.resource.id == id).cloned().collect();
            composed(action, &alone, until, limit)?
        }
    };
    match only {
        Some(id) => {
            let covers = |part: &SessionPolicy| part.resources.iter().any(|r| r.id == id);
            let at = parts.iter().position(covers).ok_or(Refusal::NotInGrant)?;
            Ok(parts.swap_remove(at))
        }
        None if parts.len() == 1 => Ok(parts.swap_remove(0)),
        None => Err(ServiceError::Several(parts.len())),
    }
}

/// The one resource of the grant that is meant: never one of several.
fn the_one<'a>(grant: &'a Grant, wanted: &str) -> Result<&'a GrantResource, ServiceError> {
    match Selector::of(wanted).choose(&grant.resources).as_slice() {
        [one] => Ok(*one),
        [] => Err(Refusal::NotInGrant.into()),
        several => Err(ServiceError::ambiguous(wanted, several.iter().map(|one| &one.arn))),
    }
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.encode(bytes)
}
