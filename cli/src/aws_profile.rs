//! A profile of the AWS command line that asks `clv` for credentials.

use crate::{fault::Fault, say};
use claviger_domain::grant::GrantId;
use std::{fs, path::PathBuf};

pub(crate) fn configure(grant: &str, secret: Option<&str>) -> Result<(), Fault> {
    let grant: GrantId =
        grant.parse().map_err(|expected| Fault::Input(format!("{grant:?} is not {expected}")))?;
    let program = std::env::current_exe().map_err(|error| Fault::file("clv", error))?;
    let mut process = format!(
        "{} creds --grant {grant} --format credential-process",
        quoted(&program.display().to_string())
    );
    if let Some(secret) = secret {
        process.push_str(" --secret ");
        process.push_str(&quoted(secret));
    }
    let file = file()?;
    let said = |error| Fault::file(file.display(), error);
    let before = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(said(error)),
    };
    let profile = format!("claviger-{grant}");
    let text = with_profile(&before, &profile, &process);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(said)?;
    }
    // Written beside and renamed: a configuration is never half there.
    let beside = file.with_extension("claviger-new");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, &file)).map_err(said)?;
    say(format_args!("aws --profile {profile} …"));
    Ok(())
}

fn file() -> Result<PathBuf, Fault> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("AWS_CONFIG_FILE")
        .or_else(|| set("HOME").map(|home| home.join(".aws/config")))
        .ok_or_else(|| Fault::Input("neither AWS_CONFIG_FILE nor HOME is set".into()))
}

fn quoted(text: &str) -> String {
    if text.contains(' ') { format!("\"{text}\"") } else { text.to_owned() }
}

/// The file with this profile in it; everything else stays as it was.
fn with_profile(before: &str, profile: &str, process: &str) -> String {
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
    text + &format!("{head}\ncredential_process = {process}\n")
}

#[cfg(test)]
mod tests {
    use super::with_profile;

    #[test]
    fn only_the_one_profile_is_changed() {
        let before = "[default]\nregion = eu-west-1\n\n[profile claviger-G-1]\ncredential_process = old\n[profile x]\na = b\n";
        let after = with_profile(before, "claviger-G-1", "new");
        assert_eq!(
            after,
            "[default]\nregion = eu-west-1\n\n[profile x]\na = b\n\n[profile claviger-G-1]\ncredential_process = new\n"
        );
        assert_eq!(with_profile(&after, "claviger-G-1", "new"), after);
    }
}
