//! The result as text, as wide as the terminal.

use claviger_domain::{
    VariantArray,
    compliance::{Severity, view::FindingRow},
    error_line::one_line,
    facts::Kind,
    ids::Region,
};
use claviger_services::AccountScan;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets::NOTHING};
use std::{
    fmt::Write,
    io::{self, IsTerminal},
};
use terminal_size::terminal_size;
use time::format_description::well_known::Rfc3339;

/// Where the output is no terminal.
const DEFAULT_WIDTH: u16 = 120;
/// Narrower tables cannot be read.
const MIN_WIDTH: u16 = 60;
/// Findings that a terminal shows.
const MAX_ROWS: usize = 50;

/// All findings.
pub(super) fn whole(scan: &AccountScan) -> String {
    text(scan, usize::MAX, DEFAULT_WIDTH)
}

/// With the verdict; where standard output is a terminal, only the first findings.
pub(super) fn for_terminal(scan: &AccountScan, verdict: &str) -> String {
    let is_terminal = io::stdout().is_terminal();
    let width = match terminal_size() {
        Some((width, _)) if is_terminal => width.0.max(MIN_WIDTH),
        _ => DEFAULT_WIDTH,
    };
    let mut text = text(scan, if is_terminal { MAX_ROWS } else { usize::MAX }, width);
    let _ = writeln!(text, "\n{verdict}");
    text
}

fn text(scan: &AccountScan, max_rows: usize, width: u16) -> String {
    let mut text = String::new();
    // Into a `String`; it cannot fail.
    let _ = write_all(&mut text, scan, max_rows, width);
    text
}

fn write_all(
    text: &mut String,
    scan: &AccountScan,
    max_rows: usize,
    width: u16,
) -> std::fmt::Result {
    let regions: Vec<&str> = scan.resources.keys().map(Region::as_str).collect();
    writeln!(
        text,
        "Account {}, {}, {}",
        scan.account,
        one_line(&scan.policy_source),
        scan.at.replace_nanosecond(0).unwrap_or(scan.at).format(&Rfc3339).unwrap_or_default()
    )?;
    writeln!(text, "Regions: {}", regions.join(", "))?;
    writeln!(
        text,
        "Secrets: {}. Parameters: {}.",
        scan.count(Kind::Secret),
        scan.count(Kind::Parameter)
    )?;
    if scan.failing.is_empty() {
        writeln!(text, "\nNo check fails.")?;
    } else {
        writeln!(text, "\nFailing checks")?;
        writeln!(text, "{}", findings(&scan.failing, max_rows, width))?;
        if let Some(rest) = scan.failing.len().checked_sub(max_rows).filter(|rest| *rest > 0) {
            writeln!(text, "… and {rest} more. See all: --output findings.html")?;
        }
    }
    if !scan.not_read.is_empty() {
        writeln!(text, "\nNot read")?;
        for gap in &scan.not_read {
            writeln!(text, "  {gap}")?;
        }
    }
    let reasons = scan.unknown_reasons();
    if !reasons.is_empty() {
        writeln!(text, "\nUnknown, by number of checks")?;
        for (says, count) in reasons {
            writeln!(text, "  {count:>6}  {}", one_line(says))?;
        }
    }
    for id in &scan.skipped {
        writeln!(text, "\nNot evaluated, because it is limited to OUs: {}", one_line(id))?;
    }
    writeln!(text, "\n{}", summary(scan))
}

fn plain(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_preset(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}

fn findings(rows: &[FindingRow], max_rows: usize, width: u16) -> String {
    let mut table = plain(width);
    table.set_header(["SEVERITY", "POLICY", "RESOURCE", "REGION", "FINDING"]);
    for row in rows.iter().take(max_rows) {
        // A name or a message could contain control characters of a terminal.
        table.add_row([
            row.severity.to_string(),
            one_line(&row.policy),
            one_line(&format!("{} ({})", row.name, row.kind)),
            row.region.to_string(),
            one_line(&row.says),
        ]);
    }
    for (at, least) in [(0, 8), (3, 9)] {
        if let Some(column) = table.column_mut(at) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least + 2)));
        }
    }
    trimmed(&table)
}

fn summary(scan: &AccountScan) -> String {
    let mut table = plain(MIN_WIDTH);
    table.set_header(["SEVERITY", "FAILING", "UNKNOWN", "PASSED"]);
    for severity in Severity::VARIANTS {
        let tally = scan.tallies.get(severity).copied().unwrap_or_default();
        table.add_row([
            severity.to_string(),
            tally.fail.to_string(),
            tally.unknown.to_string(),
            tally.pass.to_string(),
        ]);
    }
    let sum = scan.tally();
    table.add_row([
        "total".to_owned(),
        sum.fail.to_string(),
        sum.unknown.to_string(),
        sum.pass.to_string(),
    ]);
    trimmed(&table)
}

/// Without the spaces that fill the last column.
fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}
