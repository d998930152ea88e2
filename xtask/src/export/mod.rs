//! Secrets as code, proved with the tools that read it: what `clv secret export` writes of the demo is imported by Terraform
//! without a difference and without a value in its state, synthesized by the CDK and checked by cfn-lint. The same for the
//! modules of a team's vault, which pass our own baseline.

mod cdk;
mod chosen;
mod lint;
mod terraform;
mod vault;

use crate::{
    laptop::Laptop,
    person,
    process::{ending, free_port},
    rollout::Aws,
    shell::step,
    stack::{Purpose, Stack, Tools},
};
use anyhow::{Context, Result, bail, ensure};
use chosen::Chosen;
use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

/// Longer than a scan of the demo and the details of its secrets take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// `binary` is the built server; `clv` is next to it.
pub fn run(tools: &Tools, folder: &Path, binary: &Path) -> Result<()> {
    let stack = step("The demo, without a browser", || {
        Stack::start(tools, &folder.join("stack"), free_port()?, binary, Purpose::WithoutBrowser)
    })?;
    let account = chosen::ACCOUNT;
    let owner = Aws::root(tools, &stack.aws_url(), account);
    let mut secrets = Chosen::of_demo(tools)?;
    secrets.push(Chosen::create_hostile(&owner, &stack.canary)?);
    let names: Vec<&str> = secrets.iter().map(|one| one.arn.as_str()).collect();
    let (ada, laptop) = step("A scan of the demo", || {
        let ada = person::sign_in(&stack.url(), "ada", "Ada Okafor")?;
        person::scan(&ada, &stack.url(), PATIENCE)?;
        let laptop = Laptop::sign_in(binary, folder, &stack.url(), "ada", "Ada Okafor")?;
        Ok((ada, laptop))
    })?;
    let exported = folder.join("exported");
    for format in ["terraform", "cloudformation", "cdk"] {
        step(&format!("clv secret export --as {format}"), || {
            export(&laptop, &names, format, &exported.join(format))
        })?;
    }
    no_value_in(&exported, &stack.canary)?;
    step("Terraform imports them, and a second plan is empty", || {
        terraform::import(
            &folder.join("terraform"),
            &exported.join("terraform"),
            &owner,
            &secrets,
            &stack.canary,
        )
    })?;
    step("cfn-lint accepts the templates", || lint::templates(&exported.join("cloudformation")))?;
    step("The CDK synthesizes the stacks", || {
        cdk::synthesize(tools, &folder.join("cdk"), &exported.join("cdk"), account)
    })?;
    step("Terraform: a team's vault passes the baseline", || {
        vault::by_terraform(tools, &folder.join("vault"), (&ada, &stack), binary)
    })?;
    step("CDK: a team's vault", || vault::by_cdk(tools, &folder.join("vault-cdk"), &ada, &stack))?;
    Ok(())
}

/// Exports until nothing is missing that is read after the lists: details come in a queue of low priority.
fn export(laptop: &Laptop, names: &[&str], format: &str, to: &Path) -> Result<()> {
    let began = Instant::now();
    loop {
        let _ = fs::remove_dir_all(to);
        let folder = to.to_string_lossy();
        let mut arguments = vec!["secret", "export", "--as", format, "--output", &folder];
        arguments.extend(names);
        let files = laptop.clv(&arguments)?;
        let mut unread = Vec::new();
        for file in files.lines() {
            let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
            let missing = ["Not read: resource policy", "Not read: replicas", "Not read: the key."];
            unread.extend(
                text.lines()
                    .filter(|line| missing.iter().any(|one| line.contains(one)))
                    .map(str::to_owned),
            );
        }
        if unread.is_empty() {
            ensure!(!files.trim().is_empty(), "clv secret export wrote no file");
            return Ok(());
        }
        if began.elapsed() > PATIENCE || ending() {
            bail!("the export still says, as {format}: {}", unread.join("; "));
        }
        sleep(Duration::from_millis(500));
    }
}

/// Every file below the folder.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// No seeded value is in any file of a folder; of Terraform's folders, only what it writes itself.
fn no_value_in(folder: &Path, canary: &str) -> Result<()> {
    let mut all = Vec::new();
    files(folder, &mut all)?;
    ensure!(!all.is_empty(), "{} has no files: the search proves nothing", folder.display());
    for path in
        all.iter().filter(|path| !path.components().any(|part| part.as_os_str() == "providers"))
    {
        let bytes = fs::read(path)?;
        ensure!(
            !bytes.windows(canary.len()).any(|window| window == canary.as_bytes()),
            "a value is in {}",
            path.display()
        );
    }
    Ok(())
}
