//! A key card as its owner holds it: the text that was printed, and the key beside a number.

use std::collections::HashMap;

/// What is printed on one card.
#[derive(Clone, Debug, Default)]
pub struct PrintedCard(HashMap<String, String>);

impl PrintedCard {
    /// Reads the accessible text of a card: a four-digit number and a six-digit key a line, however spaced and labelled.
    pub fn read(text: &str) -> Self {
        let mut pairs = HashMap::new();
        for line in text.lines() {
            let groups: Vec<&str> = line.split(|c: char| !c.is_ascii_digit()).filter(|piece| !piece.is_empty()).collect();
            let Some((number, key)) = groups.split_first() else { continue };
            let key = key.concat();
            if number.len() == 4 && key.len() == 6 {
                pairs.insert((*number).to_owned(), key);
            }
        }
        Self(pairs)
    }

    /// The key beside a number.
    ///
    /// # Panics
    /// When the number is not on the card.
    pub fn key(&self, number: &str) -> String {
        self.0.get(number).unwrap_or_else(|| panic!("{number:?} is not on the card of {} pairs", self.0.len())).clone()
    }

    /// A key that is not the one beside the number.
    pub fn wrong_key(&self, number: &str) -> String {
        let right = self.key(number);
        right.strip_prefix('0').map_or_else(|| format!("0{}", &right[1..]), |rest| format!("1{rest}"))
    }

    /// A key of the card that stands beside another number.
    ///
    /// # Panics
    /// When there is none.
    pub fn other_key(&self, number: &str) -> String {
        let right = self.key(number);
        self.keys().find(|found| *found != right).expect("a card has more than one key").to_owned()
    }

    /// Every key on the card, to look for where it must not be.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// How many pairs were read.
    pub fn pairs(&self) -> usize {
        self.0.len()
    }
}
