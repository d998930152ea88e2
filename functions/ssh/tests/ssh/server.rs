//! An SSH server with a home folder: it signs in by the `authorized_keys` that is there, and runs commands in the shell of this
//! machine. It fails and lies as a test tells it to.

use rotation_steps::keys;
use russh::{
    Channel, ChannelId, Preferred, kex,
    keys::{PrivateKey, decode_secret_key},
    server::{
        Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey, run_stream,
    },
};
use secrecy::ExposeSecret as _;
use std::{
    borrow::Cow,
    collections::HashMap,
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Every key signs in.
    AcceptsAll,
    RefusesAll,
    /// A command gets half of its input.
    CutsInput,
    /// A command that writes is said to have succeeded, and is not run.
    PretendsToWrite,
    /// Every command is replaced by another one.
    ForcedCommand,
    /// Every command ends with an error.
    FailsCommands,
    /// The connection ends after a command that writes has run.
    DiesAfterWriting,
    /// Somebody else changes the file between reading and writing, once.
    ChangesOnce,
}

#[derive(Clone)]
pub struct Server {
    pub port: u16,
    /// A line such as `ssh-ed25519 AAAA…`.
    pub host_key: String,
    home: Arc<TempDir>,
    wrong: Arc<Mutex<Option<Wrong>>>,
    sign_ins: Arc<Mutex<u32>>,
}

impl Server {
    pub async fn start() -> Self {
        let pair = keys::generate("host").unwrap();
        let key: PrivateKey = decode_secret_key(pair.private.expose_secret(), None).unwrap();
        let config = Arc::new(Config {
            keys: vec![key],
            auth_rejection_time: Duration::ZERO,
            nodelay: true,
            // Without optimization the default, which is post-quantum, takes ten times as long.
            preferred: Preferred { kex: Cow::Borrowed(&[kex::CURVE25519]), ..Preferred::default() },
            auth_rejection_time_initial: Some(Duration::ZERO),
            ..Config::default()
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            host_key: pair.public,
            home: Arc::new(TempDir::new().unwrap()),
            wrong: Arc::default(),
            sign_ins: Arc::default(),
        };
        fs::create_dir(server.home.path().join(".ssh")).unwrap();
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = Connection { server: accepting.clone(), open: HashMap::new() };
                let config = config.clone();
                tokio::spawn(async move {
                    if let Ok(session) = run_stream(config, stream, connection).await {
                        let _ = session.await;
                    }
                });
            }
        });
        server
    }

    fn file(&self) -> PathBuf {
        self.home.path().join(".ssh/authorized_keys")
    }

    pub fn read(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    pub fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    /// The names in the folder of the file.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.home.path().join(".ssh")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    /// Makes the file a link to another place.
    pub fn link(&self) {
        let target = self.home.path().join("keys");
        fs::rename(self.file(), &target).unwrap();
        std::os::unix::fs::symlink(target, self.file()).unwrap();
    }

    pub fn is_link(&self) -> bool {
        self.file().is_symlink()
    }

    pub fn make(&self, wrong: impl Into<Option<Wrong>>) {
        *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = wrong.into();
    }

    fn wrong(&self) -> Option<Wrong> {
        *self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often a key was accepted.
    pub fn sign_ins(&self) -> u32 {
        *self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the file has this key.
    fn has(&self, key: &str) -> bool {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.flat_map(str::split_whitespace).any(|field| field == key)
    }
}

struct Connection {
    server: Server,
    /// Commands with their input so far.
    open: HashMap<ChannelId, (String, Vec<u8>)>,
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        let line = key.public_key.to_openssh()?;
        let is_known = self.server.has(line.split(' ').nth(1).unwrap_or_default());
        let accepts = match self.server.wrong() {
            Some(Wrong::AcceptsAll) => true,
            Some(Wrong::RefusesAll) => false,
            _ => user == "deploy" && is_known,
        };
        if accepts {
            *self.server.sign_ins.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            return Ok(Auth::Accept);
        }
        Ok(Auth::reject())
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.open.insert(channel, (String::from_utf8_lossy(data).into_owned(), Vec::new()));
        session.channel_success(channel)
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some((_, input)) = self.open.get_mut(&channel) {
            input.extend_from_slice(data);
        }
        Ok(())
    }

    async fn channel_eof(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some((command, mut input)) = self.open.remove(&channel) else {
            return Ok(());
        };
        let writes = command.contains("mktemp");
        let (mut output, mut status) = (b"claviger 1\n".to_vec(), 0);
        match self.server.wrong() {
            Some(Wrong::PretendsToWrite) if writes => {}
            Some(Wrong::ForcedCommand) => output = b"Welcome!\n".to_vec(),
            Some(Wrong::FailsCommands) => (output, status) = (Vec::new(), 1),
            wrong => {
                if wrong == Some(Wrong::CutsInput) {
                    input.truncate(input.len() / 2);
                }
                if wrong == Some(Wrong::ChangesOnce) && writes {
                    let text = self.server.read();
                    self.server.write(&format!("{text}# somebody else's\n"));
                    self.server.make(None);
                }
                (output, status) = self.run(&command, &input);
                if wrong == Some(Wrong::DiesAfterWriting) && writes {
                    return Err(russh::Error::Disconnect);
                }
            }
        }
        session.data(channel, output)?;
        session.exit_status_request(channel, status)?;
        session.eof(channel)?;
        session.close(channel)
    }
}

impl Connection {
    /// Runs a command in the shell, in the home folder.
    fn run(&self, command: &str, input: &[u8]) -> (Vec<u8>, u32) {
        let mut process = Command::new("sh")
            .args(["-c", command])
            .env("HOME", self.server.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A command that ends early does not read all.
        let _ = process.stdin.take().unwrap().write_all(input);
        let done = process.wait_with_output().unwrap();
        let status = done.status.code().and_then(|code| u32::try_from(code).ok());
        (done.stdout, status.unwrap_or(255))
    }
}
