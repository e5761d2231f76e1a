//! The reference word: two syllables on the page and in the mail, by which somebody finds the right one of several mails.

use std::fmt;

use hmac::{KeyInit, Mac};

use super::{Challenge, signer::HmacSha256};

/// A salt of its own: the word tells nothing about a code.
const SALT: &[u8] = b"postern.word";
// Every word of one syllable of each list has been read for what it means elsewhere (English, German, French, Spanish,
// Italian, Portuguese). Whoever changes a syllable reads sixteen words again.
const FIRST: [&str; 16] =
    ["ba", "be", "da", "de", "do", "la", "lu", "mi", "na", "ri", "ru", "so", "te", "ti", "ve", "vi"];
const SECOND: [&str; 16] =
    ["la", "li", "lo", "lu", "ma", "mo", "na", "ni", "no", "ra", "ri", "ro", "ru", "va", "vi", "vo"];

/// One of 256 words of four letters, such as `lumo`. No secret, and no proof of anything: two mails may share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReferenceWord {
    first: &'static str,
    second: &'static str,
}

impl ReferenceWord {
    /// The word of a challenge: HMAC-SHA256 of the salt, with the challenge as the key.
    // Not under SECRET_KEY, as the code is: the word on the page has to stay that of the mail when the key is replaced.
    pub fn of(challenge: &Challenge) -> Self {
        let mac = HmacSha256::new_from_slice(challenge.as_bytes()).expect("HMAC takes a key of any length");
        let mac = mac.chain_update(SALT).finalize().into_bytes();
        let pick = |syllables: &[&'static str; 16], byte: u8| syllables[usize::from(byte % 16)];
        Self { first: pick(&FIRST, mac[0]), second: pick(&SECOND, mac[1]) }
    }
}

/// Four small letters.
impl fmt::Display for ReferenceWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.first, self.second)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn a_challenge_has_one_word_and_most_challenges_another() {
        let mut rng = StdRng::seed_from_u64(1);
        let challenges: Vec<_> = (0..2_000).map(|_| Challenge::new(1_790_000_000_000, &mut rng)).collect();
        let words: Vec<_> = challenges.iter().map(ReferenceWord::of).collect();
        assert_eq!(ReferenceWord::of(&challenges[0].clone()), words[0]);
        let different: HashSet<_> = words.iter().map(ToString::to_string).collect();
        assert!(different.len() > 240, "of 256 words only {} came up", different.len());
    }

    #[test]
    fn every_word_is_four_letters_of_two_syllables_and_stands_once() {
        let mut words = HashSet::new();
        for word in FIRST.iter().flat_map(|first| SECOND.map(|second| format!("{first}{second}"))) {
            let kinds: Vec<_> = word.chars().map(|letter| "aeiou".contains(letter)).collect();
            assert_eq!(kinds, [false, true, false, true], "{word}");
            assert!(words.insert(word));
        }
        assert_eq!(words.len(), 256);
    }

    #[test]
    fn no_word_is_rude() {
        // Those that other syllables with the same letters would make.
        let rude = [
            "bite", "boba", "bobo", "bola", "loli", "lame", "mona", "moro", "nabo", "nude", "rabo", "rude",
            "sado", "seno", "sida", "tara", "teta", "tete", "tito", "vaga", "nazi", "puta", "pute", "popo",
            "kaka", "caca",
        ];
        for word in FIRST.iter().flat_map(|first| SECOND.map(|second| format!("{first}{second}"))) {
            assert!(!rude.contains(&word.as_str()), "{word}");
        }
    }
}
