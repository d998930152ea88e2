//! The frame of the four steps. Each may be called twice, and may end in the middle.

use crate::{Credential, Event, Fault, Secrets, SecretsError, Step, StepError, Versions};
use async_trait::async_trait;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeSet, fmt::Write as _};

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";

/// How a kind of credential is made, registered, proven and revoked. Every method may be called again with the same arguments.
#[async_trait]
pub trait Rotation: Send + Sync {
    /// Makes a credential, and returns the whole value to store. First it removes what earlier attempts have left at the vendor
    /// ([`Run::is_leftover`]): the value of such a credential is lost.
    async fn create(&self, run: &Run<'_>, current: &Credential) -> Result<Credential, Fault>;

    /// Revokes a credential that was just made, because it could not be stored.
    async fn discard(
        &self,
        run: &Run<'_>,
        new: &Credential,
        current: &Credential,
    ) -> Result<(), Fault>;

    /// Makes the target take the new credential.
    async fn set(&self, run: &Run<'_>, new: &Credential, current: &Credential)
    -> Result<(), Fault>;

    /// Proves that a credential works.
    async fn test(&self, run: &Run<'_>, credential: &Credential) -> Result<(), Fault>;

    /// Whether the value has what its revocation needs. What stands in a secret by hand may lack it.
    fn check_revocable(&self, credential: &Credential) -> Result<(), Fault>;

    /// Whether both values have the same credential.
    fn is_same(&self, one: &Credential, other: &Credential) -> bool;

    /// Revokes a credential, by means of one that is proven, and proves that it is revoked. One that is revoked already is no
    /// error.
    async fn revoke(
        &self,
        run: &Run<'_>,
        old: &Credential,
        proven: &Credential,
    ) -> Result<(), Fault>;

    /// Whether the previous credential stays valid until the next rotation, for readers that keep values for a while.
    fn keeps_previous(&self) -> bool;
}

/// One step of one rotation.
pub struct Run<'a> {
    secrets: &'a dyn Secrets,
    pub event: &'a Event,
    versions: Versions,
    /// Ids of the versions whose credentials are in use, or are revoked on their own.
    kept: BTreeSet<String>,
}

impl Run<'_> {
    /// Of all credentials of this secret: such as `claviger-1a2b3c4d-`.
    pub fn prefix(&self) -> String {
        let digest = Sha256::digest(self.event.secret_id.as_bytes());
        let short = digest.iter().take(4).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        format!("claviger-{short}-")
    }

    /// The name of the credential that this rotation makes: the same whenever the step is called again.
    pub fn name(&self) -> String {
        self.prefix() + &self.event.client_request_token
    }

    /// Whether a credential of this name was made for this secret, and no version has it any more.
    pub fn is_leftover(&self, name: &str) -> bool {
        name.strip_prefix(&self.prefix()).is_some_and(|id| !self.kept.contains(id))
    }

    /// The current value of another secret.
    pub async fn read_other(&self, secret: &str) -> Result<Credential, Fault> {
        let value = self.secrets.value(secret, None, CURRENT).await.map_err(Fault::from);
        let value = value.map_err(|fault| fault.during("the administrator's secret"))?;
        let value = value.ok_or_else(|| Fault::new("the administrator's secret has no value"))?;
        Credential::parse(&value).map_err(|fault| fault.during("the administrator's secret"))
    }

    async fn at(&self, stage: &str) -> Result<Option<SecretString>, Fault> {
        let version = self.versions.at(stage);
        Ok(self.secrets.value(&self.event.secret_id, version, stage).await?)
    }

    async fn current(&self) -> Result<Credential, Fault> {
        let value = self.at(CURRENT).await?;
        Credential::parse(&value.ok_or_else(|| Fault::new("the secret has no AWSCURRENT value"))?)
    }

    async fn pending(&self) -> Result<Option<SecretString>, Fault> {
        let Event { secret_id, client_request_token, .. } = self.event;
        Ok(self.secrets.value(secret_id, Some(client_request_token), PENDING).await?)
    }

    async fn new_value(&self) -> Result<Credential, Fault> {
        let value = self.pending().await?;
        Credential::parse(&value.ok_or_else(|| {
            Fault::new("the version AWSPENDING has no value: createSecret has not ended")
        })?)
    }

    /// `RotateSecret` without an immediate rotation calls testSecret alone: what can be proven then is the current value.
    async fn value_to_test(&self) -> Result<Credential, Fault> {
        match self.pending().await? {
            Some(value) => Credential::parse(&value),
            None => self.current().await,
        }
    }

    fn is_current(&self) -> bool {
        self.versions.has(&self.event.client_request_token, CURRENT)
    }
}

/// Runs steps over Secrets Manager.
pub struct Frame<S, R> {
    pub secrets: S,
    pub rotation: R,
}

impl<S: Secrets, R: Rotation> Frame<S, R> {
    pub async fn run(&self, event: &Event) -> Result<(), StepError> {
        let done = self.step(event).await;
        let Event { secret_id, client_request_token: version, step, .. } = event;
        match &done {
            Ok(()) => tracing::info!(secret = secret_id, version, %step, "done"),
            Err(fault) => {
                tracing::error!(secret = secret_id, version, %step, reason = %fault, "failed");
            }
        }
        done.map_err(|fault| StepError { step: *step, fault })
    }

    async fn step(&self, event: &Event) -> Result<(), Fault> {
        let versions = self.secrets.describe(&event.secret_id).await?;
        let token = &event.client_request_token;
        if !versions.is_rotation_enabled {
            return Err(Fault::new("rotation is not enabled for this secret"));
        }
        if !versions.stages.contains_key(token) {
            return Err(Fault::new("the secret has no version of this rotation"));
        }
        let mut kept: BTreeSet<String> = versions
            .stages
            .iter()
            .filter(|(_, stages)| {
                [CURRENT, PENDING, PREVIOUS].iter().any(|one| stages.contains(*one))
            })
            .map(|(id, _)| id.clone())
            .collect();
        if event.step == Step::Create {
            kept.remove(token);
        }
        let run = Run { secrets: &self.secrets, event, versions, kept };
        match event.step {
            // Whether the old credential was revoked is still open.
            Step::Finish if run.is_current() => {
                let current = run.current().await?;
                self.rotation.test(&run, &current).await?;
                self.end_previous(&run, &current).await
            }
            _ if run.is_current() => Ok(()),
            _ if !run.versions.has(token, PENDING) => {
                Err(Fault::new("the version of this rotation is not AWSPENDING"))
            }
            Step::Create => self.create(&run).await,
            Step::Set => {
                let (new, current) = (run.new_value().await?, run.current().await?);
                self.rotation.set(&run, &new, &current).await
            }
            Step::Test => self.rotation.test(&run, &run.value_to_test().await?).await,
            Step::Finish => self.finish(&run).await,
        }
    }

    async fn create(&self, run: &Run<'_>) -> Result<(), Fault> {
        if run.pending().await?.is_some() {
            return Ok(());
        }
        let current = run.current().await?;
        self.rotation.check_revocable(&current).map_err(|fault| {
            fault.during("the current credential could not be revoked after this rotation")
        })?;
        // What an earlier rotation could not revoke. Where the current credential does not work, this waits for the new one.
        if self.rotation.test(run, &current).await.is_ok() {
            self.retire_previous(run, &current).await?;
        }
        let new = self.rotation.create(run, &current).await?;
        if self.rotation.is_same(&new, &current) {
            return Err(Fault::new(
                "the new credential is the current one: the target makes no second credential",
            ));
        }
        let Err(error) = self.secrets.put_pending(run.event, &new.to_json()).await else {
            return Ok(());
        };
        let was_made_twice = error == SecretsError::Exists;
        // The call may have been done although it failed.
        if !was_made_twice && run.pending().await?.is_some() {
            return Ok(());
        }
        match (self.rotation.discard(run, &new, &current).await, was_made_twice) {
            (Ok(()), true) => Ok(()),
            (Ok(()), false) => {
                Err(Fault::from(error).during("the new credential was revoked again"))
            }
            (Err(fault), _) => Err(Fault::new(format!(
                "{error}. The new credential {} could not be revoked ({fault}): the next attempt revokes it",
                run.name()
            ))),
        }
    }

    async fn finish(&self, run: &Run<'_>) -> Result<(), Fault> {
        let new = run.new_value().await?;
        let old = run.current().await?;
        self.rotation.test(run, &new).await.map_err(|fault| {
            fault.during("the new credential does not work, so AWSCURRENT was not moved")
        })?;
        // After the move nothing would know of it.
        self.retire_previous(run, &new).await?;
        let Event { secret_id, client_request_token, .. } = run.event;
        let from = run.versions.at(CURRENT).unwrap_or_default();
        self.secrets.move_current(secret_id, from, client_request_token).await?;
        if self.rotation.keeps_previous() {
            return Ok(());
        }
        self.rotation.revoke(run, &old, &new).await.map_err(after_the_move)
    }

    /// The end of a rotation whose AWSCURRENT was moved already.
    async fn end_previous(&self, run: &Run<'_>, current: &Credential) -> Result<(), Fault> {
        if self.rotation.keeps_previous() {
            return Ok(());
        }
        self.retire_previous(run, current).await
    }

    /// Revokes the credential of AWSPREVIOUS, by means of one that is proven.
    async fn retire_previous(&self, run: &Run<'_>, proven: &Credential) -> Result<(), Fault> {
        let Some(value) = (match run.versions.at(PREVIOUS) {
            Some(version) if !run.versions.has(version, CURRENT) => run.at(PREVIOUS).await?,
            _ => None,
        }) else {
            return Ok(());
        };
        let previous = match Credential::parse(&value) {
            Ok(previous) if self.rotation.check_revocable(&previous).is_ok() => previous,
            _ => {
                tracing::warn!("AWSPREVIOUS has no credential that this function could revoke");
                return Ok(());
            }
        };
        let is_in_use = self.rotation.is_same(&previous, proven)
            || self.rotation.is_same(&previous, &run.current().await?);
        if is_in_use {
            return Ok(());
        }
        self.rotation.revoke(run, &previous, proven).await.map_err(|fault| {
            fault.during(
                "the credential of AWSPREVIOUS is not revoked; the next attempt tries again",
            )
        })
    }
}

fn after_the_move(fault: Fault) -> Fault {
    fault.during(
        "the new credential is current, but the old one is not revoked; the next attempt tries again",
    )
}
