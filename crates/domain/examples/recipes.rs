//! Writes every recipe for sample resources into a folder, with a manifest that says how each file is to be proven:
//! `cargo run -p claviger-domain --example recipes -- FOLDER [SUBJECTS]`.
//!
//! SUBJECTS is a JSON object of further resources by the name of their folder, such as those of an emulator, whose ARNs are known
//! only when they exist.

use claviger_domain::inventory::recipes::{
    RecipeId, Subject, extension_layers, recipe, samples, without_codebuild,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, env, error::Error, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [folder] => write(Path::new(folder), None),
        [folder, subjects] => write(Path::new(folder), Some(Path::new(subjects))),
        _ => Err("usage: recipes FOLDER [SUBJECTS]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path, subjects: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let samples = samples::all().into_iter();
    let mut all: BTreeMap<String, Subject> =
        samples.map(|(name, subject)| (name.to_owned(), subject)).collect();
    if let Some(file) = subjects {
        all.extend(serde_json::from_str::<BTreeMap<String, Subject>>(&fs::read_to_string(file)?)?);
    }
    let mut files = Vec::new();
    for (name, subject) in &all {
        for id in RecipeId::of(subject) {
            files.extend(write_one(folder, name, id, subject)?);
        }
    }
    let layers: BTreeMap<&str, String> = extension_layers().into_iter().collect();
    let manifest = json!({
        "files": files,
        "extension_layers": layers,
        "without_codebuild": without_codebuild(),
    });
    fs::write(folder.join("manifest.json"), format!("{manifest:#}\n"))?;
    Ok(())
}

/// The files of one recipe, as the manifest has them.
fn write_one(
    folder: &Path,
    name: &str,
    id: RecipeId,
    subject: &Subject,
) -> Result<Vec<Value>, Box<dyn Error>> {
    let place = folder.join(name).join(id.to_string());
    fs::create_dir_all(&place)?;
    let mut written = Vec::new();
    for file in recipe(id, subject)?.files {
        fs::write(place.join(&file.name), &file.text)?;
        written.push(json!({
            "subject": name,
            "recipe": id.to_string(),
            "path": format!("{name}/{id}/{}", file.name),
            "proof": file.proof.to_string(),
            "resource": subject,
        }));
    }
    Ok(written)
}
