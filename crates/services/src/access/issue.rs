//! Using a grant: sessions from AWS, a value shown, a value written. Audited before it happens.

use super::life::number;
use crate::{ServiceError, Services};
use claviger_aws::{IssuedSession, LEAST_SECONDS, SecretValue, SessionOrder};
use claviger_domain::{
    access::{Caller, Person},
    audit::{Deed, NewEntry},
    grant::{Action, Grant, GrantId, GrantResource, Refusal, view::Revealed},
    ids::ResourceId,
};
use claviger_policy::{ComposeFault, SESSION_POLICY_LIMIT, SessionPolicy, compose};
use claviger_store::NewSession;
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};

/// What a session is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Reveal => "reveal",
            Self::Put => "put",
            Self::Rotate => "rotate",
            Self::Console => "console",
        }
    }
}

/// Credentials for the holder, with what they are good for.
#[derive(Debug)]
pub struct CredentialsOut {
    pub session: IssuedSession,
    pub resources: Vec<GrantResource>,
}

/// AWS's limits on a new value, in bytes.
const SECRET_BYTES: usize = 65_536;
const PARAMETER_BYTES: usize = 8_192;

impl Services {
    /// Credentials that can do exactly what the grant says, until it ends or an hour is over. Where the
    /// grant needs several sessions, `only` chooses the one that covers this resource (by id or name).
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
                let grant =
                    self.store.grant(id).await?.ok_or(ServiceError::NotFound("grant"))?.grant;
                self.seen_by_holder(caller, &grant).await?;
                let mut matching = grant
                    .resources
                    .iter()
                    .filter(|r| r.id.to_string() == wanted || r.name == wanted);
                let found = matching.next().ok_or(Refusal::NotInGrant)?;
                Some(found.id)
            }
            None => None,
        };
        let (services, caller) = (self.clone(), caller.clone());
        Self::unhurried(async move {
            let (_, session, policy) = services.issue(&caller, id, only, purpose).await?;
            Ok(CredentialsOut { session, resources: policy.resources })
        })
        .await
    }

    /// Shows a value, once; a JSON object as its pairs.
    pub async fn reveal(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
    ) -> Result<Revealed, ServiceError> {
        Ok(match self.take_value(caller, grant, resource).await? {
            SecretValue::Text(text) => Revealed::of_text(text.expose_secret()),
            SecretValue::Binary(bytes) => Revealed::Binary(base64(bytes.expose_secret()).into()),
        })
    }

    /// The same for the client: text as it is.
    pub async fn reveal_plain(
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

    async fn take_value(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
    ) -> Result<SecretValue, ServiceError> {
        let (id, resource) = (number(grant)?, the_resource(resource)?);
        let (services, caller) = (self.clone(), caller.clone());
        Self::unhurried(async move {
            let subject = services.usable(&caller, id, resource, Action::Read).await?;
            let entry = NewEntry::started(Some(&caller.person), Deed::Reveal, id)
                .with("resource", &subject.arn);
            let started = services.begin_deed(&entry).await?;
            let value = async {
                let (_, session, _) =
                    services.issue(&caller, id, Some(resource), SessionPurpose::Reveal).await?;
                let value = services.aws.value(&session, &subject).await;
                value.map_err(|error| ServiceError::aws_at(error, &subject))
            }
            .await;
            services.end_deed(&entry, started, &value).await?;
            value
        })
        .await
    }

    /// Writes a new value; returns the new version.
    pub async fn put_value(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
        value: SecretString,
    ) -> Result<String, ServiceError> {
        let (id, resource) = (number(grant)?, the_resource(resource)?);
        let (services, caller) = (self.clone(), caller.clone());
        Self::unhurried(async move {
            let subject = services.usable(&caller, id, resource, Action::Write).await?;
            let most = match subject.kind {
                claviger_domain::facts::Kind::Secret => SECRET_BYTES,
                claviger_domain::facts::Kind::Parameter => PARAMETER_BYTES,
            };
            if value.expose_secret().is_empty() || value.expose_secret().len() > most {
                return Err(Refusal::Value.into());
            }
            let entry = NewEntry::started(Some(&caller.person), Deed::PutValue, id)
                .with("resource", &subject.arn);
            let started = services.begin_deed(&entry).await?;
            let put = async {
                let (_, session, _) =
                    services.issue(&caller, id, Some(resource), SessionPurpose::Put).await?;
                let token = services.store.new_token();
                let put = services.aws.put_value(&session, &subject, &value, &token).await;
                put.map_err(|error| ServiceError::aws_at(error, &subject))
            }
            .await;
            services.end_deed(&entry, started, &put).await?;
            put
        })
        .await
    }

    /// Rotates a secret at once, with the function that it has.
    pub async fn rotate(
        &self,
        caller: &Caller,
        grant: &str,
        resource: &str,
    ) -> Result<(), ServiceError> {
        let (id, resource) = (number(grant)?, the_resource(resource)?);
        let (services, caller) = (self.clone(), caller.clone());
        Self::unhurried(async move {
            let subject = services.usable(&caller, id, resource, Action::Rotate).await?;
            let entry = NewEntry::started(Some(&caller.person), Deed::Rotate, id)
                .with("resource", &subject.arn);
            let started = services.begin_deed(&entry).await?;
            let done = async {
                let (_, session, _) =
                    services.issue(&caller, id, Some(resource), SessionPurpose::Rotate).await?;
                let token = services.store.new_token();
                let done = services.aws.rotate(&session, &subject, &token).await;
                done.map_err(|error| ServiceError::aws_at(error, &subject))
            }
            .await;
            services.end_deed(&entry, started, &done).await?;
            done
        })
        .await
    }

    /// The resource, if the caller holds a live grant that allows this on it.
    async fn usable(
        &self,
        caller: &Caller,
        id: GrantId,
        resource: ResourceId,
        action: Action,
    ) -> Result<GrantResource, ServiceError> {
        let grant = self.store.grant(id).await?.ok_or(ServiceError::NotFound("grant"))?.grant;
        self.seen_by_holder(caller, &grant).await?;
        grant.live_until(self.clock.now())?;
        grant.allows(action)?;
        Ok(grant.resource(resource)?.clone())
    }

    /// An entry before a deed outside the database. No entry, no deed.
    pub(super) async fn begin_deed(&self, entry: &NewEntry) -> Result<i64, ServiceError> {
        let mut work = self.store.begin(self.clock.now()).await?;
        work.audit(entry.clone());
        let numbers = work.commit().await?;
        Ok(numbers.first().copied().unwrap_or_default())
    }

    /// The entry after it.
    pub(super) async fn end_deed<T>(
        &self,
        entry: &NewEntry,
        started: i64,
        outcome: &Result<T, ServiceError>,
    ) -> Result<(), ServiceError> {
        let mut work = self.store.begin(self.clock.now()).await?;
        let done = entry.completed(started, outcome.is_ok());
        work.audit(match outcome {
            Ok(_) => done,
            Err(error) => done.with("fault", error.code()),
        });
        work.commit().await?;
        Ok(())
    }

    /// A session under a live grant: written down, asked of AWS, and handed over only if the grant still lives.
    async fn issue(
        &self,
        caller: &Caller,
        id: GrantId,
        only: Option<ResourceId>,
        purpose: SessionPurpose,
    ) -> Result<(Grant, IssuedSession, SessionPolicy), ServiceError> {
        // AWS packs policies and tags together, by a measure of its own; what does not fit is split further.
        let mut limit = SESSION_POLICY_LIMIT;
        loop {
            match self.issue_within(caller, id, only, purpose, limit).await {
                Err(ServiceError::AwsAccess { error, .. })
                    if error.code.as_deref() == Some("PackedPolicyTooLarge") && limit > 512 =>
                {
                    limit /= 2;
                }
                done => return done,
            }
        }
    }

    async fn issue_within(
        &self,
        caller: &Caller,
        id: GrantId,
        only: Option<ResourceId>,
        purpose: SessionPurpose,
        limit: usize,
    ) -> Result<(Grant, IssuedSession, SessionPolicy), ServiceError> {
        let mut work = self.store.begin(self.clock.now()).await?;
        let grant = self.locked(&mut work, id).await?;
        self.seen_by_holder(caller, &grant).await?;
        let until = grant.live_until(work.now)?;
        let policy = part(&grant, until, only, limit)?;
        let order = self.order(&grant, &policy, until, work.now);
        let ends = until.min(work.now + Duration::seconds(order.seconds.into()));
        let session = work
            .insert_session(&NewSession { grant: id, purpose: purpose.word(), expires_at: ends })
            .await?;
        let entry = NewEntry::started(Some(&caller.person), Deed::IssueSession, id)
            .with("for", purpose.word())
            .with("role", "claviger-access")
            .with("session", &grant.session_name)
            .with("seconds", (ends - work.now).whole_seconds())
            .with("resources", policy.resources.len());
        work.audit(entry.clone());
        let started = work.commit().await?.first().copied().unwrap_or_default();

        let issued = self.aws.issue(&order).await;

        let mut work = self.store.begin(self.clock.now()).await?;
        let now_is = self.locked(&mut work, id).await?;
        let outcome = match issued {
            Err(error) => Err(ServiceError::AwsAccess {
                error,
                account: grant.account.clone(),
                name: String::new(),
            }),
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
        // Whoever renews by the expiration renews in time.
        given.expires_at = given.expires_at.min(until);
        Ok((grant, given, policy))
    }

    pub(super) fn order(
        &self,
        grant: &Grant,
        policy: &SessionPolicy,
        until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> SessionOrder {
        let rest = i32::try_from((until - now).whole_seconds()).unwrap_or(i32::MAX);
        let most = i32::try_from(self.access.session_seconds).unwrap_or(i32::MAX);
        SessionOrder {
            account: grant.account.clone(),
            session_name: grant.session_name.clone(),
            source_identity: source_identity(&grant.terms.requester),
            tags: vec![
                ("claviger:grant".into(), grant.id.to_string()),
                ("claviger:person".into(), tag_value(&grant.terms.requester.subject)),
            ],
            policy: policy.document.clone(),
            seconds: rest.min(most).max(LEAST_SECONDS),
        }
    }
}

/// The document that covers the resource, or the only one there is.
fn part(
    grant: &Grant,
    until: OffsetDateTime,
    only: Option<ResourceId>,
    limit: usize,
) -> Result<SessionPolicy, ServiceError> {
    let mut parts = policies(grant, until, limit)?;
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

/// The documents of a grant, as few as fit.
pub(super) fn policies(
    grant: &Grant,
    until: OffsetDateTime,
    limit: usize,
) -> Result<Vec<SessionPolicy>, ServiceError> {
    compose(grant.terms.action, &grant.account, &grant.resources, until, limit).map_err(|fault| {
        match fault {
            ComposeFault::TooLarge(name) => Refusal::PolicyTooLarge(name),
            ComposeFault::Time(text) => Refusal::PolicyTooLarge(text),
        }
        .into()
    })
}

fn the_resource(id: &str) -> Result<ResourceId, ServiceError> {
    id.parse().map_err(|_| ServiceError::NotFound("secret or parameter"))
}

/// 2 to 64 of `[\w+=,.@-]`, from the person's address, or else their subject.
fn source_identity(person: &Person) -> String {
    let text = person.email.as_deref().unwrap_or(&person.subject);
    let mut clean: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' })
        .take(64)
        .collect();
    while clean.len() < 2 {
        clean.push('-');
    }
    clean
}

/// At most 256 of letters, digits, spaces and `_.:/=+-@`.
fn tag_value(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() || " _.:/=+-@".contains(c) { c } else { '-' })
        .take(256)
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_aws_hold_what_aws_allows() {
        let person = |subject: &str, email: Option<&str>| Person {
            subject: subject.into(),
            name: String::new(),
            email: email.map(Into::into),
        };
        assert_eq!(source_identity(&person("x", Some("ben@a.example"))), "ben@a.example");
        assert_eq!(source_identity(&person("auth0|Bén", None)), "auth0-B-n");
        assert_eq!(source_identity(&person("é", None)), "--");
        assert_eq!(source_identity(&person(&"a".repeat(80), None)).len(), 64);
        assert_eq!(tag_value("auth0|Bén\n"), "auth0-Bén-");
    }
}
