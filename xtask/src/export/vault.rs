//! A team's vault as the console fills it in: applied at the emulator, where it passes our own baseline, and synthesized by the
//! CDK.

use super::{cdk, no_value_in};
use crate::{
    infra::Terraform,
    person,
    rollout::Aws,
    shell::{root, without_aws},
    stack::{Stack, Tools},
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use ureq::Agent;

/// An account with nothing in it, outside the demo's Organization.
const ACCOUNT: &str = "730018829416";
/// An account of the demo's Organization, which the form names.
const MEMBER: &str = "441205839201";
const SECRETS: [&str; 2] = ["ledger/postgres", "stripe/api-key"];

/// The form of the page, sent.
fn form(format: &str) -> String {
    let fields: [(&str, &str); 12] = [
        ("team", "Payments @ Ledger"),
        ("account", MEMBER),
        ("region", "us-east-1"),
        ("organization", "o-n0rthw1nd1"),
        ("function", &format!("arn:aws:lambda:us-east-1:{MEMBER}:function:rotate")),
        ("readers", "ecs-tasks.amazonaws.com"),
        ("others", &format!("arn:aws:iam::{MEMBER}:role/claviger-access")),
        ("tags", "env=prod\ncost-center=cc-1000 a+b@c"),
        ("topic", &format!("arn:aws:sns:us-east-1:{MEMBER}:payments")),
        ("secrets", &SECRETS.map(|name| format!("{name}: \"{name}\" of ${{team}}")).join("\n")),
        ("as", format),
        ("sent", "yes"),
    ];
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |mut encoded, byte| {
            use std::fmt::Write as _;
            let _ = write!(encoded, "%{byte:02X}");
            encoded
        })
    };
    fields.map(|(name, value)| format!("{name}={}", encoded(value))).join("&")
}

/// Saves a file of the vault, as the console writes it but for the account.
fn save(ada: &Agent, stack: &Stack, format: &str, name: &str, to: &Path) -> Result<()> {
    let url = format!("{}/export/vault?{}&file={name}", stack.url(), form(format));
    let path = to.join(name);
    fs::create_dir_all(path.parent().context("a file without a folder")?)?;
    Ok(fs::write(path, person::get(ada, &url)?.replace(MEMBER, ACCOUNT))?)
}

pub fn by_terraform(
    tools: &Tools,
    folder: &Path,
    (ada, stack): (&Agent, &Stack),
    binary: &Path,
) -> Result<()> {
    let terraform = Terraform::prepare_in(folder)?;
    let at = folder.join("terraform/vault");
    save(ada, stack, "terraform", "vault-payments-ledger.tf", &at)?;
    for entry in fs::read_dir(root().join("infra/terraform/team-vault"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|end| end == "tf") {
            save(ada, stack, "terraform", &format!("team-vault/{name}"), &at)?;
        }
    }
    let owner = Aws::root(tools, &stack.aws_url(), ACCOUNT);
    let environment = owner.environment();
    let run = |arguments: &[&str]| terraform.run_with("vault", arguments, &environment);
    run(&["fmt", "-check", "-recursive", "-diff", "-no-color"])?;
    run(&["init", "-input=false", "-no-color"])?;
    run(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
    // As the file says: the first value, then the rotation.
    for name in SECRETS {
        let (id, value) = (format!("payments-ledger/{name}"), format!("{}vault", stack.canary));
        owner.run(&[
            "secretsmanager",
            "put-secret-value",
            "--secret-id",
            &id,
            "--secret-string",
            &value,
        ])?;
    }
    let file = at.join("vault-payments-ledger.tf");
    let text = fs::read_to_string(&file)?;
    ensure!(text.contains(", rotates = false"), "the secrets do not wait for their value: {text}");
    fs::write(&file, text.replace(", rotates = false", ""))?;
    run(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
    run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"])
        .context("the plan after the apply is not empty")?;
    no_value_in(&at, &stack.canary)?;
    passes_baseline(&owner, binary)
}

/// `claviger scan` with the pack that ships with Claviger.
fn passes_baseline(owner: &Aws, binary: &Path) -> Result<()> {
    let mut scan = Command::new(binary);
    scan.args(["scan", "--region", "us-east-1", "--pack", "baseline"]);
    scan.args(["--format", "json", "--fail-on", "low", "--allow-partial"]);
    let output = without_aws(&mut scan).envs(owner.environment()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let scan: Value =
        serde_json::from_slice(&output.stdout).with_context(|| format!("claviger scan: {said}"))?;
    let findings = scan["findings"].as_array().context("the scan has no findings")?;
    let failing: Vec<&Value> = findings.iter().filter(|one| one["verdict"] == "fail").collect();
    ensure!(
        output.status.success() && failing.is_empty(),
        "the vault fails its baseline: {failing:?} {said}"
    );
    ensure!(scan["regions"][0]["secrets"] == SECRETS.len(), "the scan found other secrets: {scan}");
    let count = |what: &str| -> u64 {
        let of = scan["checks"].as_object().into_iter().flatten();
        of.filter_map(|(_, counts)| counts[what].as_u64()).sum()
    };
    ensure!(count("pass") > 0 && count("fail") == 0, "no check passes: {scan}");
    println!(
        "    baseline: {} checks pass, {} unknown, none fails",
        count("pass"),
        count("unknown")
    );
    Ok(())
}

pub fn by_cdk(tools: &Tools, folder: &Path, ada: &Agent, stack: &Stack) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    for name in ["vault-payments-ledger.ts", "team-vault.ts"] {
        save(ada, stack, "cdk", name, folder)?;
    }
    let app = fs::read_to_string(folder.join("vault-payments-ledger.ts"))?;
    fs::remove_file(folder.join("vault-payments-ledger.ts"))?;
    let app = app.replace("new App()", "new App({ outdir: \"synthesized\" })");
    let synthesized: PathBuf = cdk::run_app(tools, folder, &app)?;
    let template = fs::read_to_string(synthesized.join("PaymentsLedgerVault.template.json"))?;
    let template: Value = serde_json::from_str(&template)?;
    let resources = template["Resources"].as_object().context("the vault has no resources")?;
    for (kind, wanted) in [
        ("AWS::SecretsManager::Secret", SECRETS.len()),
        ("AWS::SecretsManager::ResourcePolicy", SECRETS.len()),
        ("AWS::KMS::Key", 1),
        ("AWS::IAM::Role", 2),
        ("AWS::Events::Rule", 1),
    ] {
        let found = resources.values().filter(|one| one["Type"] == kind).count();
        ensure!(found == wanted, "the vault has {found} of {kind}");
    }
    ensure!(
        !template.to_string().contains("GenerateSecretString"),
        "CloudFormation would generate a value"
    );
    Ok(())
}
