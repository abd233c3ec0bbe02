//! One key of a card: six digits that are told from others in constant time and are never printed by accident.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::derive::Words;
use crate::number::KeyNumber;
use crate::secret::CardSecret;

const LABEL: &str = "segl/keycard/v1/key";
const DIGITS: usize = 6;
const RANGE: u64 = 1_000_000;
/// Longer input is refused unread: six digits, and room for a separator between any two and some blanks around.
const LONGEST_INPUT_BYTES: usize = 32;

/// A six-digit key, leading zeros kept.
///
/// It cannot be printed by accident, only by asking for it:
///
/// ```compile_fail,E0277
/// let card = keycard::Card::from_secret(&keycard::CardSecret::new([7; 32]));
/// println!("{:?}", card.pairs()[0].key);
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; DIGITS]);

impl Key {
    /// The key beside `number`, whether or not the number is on the card: only [`crate::Card`] knows that.
    pub(crate) fn derive(secret: &CardSecret, number: KeyNumber) -> Self {
        let context = number.value().to_be_bytes();
        let mut value = Words::<4>::new(secret, LABEL, &context).below(RANGE);
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = b"0123456789"[(value % 10) as usize];
            value /= 10;
        }
        Self(digits)
    }

    /// Whether a person typed this key. Blanks and hyphens are passed over; anything else than six digits is not the key.
    ///
    /// The time taken depends on the shape of the input and not on the digits of the key.
    #[must_use]
    pub fn matches(&self, typed: &str) -> bool {
        read_digits(typed).is_some_and(|digits| bool::from(digits.ct_eq(&self.0)))
    }

    /// The six digits as they are read out or typed, `103749`.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().map(|digit| char::from(*digit)).collect())
    }

    /// The six digits in two groups as they are printed for reading, `103 749`.
    #[must_use]
    pub fn expose_grouped(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(DIGITS + 1));
        for (position, digit) in self.0.iter().enumerate() {
            if position == DIGITS / 2 {
                text.push(' ');
            }
            text.push(char::from(*digit));
        }
        text
    }
}

fn read_digits(typed: &str) -> Option<Zeroizing<[u8; DIGITS]>> {
    if typed.len() > LONGEST_INPUT_BYTES {
        return None;
    }
    let mut digits = Zeroizing::new([0; DIGITS]);
    let mut count = 0;
    for byte in typed.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        if !byte.is_ascii_digit() || count == DIGITS {
            return None;
        }
        digits[count] = byte;
        count += 1;
    }
    (count == DIGITS).then_some(digits)
}
