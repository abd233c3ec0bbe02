//! The card as plain text, for screen readers, Braille and large print. The words come from the caller, in the person's language.

use zeroize::Zeroizing;

use crate::card::{CARD_KEYS, Card};

/// Bytes that one line of a pair takes: `0063: 103 749` and its line feed.
const LINE_BYTES: usize = 14;

/// The words around the digits, in the person's language.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// Before the card's number: `Nøglekortnummer`, `Key card number`.
    pub card_number: &'a str,
    /// Before the key numbers: `Nøgle nr.`, `Key no.`.
    pub key_number: &'a str,
    /// Before the keys: `Nøgle`, `Key`.
    pub key: &'a str,
}

impl Card {
    /// The card as text: its number, a line that says what follows, then one line for each pair in ascending order (`0063: 103 749`).
    /// Lines end with a line feed. It holds every key of the card: treat it as the card itself.
    #[must_use]
    pub fn text(&self, words: Words<'_>) -> Zeroizing<String> {
        let head = format!("{}: {}\n{}: {}\n", words.card_number, self.number(), words.key_number, words.key);
        let mut text = Zeroizing::new(String::with_capacity(head.len() + CARD_KEYS * LINE_BYTES));
        text.push_str(&head);
        for pair in self.pairs() {
            text.push_str(&pair.number.to_string());
            text.push_str(": ");
            text.push_str(&pair.key.expose_grouped());
            text.push('\n');
        }
        text
    }
}
