//! Child processes that always end with this one: by process id, never by name.

use crate::shell::hex;
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    io::Read,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

static ENDING: OnceLock<AtomicBool> = OnceLock::new();

/// Whether Ctrl-C or a termination request was received.
pub fn ending() -> bool {
    ENDING.get().is_some_and(|ending| ending.load(Ordering::SeqCst))
}

/// From now on Ctrl-C sets a flag, so that the child processes are stopped in order.
pub fn catch_signals() -> Result<()> {
    if ENDING.get().is_some() {
        // A command that consists of others.
        return Ok(());
    }
    let ending = ENDING.get_or_init(|| AtomicBool::new(false));
    ctrlc::set_handler(|| ending.store(true, Ordering::SeqCst)).context("signals cannot be caught")
}

/// A process in its own group. It receives a signal when this value is dropped, and when this process dies.
pub struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
    signal: &'static str,
}

impl Service {
    /// Starts it with its output in the log. `signal` is the name of the signal for a graceful end.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        log: &Path,
        signal: &'static str,
    ) -> Result<Self> {
        if let Some(folder) = log.parent() {
            fs::create_dir_all(folder)?;
        }
        let file =
            File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
        // setpriv sets the signal that the kernel sends when the parent dies, whichever user the process runs as.
        let mut wrapped = Command::new("setpriv");
        wrapped
            .args(["--pdeathsig", signal, "--"])
            .arg(command.get_program())
            .args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(key, value),
                None => wrapped.env_remove(key),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            wrapped.current_dir(folder);
        }
        let child = wrapped
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { name, child, log: log.to_path_buf(), signal })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// An error with the end of the log, if the process has ended.
    pub fn check(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(15)..].join("\n    ");
        bail!("{} ended ({status}). The end of {}:\n    {tail}", self.name, self.log.display())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let signal = |signal: &str| {
            let _ = Command::new("kill")
                .args(["-s", signal, "--", &self.child.id().to_string()])
                .status();
        };
        signal(self.signal);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(15) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            sleep(Duration::from_millis(30));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the process responds, ends, or times out.
pub fn wait_for(
    name: &str,
    service: &mut Service,
    at_most: Duration,
    ready: impl Fn() -> bool,
) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < at_most {
        service.check()?;
        if ending() {
            bail!("stopped");
        }
        if ready() {
            return Ok(());
        }
        sleep(Duration::from_millis(50));
    }
    bail!("{name} did not answer within {} s; see {}", at_most.as_secs(), service.log.display())
}

/// A free port.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

pub fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// 16 random bytes in hexadecimal.
pub fn random_hex() -> Result<String> {
    let mut bytes = [0u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex(&bytes))
}

/// Whether a plain HTTP request for this path succeeds.
pub fn answers(port: u16, path: &str) -> bool {
    http_get(port, path)
        .is_some_and(|answer| answer.starts_with("HTTP/1.1 2") || answer.starts_with("HTTP/1.0 2"))
}

/// The raw response to a GET on loopback.
pub fn http_get(port: u16, path: &str) -> Option<String> {
    use std::{io::Write, net::TcpStream};
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = Vec::new();
    // A truncated response is still a response.
    let _ = stream.read_to_end(&mut answer);
    Some(String::from_utf8_lossy(&answer).into_owned())
}
