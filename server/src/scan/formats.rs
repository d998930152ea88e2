//! The formats of a result.

use super::{error::ScanError, html, table};
use clap::ValueEnum;
use claviger_services::AccountScan;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people, as text.
    Table,
    /// For people, as one HTML file.
    Html,
    /// A line for each failing or unknown check.
    Csv,
    /// Everything, as one document.
    Json,
    /// OCSF Compliance Findings, one per line.
    Ocsf,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

impl Format {
    /// By the ending of a file's name.
    pub(super) fn of_ending(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Table),
            "html" | "htm" => Some(Self::Html),
            "csv" => Some(Self::Csv),
            "json" if name.to_ascii_lowercase().ends_with(".ocsf.json") => Some(Self::Ocsf),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" | "ocsf" => Some(Self::Ocsf),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }
}

/// The whole file. A `verdict` ends a table, which is then cut to the terminal's size.
pub(super) fn render(
    scan: &AccountScan,
    format: Format,
    verdict: Option<&str>,
) -> Result<String, ScanError> {
    Ok(match format {
        Format::Table => match verdict {
            Some(verdict) => table::for_terminal(scan, verdict),
            None => table::whole(scan),
        },
        Format::Html => html::page(scan),
        Format::Csv => {
            scan.to_csv().map_err(|error| ScanError::Render(error.into_problem().to_string()))?
        }
        Format::Json => scan.to_json(),
        Format::Ocsf => scan.to_ocsf(),
        Format::Sarif => scan.to_sarif(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_file_gives_its_format() {
        let cases = [
            ("a.html", Some(Format::Html)),
            ("a.ocsf.json", Some(Format::Ocsf)),
            ("a.JSON", Some(Format::Json)),
            ("results.sarif", Some(Format::Sarif)),
            ("a.ndjson", Some(Format::Ocsf)),
            ("a.pdf", None),
            ("a", None),
        ];
        for (name, format) in cases {
            assert_eq!(Format::of_ending(name), format, "{name}");
        }
    }
}
