//! The sheet as PDF (one page of A4, or large print) and as plain text. Rendered when fetched, never stored.

use keycard::Card;
use zeroize::Zeroizing;

use crate::platform::{
    paper::{Block, Pairs, Paper, PaperError, Print},
    words::Words,
};

/// The card on one page of A4: four columns, read downwards.
///
/// # Errors
/// [`PaperError`].
pub fn pdf(card: &Card, words: Words) -> Result<Zeroizing<Vec<u8>>, PaperError> {
    sheet(card, words, Print::Standard)
}

/// The card in letters of 18 points, on three pages.
///
/// # Errors
/// [`PaperError`].
pub fn large_print(card: &Card, words: Words) -> Result<Zeroizing<Vec<u8>>, PaperError> {
    sheet(card, words, Print::Large)
}

/// The card as text, one pair a line, for screen readers and Braille.
pub fn text(card: &Card, words: Words) -> Zeroizing<Vec<u8>> {
    let (card_number, key_number, key) = (words.say("keycards.card_number"), words.say("keycards.key_number"), words.say("keycards.key"));
    let text = card.text(keycard::Words { card_number: &card_number, key_number: &key_number, key: &key });
    Zeroizing::new(text.as_bytes().to_vec())
}

fn sheet(card: &Card, words: Words, print: Print) -> Result<Zeroizing<Vec<u8>>, PaperError> {
    let title = format!("{} {}", words.say("keycards.card_number"), card.number());
    let row = |pair: &keycard::Pair| [Zeroizing::new(pair.number.to_string()), Zeroizing::new(pair.key.expose_grouped().to_string())];
    let pairs =
        Pairs { heads: [words.say("keycards.key_number_short"), words.say("keycards.key")], rows: card.pairs().iter().map(row).collect() };
    let note = Block::Paragraph(Zeroizing::new(words.say("keycards.sheet_note")));
    let blocks = vec![Block::Heading(title.clone()), note, Block::Pairs(pairs)];
    Paper { language: words.0.tag(), title, print, envelope: None, blocks }.pdf()
}
