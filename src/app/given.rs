//! What an island is given for its life in the browser: how the last try ended, and sentences, as lines of text.
//!
//! The client holds no sentence of its own. Lines are cheaper to read than a structure: nothing that reads JSON is part of
//! the client.

use std::str::SplitN;

use crate::api::Refused;

/// What a form says, each on a line of [`Given::words`] in this order.
#[derive(Clone, Copy)]
pub enum Say {
    /// The label of its button.
    Idle,
    /// The request is on its way.
    Busy,
    /// It takes longer than usual.
    Slow,
    /// It took too long.
    GivenUp,
    /// There was no connection.
    Unreachable,
    /// Something else answered: a proxy, or the portal of a network.
    NotOurs,
    /// It has to wait, for as long as the button counts.
    CountsDown,
    /// What stands before the time that is left, where the button is a sentence.
    Before,
    /// What stands behind it.
    After,
}

/// What an island is given.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// How the last try ended, where a plain form made it.
    pub refused: Option<Refused>,
    /// Seconds until the next try may be made.
    pub wait: u64,
    /// The lines of [`Say`].
    pub words: String,
}

impl Given {
    /// It as it stands in the page: the wait, the three lines of a refusal, and the words.
    #[cfg(feature = "ssr")]
    pub fn to_lines(&self) -> String {
        let Self { refused, wait, words } = self;
        let refused = refused.as_ref().map(|Refused { refusal, retry_after, message }| {
            let retry_after = retry_after.map(|seconds| seconds.to_string()).unwrap_or_default();
            format!("{refusal}\n{retry_after}\n{}", message.replace('\n', " "))
        });
        format!("{wait}\n{}\n{words}", refused.as_deref().unwrap_or("\n\n"))
    }

    /// Reads what [`Self::to_lines`] wrote.
    pub fn from_lines(lines: &str) -> Self {
        let mut lines = lines.splitn(5, '\n');
        let wait = lines.next().and_then(|wait| wait.parse().ok()).unwrap_or_default();
        let refused = next_refusal(&mut lines);
        Self {
            refused: Some(refused).filter(|refused| !refused.refusal.is_empty()),
            wait,
            words: lines.next().unwrap_or_default().to_owned(),
        }
    }
}

/// Reads a refusal as app/scripts/islands.js hands it over: its name, seconds to wait and its sentence.
pub fn refusal_from_lines(lines: &str) -> Refused {
    next_refusal(&mut lines.splitn(3, '\n'))
}

fn next_refusal(lines: &mut SplitN<'_, char>) -> Refused {
    let mut next = || lines.next().unwrap_or_default();
    Refused { refusal: next().to_owned(), retry_after: next().parse().ok(), message: next().to_owned() }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn an_island_reads_what_the_page_holds() {
        let limited = Refused { refusal: "limited".into(), retry_after: Some(42), message: "Wait.".into() };
        let torn = Refused { message: "Two\nlines.".into(), ..Refused::named("malformed_code") };
        for (refused, message) in [(None, ""), (Some(limited), "Wait."), (Some(torn), "Two lines.")] {
            let given = Given { refused, wait: 7, words: "Send\nOne moment…\n".into() };
            let read = Given::from_lines(&given.to_lines());
            assert_eq!((read.wait, &read.words), (7, &given.words));
            let expected = given.refused.map(|refused| Refused { message: message.into(), ..refused });
            assert_eq!(read.refused, expected);
        }
    }

    #[test]
    fn a_refusal_may_be_a_name_alone() {
        assert_eq!(refusal_from_lines("unreachable"), Refused::named("unreachable"));
        assert_eq!(refusal_from_lines("wrong_code\n\nNo.").message, "No.");
    }
}
