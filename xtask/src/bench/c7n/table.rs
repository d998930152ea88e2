//! The comparison as tables.

use super::{
    ACCOUNTS, Measured, PROCESSES, Question, REGIONS,
    compare::{By, differences, empty},
    sides::{Fails, Run},
};
use anyhow::Result;
use std::fmt::Write;

/// Calls that are made for one secret each.
const EACH: [&str; 3] = ["DescribeSecret", "GetResourcePolicy", "ListSecretVersionIds"];

/// What holds for every table.
pub(super) fn head(custodian: &str) -> String {
    format!(
        "\n{custodian}; {ACCOUNTS} accounts x {REGIONS} Regions by the load simulator, which answers at once and keeps no quotas; {} cores. \
         The ratio is that of the faster or thriftier c7n-org to Claviger.\n",
        cores()
    )
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A question at a size, and how many differences nothing explains.
pub(super) fn of(measured: &Measured) -> Result<(String, usize)> {
    let mut text = String::new();
    let asked = match measured.question {
        Question::Lists => "what lists say",
        Question::Details => "resource policies and KMS as well",
    };
    let policies = measured.question.policies();
    writeln!(text, "\n### {} secrets, {asked}: {} policies\n", measured.size.name, policies.len())?;
    figures(&mut text, measured)?;
    calls(&mut text, measured)?;
    let unexplained = results(&mut text, measured)?;
    Ok((text, unexplained))
}

/// What was run, with its name.
fn columns(measured: &Measured) -> Vec<(String, &Run)> {
    let mut columns = vec![
        (format!("c7n-org, {} processes (its default)", 4 * cores()), &measured.usual),
        (format!("c7n-org, {PROCESSES} processes"), &measured.best),
    ];
    if let Some(bare) = &measured.bare {
        columns
            .push((format!("c7n-org, {PROCESSES} processes, its DescribeSecret taken out"), bare));
    }
    columns.push(("Claviger, first scan".to_owned(), &measured.first));
    columns.push(("Claviger, again, nothing has changed".to_owned(), &measured.again));
    columns
}

fn figures(text: &mut String, measured: &Measured) -> Result<()> {
    let columns = columns(measured);
    let mut row = |name: &str, cell: &dyn Fn(&Run) -> String| {
        let cells: Vec<String> = columns.iter().map(|(_, run)| cell(run)).collect();
        writeln!(text, "| {name} | {} |", cells.join(" | "))
    };
    let (wall, used) = (
        measured.usual.spent.seconds.min(measured.best.spent.seconds),
        measured.usual.spent.processor.min(measured.best.spent.processor),
    );
    let is_ours = |run: &Run| run.exported.is_some();
    let ratio = |of: f64, run: &Run, own: f64| {
        if is_ours(run) { format!("**{:.0}**", of / own) } else { format!("{:.1}", of / own) }
    };
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    row("", &|run| {
        let at = columns.iter().position(|(_, other)| std::ptr::eq(*other, run));
        at.and_then(|at| names.get(at)).copied().unwrap_or_default().to_owned()
    })?;
    row("---", &|_| "---".to_owned())?;
    row("wall time, seconds", &|run| format!("{:.2}", run.spent.seconds))?;
    row("ratio", &|run| ratio(wall, run, run.spent.seconds))?;
    row("processor, seconds, PostgreSQL's included, the simulator's not", &|run| {
        format!("{:.2}", run.spent.processors())
    })?;
    row("ratio", &|run| ratio(used, run, run.spent.processors()))?;
    row("of it PostgreSQL", &|run| {
        if is_ours(run) { format!("{:.2}", run.spent.database) } else { String::new() }
    })?;
    row("with the results written as JSON: wall; processor", &|run| {
        let spent = run.exported.unwrap_or(run.spent);
        format!("{:.2}; {:.2}", spent.seconds, spent.processors())
    })?;
    row("calls", &|run| run.calls.values().sum::<u64>().to_string())?;
    row("of them for one secret each", &|run| {
        let each = EACH.iter().filter_map(|operation| run.calls.get(*operation));
        each.sum::<u64>().to_string()
    })?;
    row("the simulator's processor, seconds (of all cores)", &|run| {
        let whole = run.exported.unwrap_or(run.spent).seconds
            * f64::from(u32::try_from(cores()).unwrap_or(1));
        format!("{:.2} ({:.0} %)", run.simulator, run.simulator * 100.0 / whole)
    })?;
    Ok(())
}

fn calls(text: &mut String, measured: &Measured) -> Result<()> {
    writeln!(text, "\nCalls by operation:\n")?;
    for (name, run) in columns(measured) {
        let each: Vec<String> =
            run.calls.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
        writeln!(text, "- {name}: {}", each.join(", "))?;
    }
    Ok(())
}

/// The results with every difference; says how many of these nothing explains.
fn results(text: &mut String, measured: &Measured) -> Result<usize> {
    let policies = measured.question.policies();
    writeln!(text, "\n| secrets found | c7n-org | Claviger |\n|---|---|---|")?;
    let (theirs, ours) = (&measured.usual.fails, &measured.again.fails);
    let count =
        |fails: &Fails, policy: &str| fails.get(policy).map_or(0, std::collections::BTreeSet::len);
    for policy in policies {
        writeln!(text, "| {policy} | {} | {} |", count(theirs, policy), count(ours, policy))?;
    }
    let mut unexplained = 0;
    let mut comparison = |title: &str, one: &Fails, other: &Fails, is_first: bool| -> Result<()> {
        let found = differences(one, other, is_first);
        if found.is_empty() {
            writeln!(text, "\n{title}: no difference.")?;
            return Ok(());
        }
        writeln!(text, "\n{title}:\n")?;
        for one in found {
            let by = match one.by {
                By::Custodian => "c7n-org",
                By::Claviger => "Claviger",
            };
            let why = one.why.map_or_else(
                || {
                    unexplained += 1;
                    format!("NOT EXPLAINED, such as {}", one.arn)
                },
                ToOwned::to_owned,
            );
            writeln!(text, "- {}: {} secrets by {by} alone: {why}", one.policy, one.count)?;
        }
        Ok(())
    };
    comparison("c7n-org against Claviger's first scan", theirs, &measured.first.fails, true)?;
    comparison("c7n-org against Claviger's second scan", theirs, ours, false)?;
    for other in [Some(&measured.best), measured.bare.as_ref()].into_iter().flatten() {
        if other.fails != *theirs {
            unexplained += 1;
            writeln!(text, "\nNOT EXPLAINED: two runs of c7n-org differ.")?;
        }
    }
    for (side, fails) in [("c7n-org", theirs), ("Claviger", ours)] {
        for policy in empty(policies, fails) {
            unexplained += 1;
            writeln!(text, "\nNOT EXPLAINED: {side} found nothing for {policy}.")?;
        }
    }
    Ok(unexplained)
}
