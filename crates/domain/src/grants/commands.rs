//! Commands for display: each can be pasted into a POSIX shell.

use super::{Action, GrantId, GrantResource, Selectable};
use crate::{code::shell, facts::Kind};

/// A text as one word of a POSIX shell; also for readers of `credential_process` that split by its rules.
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    shell::quoted(text)
}

/// The name of the profile that `clv configure` writes for a grant.
pub fn profile(grant: GrantId) -> String {
    format!("claviger-{grant}")
}

/// The AWS CLI command that uses a grant on one of its resources, in that resource's Region.
pub fn aws_command(grant: GrantId, action: Action, resource: &GrantResource) -> String {
    let region = shell_word(resource.region.as_str());
    let arn = shell_word(resource.arn.as_str());
    // With an equals sign, so that a name can begin with a hyphen.
    let name = shell_word(&resource.name);
    let call = match (resource.kind, action) {
        (Kind::Secret, Action::Read | Action::Change) => {
            format!("secretsmanager get-secret-value \\\n    --secret-id {arn}")
        }
        (Kind::Secret, Action::Write) => format!(
            "secretsmanager put-secret-value \\\n    --secret-id {arn} --secret-string file://new-value"
        ),
        (Kind::Secret, Action::Rotate) => {
            format!("secretsmanager rotate-secret \\\n    --secret-id {arn}")
        }
        (Kind::Parameter, Action::Read | Action::Change) => {
            format!("ssm get-parameter \\\n    --name={name} --with-decryption")
        }
        (Kind::Parameter, _) => {
            format!("ssm put-parameter \\\n    --name={name} --overwrite --value file://new-value")
        }
    };
    format!("aws --profile {} --region {region} {call}", profile(grant))
}

/// The equivalent `clv` command; the ARN identifies the resource.
pub fn clv_command(grant: GrantId, action: Action, resource: &GrantResource) -> String {
    let arn = shell_word(resource.arn.as_str());
    match action {
        Action::Read => format!("clv get {arn} --grant {grant}"),
        Action::Write => format!("clv put {arn} --grant {grant} < new-value"),
        Action::Rotate => format!("clv rotate {arn} --grant {grant}"),
        Action::Change => match resource.kind {
            Kind::Secret => format!("clv edit {arn} --grant {grant} --set KEY < new-value"),
            Kind::Parameter => format!("clv parameter {arn} --grant {grant} --tier Advanced"),
        },
    }
}

/// The command that writes the profile. If the grant's resources are in several Regions, or need several sessions,
/// the profile is for one of them.
pub fn configure_command(grant: GrantId, only: Option<&GrantResource>) -> String {
    let only = only.map(|resource| format!(" --secret {}", shell_word(resource.arn.as_str())));
    format!("clv configure --grant {grant}{}", only.unwrap_or_default())
}

/// The options and words that identify one of several candidates: by account and Region if that is enough,
/// otherwise by ARN. They follow a command such as `clv get`.
pub fn telling_apart<T: Selectable>(candidates: &[T]) -> Vec<String> {
    let location = |one: &T| (one.arn().account().to_owned(), one.arn().region().to_owned());
    candidates
        .iter()
        .map(|one| {
            let (account, region) = location(one);
            let is_alone =
                candidates.iter().filter(|other| location(other) == location(one)).count() == 1;
            // A name that begins with a hyphen would be read as an option.
            if is_alone && !one.name().starts_with('-') {
                let name = shell_word(one.name());
                format!("{name} --account {account} --region {}", shell_word(&region))
            } else {
                shell_word(one.arn().as_str())
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ResourceId;
    use rstest::rstest;
    use std::{
        process::Command,
        sync::atomic::{AtomicU32, Ordering},
    };
    use uuid::Uuid;

    fn resource(kind: Kind, region: &str, name: &str) -> GrantResource {
        let arn = match kind {
            Kind::Secret => {
                format!("arn:aws:secretsmanager:{region}:111122223333:secret:{name}-AbCdEf")
            }
            Kind::Parameter => format!("arn:aws:ssm:{region}:111122223333:parameter{name}"),
        };
        GrantResource {
            id: ResourceId(Uuid::from_u128(1)),
            arn: arn.parse().unwrap(),
            name: name.into(),
            kind,
            region: region.parse().unwrap(),
            key: None,
            owner_team: None,
        }
    }

    /// How a shell parses a command: the words that the program gets.
    fn words(command: &str) -> Vec<String> {
        let functions = r#"aws() { printf '%s\0' "$@"; }; clv() { printf '%s\0' "$@"; };"#;
        let folder = tempdir();
        std::fs::write(folder.join("new-value"), "x").unwrap();
        let done = Command::new("sh")
            .args(["-euc", &format!("{functions} {command}")])
            .current_dir(&folder)
            .output()
            .unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
        let text = String::from_utf8(done.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    fn tempdir() -> std::path::PathBuf {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "claviger-commands-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    const HARD: [&str; 7] =
        ["/a/b", "two words", "it's", "$HOME `id` $(id)", "a\"b\\c", "*;&|<>~#!", "-n"];

    #[test]
    fn a_word_is_one_word() {
        for text in HARD.into_iter().chain([""]) {
            assert_eq!(words(&format!("aws {}", shell_word(text))), [text]);
        }
    }

    #[rstest]
    fn each_command_runs_with_the_name_and_the_region_that_it_is_for(
        #[values(Kind::Secret, Kind::Parameter)] kind: Kind,
        #[values(Action::Read, Action::Write, Action::Rotate, Action::Change)] action: Action,
    ) {
        for name in HARD {
            let resource = resource(kind, "eu-west-1", name);
            let aws = words(&aws_command(GrantId(12), action, &resource));
            assert_eq!(aws[..4], ["--profile", "claviger-G-12", "--region", "eu-west-1"]);
            let is_named = match kind {
                Kind::Secret => aws.contains(&resource.arn.to_string()),
                Kind::Parameter => aws.contains(&format!("--name={name}")),
            };
            assert!(is_named, "{aws:?}");
            let clv = words(&clv_command(GrantId(12), action, &resource));
            assert_eq!(clv[1..4], [resource.arn.as_str(), "--grant", "G-12"]);
            let profile = words(&configure_command(GrantId(12), Some(&resource)));
            assert_eq!(
                profile,
                ["configure", "--grant", "G-12", "--secret", resource.arn.as_str()]
            );
        }
    }

    #[test]
    fn candidates_are_told_apart_by_place_or_else_by_arn() {
        let apart = telling_apart(&[
            resource(Kind::Secret, "us-east-1", "it's"),
            resource(Kind::Secret, "eu-west-1", "it's"),
        ]);
        assert_eq!(
            words(&format!("clv get {}", apart[1])),
            ["get", "it's", "--account", "111122223333", "--region", "eu-west-1"]
        );
        let same_place = [
            resource(Kind::Secret, "us-east-1", "/a"),
            resource(Kind::Parameter, "us-east-1", "/a"),
        ];
        assert_eq!(
            telling_apart(&same_place),
            [
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:/a-AbCdEf",
                "arn:aws:ssm:us-east-1:111122223333:parameter/a"
            ]
        );
    }
}
