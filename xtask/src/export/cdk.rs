//! The AWS CDK: packages of their own, pinned in `infra/cdk`; TypeScript is compiled and the stacks are synthesized by Node.js.

use super::{files, lint};
use crate::{setup::node, shell::run_quiet, stack::Tools};
use anyhow::{Context, Result, ensure};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const SETTINGS: &str = r#"{
  "compilerOptions": {
    "target": "ES2022",
    "module": "Node16",
    "strict": true,
    "noUnusedLocals": true,
    "skipLibCheck": true,
    "types": [],
    "outDir": "out"
  },
  "include": ["*.ts"]
}
"#;

/// Compiles the sources of a folder, runs `app`, and lints the templates that it synthesizes. Returns their folder.
pub fn run_app(tools: &Tools, folder: &Path, app: &str) -> Result<PathBuf> {
    let packages = node::packages("cdk", "infra/cdk")?.join("node_modules");
    let link = folder.join("node_modules");
    if !link.exists() {
        std::os::unix::fs::symlink(&packages, &link)?;
    }
    // As `cdk init` sets a project up; the folder above this one has ES modules.
    fs::write(folder.join("package.json"), r#"{"type": "commonjs"}"#)?;
    fs::write(folder.join("tsconfig.json"), SETTINGS)?;
    fs::write(folder.join("app.ts"), app)?;
    let compiler = packages.join("typescript/lib/tsc.js");
    run_quiet(
        Command::new(&tools.node).arg(compiler).args(["--project", "."]).current_dir(folder),
    )?;
    run_quiet(
        Command::new(&tools.node)
            .arg("out/app.js")
            .current_dir(folder)
            .env("CDK_DISABLE_VERSION_CHECK", "1")
            .env("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1"),
    )?;
    let synthesized = folder.join("synthesized");
    lint::templates(&synthesized)?;
    Ok(synthesized)
}

/// Synthesizes every exported stack.
pub fn synthesize(tools: &Tools, folder: &Path, exported: &Path, account: &str) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    let mut sources = Vec::new();
    files(exported, &mut sources)?;
    sources.retain(|path| path.extension().is_some_and(|end| end == "ts"));
    ensure!(!sources.is_empty(), "the export has no stack");
    let mut app = String::from("import { App } from \"aws-cdk-lib\";\n");
    let mut stacks = String::new();
    for path in &sources {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(path)?;
        let class = text
            .split("export class ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .with_context(|| format!("{stem} has no class"))?;
        let region = stem.strip_prefix(&format!("secrets-{account}-"));
        let region = region.with_context(|| format!("{stem} names no Region"))?;
        fs::write(folder.join(format!("{stem}.ts")), &text)?;
        let _ = writeln!(app, "import {{ {class} }} from \"./{stem}\";");
        let _ = writeln!(
            stacks,
            "new {class}(app, \"{class}\", {{ env: {{ account: \"{account}\", region: \"{region}\" }} }});"
        );
    }
    let _ = write!(
        app,
        "\nconst app = new App({{ outdir: \"synthesized\" }});\n{stacks}app.synth();\n"
    );
    let synthesized = run_app(tools, folder, &app)?;
    // The mapping names what the template has.
    for path in &sources {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mapping = exported.join(format!("{stem}.mapping.json"));
        if !mapping.exists() {
            // All of its secrets are others' own.
            continue;
        }
        let mapping = fs::read_to_string(mapping)?;
        let mapping: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&mapping)?;
        let text = fs::read_to_string(path)?;
        let class = text.split("export class ").nth(1).and_then(|rest| rest.split(' ').next());
        let template = synthesized.join(format!("{}.template.json", class.unwrap_or_default()));
        let template: serde_json::Value = serde_json::from_str(&fs::read_to_string(template)?)?;
        for id in mapping.keys() {
            ensure!(
                template["Resources"][id]["DeletionPolicy"] == "Retain",
                "{stem}: {id} of the mapping is not in the template, or not retained"
            );
        }
    }
    println!("    {} stacks", sources.len());
    Ok(())
}
