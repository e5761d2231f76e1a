//! Help that teaches, completions, the manual page, and docs/commands.md.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::{objects, told, tool};
use crate::harness::run_in;

/// The names of all commands, as in `sessions list`.
fn commands() -> Vec<String> {
    fn below(command: &clap::Command, name: &str, found: &mut Vec<String>) {
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let name = format!("{name} {}", command.get_name()).trim().to_owned();
            found.push(name.clone());
            below(command, &name, found);
        }
    }
    let mut found = Vec::new();
    let mut definition = postern::cli::definition();
    definition.build();
    below(&definition, "", &mut found);
    found
}

fn help_of(command: &str) -> String {
    let folder = TempDir::new().unwrap();
    let arguments: Vec<&str> = ["help"].into_iter().chain(command.split(' ')).collect();
    let (text, code) = told(&run_in(folder.path(), &arguments, &[]));
    assert_eq!(code, Some(0), "{text}");
    text
}

#[test]
fn the_help_of_each_command_has_a_sentence_an_example_and_its_exit_codes() {
    let commands = commands();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        let help = help_of(&command);
        assert!(help.starts_with(|first: char| first.is_uppercase()), "{help}");
        // What a command of commands takes is told by the examples of that.
        if command.contains(' ') {
            continue;
        }
        assert!(help.contains("Example") && help.contains(&format!("postern {command}")), "{help}");
        assert!(help.contains("Exit codes: 0 "), "{help}");
    }
}

#[test]
fn docs_commands_has_the_help_of_each_command_as_it_is() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let document = fs::read_to_string(document).unwrap();
    for command in commands() {
        let level = "#".repeat(1 + command.split(' ').count());
        let section = format!("{level} postern {command}\n\n```text\n{}```\n", help_of(&command));
        assert!(document.contains(&section), "docs/commands.md should have this:\n\n{section}");
    }
    let folder = TempDir::new().unwrap();
    let (help, _) = told(&run_in(folder.path(), &["--help"], &[]));
    assert!(
        document.contains(&format!("```text\n{help}```\n")),
        "docs/commands.md should have this:\n\n{help}"
    );
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_was_meant() {
    let folder = TempDir::new().unwrap();
    for (arguments, hint) in [
        (&["chek"][..], "'check'"),
        (&["check", "--jsn"], "'--json'"),
        (&["check", "--send", "nobody"], "nobody"),
        (&["allow"], "<ADDRESS>"),
        (&["completions", "cmd.exe"], "bash"),
        (&["serve", "now"], "now"),
    ] {
        let (text, code) = told(&run_in(folder.path(), arguments, &[]));
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(hint), "{arguments:?}: {text}");
    }
}

#[test]
fn nothing_is_coloured_where_no_terminal_is() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["--help"][..], &["help", "check"], &["check"], &["settings"], &["nonsense"]] {
        let (text, _) = told(&tool(folder.path(), arguments, &[("EMAIL_FILE_PATH", "nowhere/mail")]));
        assert!(!text.is_empty() && !text.contains('\u{1b}'), "{arguments:?}: {text}");
    }
}

#[test]
fn completions_and_the_manual_page_know_every_command() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (text, code) = told(&run_in(folder.path(), &["completions", shell], &[]));
        assert_eq!(code, Some(0));
        let words = commands();
        let mut words = words.iter().flat_map(|command| command.split(' '));
        assert!(words.all(|word| text.contains(word)), "{shell}");
    }
    let (page, code) = told(&run_in(folder.path(), &["man"], &[]));
    assert_eq!(code, Some(0));
    assert!(page.contains(".TH postern 8"), "{page}");
    for command in commands() {
        assert!(page.contains(&format!(".SH \"postern {command}\"")), "{command}: {page}");
    }
}

#[test]
fn a_key_is_another_one_each_time_and_good_enough_for_production() {
    let folder = TempDir::new().unwrap();
    let key = || told(&run_in(folder.path(), &["keygen"], &[])).0.trim().to_owned();
    let (one, other) = (key(), key());
    assert_ne!(one, other);
    assert!(
        one.len() == 64 && one.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign)),
        "{one}"
    );
    // A folder without anything has much that is wrong, and the key is not among it.
    let production =
        |key| told(&run_in(folder.path(), &["check"], &[("LEPTOS_ENV", "PROD"), ("SECRET_KEY", key)])).0;
    assert!(production("short").contains("SECRET_KEY has 5 bytes"));
    assert!(!production(&one).contains("SECRET_KEY"));
}

#[test]
fn every_setting_is_listed_for_people_and_for_machines() {
    let folder = TempDir::new().unwrap();
    let people = told(&run_in(folder.path(), &["settings"], &[])).0;
    assert_eq!(people, told(&run_in(folder.path(), &["--settings"], &[])).0, "the name from before");
    let machines = objects(&run_in(folder.path(), &["settings", "--json"], &[]));
    assert_eq!(people.lines().count(), machines.len());
    for (line, object) in people.lines().zip(machines) {
        let word = |key: &str| object[key].as_str().unwrap().to_owned();
        assert!(line.starts_with(&word("name")) && line.contains(&word("meaning")), "{line}");
        assert!(line.ends_with(&word("default")), "{line}");
    }
}

#[test]
fn a_pipe_that_is_closed_early_is_no_failure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    let mut child =
        command.arg("settings").env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
