//! A page of docs/ whose commands are run as they stand, in a folder of the test's own.
//!
//! A fenced block of `sh` is a command for a terminal. It is run by bash, and has to succeed; a block of `text` right behind it
//! is exactly what it prints. `sh stays 8080` goes on until the end of the test, in a terminal of its own, and opens that port.
//! `sh by hand` is run by nobody. A block whose first line says a language and a name (`python notes.py`) is that file.

use std::{
    collections::BTreeMap,
    env::{join_paths, split_paths},
    ffi::OsString,
    fs::{create_dir_all, read_to_string, write},
    net::Ipv4Addr,
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    time::Instant,
};

use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    task::spawn_blocking,
    time::{Duration, sleep},
};

use super::{
    Child, free_port,
    proxy::{LONGEST_START, program, search_path, tools},
};

/// What a fenced block is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Commands, and what they print, if the page says so.
    Run(Option<String>),
    /// Commands that go on, and the port that they open.
    Stay(u16),
    /// Commands that no test runs.
    ByHand,
    /// The file of that name.
    File(String),
    /// Something to look at.
    Show,
}

/// A fenced block of a page.
#[derive(Clone, Debug)]
pub struct Block {
    /// The heading that it stands below.
    pub heading: String,
    pub purpose: Purpose,
    pub text: String,
    /// The paragraph before it.
    pub before: String,
    /// The paragraph behind it.
    pub after: String,
}

/// What a page consists of.
enum Part {
    Heading(String),
    Paragraph(String),
    /// The words behind the fence, and what stands inside.
    Fence(String, String),
}

fn parts(page: &str) -> Vec<Part> {
    let (mut parts, mut lines) = (Vec::new(), page.lines());
    while let Some(line) = lines.next() {
        if let Some(words) = line.strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| *line != "```");
            parts.push(Part::Fence(words.to_owned(), inside.map(|line| format!("{line}\n")).collect()));
        } else if let Some(heading) = line.strip_prefix('#') {
            parts.push(Part::Heading(heading.trim_start_matches(['#', ' ']).to_owned()));
        } else if !line.is_empty() {
            let more = lines.by_ref().take_while(|line| !line.is_empty());
            parts.push(Part::Paragraph(
                [line].into_iter().chain(more).map(|line| format!("{line} ")).collect(),
            ));
        }
    }
    parts
}

/// The fenced blocks of `page`, in their order. A fence follows an empty line.
pub fn blocks(page: &str) -> Vec<Block> {
    let parts = parts(page);
    let paragraph = |at: Option<usize>| match at.and_then(|at| parts.get(at)) {
        Some(Part::Paragraph(text)) => text.clone(),
        _ => String::new(),
    };
    let (mut found, mut heading): (Vec<Block>, _) = (Vec::new(), "");
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Heading(text) => heading = text,
            Part::Paragraph(_) => {}
            Part::Fence(words, text) => {
                let follows = at > 0 && matches!(parts[at - 1], Part::Fence(..));
                match found.last_mut() {
                    Some(Block { purpose: Purpose::Run(prints @ None), .. })
                        if follows && words == "text" =>
                    {
                        *prints = Some(text.clone());
                    }
                    _ => found.push(Block {
                        heading: heading.to_owned(),
                        purpose: purpose(words),
                        text: text.clone(),
                        before: paragraph(at.checked_sub(1)),
                        after: paragraph(Some(at + 1)),
                    }),
                }
            }
        }
    }
    found
}

fn purpose(words: &str) -> Purpose {
    match words.split(' ').collect::<Vec<_>>()[..] {
        ["sh"] => Purpose::Run(None),
        ["sh", "stays", port] => Purpose::Stay(port.parse().expect("a port behind `sh stays`")),
        ["sh", "by", "hand"] => Purpose::ByHand,
        ["sh", ..] => panic!("nothing is known of a block `{words}`"),
        [_, name] => Purpose::File(name.to_owned()),
        _ => Purpose::Show,
    }
}

/// Somebody who does what a page says. What runs ends with it.
pub struct Walkthrough {
    name: &'static str,
    left: std::vec::IntoIter<Block>,
    folder: TempDir,
    /// Ports of the page, and those of the test that stand for them; then other texts.
    instead: Vec<(String, String)>,
    environment: BTreeMap<String, String>,
    running: Vec<Child>,
}

impl Walkthrough {
    /// Begins the page with an empty folder, and a free port for each of `ports`, by which it calls them.
    pub fn begin(name: &'static str, ports: &[u16]) -> Self {
        let page = read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        let instead = ports.iter().map(|port| (port.to_string(), free_port().to_string())).collect();
        let left = blocks(&page).into_iter();
        let (folder, environment) = (TempDir::new().unwrap(), BTreeMap::new());
        Self { name, left, folder, instead, environment, running: Vec::new() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The port of this test for a port of the page.
    pub fn port(&self, documented: u16) -> u16 {
        self.put_instead(&documented.to_string()).parse().unwrap()
    }

    /// From now on a text of the page stands for another one.
    pub fn instead_of(&mut self, from: &str, to: &str) {
        self.instead.insert(0, (from.to_owned(), to.to_owned()));
    }

    /// Sets a variable for every terminal that is opened from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// The text with everything of this test in its place.
    pub fn put_instead(&self, text: &str) -> String {
        self.instead.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    /// Puts a file of the checkout where somebody who has cloned it would have it.
    pub fn check_out(&self, path: &str, as_: &str) {
        let text = read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let file = self.folder().join(as_);
        create_dir_all(file.parent().unwrap()).unwrap();
        write(file, self.put_instead(&text)).unwrap();
    }

    /// Puts the program where `postern` calls it, with the settings that a build without files needs.
    pub fn install(&mut self) {
        symlink(env!("CARGO_BIN_EXE_postern"), self.folder().join("postern")).unwrap();
        self.set("LEPTOS_HASH_FILES", "false");
        self.set("NO_COLOR", "1");
    }

    /// Does everything that stands below the next heading that has something to do; it has to be this one.
    pub async fn follow(&mut self, heading: &str) {
        let next =
            |left: &std::vec::IntoIter<Block>| left.as_slice().first().map(|block| block.heading.clone());
        assert_eq!(next(&self.left).as_deref(), Some(heading), "the next section of {}", self.name);
        while next(&self.left).as_deref() == Some(heading) {
            let block = self.left.next().unwrap();
            self.take_step(block).await;
        }
    }

    /// As [`Self::follow`], up to the first block there that is run by nobody; what stands behind it is left.
    pub async fn follow_until_by_hand(&mut self, heading: &str) {
        for block in
            self.left.by_ref().take_while(|block| block.purpose != Purpose::ByHand).collect::<Vec<_>>()
        {
            assert_eq!(block.heading, heading, "the next section of {}", self.name);
            self.take_step(block).await;
        }
    }

    async fn take_step(&mut self, block: Block) {
        let text = self.put_instead(&block.text);
        match block.purpose {
            Purpose::File(name) => write(self.folder().join(name), text).unwrap(),
            Purpose::Run(prints) => {
                let mut command = self.terminal(&text);
                let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
                let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let (out, errors) = (said(&output.stdout).replace('\r', ""), said(&output.stderr));
                assert!(output.status.success(), "{} has {text}which fails:\n{out}{errors}", self.name);
                if let Some(prints) = prints {
                    let prints = self.put_instead(&prints);
                    assert_eq!(out.trim(), prints.trim(), "{} says what {text}prints", self.name);
                }
            }
            Purpose::Stay(port) => {
                let command = self.terminal(&format!("exec {text}"));
                let mut child = Child::run(self.folder(), command);
                let (began, port) = (Instant::now(), self.port(port));
                while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
                    if let Some(words) = child.last_words() {
                        panic!("{} has {text}which ends: {words}", self.name);
                    }
                    assert!(began.elapsed() < LONGEST_START, "{text} does not open port {port}");
                    sleep(Duration::from_millis(10)).await;
                }
                self.running.push(child);
            }
            Purpose::ByHand | Purpose::Show => {}
        }
    }

    /// A bash in the folder of this test. It knows the programs of script/bootstrap, and Django.
    fn terminal(&self, text: &str) -> Command {
        let mut command = program("bash");
        command.args(["-eu", "-o", "pipefail", "-c", text]).current_dir(self.folder());
        command.env("HOME", self.folder());
        command.env("PYTHONPATH", django_packages()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.envs(&self.environment);
        let programs = self.environment.get("PATH").map_or_else(search_path, OsString::from);
        let programs = [self.folder().to_owned()].into_iter().chain(split_paths(&programs));
        command.env("PATH", join_paths(programs).unwrap());
        command
    }

    /// What bash prints when it is told `text`.
    pub async fn run(&self, text: &str) -> String {
        let mut command = self.terminal(&self.put_instead(text));
        let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The page is at its end: nothing is left to do.
    pub fn end(self) {
        let left = self.left.as_slice().iter().find(|block| !matches!(block.purpose, Purpose::Show));
        assert!(left.is_none(), "{} goes on: {left:?}", self.name);
    }
}

/// Where script/bootstrap has put Django.
pub fn django_packages() -> std::path::PathBuf {
    let packages = tools().unwrap().join("../peers/django");
    assert!(packages.join("django").is_dir(), "Django is missing. To install it: script/bootstrap");
    packages
}
