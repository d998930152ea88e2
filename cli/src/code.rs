//! Secrets as code: the server writes it, and `clv` saves the files.

use crate::{api::Api, error::CliError, say, select::ids_of_inventory};
use clap::{Args, ValueEnum};
use claviger_domain::inventory::code::{CodeExport, CodeFormat};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

/// The formats, as the command line names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Terraform,
    Cloudformation,
    Cdk,
}

impl From<Format> for CodeFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Terraform => Self::Terraform,
            Format::Cloudformation => Self::CloudFormation,
            Format::Cdk => Self::Cdk,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Secrets, by name or ARN.
    #[arg(required_unless_present = "team")]
    names: Vec<String>,
    /// All secrets of this team instead.
    #[arg(long, conflicts_with = "names")]
    team: Option<String>,
    /// Only in this account: its number, or for names also its name.
    #[arg(long)]
    account: Option<String>,
    /// Only in this Region.
    #[arg(long)]
    region: Option<String>,
    /// The format.
    #[arg(long = "as", value_enum, default_value_t = Format::Terraform)]
    format: Format,
    /// The folder for the files; a file that is there already stays. Without it, a single file goes to standard output.
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

impl Export {
    pub(crate) async fn run(&self, api: &Api) -> Result<(), CliError> {
        let query = self.query(api).await?;
        let export: CodeExport = api.get(&format!("/v1/secrets/code?{query}")).await?;
        for one in &export.left_out {
            eprintln!("not managed: {}: {}", one.name, one.reason);
        }
        match (&self.output, export.files.as_slice()) {
            (Some(folder), files) => {
                fs::create_dir_all(folder)
                    .map_err(|error| CliError::file(folder.display(), error))?;
                for file in files {
                    // The server names a file, and no folder.
                    let name = Path::new(&file.name).file_name().unwrap_or_default();
                    let path = folder.join(name);
                    OpenOptions::new()
                        .write(true)
                        .create_new(true)
                        .open(&path)
                        .and_then(|mut to| to.write_all(file.text.as_bytes()))
                        .map_err(|error| CliError::file(path.display(), error))?;
                    say(path.display());
                }
            }
            (None, [only]) => say(only.text.trim_end()),
            (None, files) => {
                let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
                return Err(CliError::Input(format!(
                    "the export has {} files: name a folder with --output. They are {}",
                    files.len(),
                    names.join(", ")
                )));
            }
        }
        Ok(())
    }

    async fn query(&self, api: &Api) -> Result<String, CliError> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let places = [("account", &self.account), ("region", &self.region)];
        if let Some(team) = &self.team {
            query.append_pair("team", team);
            for (key, value) in places {
                query.extend_pairs(value.as_ref().map(|value| (key, value)));
            }
        }
        let (account, region) = (self.account.as_deref(), self.region.as_deref());
        for id in ids_of_inventory(api, &self.names, account, region).await? {
            query.append_pair("resource", &id);
        }
        query.append_pair("as", &CodeFormat::from(self.format).to_string());
        Ok(query.finish())
    }
}
