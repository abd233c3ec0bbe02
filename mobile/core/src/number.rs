//! The numbers that stand on a card in the open: the card's own, and those that the service asks for.

use std::fmt;
use std::str::FromStr;

use crate::derive::Words;
use crate::secret::CardSecret;

const CARD_LABEL: &str = "segl/keycard/v1/card";
const CARD_DIGITS: usize = 9;
const CARD_RANGE: u64 = 26 * CARD_RANGE_PER_LETTER;
const CARD_RANGE_PER_LETTER: u64 = 1_000_000_000;

/// The number printed at the top of a card: one letter and nine digits, `G750159724`.
///
/// It names the card towards support and is no secret. It follows from the card's secret, and tells nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardNumber {
    letter: u8,
    digits: u32,
}

/// Why a text is no card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardNumberError {
    /// There are more or fewer than nine digits after the letter.
    #[error("a card number has nine digits after its letter, here are {found}")]
    DigitCount {
        /// How many there are.
        found: usize,
    },
    /// A sign after the letter is neither digit, blank nor hyphen.
    #[error("a card number has only digits after its letter")]
    ForeignSign,
    /// The text does not begin with a letter from A to Z.
    #[error("a card number begins with a letter from A to Z")]
    NoLetter,
}

impl CardNumber {
    /// Reads a number as people write it: small letters, blanks and hyphens are fine (`g750-159-724`).
    ///
    /// # Errors
    /// [`CardNumberError`] when it is not one letter and nine digits.
    pub fn parse(text: &str) -> Result<Self, CardNumberError> {
        let mut signs = text.chars().filter(|sign| !matches!(sign, ' ' | '-'));
        let letter = signs.next().map(|sign| sign.to_ascii_uppercase()).filter(char::is_ascii_uppercase);
        let letter = letter.ok_or(CardNumberError::NoLetter)?;
        let (mut digits, mut found) = (0_u32, 0);
        for sign in signs {
            let digit = sign.to_digit(10).ok_or(CardNumberError::ForeignSign)?;
            found += 1;
            if found <= CARD_DIGITS {
                digits = digits * 10 + digit;
            }
        }
        if found != CARD_DIGITS {
            return Err(CardNumberError::DigitCount { found });
        }
        Ok(Self { letter: letter as u8, digits })
    }

    /// The number of the card that follows from `secret`. Two cards may share one by chance (one in 26 thousand million): where it must
    /// be unique, keep a constraint and draw another secret.
    #[must_use]
    pub fn derive(secret: &CardSecret) -> Self {
        let value = Words::<8>::new(secret, CARD_LABEL, &[]).below(CARD_RANGE);
        let letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(value / CARD_RANGE_PER_LETTER) as usize];
        Self { letter, digits: (value % CARD_RANGE_PER_LETTER) as u32 }
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{:09}", char::from(self.letter), self.digits)
    }
}

impl FromStr for CardNumber {
    type Err = CardNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The four-digit number beside a key, leading zeros kept: `0063`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyNumber(u16);

/// Why a text or value is no key number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyNumberError {
    /// The text is not four ASCII digits.
    #[error("a key number has exactly four digits")]
    NotFourDigits,
    /// The value is above 9999.
    #[error("a key number is at most 9999, not {value}")]
    TooLarge {
        /// The value that was given.
        value: u16,
    },
}

impl KeyNumber {
    /// How many key numbers there are.
    pub(crate) const RANGE: u64 = 10_000;

    /// A number from its value, 0 to 9999.
    ///
    /// # Errors
    /// [`KeyNumberError::TooLarge`] above 9999.
    pub fn new(value: u16) -> Result<Self, KeyNumberError> {
        if u64::from(value) < Self::RANGE { Ok(Self(value)) } else { Err(KeyNumberError::TooLarge { value }) }
    }

    /// Reads exactly four digits.
    ///
    /// # Errors
    /// [`KeyNumberError::NotFourDigits`] for anything else.
    pub fn parse(text: &str) -> Result<Self, KeyNumberError> {
        let four_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = text.parse().ok().filter(|_| four_digits);
        value.map(Self).ok_or(KeyNumberError::NotFourDigits)
    }

    /// A number from a value that is known to lie below [`Self::RANGE`].
    pub(crate) fn from_range(value: u16) -> Self {
        debug_assert!(u64::from(value) < Self::RANGE);
        Self(value)
    }

    /// The value, 0 to 9999.
    #[must_use]
    pub fn value(self) -> u16 {
        self.0
    }
}

impl fmt::Display for KeyNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}", self.0)
    }
}

impl FromStr for KeyNumber {
    type Err = KeyNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
