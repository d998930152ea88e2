//! The four steps by a description.

use crate::{
    calls::{Caller, Failure, text_of},
    description::{Description, Found},
    jwt,
    template::{Placeholder, Source, Values},
};
use async_trait::async_trait;
use rotation_steps::{Credential, Fault, Rotation, Run, keys};
use secrecy::{ExposeSecret, SecretString};
use std::time::{Duration, SystemTime};

/// Rotates credentials at the vendor of a description.
pub struct HttpRotation {
    description: Description,
    admin: Option<String>,
    caller: Caller,
}

/// What signs in, for the calls of one step.
struct SignIn {
    admin: Option<Credential>,
    jwt: Option<SecretString>,
    name: String,
    token: String,
}

impl HttpRotation {
    /// With the ARN of the administrator's secret, where the description has placeholders for it.
    pub fn new(description: Description, admin: Option<String>) -> Result<Self, Fault> {
        if description.uses(Source::Admin) && admin.is_none() {
            return Err(Fault::new(
                "the description needs an administrator's secret: set ADMIN_SECRET_ARN",
            ));
        }
        let caller = Caller::new(Duration::from_secs(description.timeout_seconds))?;
        Ok(Self { description, admin, caller })
    }

    async fn sign_in(&self, run: &Run<'_>) -> Result<SignIn, Fault> {
        let admin = match &self.admin {
            Some(arn) if self.description.uses(Source::Admin) => Some(run.read_other(arn).await?),
            _ => None,
        };
        let jwt = match &self.description.jwt {
            Some(jwt) => {
                let values = Values { admin: admin.as_ref(), ..Values::default() };
                let (issuer, key) =
                    (jwt.issuer.render(&values, false)?, jwt.key.render(&values, false)?);
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                Some(jwt::sign(&issuer, &key, now.map_or(0, |since| since.as_secs()))?)
            }
            None => None,
        };
        Ok(SignIn { admin, jwt, name: run.name(), token: run.event.client_request_token.clone() })
    }

    /// Whether a credential works now.
    async fn probe(&self, sign_in: &SignIn, credential: &Credential) -> Result<(), Failure> {
        let values = Values { new: Some(credential), ..sign_in.values() };
        self.caller.send("test", &self.description.test, &values).await.map(drop)
    }

    /// Whether a credential works, now or after some waiting.
    async fn prove(&self, sign_in: &SignIn, credential: &Credential) -> Result<(), Fault> {
        let mut attempt = 1;
        loop {
            match self.probe(sign_in, credential).await {
                Ok(()) => return Ok(()),
                Err(failure) if attempt == self.description.attempts => return Err(failure.into()),
                Err(_) => self.wait().await,
            }
            attempt += 1;
        }
    }

    /// Whether the vendor refuses a credential, now or after some waiting.
    async fn prove_revoked(&self, sign_in: &SignIn, credential: &Credential) -> Result<(), Fault> {
        let mut attempt = 1;
        loop {
            let fault = match self.probe(sign_in, credential).await {
                Err(Failure::Refused(_)) => return Ok(()),
                Ok(()) => {
                    Fault::new("revoke: the vendor answered that it is revoked, but it still works")
                }
                Err(Failure::Unknown(fault)) => {
                    fault.during("revoke: whether it still works is not known")
                }
            };
            if attempt == self.description.attempts {
                return Err(fault);
            }
            attempt += 1;
            self.wait().await;
        }
    }

    async fn wait(&self) {
        tokio::time::sleep(Duration::from_secs(self.description.wait_seconds)).await;
    }

    async fn revoke_call(
        &self,
        sign_in: &SignIn,
        old: &Credential,
        current: &Credential,
    ) -> Result<(), Fault> {
        let values = Values { old: Some(old), current: Some(current), ..sign_in.values() };
        Ok(self.caller.send("revoke", &self.description.revoke, &values).await.map(drop)?)
    }

    /// Ids at the vendor of credentials that no version of the secret has.
    async fn leftovers(
        &self,
        run: &Run<'_>,
        sign_in: &SignIn,
        current: &Credential,
    ) -> Result<Vec<SecretString>, Fault> {
        let (Some(find), Some(Found { items, name, id, limit })) =
            (&self.description.find, &self.description.found)
        else {
            return Ok(Vec::new());
        };
        let values = Values { current: Some(current), ..sign_in.values() };
        let answer = self.caller.send("find", find, &values).await?;
        let list = answer
            .list(items)
            .ok_or_else(|| Fault::new(format!("find: the answer has no list at \"{items}\"")))?;
        if list.len() >= *limit {
            return Err(Fault::new(format!(
                "find: {} credentials are listed, and a next page may have more: delete some at the vendor",
                list.len()
            )));
        }
        let in_use = current.text(&self.description.id);
        let mut found = Vec::new();
        for item in list {
            let text = |pointer: &str| item.pointer(pointer).and_then(text_of);
            if !text(name).is_some_and(|name| run.is_leftover(name.expose_secret())) {
                continue;
            }
            let id = text(id).ok_or_else(|| Fault::new(format!("find: an item has no {id}")))?;
            if in_use.as_ref().is_none_or(|it| it.expose_secret() != id.expose_secret()) {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Revokes what earlier attempts have left.
    async fn clean(
        &self,
        run: &Run<'_>,
        sign_in: &SignIn,
        current: &Credential,
    ) -> Result<(), Fault> {
        let found = self.leftovers(run, sign_in, current).await?;
        if found.is_empty() {
            return Ok(());
        }
        for id in &found {
            let mut old = Credential::default();
            old.set(&self.description.id, id.clone());
            self.revoke_call(sign_in, &old, current).await.map_err(|fault| {
                fault.during("a credential of an earlier attempt could not be revoked")
            })?;
        }
        tracing::info!(count = found.len(), "revoked what earlier attempts had left");
        if self.leftovers(run, sign_in, current).await?.is_empty() {
            return Ok(());
        }
        Err(Fault::new(
            "revoke: the vendor answered that a credential of an earlier attempt is revoked, but still lists it",
        ))
    }
}

impl SignIn {
    fn values(&self) -> Values<'_> {
        Values {
            name: &self.name,
            token: &self.token,
            jwt: self.jwt.as_ref(),
            admin: self.admin.as_ref(),
            ..Values::default()
        }
    }
}

#[async_trait]
impl Rotation for HttpRotation {
    async fn create(&self, run: &Run<'_>, current: &Credential) -> Result<Credential, Fault> {
        let sign_in = self.sign_in(run).await?;
        self.clean(run, &sign_in, current).await?;
        let mut new = current.clone();
        if let Some(made) = &self.description.generate {
            let pair = keys::generate(&sign_in.name)?;
            new.set(&made.ssh_private_key, pair.private);
            new.set(&made.ssh_public_key, pair.public.into());
        }
        let values = Values { current: Some(current), new: Some(&new), ..sign_in.values() };
        let answer = self.caller.send("create", &self.description.create, &values).await?;
        for (member, pointer) in &self.description.create.take {
            let text = answer.text(pointer).ok_or_else(|| {
                Fault::new(format!(
                    "create: the vendor's answer has no {pointer}; if it made a credential, the next attempt revokes it"
                ))
            })?;
            new.set(member, text);
        }
        Ok(new)
    }

    async fn discard(
        &self,
        run: &Run<'_>,
        new: &Credential,
        current: &Credential,
    ) -> Result<(), Fault> {
        self.revoke_call(&self.sign_in(run).await?, new, current).await
    }

    async fn set(
        &self,
        run: &Run<'_>,
        new: &Credential,
        current: &Credential,
    ) -> Result<(), Fault> {
        let Some(call) = &self.description.set else {
            return Ok(());
        };
        let sign_in = self.sign_in(run).await?;
        let values = Values { new: Some(new), current: Some(current), ..sign_in.values() };
        Ok(self.caller.send("set", call, &values).await.map(drop)?)
    }

    async fn test(&self, run: &Run<'_>, credential: &Credential) -> Result<(), Fault> {
        self.prove(&self.sign_in(run).await?, credential).await
    }

    fn check_revocable(&self, credential: &Credential) -> Result<(), Fault> {
        credential.required(&self.description.id)?;
        for placeholder in self.description.revoke.placeholders().map_err(Fault::new)? {
            if let Placeholder::Member(Source::Old, member) = placeholder {
                credential.required(&member)?;
            }
        }
        Ok(())
    }

    fn is_same(&self, one: &Credential, other: &Credential) -> bool {
        one.agrees(other, &self.description.id)
    }

    async fn revoke(
        &self,
        run: &Run<'_>,
        old: &Credential,
        proven: &Credential,
    ) -> Result<(), Fault> {
        let sign_in = self.sign_in(run).await?;
        self.revoke_call(&sign_in, old, proven).await?;
        if !self.description.prove_revocation {
            return Ok(());
        }
        self.prove_revoked(&sign_in, old).await?;
        self.prove(&sign_in, proven).await.map_err(|fault| {
            fault.during("after the revocation of the old credential the new one no longer works")
        })
    }

    fn keeps_previous(&self) -> bool {
        self.description.keep_previous
    }
}
