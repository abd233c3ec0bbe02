//! What binds the two screens: two digits that are typed, or 16 bytes that are scanned.

use std::fmt;

use rand_core::CryptoRngCore;
use subtle::ConstantTimeEq;

use crate::fault::{Fault, Rule};

/// Bytes of the secret in the QR.
pub const QR_BYTES: usize = 16;

/// Two digits, `00` to `99`, each as likely as any other. A leading zero is shown and typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Number([u8; 2]);

impl Number {
    /// Draws a number.
    pub fn draw(random: &mut dyn CryptoRngCore) -> Self {
        loop {
            let mut byte = [0];
            random.fill_bytes(&mut byte);
            if byte[0] < 200 {
                let value = byte[0] % 100;
                return Self([b'0' + value / 10, b'0' + value % 10]);
            }
        }
    }

    /// Reads what a person typed: exactly two digits. Blanks around and between them are passed over.
    ///
    /// # Errors
    /// [`Fault`] for anything else.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        if typed.len() > 16 {
            return Err(Rule::TooLong { bound: 16 }.at("number"));
        }
        let mut digits = typed.bytes().filter(|byte| *byte != b' ');
        match (digits.next(), digits.next(), digits.next()) {
            (Some(tens @ b'0'..=b'9'), Some(ones @ b'0'..=b'9'), None) => Ok(Self([tens, ones])),
            _ => Err(Rule::WrongLength { expected: 2 }.at("number")),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

/// The number belongs on one page and not in a log.
impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Number(..)")
    }
}

/// What the QR beside the number holds, instead of typing: 16 random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct QrSecret([u8; QR_BYTES]);

impl QrSecret {
    /// Takes 16 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; QR_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, for showing them.
    #[must_use]
    pub fn expose(&self) -> &[u8; QR_BYTES] {
        &self.0
    }
}

impl fmt::Debug for QrSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("QrSecret(..)")
    }
}

/// What the person took over from the other screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The two digits, typed.
    Typed(Number),
    /// The 16 bytes, scanned.
    Scanned(QrSecret),
}

impl Proof {
    /// Whether it is what was shown, in a time that does not depend on where they differ.
    #[must_use]
    pub fn fits(&self, number: &Number, qr: &QrSecret) -> bool {
        match self {
            Self::Typed(typed) => typed.0.ct_eq(&number.0).into(),
            Self::Scanned(scanned) => scanned.0.ct_eq(&qr.0).into(),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Typed(number) => &number.0,
            Self::Scanned(secret) => &secret.0,
        }
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        match bytes {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Ok(Self::Typed(Number([*tens, *ones]))),
            _ => bytes.try_into().map(|secret| Self::Scanned(QrSecret(secret))).map_err(|_| Rule::Unknown.at("proof")),
        }
    }
}
