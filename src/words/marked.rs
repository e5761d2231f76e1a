//! Sentences with mark-up inside, such as an address in bold: one message all the same, because languages order their words
//! differently.
//!
//! An argument that is to stand out is [`mark`]ed before it goes into the message; [`parts`] takes the sentence apart
//! at the marks, and the view draws each part.

/// Private-use characters, which mean nothing anywhere else; an address cannot have them.
const START: char = '\u{E000}';
const END: char = '\u{E001}';

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub text: String,
    /// Whether it was marked.
    pub stands_out: bool,
}

/// An argument of a message that is to stand out.
pub fn mark(argument: &str) -> String {
    format!("{START}{argument}{END}")
}

/// The parts of a sentence, in their order; empty ones are left out.
pub fn parts(sentence: &str) -> Vec<Part> {
    let pieces = sentence.split_inclusive([START, END]);
    let part = |piece: &str| Part {
        text: piece.trim_end_matches([START, END]).to_owned(),
        stands_out: piece.ends_with(END),
    };
    pieces.map(part).filter(|part| !part.text.is_empty()).collect()
}

/// What stands before and after a marked argument that the client puts in by itself.
pub fn around(sentence: &str) -> (String, String) {
    let (before, rest) = sentence.split_once(START).unwrap_or((sentence, ""));
    (before.to_owned(), rest.split_once(END).map_or(rest, |(_, after)| after).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_argument_is_found_wherever_it_stands() {
        let plain = |text: &str| Part { text: text.into(), stands_out: false };
        let loud = |text: &str| Part { text: text.into(), stands_out: true };
        let ada = mark("ada@example.com");
        assert_eq!(
            parts(&format!("If {ada} may sign in.")),
            [plain("If "), loud("ada@example.com"), plain(" may sign in.")]
        );
        assert_eq!(
            parts(&format!("{ada}, {ada}")),
            [loud("ada@example.com"), plain(", "), loud("ada@example.com")]
        );
        assert_eq!(parts("None."), [plain("None.")]);
        assert_eq!(around(&format!("In {} again", mark(""))), ("In ".into(), " again".into()));
    }
}
