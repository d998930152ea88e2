//! Runs commands with their progress and errors.

use anyhow::{Context, Result, bail};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The ignored folder for all data of the commands.
pub fn data() -> PathBuf {
    root().join("data")
}

/// Prints a step with its duration.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("  {what} …");
    let began = Instant::now();
    let done = work()?;
    println!("  {what}: done in {:.1} s", began.elapsed().as_secs_f32());
    Ok(done)
}

/// The command line, without its environment, which may contain passwords.
fn spoken(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs to the end, showing its output.
pub fn run(command: &mut Command) -> Result<()> {
    let said = spoken(command);
    let status = command.status().with_context(|| format!("{said} cannot be started"))?;
    if !status.success() {
        bail!("{said} failed ({status})");
    }
    Ok(())
}

/// Runs to the end quietly; its output is shown if it fails.
pub fn run_quiet(command: &mut Command) -> Result<String> {
    let said = spoken(command);
    let output = command.output().with_context(|| format!("{said} cannot be started"))?;
    if !output.status.success() {
        bail!(
            "{said} failed ({})\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first of these that can be executed.
pub fn which(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        if name.starts_with('/') {
            return Path::new(name).is_file().then(|| PathBuf::from(name));
        }
        folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file())
    })
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Takes away what this machine's user has for AWS: files, a profile, a session.
pub fn without_aws(command: &mut Command) -> &mut Command {
    command
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
}

pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// The cargo that runs this program, without its environment variables.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_NAME");
    command
}
