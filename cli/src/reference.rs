//! The reference of a command line, as Markdown, from the definition of the command line itself. `docs/cli.md` has one
//! section for each program.

use clap::{Arg, ArgAction, Command, builder::PossibleValue};
use std::{env, fmt::Write, fs, path::Path};

/// A part for the command and one for each of its subcommands. The first heading has the second level.
fn reference(mut command: Command) -> String {
    command.build();
    let mut text = String::new();
    write_command(&mut text, &mut command, 2);
    text
}

/// The page with this text as the section of a program; `None` if the page has no such section. Comments with the
/// program's name mark its start and end.
fn with_section(page: &str, program: &str, text: &str) -> Option<String> {
    let (start, end) = (format!("<!-- {program} -->\n"), format!("<!-- end of {program} -->\n"));
    let (before, rest) = page.split_once(&start)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{start}\n{text}\n{end}{after}"))
}

/// Compares docs/cli.md with the command line of `program`, or rewrites that section if `REWRITE_REFERENCE` is set in the
/// environment. Each program has a test that calls it.
///
/// # Errors
///
/// The page cannot be read or written, has no section of the program, or differs: what to run then.
pub fn compare_page(page: &Path, program: &str, command: Command) -> Result<(), String> {
    let at = |error| format!("{}: {error}", page.display());
    let found = fs::read_to_string(page).map_err(at)?;
    let rendered = with_section(&found, program, &reference(command))
        .ok_or_else(|| format!("{} has no section of {program}", page.display()))?;
    if env::var_os("REWRITE_REFERENCE").is_some() {
        return fs::write(page, rendered).map_err(at);
    }
    if found == rendered {
        return Ok(());
    }
    Err(format!(
        "{} differs from the command line of {program}: run this test with REWRITE_REFERENCE=1",
        page.display()
    ))
}

/// Commands, arguments and options that have no help.
pub fn without_help(mut command: Command) -> Vec<String> {
    command.build();
    let mut found = Vec::new();
    note_without_help(&command, &mut found);
    found
}

fn note_without_help(command: &Command, found: &mut Vec<String>) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    if command.get_about().is_none() {
        found.push(name.to_owned());
    }
    for argument in command.get_arguments().filter(|one| one.get_help().is_none()) {
        found.push(format!("{name} {argument}"));
    }
    for subcommand in subcommands(command) {
        note_without_help(subcommand, found);
    }
}

/// Without `help`, which clap adds.
fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|one| !one.is_hide_set() && one.get_name() != "help")
}

fn write_command(text: &mut String, command: &mut Command, level: usize) {
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    if !text.is_empty() {
        text.push('\n');
    }
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    let _ = writeln!(
        text,
        "{} {name}\n\n{}\n\n```text\n{}\n```",
        "#".repeat(level),
        sentence(&about.unwrap_or_default()),
        usage.trim_end()
    );
    let arguments: Vec<&Arg> = command.get_arguments().filter(|one| is_own(one, level)).collect();
    if !arguments.is_empty() {
        text.push('\n');
    }
    for argument in arguments {
        let _ = writeln!(text, "- {}", argument_line(command, argument));
    }
    if let Some(after) = command.get_after_long_help().or(command.get_after_help()) {
        let _ = writeln!(text, "\n```text\n{}\n```", after.to_string().trim_end());
    }
    for subcommand in command.get_subcommands_mut() {
        if !subcommand.is_hide_set() && subcommand.get_name() != "help" {
            write_command(text, subcommand, level + 1);
        }
    }
}

/// clap adds `--help` and `--version` everywhere, and repeats global options in each subcommand.
fn is_own(argument: &Arg, level: usize) -> bool {
    let is_added = matches!(argument.get_id().as_str(), "help" | "version");
    !argument.is_hide_set() && !is_added && (level == 2 || !argument.is_global_set())
}

fn argument_line(command: &Command, argument: &Arg) -> String {
    let short = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(_)) => format!("`-{short}`, "),
        _ => String::new(),
    };
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string);
    let mut line = format!("{short}`{argument}`: {}", sentence(&help.unwrap_or_default()));
    if argument.is_required_set() {
        line.push_str(" Required.");
    }
    let takes_values = argument.get_action().takes_values();
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .filter(|value| takes_values && !value.is_empty())
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    add(&mut line, "Default", &defaults);
    let values: Vec<String> = argument.get_possible_values().iter().filter_map(value).collect();
    add(&mut line, "Values", &values);
    if let Some(variable) = argument.get_env() {
        add(&mut line, "Environment variable", &[format!("`{}`", variable.to_string_lossy())]);
    }
    let others: Vec<String> =
        command.get_arg_conflicts_with(argument).iter().map(|other| format!("`{other}`")).collect();
    add(&mut line, "Not with", &others);
    if matches!(argument.get_action(), ArgAction::Append) && !argument.is_positional() {
        line.push_str(" Can be repeated.");
    }
    if argument.is_global_set() {
        line.push_str(" Every subcommand takes it.");
    }
    line
}

fn add(line: &mut String, what: &str, items: &[String]) {
    if !items.is_empty() {
        let _ = write!(line, " {what}: {}.", items.join(", "));
    }
}

fn value(value: &PossibleValue) -> Option<String> {
    let name = (!value.is_hide_set()).then(|| value.get_name())?;
    Some(match value.get_help() {
        Some(help) => format!("`{name}` ({})", help.to_string().trim_end_matches('.')),
        None => format!("`{name}`"),
    })
}

/// In one line, with the full stop that clap leaves out.
fn sentence(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !line.is_empty() && !line.ends_with(['.', '!', '?', ':']) {
        line.push('.');
    }
    line
}
