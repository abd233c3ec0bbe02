//! The code to type: 80 random bits in 16 letters of Crockford's base32, and a 17th that finds slips: `ABCD-EFGH-JKMN-PQRS-T`.
//!
//! The check letter is the sum of letter times `alpha` to the power of its place, in the field of 32 elements (x^5 + x^2 + 1): it finds
//! every single wrong letter and every two neighbours exchanged. It is worth nothing against anybody who means it; the MACs are. Reading
//! forgives capitals and small letters, blanks and hyphens, O for 0, and I and L for 1.

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::invitation::{Token, expand, mac};
use crate::bytes::Writer;
use crate::public_key::PublicKey;

/// Bytes of a code.
pub const CODE_BYTES: usize = 10;
const LETTERS: usize = 16;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LONGEST_INPUT_BYTES: usize = 64;

/// 80 random bits, good once. Not printed by accident, wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Code([u8; CODE_BYTES]);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// There are more or fewer than 17 letters.
    #[error("the code has 17 letters, here are {found}")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// A sign is no letter of a code.
    #[error("the sign at place {place} does not occur in a code")]
    ForeignSign {
        /// Which sign, counted from one, blanks and hyphens left out.
        place: usize,
    },
    /// The last letter does not fit the others: one is wrong, or two are exchanged.
    #[error("one letter is wrong, or two are exchanged")]
    Slip,
}

impl Code {
    /// Takes ten random bytes.
    #[must_use]
    pub fn new(bytes: [u8; CODE_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// [`CodeError`], for the person: nothing is asked of the service before the check letter fits.
    pub fn parse(typed: &str) -> Result<Self, CodeError> {
        let mut values = Zeroizing::new([0_u8; LETTERS + 1]);
        let mut found = 0;
        for sign in typed.bytes().take(LONGEST_INPUT_BYTES).filter(|byte| !matches!(byte, b' ' | b'-')) {
            let value = value_of(sign).ok_or(CodeError::ForeignSign { place: found + 1 })?;
            if let Some(place) = values.get_mut(found) {
                *place = value;
            }
            found += 1;
        }
        if found != LETTERS + 1 || typed.len() > LONGEST_INPUT_BYTES {
            return Err(CodeError::Count { found });
        }
        let (letters, check) = values.split_at(LETTERS);
        if check != [check_of(letters)] {
            return Err(CodeError::Slip);
        }
        let bits = letters.iter().fold(0_u128, |bits, value| bits << 5 | u128::from(*value));
        let mut code = Self([0; CODE_BYTES]);
        code.0.copy_from_slice(&bits.to_be_bytes()[16 - CODE_BYTES..]);
        Ok(code)
    }

    /// The code as it is shown.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let bits = self.0.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let mut values = Zeroizing::new([0_u8; LETTERS]);
        for (place, value) in values.iter_mut().enumerate() {
            *value = (bits >> (5 * (LETTERS - 1 - place)) & 31) as u8;
        }
        let mut text = Zeroizing::new(String::with_capacity(LETTERS + 5));
        for (place, value) in values.iter().chain([&check_of(&values[..])]).enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(*value)]));
        }
        text
    }

    /// The token that takes the place of the QR's (`segl/pair-token/v1`).
    #[must_use]
    pub fn token(&self) -> Token {
        let mut bytes = [0; 16];
        expand(&self.0, "segl/pair-token/v1", &mut bytes);
        Token::new(bytes)
    }

    /// What the service shows with its identity key to whoever asks under the code's lookup name: HMAC-SHA256 under `HKDF(code,
    /// "segl/pair-identity/v1")` over that domain, lookup name and SubjectPublicKeyInfo, as fields. It is made when the code is, so that
    /// the code need not be kept.
    #[must_use]
    pub fn identity_mac(&self, identity: &PublicKey) -> [u8; 32] {
        let mut key = Zeroizing::new([0; 32]);
        expand(&self.0, "segl/pair-identity/v1", &mut key[..]);
        mac(&key, &Writer::new("segl/pair-identity/v1").field(&self.token().keys().lookup).field(&identity.spki()).bytes())
    }

    /// Whether the service that knows this code vouches for `identity`.
    #[must_use]
    pub fn vouches(&self, identity: &PublicKey, identity_mac: &[u8; 32]) -> bool {
        self.identity_mac(identity).ct_eq(identity_mac).into()
    }
}

fn value_of(sign: u8) -> Option<u8> {
    let sign = match sign.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|letter| *letter == sign).and_then(|place| u8::try_from(place).ok())
}

/// Horner's rule, the last letter weighing alpha: no two places weigh the same.
fn check_of(letters: &[u8]) -> u8 {
    letters.iter().fold(0, |sum, letter| times_alpha(sum ^ letter))
}

/// Times x, modulo x^5 + x^2 + 1.
fn times_alpha(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { shifted ^ 0b10_0101 }
}
