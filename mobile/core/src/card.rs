//! The card itself: 148 pairs in ascending order, and where each stands on the printed sheet.

use std::array;

use crate::derive::Words;
use crate::key::Key;
use crate::number::{CardNumber, KeyNumber};
use crate::secret::CardSecret;

const NUMBER_LABEL: &str = "segl/keycard/v1/number";

/// How many pairs a card has.
pub const CARD_KEYS: usize = SHEET_COLUMNS * SHEET_ROWS;
/// How many columns the printed sheet has. Pairs run down the first column, then down the next.
pub const SHEET_COLUMNS: usize = 4;
/// How many rows the printed sheet has.
pub const SHEET_ROWS: usize = 37;

/// A key number and the key that is printed beside it.
pub struct Pair {
    /// What the service asks for.
    pub number: KeyNumber,
    /// What the person answers, once.
    pub key: Key,
}

/// A whole card, ready for answering or printing. Its keys are wiped when it is dropped.
pub struct Card {
    number: CardNumber,
    pairs: Box<[Pair; CARD_KEYS]>,
}

impl Card {
    /// The card that follows from `secret`, always the same one.
    #[must_use]
    pub fn from_secret(secret: &CardSecret) -> Self {
        let numbers = derive_numbers(secret);
        let pairs = array::from_fn(|index| Pair { number: numbers[index], key: Key::derive(secret, numbers[index]) });
        Self { number: CardNumber::derive(secret), pairs: Box::new(pairs) }
    }

    /// The key beside `number` on the card that follows from `secret`, if the number is on it: a fifteenth of the work of the whole card.
    #[must_use]
    pub fn key_of(secret: &CardSecret, number: KeyNumber) -> Option<Key> {
        derive_numbers(secret).binary_search(&number).ok().map(|_| Key::derive(secret, number))
    }

    /// The number at the top of the card.
    #[must_use]
    pub fn number(&self) -> CardNumber {
        self.number
    }

    /// All pairs, their numbers ascending and distinct.
    #[must_use]
    pub fn pairs(&self) -> &[Pair; CARD_KEYS] {
        &self.pairs
    }

    /// The key beside `number`, if the number is on this card.
    #[must_use]
    pub fn key_for(&self, number: KeyNumber) -> Option<&Key> {
        self.index_of(number).map(|index| &self.pairs[index].key)
    }

    /// The place of `number` among the pairs, from 0 to 147.
    #[must_use]
    pub fn index_of(&self, number: KeyNumber) -> Option<usize> {
        self.pairs.binary_search_by_key(&number, |pair| pair.number).ok()
    }

    /// The four columns of the sheet from left to right, each with its pairs from top to bottom.
    #[must_use]
    pub fn columns(&self) -> [&[Pair]; SHEET_COLUMNS] {
        array::from_fn(|column| &self.pairs[column * SHEET_ROWS..(column + 1) * SHEET_ROWS])
    }

    /// The rows of the sheet from top to bottom, each with its pairs from left to right.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = [&Pair; SHEET_COLUMNS]> {
        (0..SHEET_ROWS).map(|row| array::from_fn(|column| &self.pairs[column * SHEET_ROWS + row]))
    }
}

fn derive_numbers(secret: &CardSecret) -> [KeyNumber; CARD_KEYS] {
    let mut words = Words::<2>::new(secret, NUMBER_LABEL, &[]);
    let mut seen = [false; KeyNumber::RANGE as usize];
    let mut fresh = || loop {
        let value = words.below(KeyNumber::RANGE) as u16;
        if !std::mem::replace(&mut seen[usize::from(value)], true) {
            return KeyNumber::from_range(value);
        }
    };
    let mut numbers = array::from_fn(|_| fresh());
    numbers.sort_unstable();
    numbers
}
