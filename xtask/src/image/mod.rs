//! `cargo xtask image`: builds the image; with `--check` it is also started, asked, and stopped in the middle of its work.

mod build;
mod container;
pub mod dockerfile;
mod work;

use crate::{
    process::{Service, catch_signals, free_port, http_get},
    setup::postgres::{Cluster, Durability},
    shell::{data, is_root, root, run_quiet, step},
    stack::{self, Emulator, Tools},
};
use anyhow::{Context, Result, bail, ensure};
use build::{Built, Compile};
use clap::Args;
use container::Image;
use dockerfile::Dockerfile;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use work::Work;

/// Megabytes of a build from nothing.
const REQUIRED_DISK_MB: u64 = 7_000;

#[derive(Args)]
pub struct Options {
    /// Start the image as a user that is not root, with a read-only root; stop it in the middle of its work, and start it again.
    #[arg(long)]
    check: bool,
    /// Compile in this working copy, where most is compiled already, and not in a clean folder.
    #[arg(long)]
    reuse: bool,
    /// Cargo's profile: "dev" for a look at the image without the whole release build.
    #[arg(long, default_value = "release")]
    profile: String,
    /// Take both programs from this folder, such as target/debug, and compile neither. Implies --reuse.
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
}

impl Options {
    /// With the check.
    pub fn checked(reuse: bool) -> Self {
        Self { check: true, reuse, profile: "release".to_owned(), programs: None }
    }
}

pub fn run(options: &Options) -> Result<()> {
    catch_signals()?;
    let folder = data().join("image");
    fs::create_dir_all(&folder)?;
    let compile = Compile {
        profile: options.profile.clone(),
        programs: options.programs.as_ref().map(std::path::absolute).transpose()?,
        here: options.reuse || options.programs.is_some(),
    };
    if !compile.here {
        crate::setup::disk::ensure(REQUIRED_DISK_MB)?;
    }
    let text = fs::read_to_string(root().join("Dockerfile")).context("Dockerfile")?;
    let dockerfile = Dockerfile::parse(&text);
    let began = Instant::now();
    let built = build::build(&folder, &dockerfile, &compile)?;
    let bytes = run_quiet(Command::new("du").args(["-sb"]).arg(&built.root))?;
    println!(
        "  Built by {}, in {:.0} s: {} MB in {}",
        built.by,
        began.elapsed().as_secs_f32(),
        megabytes(&bytes),
        built.root.display()
    );
    if options.check {
        check(&folder, &built, &dockerfile)?;
        // After a failure it stays, to be looked at.
        built.remove();
    }
    Ok(())
}

/// From the output of `du -sb`.
fn megabytes(du: &str) -> u64 {
    du.split_whitespace().next().and_then(|bytes| bytes.parse::<u64>().ok()).unwrap_or(0)
        / 1_000_000
}

/// The services around the console, and the settings that lead it to them.
struct Around {
    emulator: Emulator,
    _identity: Service,
    _cluster: Cluster,
    port: u16,
    /// Of the schema's owner.
    owner: Vec<(String, String)>,
    console: Vec<(String, String)>,
    work: Work,
}

impl Around {
    fn start(tools: &Tools, folder: &Path) -> Result<Self> {
        let cluster = Cluster::start(&tools.postgres, &folder.join("postgres"), Durability::Lost)?;
        let database = stack::create_database(&tools.postgres, &cluster.url, "claviger")?;
        let console_database = stack::create_console_role(&tools.postgres, &database)?;
        let emulator = Emulator::start(tools, folder, "CANARYimage")?;
        let (port, identity_port) = (free_port()?, free_port()?);
        let secret = crate::process::random_hex()?;
        let url = format!("http://127.0.0.1:{port}");
        let identity = stack::start_identity(tools, folder, identity_port, &secret, &url)?;
        let console = [
            ("DATABASE_URL", console_database),
            ("CLAVIGER_FILE", "/etc/claviger/claviger.toml".to_owned()),
            ("CLAVIGER_LISTEN", format!("127.0.0.1:{port}")),
            ("CLAVIGER_PUBLIC_URL", url),
            ("CLAVIGER_OIDC_ISSUER", format!("http://127.0.0.1:{identity_port}")),
            ("CLAVIGER_OIDC_CLIENT_ID", "claviger".to_owned()),
            ("CLAVIGER_OIDC_CLIENT_SECRET", secret),
            ("CLAVIGER_EXTERNAL_ID", emulator.external_id.clone()),
            // So that there is still work when it is stopped.
            ("CLAVIGER_JOBS", "2".to_owned()),
            ("AWS_ENDPOINT_URL", emulator.url()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", emulator.key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", emulator.key_secret.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        Ok(Self {
            emulator,
            _identity: identity,
            _cluster: cluster,
            port,
            work: Work::new(tools, &database),
            owner: vec![("DATABASE_URL".to_owned(), database)],
            console,
        })
    }

    /// Halts the emulator, or lets it go on: its calls are then answered late, not refused.
    fn signal_emulator(&self, signal: &str) -> Result<()> {
        let pid = self.emulator.pid().to_string();
        run_quiet(Command::new("kill").args(["-s", signal, "--", &pid])).map(drop)
    }
}

/// The demo's configuration: its paths count from its own folder.
fn configuration(folder: &Path) -> Result<PathBuf> {
    let to = folder.join("configuration");
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to)?;
    let demo = root().join("demo");
    fs::copy(demo.join("claviger.toml"), to.join("claviger.toml"))?;
    run_quiet(Command::new("cp").arg("-R").arg(demo.join("access")).arg(&to))?;
    run_quiet(Command::new("chmod").args(["-R", "a+rX"]).arg(&to))?;
    Ok(to)
}

fn check(folder: &Path, built: &Built, dockerfile: &Dockerfile) -> Result<()> {
    if !is_root() {
        bail!(
            "the image was built and not started: a root file system of its own needs root here. Run the check as root, or \
             start the image with your container engine (docs/image.md)"
        );
    }
    let tools = Tools::ensure()?;
    let running = folder.join("running");
    let _ = fs::remove_dir_all(&running);
    fs::create_dir_all(&running)?;
    let around = step("Starting PostgreSQL, the emulator and the identity provider", || {
        Around::start(&tools, &running)
    })?;
    let image = Image {
        root: built.root.clone(),
        start: dockerfile.start()?,
        configuration: configuration(folder)?,
    };
    image.run(&["migrate", "--grant-to", stack::CONSOLE_ROLE], &around.owner)?;
    println!("  `migrate` ran in the image");

    let container = image.serve(&around.console, around.port, &running.join("first.log"))?;
    println!("  /readyz answers. {}", container.confinement(&image.start.user)?);
    image.health(&around.console).context("the image's health check")?;
    println!("  Its health check passes");
    compressed(around.port)?;

    // AWS stops answering while jobs run: they cannot end before the console has to.
    around.work.until_under_way()?;
    around.signal_emulator("STOP")?;
    let before = around.work.look()?;
    let stopped = container.stop();
    around.signal_emulator("CONT")?;
    let took = stopped?;
    let after = around.work.look()?;
    println!("  Stopped {:.1} s after SIGTERM, with {before}; then {after}", took.as_secs_f32());
    ensure!(before.running > 0, "no job ran when it was stopped: that shows nothing");
    after.lost_nothing_of(&before)?;
    if image.health(&around.console).is_ok() {
        bail!("the health check passes although nothing runs");
    }

    let container = image.serve(&around.console, around.port, &running.join("second.log"))?;
    let began = Instant::now();
    let done = around.work.until_done(&before, &after)?;
    println!("  The next start did the rest in {:.1} s: {done}", began.elapsed().as_secs_f32());
    let took = container.stop()?;
    println!("  Stopped {:.1} s after SIGTERM, with nothing to do", took.as_secs_f32());
    // It drains for three seconds before it closes its listener.
    ensure!(took < Duration::from_secs(5), "that is too long for a console with nothing to do");
    Ok(())
}

/// The browser's programs come as they were compressed in the build.
fn compressed(port: u16) -> Result<()> {
    let page = http_get(port, "/sign-in").context("/sign-in does not answer")?;
    let start = page.find("/assets-").context("/sign-in names no file of the browser")?;
    let folder = page[start..].split('/').nth(1).context("the folder of the browser's files")?;
    for file in ["claviger.css", "islands_bg.wasm", "console.js"] {
        let path = format!("/{folder}/{file}");
        let url = format!("http://127.0.0.1:{port}{path}");
        let answer = ureq::get(&url)
            .header("Accept-Encoding", "br")
            .call()
            .with_context(|| format!("{path} is not there"))?;
        let encoding =
            answer.headers().get("content-encoding").map(ureq::http::HeaderValue::as_bytes);
        ensure!(encoding == Some(b"br"), "{path} is not sent compressed, but as {encoding:?}");
    }
    println!("  The browser's files are sent precompressed");
    Ok(())
}
