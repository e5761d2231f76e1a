//! What commands print: text and tables for people, a JSON object a line for machines.
//!
//! Everything goes to standard output, reasons of a failure and progress to standard error. A pipe that is closed early
//! (`postern events | head`) is no failure.

use std::io::{self, IsTerminal, Write};

use clap::Args;
use serde::Serialize;

/// Whom a command prints for.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Format {
    /// Print JSON for machines, an object a line
    #[arg(long)]
    pub json: bool,
}

/// A row of a table. As JSON it is what `Serialize` makes of it.
pub trait Row: Serialize {
    /// The headings of the columns, in capitals.
    const HEAD: &'static [&'static str];

    /// What stands in each column, for people.
    fn cells(&self) -> Vec<String>;
}

impl Format {
    /// Prints rows: a table with headings, or an object a line. `none` is the sentence for people where there is no row.
    pub fn rows<R: Row>(self, rows: &[R], none: &str) {
        if self.json {
            rows.iter().for_each(|row| print(&json(row)));
        } else if rows.is_empty() {
            print(none);
        } else {
            print(&table(R::HEAD, rows.iter().map(Row::cells)));
        }
    }

    /// Prints rows that belong to a table which was printed before.
    pub fn more_rows<R: Row>(self, rows: &[R]) {
        for row in rows {
            if self.json {
                print(&json(row));
            } else {
                print(&row.cells().iter().map(|cell| plain(cell)).collect::<Vec<_>>().join("  "));
            }
        }
    }

    /// Prints a line above a table, for people.
    pub fn heading(self, text: &str) {
        if !self.json {
            print(text);
        }
    }

    /// Prints one result: `words` for people, or `value` as an object.
    pub fn result(self, value: &impl Serialize, words: &str) {
        if self.json { print(&json(value)) } else { print(words) }
    }
}

/// Prints lines of text.
pub fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{}", text.trim_end_matches('\n'));
}

/// Tells somebody at a terminal how far it is; nobody else.
pub fn progress(text: &str) {
    if io::stderr().is_terminal() {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// Tells people what they should know before they believe the rest.
pub fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// `text` in bold for somebody at a terminal who has not set NO_COLOR; as it is for everybody else.
pub fn bold(text: &str) -> String {
    let style = anstyle_of_terminal();
    format!("{style}{text}{style:#}")
}

fn anstyle_of_terminal() -> clap::builder::styling::Style {
    use clap::builder::styling::Style;
    if is_coloured() { Style::new().bold() } else { Style::new() }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a custom of terminals, and no setting: it concerns this one terminal"
)]
fn is_coloured() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A value as JSON on one line.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}

/// Columns as wide as their widest cell, two spaces apart.
fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rows: Vec<Vec<String>> =
        std::iter::once(head).chain(rows.map(|row| row.iter().map(|cell| plain(cell)).collect())).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A cell without signs that would command the terminal: user agents and addresses are written by strangers.
fn plain(cell: &str) -> String {
    cell.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_nothing_commands_the_terminal() {
        let rows = [
            vec!["ada@example.com".to_owned(), "1".to_owned()],
            vec!["\u{1b}[2Jé".to_owned(), String::new()],
        ];
        assert_eq!(
            table(&["ADDRESS", "MAILS"], rows.into_iter()),
            "ADDRESS          MAILS\nada@example.com  1\n\u{fffd}[2Jé"
        );
    }
}
