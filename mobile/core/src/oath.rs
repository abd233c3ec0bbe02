//! One-time codes by time (RFC 6238) and by counter (RFC 4226): of a phone that no network reaches, and of code tokens.
//!
//! Segl's phones show six digits, for thirty seconds, over HMAC-SHA256. The other hashes and lengths are for code tokens made elsewhere.
//! A code is good once: [`matched_step`] says which step it was, and the server keeps that step in a guarded row and passes it as `burnt`
//! from then on. [`matched`] and [`matched_pair`] look through a [`Span`] of steps or counters, for tokens whose clock drifts or whose button
//! was pressed for nothing.

use std::fmt;

use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Milliseconds of a step.
pub const STEP_MS: u64 = 30_000;
/// Steps before and after the present one that are taken: clocks differ, and typing takes time.
pub const WINDOW: u64 = 1;
/// No secret is longer.
pub const LONGEST_SECRET_BYTES: usize = 128;

/// The hash under the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// Most tokens that are bought.
    Sha1,
    /// Segl's phones.
    Sha256,
    /// Some tokens.
    Sha512,
}

/// How many digits a code has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// Six.
    Six,
    /// Eight.
    Eight,
}

impl Digits {
    fn count(self) -> usize {
        match self {
            Self::Six => 6,
            Self::Eight => 8,
        }
    }
}

/// The kind of code that a device shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The hash under the HMAC.
    pub hash: Hash,
    /// How many digits.
    pub digits: Digits,
}

impl Kind {
    /// What Segl's phones show.
    pub const PHONE: Self = Self { hash: Hash::Sha256, digits: Digits::Six };
}

/// A code. It is compared in constant time and not printed by accident.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Code {
    digits: [u8; 8],
    count: usize,
}

impl Code {
    /// The code of `secret` for one step (RFC 4226 section 5.3). `None` when the secret is empty or too long.
    #[must_use]
    pub fn at_step(kind: Kind, secret: &[u8], step: u64) -> Option<Self> {
        if secret.is_empty() || secret.len() > LONGEST_SECRET_BYTES {
            return None;
        }
        let mac = match kind.hash {
            Hash::Sha1 => Hmac::<Sha1>::new_from_slice(secret).ok()?.chain_update(step.to_be_bytes()).finalize().into_bytes().to_vec(),
            Hash::Sha256 => Hmac::<Sha256>::new_from_slice(secret).ok()?.chain_update(step.to_be_bytes()).finalize().into_bytes().to_vec(),
            Hash::Sha512 => Hmac::<Sha512>::new_from_slice(secret).ok()?.chain_update(step.to_be_bytes()).finalize().into_bytes().to_vec(),
        };
        let offset = usize::from(mac.last()? & 0x0f);
        let word = mac.get(offset..)?.first_chunk::<4>()?;
        let mut value = u32::from_be_bytes(*word) & 0x7fff_ffff;
        let count = kind.digits.count();
        let mut digits = [b'0'; 8];
        for digit in digits[..count].iter_mut().rev() {
            *digit = b"0123456789"[(value % 10) as usize];
            value /= 10;
        }
        Some(Self { digits, count })
    }

    /// The code of `secret` at a time in Unix milliseconds.
    #[must_use]
    pub fn at_time(kind: Kind, secret: &[u8], time_ms: u64) -> Option<Self> {
        Self::at_step(kind, secret, time_ms / STEP_MS)
    }

    /// Reads what was typed: the right count of digits; blanks and hyphens are passed over.
    #[must_use]
    pub fn parse(digits: Digits, typed: &str) -> Option<Self> {
        let mut code = Self { digits: [b'0'; 8], count: digits.count() };
        let mut count = 0;
        for byte in typed.bytes().take(32).filter(|byte| !matches!(byte, b' ' | b'-')) {
            if !byte.is_ascii_digit() || count == code.count {
                return None;
            }
            code.digits[count] = byte;
            count += 1;
        }
        (count == code.count && typed.len() <= 32).then_some(code)
    }

    /// The digits, for showing them.
    #[must_use]
    pub fn expose(&self) -> &str {
        str::from_utf8(&self.digits[..self.count]).unwrap_or_default()
    }

    fn is(&self, other: &Self) -> Choice {
        self.digits.ct_eq(&other.digits) & Choice::from(u8::from(self.count == other.count))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code(..)")
    }
}

/// The step whose code was typed, among the present one and its neighbours, and later than the one burnt last. All candidates are always
/// compared. Where two steps show the same code the later one is taken, which burns both.
#[must_use]
pub fn matched_step(kind: Kind, secret: &[u8], typed: &str, time_ms: u64, burnt: Option<u64>) -> Option<u64> {
    let fresh = burnt.map_or(0, |burnt| burnt.saturating_add(1));
    matched(kind, secret, typed, Span::around(time_ms / STEP_MS, WINDOW), fresh)
}

/// Steps of time, or counters, that are looked through: `first` and `last` are among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// No span is longer: what is typed costs no more than so many HMACs.
pub const LONGEST_SPAN: u64 = 2_000;

impl Span {
    /// So many before and after a step.
    #[must_use]
    pub fn around(step: u64, neighbours: u64) -> Self {
        Self { first: step.saturating_sub(neighbours), last: step.saturating_add(neighbours) }
    }

    /// A counter and so many after it.
    #[must_use]
    pub fn ahead(counter: u64, more: u64) -> Self {
        Self { first: counter, last: counter.saturating_add(more) }
    }

    fn end(self) -> u64 {
        self.last.min(self.first.saturating_add(LONGEST_SPAN))
    }
}

/// The last step or counter of a span, `fresh` or later, whose code was typed. All of the span are always compared.
#[must_use]
pub fn matched(kind: Kind, secret: &[u8], typed: &str, span: Span, fresh: u64) -> Option<u64> {
    let typed = Code::parse(kind.digits, typed)?;
    let (mut found, mut matched) = (Choice::from(0), 0_u64);
    for step in span.first..=span.end() {
        let same = Code::at_step(kind, secret, step)?.is(&typed) & Choice::from(u8::from(step >= fresh));
        matched.conditional_assign(&step, same);
        found |= same;
    }
    bool::from(found).then_some(matched)
}

/// The second of two steps or counters that follow one another, the first `fresh` or later and within a span, whose codes were typed
/// (RFC 4226 section 7.4). All of the span are always compared.
#[must_use]
pub fn matched_pair(kind: Kind, secret: &[u8], typed: [&str; 2], span: Span, fresh: u64) -> Option<u64> {
    let (first, second) = (Code::parse(kind.digits, typed[0])?, Code::parse(kind.digits, typed[1])?);
    let (mut found, mut matched) = (Choice::from(0), 0_u64);
    let mut before = Choice::from(0);
    for step in span.first..=span.end().saturating_add(1) {
        let code = Code::at_step(kind, secret, step)?;
        let same = before & code.is(&second);
        matched.conditional_assign(&step, same);
        found |= same;
        before = code.is(&first) & Choice::from(u8::from(step >= fresh));
    }
    bool::from(found).then_some(matched)
}
