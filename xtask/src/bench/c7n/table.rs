//! The comparison as tables.

use super::{
    ACCOUNTS, Measured, Question, REGIONS,
    compare::{By, differences, empty},
    sides::{Fails, Run},
};
use anyhow::Result;
use std::fmt::Write;

/// Calls for a single secret.
const EACH: [&str; 3] = ["DescribeSecret", "GetResourcePolicy", "ListSecretVersionIds"];

/// Values that apply to every table.
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

/// A question at a size, and the number of unexplained differences.
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

/// A run, with its name.
fn columns(measured: &Measured) -> Vec<(String, &Run)> {
    let processes = measured.processes;
    let mut columns = vec![
        (format!("c7n-org, {} processes (its default)", 4 * cores()), &measured.usual),
        (format!("c7n-org, {processes} processes"), &measured.best),
    ];
    if let Some(bare) = &measured.bare {
        columns
            .push((format!("c7n-org, {processes} processes, its DescribeSecret taken out"), bare));
    }
    columns.push(("Claviger, first scan".to_owned(), &measured.first));
    columns.push(("Claviger, its next scan, nothing has changed".to_owned(), &measured.again));
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
    if let Some(bare) = &measured.bare {
        row("ratio to c7n-org without DescribeSecret: wall; processor", &|run| {
            let wall = bare.spent.seconds / run.spent.seconds;
            let used = bare.spent.processor / run.spent.processors();
            if is_ours(run) { format!("{wall:.0}; {used:.0}") } else { String::new() }
        })?;
    }
    row("of the processor, PostgreSQL", &|run| {
        if is_ours(run) { format!("{:.2}", run.spent.database) } else { String::new() }
    })?;
    row("with the results written as JSON: wall; processor", &|run| {
        let spent = run.exported.unwrap_or(run.spent);
        format!("{:.2}; {:.2}", spent.seconds, spent.processors())
    })?;
    row("calls", &|run| run.calls.values().sum::<u64>().to_string())?;
    row("of the calls, for one secret each", &|run| {
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

/// The results with every difference; returns the number of unexplained ones.
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

#[cfg(test)]
mod tests {
    use super::{super::SIZES, super::sides::Spent, *};
    use std::collections::BTreeMap;

    fn run(seconds: f64, database: f64, is_ours: bool, fails: &Fails) -> Run {
        let spent = Spent { seconds, processor: seconds, database };
        Run {
            spent,
            exported: is_ours.then_some(spent),
            simulator: 0.5,
            calls: BTreeMap::from([
                ("ListSecrets".to_owned(), 40),
                ("DescribeSecret".to_owned(), 7),
            ]),
            fails: fails.clone(),
        }
    }

    fn measured(theirs: &Fails, ours: &Fails) -> Measured {
        Measured {
            size: SIZES[0],
            question: Question::Lists,
            processes: 3,
            usual: run(60.0, 0.0, false, theirs),
            best: run(50.0, 0.0, false, theirs),
            bare: Some(run(20.0, 0.0, false, theirs)),
            first: run(1.0, 1.0, true, ours),
            again: run(0.5, 0.5, true, ours),
        }
    }

    fn fails(of: &[&str]) -> Fails {
        let arn =
            "arn:aws:secretsmanager:eu-west-1:300000000000:secret:prod/a/secret-000010-123456";
        of.iter().map(|policy| ((*policy).to_owned(), [arn.to_owned()].into())).collect()
    }

    #[test]
    fn ratios_are_to_the_better_of_both_and_count_the_database() -> Result<()> {
        let all = fails(Question::Lists.policies());
        let (text, unexplained) = of(&measured(&all, &all))?;
        assert_eq!(unexplained, 0, "{text}");
        assert!(text.contains("| ratio | 0.8 | 1.0 | 2.5 | **50** | **100** |"), "{text}");
        assert!(text.contains("| ratio | 0.8 | 1.0 | 2.5 | **25** | **50** |"), "{text}");
        assert!(text.contains("|  |  |  | 20; 10 | 40; 20 |"), "{text}");
        assert!(text.contains("for one secret each | 7 | 7 | 7 | 7 | 7 |"), "{text}");
        assert!(text.contains("c7n-org, 3 processes, its DescribeSecret taken out"), "{text}");
        Ok(())
    }

    #[test]
    fn what_is_not_explained_is_counted() -> Result<()> {
        let (all, two) = (fails(Question::Lists.policies()), fails(&["owner", "rotation-enabled"]));
        // Missing in the first scan, missing in the second, and no findings for a policy.
        assert_eq!(of(&measured(&all, &two))?.1, 3);
        let mut other = measured(&all, &all);
        other.best.fails = two;
        assert_eq!(of(&other)?.1, 1);
        Ok(())
    }
}
