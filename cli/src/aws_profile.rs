//! A profile for the AWS CLI that gets credentials from `clv`.

use crate::{api::Api, error::CliError, say, select::part};
use claviger_domain::grants::{
    GrantId,
    commands::{aws_command, profile, shell_word},
};
use std::{fs, path::PathBuf};

pub(crate) async fn configure(
    grant: &str,
    secret: Option<&str>,
    region: Option<&str>,
) -> Result<(), CliError> {
    let grant: GrantId = grant
        .parse()
        .map_err(|expected| CliError::Input(format!("{grant:?} is not {expected}")))?;
    let part = part(&Api::signed_in()?, &grant.to_string(), secret, region).await?;
    let program = std::env::current_exe().map_err(|error| CliError::file("clv", error))?;
    let mut process = format!(
        "{} creds --grant {grant} --format credential-process",
        shell_word(&program.display().to_string())
    );
    if let Some(only) = &part.only {
        // The ARN: the grant may cover others of the same name.
        process.push_str(" --secret ");
        process.push_str(&shell_word(only.arn.as_str()));
    }
    let file = file()?;
    let said = |error| CliError::file(file.display(), error);
    let before = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(said(error)),
    };
    let profile = profile(grant);
    let text = with_profile(&before, &profile, &process, part.region.as_str());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(said)?;
    }
    // Written next to it and renamed: the file is never incomplete.
    let beside = file.with_extension("claviger-new");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, &file)).map_err(said)?;
    for resource in &part.resources {
        say(aws_command(grant, part.action, resource));
    }
    Ok(())
}

fn file() -> Result<PathBuf, CliError> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("AWS_CONFIG_FILE")
        .or_else(|| set("HOME").map(|home| home.join(".aws/config")))
        .ok_or_else(|| CliError::Input("neither AWS_CONFIG_FILE nor HOME is set".into()))
}

/// The file with this profile; everything else is unchanged.
fn with_profile(before: &str, profile: &str, process: &str, region: &str) -> String {
    let head = format!("[profile {profile}]");
    let mut text = String::new();
    let mut ours = false;
    for line in before.lines() {
        if line.trim_start().starts_with('[') {
            ours = line.trim() == head;
        }
        if !ours {
            text.push_str(line);
            text.push('\n');
        }
    }
    if !text.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
    text + &format!("{head}\nregion = {region}\ncredential_process = {process}\n")
}

#[cfg(test)]
mod tests {
    use super::with_profile;

    #[test]
    fn only_the_one_profile_is_changed() {
        let before = "[default]\nregion = eu-west-1\n\n[profile claviger-G-1]\ncredential_process = old\n[profile x]\na = b\n";
        let after = with_profile(before, "claviger-G-1", "new", "eu-west-1");
        assert_eq!(
            after,
            "[default]\nregion = eu-west-1\n\n[profile x]\na = b\n\n[profile claviger-G-1]\nregion = eu-west-1\ncredential_process = new\n"
        );
        assert_eq!(with_profile(&after, "claviger-G-1", "new", "eu-west-1"), after);
    }
}
