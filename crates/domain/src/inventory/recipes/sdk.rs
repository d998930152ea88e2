//! Programs: AWS's caching clients, and Powertools where AWS has none.

use super::{
    BINARY, Proof, Recipe, RecipeAction, RecipeFile, RecipeId, Subject, base, facts, file, rights,
};

const FIVE_MINUTES: &str = "In memory, for 300 seconds as the recipe sets it.";
const STALE: &str =
    "The old value until the 300 seconds are over, then the new one. The program need not restart.";
const AGAIN: &str = "connected() connects with the value in memory. If the target refuses it, the recipe reads the value again and tries once more; a second refusal is an error.";

fn program(
    id: RecipeId,
    subject: &Subject,
    files: Vec<RecipeFile>,
    more: &[RecipeAction],
) -> Recipe {
    let mut traps =
        vec!["Read where you connect, and not into a setting at the start: a value kept elsewhere is not refreshed.".to_owned()];
    if subject.is_secret() {
        traps.push(BINARY.to_owned());
    }
    Recipe {
        files,
        cache: FIVE_MINUTES.to_owned(),
        at_rotation: STALE.to_owned(),
        on_auth_failure: AGAIN.to_owned(),
        traps,
        rights: rights(subject, more),
        reader: "The role that the program runs with".to_owned(),
        ..base(id, subject)
    }
}

/// AWS's clients ask which version has the stage before they read it.
const DESCRIBES: [RecipeAction; 1] = [RecipeAction::DescribeSecret];

pub(super) fn python(subject: &Subject) -> Recipe {
    let facts = facts(subject);
    if subject.is_secret() {
        let text = include_str!("texts/python.py");
        let files = vec![file("secret.py", Proof::Run, text, &facts)];
        return program(RecipeId::Python, subject, files, &DESCRIBES);
    }
    let text = include_str!("texts/python-parameter.py");
    let files = vec![file("parameter.py", Proof::Run, text, &facts)];
    program(RecipeId::Python, subject, files, &[])
}

pub(super) fn java(subject: &Subject) -> Recipe {
    let text = include_str!("texts/Secret.java");
    let files = vec![file("Secret.java", Proof::TreeSitter, text, &facts(subject))];
    let mut recipe = program(RecipeId::Java, subject, files, &DESCRIBES);
    recipe.traps.push("Dependencies: com.amazonaws.secretsmanager:aws-secretsmanager-caching-java 2 and com.fasterxml.jackson.core:jackson-databind.".to_owned());
    recipe
}

pub(super) fn go(subject: &Subject) -> Recipe {
    let text = include_str!("texts/secret.go.txt");
    let files = vec![file("secret.go", Proof::TreeSitter, text, &facts(subject))];
    let mut recipe = program(RecipeId::Go, subject, files, &DESCRIBES);
    recipe
        .traps
        .push("If a refresh fails, the client returns the old value and no error.".to_owned());
    recipe.traps.push(
        "The client has no call that refreshes one secret: the recipe makes a new cache instead."
            .to_owned(),
    );
    recipe
}

pub(super) fn javascript(subject: &Subject) -> Recipe {
    let (name, text) = if subject.is_secret() {
        ("secret.mjs", include_str!("texts/secret.mjs"))
    } else {
        ("parameter.mjs", include_str!("texts/parameter.mjs"))
    };
    let files = vec![file(name, Proof::Run, text, &facts(subject))];
    let mut recipe = program(RecipeId::JavaScript, subject, files, &[]);
    recipe.traps.push("AWS has no caching client for JavaScript of its own; this is the cache of Powertools for AWS Lambda, whose default is 5 seconds.".to_owned());
    recipe
}

pub(super) fn dotnet(subject: &Subject) -> Recipe {
    let text = include_str!("texts/Secret.cs");
    let files = vec![file("Secret.cs", Proof::TreeSitter, text, &facts(subject))];
    let mut recipe = program(RecipeId::DotNet, subject, files, &DESCRIBES);
    recipe
        .traps
        .push("Package: AWSSDK.SecretsManager.Caching. Its own default is one hour.".to_owned());
    recipe
}

pub(super) fn rust(subject: &Subject) -> Recipe {
    let text = include_str!("texts/secret.rs.txt");
    let files = vec![file("secret.rs", Proof::CompiledAndRun, text, &facts(subject))];
    program(RecipeId::Rust, subject, files, &DESCRIBES)
}
