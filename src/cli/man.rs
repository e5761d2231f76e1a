//! `postern man`: the manual page, one for the whole tool.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, Command};
use clap_mangen::{Man as Page, roff};

use super::{Done, Failure};

/// Print the manual page
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    postern man | man -l -\n  \
    postern man > /usr/local/share/man/man8/postern.8\n\n\
    Exit codes: 0 done.")]
pub struct Man {}

impl Man {
    pub fn run(self) -> Done {
        let page = page().map_err(|error| Failure::new(format!("the page cannot be written: {error}")))?;
        // A pipe that is closed early is no failure.
        let _ = io::stdout().write_all(&page);
        Ok(ExitCode::SUCCESS)
    }
}

/// The page as troff: the tool, then each command as a section of its own.
fn page() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut definition = super::definition();
    definition.build();
    let page = Page::new(definition.clone()).section("8").manual("Postern");
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    let mut ending = Vec::new();
    page.render_extra_section(&mut ending)?;
    text.extend(String::from_utf8_lossy(&ending).replace(".SH EXTRA", ".SH \"EXIT CODES\"").into_bytes());
    sections(&definition, "postern", &mut text)?;
    Ok(text)
}

/// The commands of `command`, each with those that it has itself.
fn sections(command: &Command, name: &str, text: &mut Vec<u8>) -> io::Result<()> {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{name} {}", command.get_name());
        section(command, &name, text)?;
        sections(command, &name, text)?;
    }
    Ok(())
}

/// A command: its heading, how it is called, what it does, its options and its example.
fn section(command: &Command, name: &str, text: &mut Vec<u8>) -> io::Result<()> {
    let mut heading = roff::Roff::new();
    heading.control("SH", [name]);
    heading.to_writer(text)?;
    let page = Page::new(command.clone());
    let mut parts = Vec::new();
    page.render_synopsis_section(&mut parts)?;
    page.render_description_section(&mut parts)?;
    page.render_options_section(&mut parts)?;
    page.render_extra_section(&mut parts)?;
    // Sections of the command are parts of its own.
    for line in String::from_utf8_lossy(&parts)
        .lines()
        .filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "))
    {
        match line.strip_prefix(".SH ") {
            Some("EXTRA") => writeln!(text, ".SS \"EXAMPLE AND EXIT CODES\"")?,
            Some(name) => writeln!(text, ".SS {name}")?,
            None => writeln!(text, "{line}")?,
        }
    }
    Ok(())
}
