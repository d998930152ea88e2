//! Builds the image: with buildah, which runs the Dockerfile itself, or else its scripts in a clean folder.
//!
//! No registry is asked for the bases. The one that the image is built on is made as distroless makes its own, from the same
//! Debian packages; the ones that only build have this machine's tools mounted into them.

use super::dockerfile::Dockerfile;
use crate::{
    setup::{apt, unpack},
    shell::{is_root, root, run, run_quiet, step, which},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What distroless/cc has.
const RUNTIME_PACKAGES: [&str; 6] =
    ["base-files", "ca-certificates", "libc6", "libgcc-s1", "netbase", "tzdata"];
/// Folders of this machine that hold its compiler, its linker and the like.
const TOOLS: [&str; 7] = ["bin", "sbin", "lib", "lib64", "libexec", "include", "share"];

/// How to compile.
#[derive(Debug, Clone)]
pub struct Compile {
    /// Cargo's profile.
    pub profile: String,
    /// The folder with both programs, if they are built already.
    pub programs: Option<PathBuf>,
    /// The stages that compile run in this working copy, where most is compiled already, and not in a clean folder.
    pub here: bool,
}

/// The image's root file system, as an engine would start it.
pub struct Built {
    pub root: PathBuf,
    /// For people: what ran the stages.
    pub by: &'static str,
    store: Option<Store>,
}

impl Built {
    /// Removes what the build left, which is several gigabytes, but for the base from Debian's packages.
    pub fn remove(self) {
        if let Some(store) = self.store {
            store.clear();
            for folder in ["target", "npm", "data", "tools", "node", "stages", "context"] {
                let _ = fs::remove_dir_all(store.folder.join(folder));
            }
        }
    }
}

/// Builds in this folder.
pub fn build(folder: &Path, dockerfile: &Dockerfile, compile: &Compile) -> Result<Built> {
    let context = folder.join("context");
    step("Copying the tracked files to a clean folder", || copy_tracked(&context))?;
    let stages = folder.join("stages");
    let _ = fs::remove_dir_all(&stages);
    if compile.here {
        scripts(dockerfile, &["web", "server"], &root(), &stages, compile)?;
    }
    let runtime = folder.join("runtime");
    step("Making the base from Debian's packages", || runtime_base(&runtime))?;
    let buildah = if which(&["buildah"]).is_some() { Ok(()) } else { apt(&["buildah"], "buildah") };
    match buildah {
        Ok(()) if is_root() && which(&["buildah"]).is_some() => {
            let store = Store { folder: folder.to_path_buf() };
            let root = by_buildah(&store, dockerfile, &context, &runtime, compile)?;
            let by = if compile.here {
                "buildah from the Dockerfile, the stages web and server by their scripts in this working copy"
            } else {
                "buildah from the Dockerfile"
            };
            Ok(Built { root, by, store: Some(store) })
        }
        outcome => {
            match outcome {
                Err(error) => println!("  buildah cannot be had ({error:#})"),
                Ok(()) => println!("  buildah is not there, or needs root for this"),
            }
            println!("  The Dockerfile's scripts run in the clean folder instead");
            let rest: &[&str] = if compile.here { &["root"] } else { &["web", "server", "root"] };
            scripts(dockerfile, rest, &context, &stages, compile)?;
            let root = folder.join("root");
            let _ = fs::remove_dir_all(&root);
            fs::create_dir_all(&root)?;
            for layer in [runtime, stages.join("root/out")] {
                run_quiet(Command::new("cp").arg("-RP").arg(layer.join(".")).arg(&root))?;
            }
            Ok(Built { root, by: "the Dockerfile's scripts", store: None })
        }
    }
}

/// The files that Git tracks or would track, as they are now.
fn copy_tracked(to: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to)?;
    let script = "git ls-files --cached --others --exclude-standard -z \
         | tar --create --null --files-from=- --ignore-failed-read --file=- \
         | tar --extract --file=- --directory=\"$1\"";
    run_quiet(Command::new("sh").args(["-euc", script, "sh"]).arg(to).current_dir(root())).map(drop)
}

/// A root file system with glibc, libgcc, certificates and time zones.
fn runtime_base(to: &Path) -> Result<()> {
    if to.join("etc/ssl/certs/ca-certificates.crt").is_file() {
        return Ok(());
    }
    let _ = fs::remove_dir_all(to);
    unpack(&RUNTIME_PACKAGES, to)?;
    for folder in ["proc", "sys", "dev", "tmp", "home/nonroot", "etc/ssl/certs"] {
        fs::create_dir_all(to.join(folder))?;
    }
    fs::write(
        to.join("etc/passwd"),
        "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    )?;
    fs::write(to.join("etc/group"), "root:x:0:\nnonroot:x:65532:\n")?;
    fs::write(to.join("etc/nsswitch.conf"), "hosts: files dns\n")?;
    // What update-ca-certificates does.
    let mut certificates: Vec<PathBuf> =
        fs::read_dir(to.join("usr/share/ca-certificates/mozilla"))?
            .flatten()
            .map(|entry| entry.path())
            .collect();
    certificates.sort();
    let mut bundle = String::new();
    for certificate in certificates {
        bundle.push_str(&fs::read_to_string(certificate)?);
    }
    fs::write(to.join("etc/ssl/certs/ca-certificates.crt"), bundle)?;
    Ok(())
}

/// buildah's storage, apart from that of the machine.
struct Store {
    folder: PathBuf,
}

impl Store {
    fn buildah(&self) -> Command {
        let mut command = Command::new("buildah");
        command
            .arg("--root")
            .arg(self.folder.join("store"))
            .arg("--runroot")
            .arg(self.folder.join("run"))
            .args(["--storage-driver", "overlay"]);
        command
    }

    /// An image with this folder as its only layer.
    fn image(&self, name: &str, folder: &Path, environment: &[(&str, String)]) -> Result<String> {
        let container = run_quiet(self.buildah().args(["from", "scratch"]))?;
        let container = container.trim();
        run_quiet(self.buildah().args(["copy", "--quiet", container]).arg(folder).arg("/"))?;
        for (name, value) in environment {
            run_quiet(self.buildah().args([
                "config",
                "--env",
                &format!("{name}={value}"),
                container,
            ]))?;
        }
        let name = format!("localhost/claviger-{name}");
        run_quiet(self.buildah().args(["commit", "--quiet", "--rm", container, &name]))?;
        Ok(name)
    }

    /// Removes what an earlier check left.
    fn clear(&self) {
        let _ = run_quiet(self.buildah().args(["rm", "--all"]));
        let _ = run_quiet(self.buildah().args(["rmi", "--all", "--force"]));
    }
}

fn by_buildah(
    store: &Store,
    dockerfile: &Dockerfile,
    context: &Path,
    runtime: &Path,
    compile: &Compile,
) -> Result<PathBuf> {
    store.clear();
    let tools = tools_base(&store.folder.join("tools"))?;
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    let cargo = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let rustup = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| format!("{home}/.rustup"));
    let mut environment = vec![
        ("PATH", format!("/usr/local/bin:{cargo}/bin:/usr/bin:/usr/sbin")),
        ("CARGO_HOME", cargo.clone()),
        ("RUSTUP_HOME", rustup.clone()),
        ("HOME", "/root".to_owned()),
        ("CARGO_INCREMENTAL", "0".to_owned()),
    ];
    // Where this machine reaches the registries through a proxy with a certificate of its own.
    for name in ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "NODE_EXTRA_CA_CERTS"] {
        environment.extend(std::env::var(name).ok().map(|value| (name, value)));
    }
    let tools = store.image("tools", &tools, &environment)?;
    let node = store.image("node", &node_base(&store.folder.join("node"))?, &[])?;
    let runtime = store.image("runtime", runtime, &[])?;
    let mut build = store.buildah();
    build.args(["build", "--isolation", "chroot", "--format", "docker", "--no-cache"]);
    for (base, image) in [("RUST_BASE", &tools), ("NODE_BASE", &node), ("RUNTIME_BASE", &runtime)] {
        if !dockerfile.bases().contains_key(base) {
            bail!("the Dockerfile has no argument {base}");
        }
        build.args(["--build-arg", &format!("{base}={image}")]);
    }
    for folder in TOOLS {
        build.args(["--volume", &format!("/usr/{folder}:/usr/{folder}:ro")]);
    }
    for folder in ["/etc/alternatives", "/etc/ssl"] {
        build.args(["--volume", &format!("{folder}:{folder}:ro")]);
    }
    build.args(["--volume", &format!("{cargo}:{cargo}")]);
    if Path::new(&rustup).is_dir() {
        build.args(["--volume", &format!("{rustup}:{rustup}")]);
    }
    if compile.here {
        // A context of a stage's name takes its place.
        for stage in ["web", "server"] {
            let made = store.folder.join("stages").join(stage);
            build.args(["--build-context", &format!("{stage}={}", made.display())]);
        }
    } else {
        // In place of the cache mounts, which buildah would keep elsewhere: the stages share them, and they are empty.
        for (name, at) in [("target", "/src/target"), ("data", "/src/data"), ("npm", "/root/.npm")]
        {
            let folder = store.folder.join(name);
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder)?;
            build.args(["--volume", &format!("{}:{at}", folder.display())]);
        }
    }
    build.args(["--build-arg", &format!("PROFILE={}", compile.profile)]);
    let revision = run_quiet(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root()))?;
    build.args(["--build-arg", &format!("REVISION={}", revision.trim())]);
    build.args(["--tag", "localhost/claviger", "--file"]).arg(context.join("Dockerfile"));
    step("Building the image with buildah (the release build takes long when cold)", || {
        run(build.arg(context))
    })?;
    labels(store)?;
    let container = run_quiet(store.buildah().args(["from", "localhost/claviger"]))?;
    let mounted = run_quiet(store.buildah().args(["mount", container.trim()]))?;
    Ok(PathBuf::from(mounted.trim()))
}

/// The image's own description; an error if the engine made other things of the Dockerfile than it says.
fn labels(store: &Store) -> Result<()> {
    let text =
        run_quiet(store.buildah().args(["inspect", "--type", "image", "localhost/claviger"]))?;
    let inspected: serde_json::Value = serde_json::from_str(&text)?;
    let config = &inspected["Docker"]["config"];
    for label in ["title", "licenses", "version", "revision"] {
        let name = format!("org.opencontainers.image.{label}");
        if config["Labels"][&name].as_str().is_none_or(str::is_empty) {
            bail!("the image has no label {name}");
        }
    }
    if config["Healthcheck"]["Test"].as_array().is_none_or(Vec::is_empty) {
        bail!("the image has no health check");
    }
    Ok(())
}

/// A root file system into which this machine's tools are mounted.
fn tools_base(to: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(to);
    for folder in
        ["etc", "root", "var/tmp", "dev", "proc", "sys", "tmp", "usr/local/bin", "usr/local/lib"]
    {
        fs::create_dir_all(to.join(folder))?;
    }
    run_quiet(Command::new("chmod").arg("1777").arg(to.join("tmp")).arg(to.join("var/tmp")))?;
    for folder in ["bin", "sbin", "lib", "lib64"] {
        std::os::unix::fs::symlink(format!("usr/{folder}"), to.join(folder))?;
    }
    fs::write(to.join("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n")?;
    fs::write(to.join("etc/group"), "root:x:0:\n")?;
    Ok(to.to_path_buf())
}

/// Node.js and npm where the official image has them.
fn node_base(to: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(to);
    let node = which(&["node", "nodejs"]).context("Node.js is missing")?;
    let npm = which(&["npm"]).context("npm is missing")?;
    let npm = fs::canonicalize(npm)?;
    let package = npm.ancestors().nth(2).context("the folder of npm")?;
    let (bin, modules) = (to.join("usr/local/bin"), to.join("usr/local/lib/node_modules"));
    fs::create_dir_all(&bin)?;
    fs::create_dir_all(&modules)?;
    fs::copy(fs::canonicalize(node)?, bin.join("node"))?;
    run_quiet(Command::new("cp").args(["-RL"]).arg(package).arg(modules.join("npm")))?;
    Ok(to.to_path_buf())
}

/// Runs these stages' scripts in a folder with the sources. `/out` of a stage is `NAME/out` below `stages`.
fn scripts(
    dockerfile: &Dockerfile,
    wanted: &[&str],
    at: &Path,
    stages: &Path,
    compile: &Compile,
) -> Result<()> {
    for script in dockerfile.scripts() {
        let (program, arguments) = script.split_first().context("a stage without a script")?;
        let stage = Path::new(program).file_stem().and_then(|name| name.to_str()).unwrap_or("");
        if !wanted.contains(&stage) {
            continue;
        }
        let mut command = Command::new(at.join(program));
        command.current_dir(at).env("PROFILE", &compile.profile);
        if let Some(programs) = &compile.programs {
            command.env("PROGRAMS", programs);
        }
        for argument in arguments {
            command.arg(match argument.strip_prefix("/stages/") {
                Some(of) => stages.join(of).join("out"),
                None if argument == "/out" => stages.join(stage).join("out"),
                None => {
                    bail!("{program} has the argument {argument}, which the check does not know")
                }
            });
        }
        step(&format!("Running {program}"), || run(&mut command))?;
    }
    Ok(())
}
