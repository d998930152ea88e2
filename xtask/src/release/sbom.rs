//! The bill of materials in `CycloneDX` 1.6: every crate that is compiled into the two programs, from Cargo's own resolution.

use crate::shell::{cargo, root, run_quiet};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The crates with the programs.
const PROGRAMS: [&str; 2] = ["claviger", "claviger-cli"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// Absent for what is linked; `dev` and `build` otherwise.
    kind: Option<String>,
}

/// Writes it for this platform.
pub fn write(file: &Path) -> Result<()> {
    let rustc = run_quiet(std::process::Command::new("rustc").arg("-vV").current_dir(root()))?;
    let host = rustc
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names no platform")?;
    let mut command = cargo();
    command.args(["metadata", "--format-version=1", "--locked", "--filter-platform", host]);
    let metadata: Metadata = serde_json::from_str(&run_quiet(&mut command)?)?;
    let sums = checksums(&fs::read_to_string(root().join("Cargo.lock"))?);
    let bom = bill(&metadata, &sums)?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, format!("{bom:#}\n"))?;
    Ok(())
}

/// The SHA-256 of each crate's archive, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut sums = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start_matches(" = ").trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(sum)) =
            (field("name"), field("version"), field("checksum"))
        {
            sums.insert((name, version), sum);
        }
    }
    sums
}

fn bill(metadata: &Metadata, sums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let nodes: BTreeMap<&str, &Node> =
        metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let packages: BTreeMap<&str, &Package> =
        metadata.packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let mut open: Vec<&str> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none() && PROGRAMS.contains(&package.name.as_str()))
        .map(|package| package.id.as_str())
        .collect();
    // What is linked: neither what only tests use, nor what only builds.
    let linked = |id: &str| -> Vec<&str> {
        let dependencies = nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
        let is_linked = |kinds: &[Kind]| kinds.iter().any(|kind| kind.kind.is_none());
        dependencies
            .iter()
            .filter(|dependency| is_linked(&dependency.dep_kinds))
            .map(|dependency| dependency.pkg.as_str())
            .collect()
    };
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(linked(id));
        }
    }
    let known = |id: &&str| -> Result<&Package> {
        packages.get(*id).copied().with_context(|| format!("the package {id}"))
    };
    let reference = |package: &Package| format!("pkg:cargo/{}@{}", package.name, package.version);
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for id in &reached {
        let package = known(id)?;
        let mut component = json!({
            "type": "library",
            "bom-ref": reference(package),
            "name": package.name,
            "version": package.version,
            "purl": reference(package),
        });
        if let Some(license) = &package.license {
            // Cargo still accepts the old slash for "or".
            let expression = license.replace('/', " OR ").replace("  ", " ");
            component["licenses"] = json!([{ "expression": expression }]);
        }
        if let Some(sum) = sums.get(&(package.name.clone(), package.version.clone())) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
        }
        if let Some(url) = &package.repository {
            component["externalReferences"] = json!([{ "type": "vcs", "url": url }]);
        }
        components.push(component);
        let on: BTreeSet<String> =
            linked(id).iter().map(|id| known(id).map(reference)).collect::<Result<_>>()?;
        dependencies.push(json!({ "ref": reference(package), "dependsOn": on }));
    }
    let server = metadata.packages.iter().find(|package| package.name == PROGRAMS[0]);
    let server = server.context("the package claviger")?;
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "claviger-release",
                "name": server.name,
                "version": server.version,
                "licenses": [{ "expression": server.license.as_deref().unwrap_or("NOASSERTION") }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_linked_is_listed() -> Result<()> {
        let metadata: Metadata = serde_json::from_value(json!({
            "packages": [
                { "id": "a", "name": "claviger", "version": "1.0.0", "license": "Apache-2.0" },
                { "id": "b", "name": "linked", "version": "2.0.0", "license": "MIT/Apache-2.0", "source": "r" },
                { "id": "c", "name": "tests-only", "version": "3.0.0", "source": "r" },
                { "id": "d", "name": "deeper", "version": "4.0.0", "source": "r" },
            ],
            "resolve": { "nodes": [
                { "id": "a", "deps": [
                    { "pkg": "b", "dep_kinds": [{ "kind": null }, { "kind": "dev" }] },
                    { "pkg": "c", "dep_kinds": [{ "kind": "dev" }] },
                ] },
                { "id": "b", "deps": [{ "pkg": "d", "dep_kinds": [{ "kind": null }] }] },
                { "id": "c", "deps": [] },
                { "id": "d", "deps": [] },
            ] },
        }))?;
        let lock = "[[package]]\nname = \"linked\"\nversion = \"2.0.0\"\nchecksum = \"abc\"\n";
        let bom = bill(&metadata, &checksums(lock))?;
        let names: Vec<&str> = bom["components"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|component| component["name"].as_str())
            .collect();
        assert_eq!(names, ["claviger", "linked", "deeper"]);
        assert_eq!(bom["components"][1]["hashes"][0]["content"], "abc");
        assert_eq!(bom["components"][1]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bom["dependencies"][0]["dependsOn"][0], "pkg:cargo/linked@2.0.0");
        Ok(())
    }
}
