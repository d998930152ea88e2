use super::*;
use std::process::Stdio;

const OWNER: &str = "id: owner\ntitle: Owners\nseverity: medium\nrule: {owner: {}}\n";
const KEY: &str =
    "id: key\ntitle: Keys | <b> @all\nseverity: low\nrule: {customer-managed-key: {}}\n";

/// A repository with the file `policies/a.yaml` in its only commit, `main`.
fn repository(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let done = Command::new("git")
            .args([
                "-C",
                folder.path().to_str().unwrap(),
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.com",
            ])
            .args(arguments)
            .stdout(Stdio::null())
            .status();
        assert!(done.unwrap().success(), "{arguments:?}");
    };
    run(&["init", "--quiet", "--initial-branch=main"]);
    fs::create_dir(folder.path().join("policies")).unwrap();
    fs::write(folder.path().join("policies/a.yaml"), text).unwrap();
    run(&["add", "."]);
    run(&["commit", "--quiet", "-m", "a"]);
    folder
}

fn diff(files: Vec<PathBuf>, against: &str, inventory: Option<PathBuf>) -> Diff {
    Diff { files, against: against.into(), inventory, format: Format::Text }
}

fn between(diff: &Diff) -> Result<(Option<String>, Option<String>), StartError> {
    let file = &diff.files[0];
    revision(file, &diff.against)?;
    Ok((in_git(file, &diff.against)?, fs::read_to_string(file).ok()))
}

#[test]
fn the_other_version_is_that_of_the_revision() {
    let repository = repository(OWNER);
    let file = repository.path().join("policies/a.yaml");
    fs::write(&file, KEY).unwrap();
    let diff = diff(vec![file.clone()], "main", None);
    assert_eq!(between(&diff).unwrap(), (Some(OWNER.into()), Some(KEY.into())));
    diff.print().unwrap();
    // A new file, and one that is removed with its folder.
    assert_eq!(in_git(&repository.path().join("policies/b.yaml"), "main").unwrap(), None);
    fs::remove_dir_all(repository.path().join("policies")).unwrap();
    assert_eq!(in_git(&file, "main").unwrap(), Some(OWNER.into()));
    diff.print().unwrap();
}

/// A pull request can bring a folder that is a bare repository, with a configuration and revisions of its own.
#[test]
fn an_embedded_bare_repository_is_not_asked() {
    let repository = repository(OWNER);
    let bare = repository.path().join("bare");
    let cloned = Command::new("git")
        .args(["clone", "--quiet", "--bare"])
        .args([repository.path(), bare.as_path()])
        .stdout(Stdio::null())
        .status();
    assert!(cloned.unwrap().success());
    fs::write(bare.join("a.yaml"), OWNER).unwrap();
    let error = diff(vec![bare.join("a.yaml")], "main", None).print().unwrap_err().to_string();
    assert!(error.contains("bare repository"), "{error}");
}

#[test]
fn what_begins_with_a_hyphen_is_no_option() {
    let repository = repository(OWNER);
    let file = repository.path().join("policies/a.yaml");
    let output = repository.path().join("pwned");
    let against = format!("--output={}", output.display());
    assert!(diff(vec![file.clone()], &against, None).print().is_err());
    assert_eq!(in_git(&file, &against).unwrap(), None);
    assert!(!output.exists());
    let shown = git(&file, &["show", "--end-of-options", "main:./a.yaml"]).unwrap();
    assert_eq!(shown.stdout, OWNER.as_bytes());
}

#[test]
fn what_cannot_be_compared_says_why() {
    let repository = repository(OWNER);
    let file = repository.path().join("policies/a.yaml");
    let error = |diff: Diff| diff.print().unwrap_err().to_string();
    let unknown = error(diff(vec![file.clone()], "origin/main", None));
    assert!(
        unknown.contains("no revision \"origin/main\"") && unknown.contains("git fetch"),
        "{unknown}"
    );
    let absent = error(diff(vec![repository.path().join("none.yaml")], "main", None));
    assert!(absent.contains("none.yaml"), "{absent}");
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("a.yaml"), OWNER).unwrap();
    let no_git = error(diff(vec![outside.path().join("a.yaml")], "main", None));
    assert!(no_git.contains("not a git repository"), "{no_git}");
    fs::write(&file, "id: owner\n").unwrap();
    let invalid = error(diff(vec![file.clone()], "main", None));
    assert!(invalid.contains("a.yaml"), "{invalid}");
    fs::write(&file, OWNER).unwrap();
    let other = repository.path().join("policies/b.yaml");
    fs::write(&other, OWNER).unwrap();
    let twice = error(diff(vec![file.clone(), other], "main", None));
    assert!(twice.contains("two files have the policy owner"), "{twice}");
    let wrong = repository.path().join("wrong.json");
    fs::write(&wrong, "{}").unwrap();
    let inventory = error(diff(vec![file], "main", Some(wrong)));
    assert!(inventory.contains("wrong.json: it is neither"), "{inventory}");
}

#[test]
fn a_comment_is_a_table_that_titles_do_not_break() {
    let after = read_policies(KEY).unwrap();
    let found = policy_diff(&[], &after, None);
    let text = diff(Vec::new(), "origin/main", None).as_markdown(&found, None);
    let row = text.lines().find(|line| line.contains("`key`")).unwrap();
    assert_eq!(row.matches('|').count(), 8, "{row}");
    assert!(!row.contains("<b>") && !row.contains("@all"), "{row}");
    assert!(text.contains("no inventory was given"), "{text}");
    let same = policy_diff(&after, &after, None);
    let text = diff(Vec::new(), "main", None).as_markdown(&same, None);
    assert!(text.contains("No policy differs. Unchanged: 1."), "{text}");
}

/// The action's script with stand-ins for Git, GitHub's client and this program, each of which notes how it was called.
fn post(own_comment: &str, number: &str) -> (String, String) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let note = "printf '%s' \"${0##*/}\" >>\"$CALLS\"; printf ' [%s]' \"$@\" >>\"$CALLS\"; echo >>\"$CALLS\"\n";
    for (name, more) in [
        ("git", ""),
        ("claviger", "echo 'a table'\n"),
        ("gh", "case \"$*\" in *--paginate*) printf '%s' \"$OWN\" ;; esac\n"),
    ] {
        fs::write(at(name), format!("#!/bin/sh\n{note}{more}")).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/actions/policy-diff/post.sh");
    let done = Command::new("bash")
        .arg(script)
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .envs([("FILES", "a.yaml b/*.yaml\n$(touch pwned)"), ("AGAINST", ""), ("BASE", "main")])
        .envs([("INVENTORY", "scan.json"), ("CLAVIGER", "claviger"), ("NUMBER", number)])
        .envs([("REPOSITORY", "acme/policies"), ("OWN", own_comment)])
        .env("CALLS", at("calls"))
        .env("GITHUB_STEP_SUMMARY", at("summary"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(!at("pwned").exists());
    let read = |name: &str| fs::read_to_string(at(name)).unwrap();
    (read("calls"), read("summary"))
}

#[test]
fn the_action_replaces_its_own_comment() {
    let (calls, summary) = post("", "7");
    assert!(calls.contains("git [fetch] [--quiet]"), "{calls}");
    let diff = "claviger [policy] [diff] [--against] [origin/main] [--format] [markdown] [--inventory] [scan.json] [--] [a.yaml] [b/*.yaml] [$(touch] [pwned)]";
    assert!(calls.contains(diff), "{calls}");
    assert!(calls.contains("[POST] [repos/acme/policies/issues/7/comments]"), "{calls}");
    assert!(summary.contains("a table"), "{summary}");
    let (calls, _) = post("42\n43", "7");
    assert!(calls.contains("[PATCH] [repos/acme/policies/issues/comments/42]"), "{calls}");
    // Anybody can write a comment that begins with the mark.
    assert!(calls.contains("select(.user.type == \"Bot\" and (.body | startswith("), "{calls}");
    // Without a pull request there is the summary alone.
    let (calls, summary) = post("", "");
    assert!(!calls.contains("gh ") && summary.contains("a table"), "{calls}");
}

/// GitHub replaces an expression before the shell reads the script: a branch's name would be a part of it.
#[test]
fn nothing_of_others_is_in_the_actions_script() {
    let action = include_str!("../../../.github/actions/policy-diff/action.yml");
    let run: Vec<&str> =
        action.lines().filter(|line| line.trim_start().starts_with("run:")).collect();
    assert_eq!(run, ["      run: bash \"$GITHUB_ACTION_PATH/post.sh\""]);
}
