//! The Rust tests: each test binary is a separate process, and several run in parallel. `cargo test` runs one after the
//! other, and leaves both cores idle while one of them waits.

use crate::{
    compiler::Compiler,
    process::ending,
    setup::postgres::{Cluster, Durability},
    shell::{self, root, run_quiet},
    sqlx,
    stack::{Emulator, Moto, Tools},
};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    slice,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Test binaries that run at the same time: each uses as many threads as the machine has cores, and waits for the database
/// for a good part of its time.
const CONCURRENT_BINARIES: usize = 2;

/// It waits for addresses that do not answer, and computes nothing: it runs next to the others from the start.
const WAITING: [&str; 1] = ["check"];

/// They measure times, on a machine that is not busy with the others: they run together, after them.
const MEASURING: [&str; 3] = ["faults", "idle", "outages"];

/// One compiled test binary.
#[derive(Debug, PartialEq, Eq)]
struct TestBinary {
    /// The package and the target, such as `claviger-store scans_of_tables`.
    name: String,
    target: String,
    path: PathBuf,
    /// The package's folder: `cargo test` starts a test there.
    folder: PathBuf,
}

/// A message of `cargo` about a build, with the members that we need.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    executable: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl TestBinary {
    /// Parses a line of `--message-format json`: `None` for other messages.
    fn of(line: &str) -> Result<Option<Self>> {
        let message: Message =
            serde_json::from_str(line).with_context(|| format!("cargo reports {line}"))?;
        let (Some(path), Some(target)) = (message.executable, message.target) else {
            return Ok(None);
        };
        if message.reason != "compiler-artifact" || !message.profile.is_some_and(|it| it.test) {
            return Ok(None);
        }
        let folder = message.manifest_path.parent().map(Path::to_path_buf).unwrap_or_default();
        let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Some(Self {
            name: format!("{package} {}", target.name),
            target: target.name,
            path,
            folder,
        }))
    }
}

/// The environment of a test: a private cluster and both emulators.
pub fn run(compiler: Compiler, tools: &Tools, folder: &Path) -> Result<()> {
    let binaries =
        shell::step("Compiling the tests (some minutes when cold)", || compile(compiler))?;
    let cluster = Cluster::start(&tools.postgres, &folder.join("postgres"), Durability::Lost)?;
    migrate_the_template(&cluster)?;
    let restartable = Cluster::start(
        &tools.postgres,
        &folder.join("restartable"),
        Durability::OutlivesItsServer,
    )?;
    let emulator = Emulator::start(tools, folder, "CANARY")?;
    let moto = Moto::start(tools, folder)?;
    let environment = [
        ("DATABASE_URL", cluster.url.clone()),
        ("CLAVIGER_TEST_MINISTACK", emulator.url()),
        ("CLAVIGER_TEST_EXTERNAL_ID", emulator.external_id.clone()),
        ("CLAVIGER_TEST_KEY_ID", emulator.key_id.clone()),
        ("CLAVIGER_TEST_KEY_SECRET", emulator.key_secret.clone()),
        ("CLAVIGER_TEST_MOTO", format!("http://127.0.0.1:{}", moto.port)),
        ("CLAVIGER_TEST_RESTARTABLE", restartable.url.clone()),
        ("CLAVIGER_TEST_PG_CTL", restartable.outage_command()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    let is_one_of = |names: &[&str], one: &TestBinary| names.contains(&one.target.as_str());
    let (measuring, others): (Vec<_>, Vec<_>) =
        binaries.into_iter().partition(|one| is_one_of(&MEASURING, one));
    let (waiting, busy) = others.into_iter().partition(|one| is_one_of(&WAITING, one));
    let mut failed =
        run_all(&[(busy, CONCURRENT_BINARIES), (waiting, WAITING.len())], &environment);
    failed.extend(run_all(&[(measuring, MEASURING.len())], &environment));
    if ending() {
        bail!("stopped before the end");
    }
    if !failed.is_empty() {
        failed.sort();
        bail!("tests failed in: {}", failed.join(", "));
    }
    Ok(())
}

/// Migrates the database that PostgreSQL copies for each new one: `sqlx::test` then finds nothing to do in any of the
/// hundreds that it creates. A test that needs an empty one says so (`claviger_testkit::emptied`, `template0`).
fn migrate_the_template(cluster: &Cluster) -> Result<()> {
    let server = cluster.url.strip_suffix("/postgres").context("a cluster without a database")?;
    let mut migrate = Command::new(root().join("target/debug/claviger"));
    run_quiet(migrate.arg("migrate").env("DATABASE_URL", format!("{server}/template1"))).map(drop)
}

/// All packages, in builds of their own: this command's has the features that it runs with. Together they would compile what
/// they share once more.
const BUILDS: [&[&str]; 2] = [&["--workspace", "--exclude", "xtask"], &["--package", "xtask"]];

/// Compiles libraries, programs, examples and tests with Clippy's lints, and compares the checked queries. The same builds by
/// `run` have nothing left to compile then.
pub fn lint(postgres: &Path) -> Result<()> {
    let [product, own] = BUILDS;
    sqlx::lint(postgres, &mut build(Compiler::Clippy, product)?)?;
    shell::run(&mut build(Compiler::Clippy, own)?)
}

fn build(compiler: Compiler, packages: &[&str]) -> Result<Command> {
    let mut build = compiler.cargo()?;
    build.args(["test", "--no-run", "--quiet", "--locked"]).args(packages);
    Ok(build)
}

/// Compiles all test binaries, and says where they are.
fn compile(compiler: Compiler) -> Result<Vec<TestBinary>> {
    let mut binaries = Vec::new();
    for packages in BUILDS {
        binaries.extend(compiled(build(compiler, packages)?)?);
    }
    Ok(binaries)
}

fn compiled(mut build: Command) -> Result<Vec<TestBinary>> {
    build.args(["--message-format", "json-render-diagnostics"]).stdout(Stdio::piped());
    let mut child = build.spawn().context("cargo cannot be started")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut binaries = Vec::new();
    for line in BufReader::new(output).lines() {
        binaries.extend(TestBinary::of(&line?)?);
    }
    if !child.wait()?.success() {
        bail!("the tests do not compile");
    }
    if binaries.is_empty() {
        bail!("cargo reports no test binary");
    }
    Ok(binaries)
}

/// Runs the groups in parallel, each with its own number of binaries at a time, and returns the names of those that failed. The output of
/// each appears when it has ended: whole where it failed, in one line where it passed.
fn run_all(groups: &[(Vec<TestBinary>, usize)], environment: &[(&str, String)]) -> Vec<String> {
    let failed = Mutex::new(Vec::new());
    let work_off = |left: &Mutex<slice::Iter<'_, TestBinary>>| {
        while let Some(binary) = next(left) {
            let began = Instant::now();
            let result = run_one(binary, environment);
            if !report(binary, began.elapsed(), result) {
                lock(&failed).push(binary.name.clone());
            }
        }
    };
    let left: Vec<_> =
        groups.iter().map(|(group, at_a_time)| (Mutex::new(group.iter()), *at_a_time)).collect();
    thread::scope(|scope| {
        for (left, at_a_time) in &left {
            for _ in 0..*at_a_time {
                scope.spawn(|| work_off(left));
            }
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next<'a>(left: &Mutex<slice::Iter<'a, TestBinary>>) -> Option<&'a TestBinary> {
    if ending() { None } else { lock(left).next() }
}

/// Whether its tests passed, and its output.
fn run_one(binary: &TestBinary, environment: &[(&str, String)]) -> Result<(bool, String)> {
    let output = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--"])
        .arg(&binary.path)
        .arg("--quiet")
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder)
        .envs(environment.iter().map(|(key, value)| (key, value)))
        .output()
        .with_context(|| format!("{} cannot be started", binary.path.display()))?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

/// Whether it passed.
fn report(binary: &TestBinary, elapsed: Duration, result: Result<(bool, String)>) -> bool {
    let (has_passed, text) = result.unwrap_or_else(|error| (false, format!("{error:#}\n")));
    let summary = text.lines().find(|line| line.starts_with("test result:")).unwrap_or_default();
    let word = if has_passed { "passed" } else { "FAILED" };
    let line =
        format!("{word:>8}  {:<40} {:>6.1} s  {summary}", binary.name, elapsed.as_secs_f32());
    if has_passed {
        println!("{line}");
    } else {
        println!("{text}{line}");
    }
    has_passed
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = r#"{"reason":"compiler-artifact","manifest_path":"/x/crates/store/Cargo.toml","target":{"name":"queue"},"profile":{"test":true},"executable":"/x/target/queue-1"}"#;

    #[test]
    fn only_a_test_binary_is_run() {
        let found = TestBinary::of(BUILT).unwrap().unwrap();
        assert_eq!(found.name, "store queue");
        assert_eq!(found.folder, Path::new("/x/crates/store"));
        for other in [
            &BUILT.replace(r#""test":true"#, r#""test":false"#),
            &BUILT.replace(r#""/x/target/queue-1""#, "null"),
            r#"{"reason":"build-finished","success":true}"#,
        ] {
            assert_eq!(TestBinary::of(other).unwrap(), None, "{other}");
        }
    }

    #[test]
    fn one_that_fails_is_named_and_the_others_run() {
        let binary = |path: &str| TestBinary {
            name: path.into(),
            target: path.into(),
            path: path.into(),
            folder: "/".into(),
        };
        let groups = [(["true", "false"].map(binary).into(), 2), (["true"].map(binary).into(), 1)];
        let failed = run_all(&groups, &[]);
        assert_eq!(failed, ["false"]);
    }
}
