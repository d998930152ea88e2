//! One connection to a server whose host key is known.

use rotation_steps::{Credential, Fault, Member};
use russh::{
    ChannelMsg, Error, Preferred,
    client::{self, AuthResult, Handle},
    keys::{
        PrivateKey, PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate, decode_secret_key,
    },
};
use secrecy::ExposeSecret as _;
use std::{borrow::Cow, sync::Arc, time::Duration};
use tokio::time::timeout;

/// Most seconds for a connection with all that is done in it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most bytes that a command may answer.
const MAX_OUTPUT: usize = 1 << 20;

/// A server, an account, and the key that signs in there.
pub struct Target {
    host: String,
    port: u16,
    user: String,
    host_keys: Vec<PublicKey>,
    key: PrivateKey,
}

/// Why nothing was done in a session.
#[derive(Debug)]
pub enum Failure {
    /// The server does not take the key.
    Refused,
    Other(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Other(fault)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused => Self::new("the server does not accept the key"),
            Failure::Other(fault) => fault,
        }
    }
}

impl Target {
    pub fn of(value: &Credential) -> Result<Self, Fault> {
        let text = |name| Ok::<_, Fault>(value.required(name)?.expose_secret().to_owned());
        let port = match value.text("port") {
            Some(port) => {
                port.expose_secret().parse().map_err(|_| Fault::new("port is not a port number"))
            }
            None => Ok(22),
        }?;
        Ok(Self {
            host: text("host")?,
            port,
            user: text("user")?,
            host_keys: host_keys(value)?,
            key: private_key(value)?,
        })
    }

    /// The same server and account, with another key.
    pub fn with_key(self, key: PrivateKey) -> Self {
        Self { key, ..self }
    }

    /// The public key that signs in, in base64.
    pub fn public_key(&self) -> Result<String, Fault> {
        let line = self.key.public_key().to_openssh();
        let line = line.map_err(|_| Fault::new("the public key cannot be written"))?;
        Ok(line.split(' ').nth(1).unwrap_or_default().to_owned())
    }

    /// Signs in, and does nothing there.
    pub async fn sign_in(&self) -> Result<(), Failure> {
        self.within(async { self.connect().await.map(drop) }).await
    }

    /// Runs a command in POSIX's shell, and returns what it wrote and its status.
    pub async fn run(&self, script: &str, input: Vec<u8>) -> Result<(String, u32), Failure> {
        self.within(async {
            let handle = self.connect().await?;
            let run = execute(&handle, script, input).await;
            run.map_err(|error| match error {
                Error::InvalidConfig(what) => Fault::new(what).into(),
                _ => Failure::from(Fault::new("the connection broke off during a command")),
            })
        })
        .await
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        timeout(PATIENCE, work).await.unwrap_or_else(|_| {
            Err(Fault::new("the server did not answer in time; it may have done it").into())
        })
    }

    async fn connect(&self) -> Result<Handle<Pinned>, Failure> {
        let algorithms = self.host_keys.iter().map(PublicKey::algorithm).collect();
        let config = client::Config {
            // The server then shows one of the keys that are known, and no other one of its own.
            preferred: Preferred { key: Cow::Owned(algorithms), ..Preferred::default() },
            nodelay: true,
            ..client::Config::default()
        };
        let pinned = Pinned(self.host_keys.clone());
        let address = (self.host.as_str(), self.port);
        let connected = client::connect(Arc::new(config), address, pinned).await;
        let mut handle = connected.map_err(|error| {
            Fault::new(match error {
                Error::UnknownKey => {
                    "the server's host key is not in host_keys: it is another server, or its key has changed"
                }
                Error::NoCommonAlgo { .. } => {
                    "the server has no host key of the kinds in host_keys, or no algorithm in common"
                }
                Error::IO(_) => "no connection to the server: check the function's network",
                _ => "the server does not speak SSH as expected",
            })
        })?;
        let key = PrivateKeyWithHashAlg::new(Arc::new(self.key.clone()), None);
        match handle.authenticate_publickey(&self.user, key).await {
            Ok(AuthResult::Success) => Ok(handle),
            Ok(AuthResult::Failure { partial_success: true, .. }) => {
                Err(Fault::new("the server asks for more than a key").into())
            }
            Ok(AuthResult::Failure { .. }) => Err(Failure::Refused),
            Err(_) => Err(Fault::new("the connection broke off while signing in").into()),
        }
    }
}

async fn execute(
    handle: &Handle<Pinned>,
    script: &str,
    input: Vec<u8>,
) -> Result<(String, u32), Error> {
    let mut channel = handle.channel_open_session().await?;
    // The account's shell need not be a POSIX one.
    channel.exec(true, format!("exec sh -c '{script}'")).await?;
    channel.data_bytes(input).await?;
    channel.eof().await?;
    let (mut output, mut status) = (Vec::new(), None);
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Data { data } if output.len() + data.len() <= MAX_OUTPUT => {
                output.extend_from_slice(&data);
            }
            ChannelMsg::Data { .. } => {
                return Err(Error::InvalidConfig("the server's answer is too long".into()));
            }
            ChannelMsg::ExitStatus { exit_status } => status = Some(exit_status),
            ChannelMsg::Failure => {
                return Err(Error::InvalidConfig(
                    "the server runs no commands for this account".into(),
                ));
            }
            _ => {}
        }
    }
    let status = status.ok_or(Error::Disconnect)?;
    Ok((String::from_utf8_lossy(&output).into_owned(), status))
}

/// Takes servers with these keys alone.
struct Pinned(Vec<PublicKey>);

impl client::Handler for Pinned {
    type Error = Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Error> {
        Ok(match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => {
                self.0.iter().any(|known| known.key_data() == key.key_data())
            }
            PublicKeyOrCertificate::Certificate(_) => false,
        })
    }
}

/// The server's keys, as lines of `ssh-keyscan` without the host, in a list or in one text.
fn host_keys(value: &Credential) -> Result<Vec<PublicKey>, Fault> {
    let lines: Vec<String> = match value.member("host_keys") {
        Some(Member::Text(text)) => text.expose_secret().lines().map(str::to_owned).collect(),
        Some(Member::Other(list)) => {
            let items = list.as_array().into_iter().flatten();
            items.map(|item| item.as_str().unwrap_or_default().to_owned()).collect()
        }
        None => Vec::new(),
    };
    if lines.is_empty() {
        return Err(Fault::new(
            "the value has no host_keys: without the server's public key the function would sign in anywhere",
        ));
    }
    let parse = |line: &String| {
        PublicKey::from_openssh(line.trim()).map_err(|_| {
            Fault::new(
                "host_keys has a line that is not a public key, such as \"ssh-ed25519 AAAA…\"",
            )
        })
    };
    lines.iter().map(parse).collect()
}

/// The key in the member `private_key`.
pub fn private_key(value: &Credential) -> Result<PrivateKey, Fault> {
    let text = value.required("private_key")?;
    let key = decode_secret_key(text.expose_secret(), None).map_err(|_| {
        Fault::new("private_key is not an Ed25519 or ECDSA key without a passphrase, in OpenSSH's format or PEM")
    })?;
    Ok(key)
}
