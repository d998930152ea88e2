//! The typed command, changed so that it is unambiguous: ready to be pasted.

use crate::Cli;
use clap::{Arg, Command, CommandFactory};
use claviger_domain::grants::commands::shell_word;

/// The part that a candidate replaces.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Replace<'a> {
    /// This name among the arguments; options that narrow it are replaced with it.
    Name(&'a str),
    /// This option with its value; it is appended if it was absent.
    Option(&'a str),
    /// This value of an option that can be repeated.
    Value(&'a str),
}

const NARROWING: [&str; 2] = ["--account", "--region"];

/// This program's own command line with the replacement, which is already quoted.
pub(crate) fn with(replace: Replace<'_>, by: &str) -> String {
    changed(std::env::args().skip(1), replace, by)
}

/// The subcommand that these arguments call.
fn called<'a>(cli: &'a Command, args: &[String]) -> &'a Command {
    let mut command = cli;
    for word in args {
        let Some(inside) = command.find_subcommand(word) else { break };
        command = inside;
    }
    command
}

/// Whether the next argument is the value of this option: not if it takes none, or only behind `=`.
fn has_value_behind(command: &Command, option: &str) -> bool {
    let takes = |arg: &Arg| arg.get_action().takes_values() && !arg.is_require_equals_set();
    if let Some(name) = option.strip_prefix("--") {
        let is_named = |arg: &&Arg| {
            let is_alias = || arg.get_all_aliases().is_some_and(|all| all.contains(&name));
            arg.get_long() == Some(name) || is_alias()
        };
        return command.get_arguments().find(is_named).is_some_and(takes);
    }
    let Some(letters) = option.strip_prefix('-') else { return false };
    let is_taking = |letter: char| {
        command.get_arguments().any(|arg| arg.get_short() == Some(letter) && takes(arg))
    };
    // What follows the first one in the same argument is its value.
    letters.find(is_taking).is_some_and(|at| letters[at..].chars().count() == 1)
}

fn changed(args: impl Iterator<Item = String>, replace: Replace<'_>, by: &str) -> String {
    let args: Vec<String> = args.collect();
    let cli = Cli::command();
    let command = called(&cli, &args);
    let mut args = args.into_iter();
    let mut words = vec!["clv".to_owned()];
    let mut is_done = false;
    let mut put = |words: &mut Vec<String>| {
        if !std::mem::replace(&mut is_done, true) {
            match replace {
                Replace::Name(_) | Replace::Value(_) => words.push(by.to_owned()),
                Replace::Option(name) => words.extend([name.to_owned(), by.to_owned()]),
            }
        }
    };
    while let Some(arg) = args.next() {
        if arg == "--" {
            if matches!(replace, Replace::Option(_)) {
                put(&mut words);
            }
            // Only arguments follow it: a name for `get`, a program for `exec`.
            let rest: Vec<String> = args.collect();
            match replace {
                Replace::Name(name) if rest.iter().any(|word| word == name) => {
                    for word in rest {
                        if word == name { put(&mut words) } else { words.push(shell_word(&word)) }
                    }
                }
                _ => {
                    words.push(arg);
                    words.extend(rest.iter().map(|word| shell_word(word)));
                }
            }
            break;
        }
        let option = arg.split_once('=').map_or(arg.as_str(), |(option, _)| option);
        let has_value_behind = has_value_behind(command, &arg);
        let goes = match replace {
            Replace::Name(_) => NARROWING.contains(&option),
            Replace::Option(name) => name == option,
            Replace::Value(_) => false,
        };
        if let Replace::Value(text) = replace
            && arg.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) == Some(text)
        {
            words.push(format!("{option}={by}"));
            continue;
        }
        match replace {
            _ if goes => {
                if has_value_behind {
                    args.next();
                }
            }
            Replace::Name(name) if arg == name => put(&mut words),
            _ => {
                words.push(shell_word(&arg));
                if has_value_behind && let Some(value) = args.next() {
                    match replace {
                        Replace::Value(text) if text == value => put(&mut words),
                        _ => words.push(shell_word(&value)),
                    }
                }
            }
        }
    }
    if matches!(replace, Replace::Option(_)) {
        put(&mut words);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Replace, changed};

    fn from(typed: &[&str], replace: Replace<'_>, by: &str) -> String {
        changed(typed.iter().map(|word| (*word).to_owned()), replace, by)
    }

    #[test]
    fn the_name_is_replaced_and_everything_else_stays() {
        let by = "pay/db --account 1 --region eu-west-1";
        for (typed, says) in [
            (&["get", "pay/db"][..], "clv get pay/db --account 1 --region eu-west-1"),
            (
                &["get", "pay/db", "--region", "us-east-1", "--field", "it's"],
                r"clv get pay/db --account 1 --region eu-west-1 --field 'it'\''s'",
            ),
            (
                &["request", "--purpose", "pay/db", "--region=x", "pay/db", "--break-glass"],
                "clv request --purpose pay/db pay/db --account 1 --region eu-west-1 --break-glass",
            ),
            (&["put", "-n", "pay/db"], "clv put -n pay/db --account 1 --region eu-west-1"),
            (
                &["put", "--binary", "pay/db"],
                "clv put --binary pay/db --account 1 --region eu-west-1",
            ),
            (
                &["parameter", "--preview", "pay/db"],
                "clv parameter --preview pay/db --account 1 --region eu-west-1",
            ),
            (
                &["secret", "export", "-o", "pay/db", "pay/db"],
                "clv secret export -o pay/db pay/db --account 1 --region eu-west-1",
            ),
            (&["get", "--", "pay/db"], "clv get pay/db --account 1 --region eu-west-1"),
        ] {
            assert_eq!(from(typed, Replace::Name("pay/db"), by), says);
        }
    }

    #[test]
    fn an_option_is_replaced_or_appended_before_the_program() {
        let region = Replace::Option("--region");
        assert_eq!(
            from(&["exec", "--grant", "G-1", "--", "sh", "-c", "echo $A"], region, "eu-west-1"),
            "clv exec --grant G-1 --region eu-west-1 -- sh -c 'echo $A'"
        );
        assert_eq!(
            from(&["configure", "--grant", "G-1"], region, "eu-west-1"),
            "clv configure --grant G-1 --region eu-west-1"
        );
        assert_eq!(
            from(&["creds", "--secret", "db", "--grant=G-1"], Replace::Option("--secret"), "arn:x"),
            "clv creds --grant=G-1 --secret arn:x"
        );
    }

    #[test]
    fn a_value_of_an_option_is_replaced_and_the_command_stays() {
        let value = Replace::Value("DB=pay/db#user");
        let typed = [
            "run",
            "--request",
            "--env",
            "DB=pay/db#user",
            "--fd=3=pay/db",
            "--",
            "DB=pay/db#user",
        ];
        let says = "clv run --request --env 'DB=arn:x#user' --fd=3=pay/db -- 'DB=pay/db#user'";
        assert_eq!(from(&typed, value, "'DB=arn:x#user'"), says);
        let joined = from(&["run", "--env=DB=pay/db#user", "--", "x"], value, "'DB=arn:x#user'");
        assert_eq!(joined, "clv run --env='DB=arn:x#user' -- x");
    }
}
