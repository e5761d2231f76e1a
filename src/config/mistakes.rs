//! The mistakes in a configuration, each with its setting and its fix, printed all at once.

use std::fmt;

use serde::Serialize;

/// One wrong setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The name of what is wrong: a setting, a key or table of Leptos.toml, or a file.
    pub setting: String,
    /// The rest of a sentence that begins with the setting. Never quotes a secret.
    pub problem: String,
    /// What to do, as an order.
    pub fix: String,
}

impl Mistake {
    /// A mistake; the fields say how `problem` and `fix` are worded.
    pub fn new(setting: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { setting: setting.into(), problem: problem.into(), fix: fix.into() }
    }
}

/// All wrong settings, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Appends a mistake.
    pub fn add(&mut self, setting: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Mistake::new(setting, problem, fix));
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    /// All of them on one line, for the log of a server that goes on.
    pub fn on_one_line(&self) -> String {
        let sentences = self
            .0
            .iter()
            .map(|Mistake { setting, problem, fix }| format!("{setting} {problem} (fix: {fix})"));
        sentences.collect::<Vec<_>>().join("; ")
    }

    /// The settings that are wrong.
    pub fn settings(&self) -> Vec<&str> {
        self.0.iter().map(|mistake| mistake.setting.as_str()).collect()
    }

    /// `value` if nothing is wrong.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Both values, or the mistakes of both.
    ///
    /// # Errors
    /// All that is wrong with either.
    pub fn both<A, B>(a: Result<A, Self>, b: Result<B, Self>) -> Result<(A, B), Self> {
        match (a, b) {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (a, b) => Err(Self([a.err(), b.err()].into_iter().flatten().flat_map(|found| found.0).collect())),
        }
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = match self.0.len() {
            1 => "one setting needs".to_owned(),
            many => format!("{many} settings need"),
        };
        writeln!(f, "Postern cannot start: {count} attention.\n")?;
        for Mistake { setting, problem, fix } in &self.0 {
            writeln!(f, "  {setting} {problem}.\n      Fix: {fix}.")?;
        }
        write!(f, "\nSettings come from Leptos.toml, .env and the environment, the later ones winning.")
    }
}
