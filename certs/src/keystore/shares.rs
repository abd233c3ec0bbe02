//! Splitting a secret among people: any `needed` of `of` shares give it back, fewer say nothing (A. Shamir, How to Share a Secret, CACM 1979, over
//! GF(256)).
//!
//! A share is written to be copied by hand: `7f3a-2of3-1 ABCDE-FGHIJ-...-KLMNP`. The head names the set, the rule and the number of the
//! share; each group has four letters (RFC 4648 base32, no 0, 1, 8 and 9) and a check letter of its own, the last group checks all of it. So
//! a typo is named by share and group, and a share of another set is not taken.

use std::fmt;

use blahaj::{Share as Point, Sharks};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::sealed::fill_random;

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Octets of a secret that is split: 40 letters, 200 bits.
pub const SECRET_OCTETS: usize = 20;
const GROUPS: usize = SECRET_OCTETS * 8 / 20;
/// More people than this do not come to a ceremony.
pub const MOST_SHARES: u8 = 16;

/// How many shares there are, and how many give the secret back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    needed: u8,
    of: u8,
}

/// Why shares cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// Two shares have the same number.
    #[error("share {number} was given twice")]
    GivenTwice {
        /// Which.
        number: u8,
    },
    /// The head of a share cannot be read.
    #[error("a share begins with its set, rule and number, as 7f3a-2of3-1, and a space; this begins with {found:?}")]
    Head {
        /// What stands there.
        found: String,
    },
    /// A group's check letter does not fit.
    #[error("share {number}: group {group} is mistyped")]
    MistypedGroup {
        /// Of which share.
        number: u8,
        /// Counted from 1.
        group: usize,
    },
    /// Each group fits by itself, but not all of them together.
    #[error("share {number}: each group fits by itself but not together; its head or the order of its groups is mistyped")]
    MistypedShare {
        /// Which share.
        number: u8,
    },
    /// Shares of two ceremonies.
    #[error("share {number} belongs to another set")]
    OtherSet {
        /// Which share.
        number: u8,
    },
    /// The system gave no randomness.
    #[error("no randomness for shares")]
    Randomness(#[from] openssl::error::ErrorStack),
    /// A rule that protects nothing, or that nobody can follow.
    #[error("shares: at least 2 of at most {MOST_SHARES} people, and not more needed than there are")]
    Rule,
    /// Not enough.
    #[error("{needed} shares are needed, {given} given")]
    TooFew {
        /// By the rule.
        needed: u8,
        /// Good ones at hand.
        given: usize,
    },
}

impl Rule {
    /// `needed` of `of`.
    ///
    /// # Errors
    /// [`ShareError::Rule`].
    pub fn new(needed: u8, of: u8) -> Result<Self, ShareError> {
        if needed >= 2 && needed <= of && of <= MOST_SHARES { Ok(Self { needed, of }) } else { Err(ShareError::Rule) }
    }

    /// How many are needed.
    #[must_use]
    pub fn needed(self) -> u8 {
        self.needed
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}of{}", self.needed, self.of)
    }
}

/// One share, read and found free of typos. Prints nothing of itself.
pub struct Share {
    set: String,
    rule: Rule,
    number: u8,
    octets: Zeroizing<Vec<u8>>,
}

/// Splits a secret: one text for each person.
///
/// # Errors
/// [`ShareError::Randomness`].
pub fn split(secret: &[u8; SECRET_OCTETS], rule: Rule) -> Result<Vec<Zeroizing<String>>, ShareError> {
    let mut set = [0; 2];
    fill_random(&mut set)?;
    let set = hex::encode(set);
    let texts = Sharks(rule.needed).dealer(secret).take(usize::from(rule.of)).map(|point| {
        let octets = Zeroizing::new(Vec::from(&point));
        let (number, value) = octets.split_first().unwrap_or((&0, &[]));
        Zeroizing::new(text(&set, rule, *number, value))
    });
    Ok(texts.collect())
}

/// Puts shares together again.
///
/// # Errors
/// [`ShareError::TooFew`], [`ShareError::GivenTwice`], [`ShareError::OtherSet`].
pub fn join(shares: &[Share]) -> Result<Zeroizing<Vec<u8>>, ShareError> {
    let Some(first) = shares.first() else { return Err(ShareError::TooFew { needed: 2, given: 0 }) };
    let mut points = Vec::new();
    for (index, share) in shares.iter().enumerate() {
        let number = share.number;
        if share.set != first.set || share.rule != first.rule {
            return Err(ShareError::OtherSet { number });
        }
        if shares[..index].iter().any(|earlier| earlier.number == number) {
            return Err(ShareError::GivenTwice { number });
        }
        let octets = Zeroizing::new([&[number], share.octets.as_slice()].concat());
        points.push(Point::try_from(octets.as_slice()).map_err(|_| ShareError::MistypedShare { number })?);
    }
    let too_few = ShareError::TooFew { needed: first.rule.needed, given: points.len() };
    Sharks(first.rule.needed).recover(&points).map(Zeroizing::new).map_err(|_| too_few)
}

impl Share {
    /// Reads a share as it was written; small letters are as good as capitals.
    ///
    /// # Errors
    /// [`ShareError`] names the typo.
    pub fn parse(text: &str) -> Result<Self, ShareError> {
        let (head, body) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let (set, rule, number) = head_of(head).ok_or_else(|| ShareError::Head { found: head.chars().take(16).collect() })?;
        let body = Zeroizing::new(body.to_ascii_uppercase());
        let groups: Vec<&str> = body.split(['-', ' ']).filter(|group| !group.is_empty()).collect();
        for (at, group) in groups.iter().enumerate().take(GROUPS) {
            let letters: Vec<u8> = group.bytes().collect();
            if letters.len() != 5 || letters[4] != check_letter(&set, number, at, &letters[..4]) {
                return Err(ShareError::MistypedGroup { number, group: at + 1 });
            }
        }
        let letters: Zeroizing<Vec<u8>> = Zeroizing::new(groups.iter().take(GROUPS).flat_map(|group| group.bytes().take(4)).collect());
        let octets = octets_of(&letters).ok_or(ShareError::MistypedShare { number })?;
        let whole = text_of(&set, rule, number, &octets);
        let given = groups.iter().skip(GROUPS).copied().collect::<String>();
        if groups.len() != GROUPS + 1 || given != check_group(&whole) {
            let group = groups.len().min(GROUPS + 1);
            let broken = groups.len() < GROUPS || given.len() != 5;
            return Err(if broken { ShareError::MistypedGroup { number, group } } else { ShareError::MistypedShare { number } });
        }
        Ok(Self { set, rule, number, octets })
    }

    /// By which rule it was made.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Its number in the set.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }
}

fn head_of(head: &str) -> Option<(String, Rule, u8)> {
    let mut parts = head.split('-');
    let (set, rule, number) = (parts.next()?, parts.next()?, parts.next()?);
    let (needed, of) = rule.split_once("of")?;
    let rule = Rule::new(needed.parse().ok()?, of.parse().ok()?).ok()?;
    let number: u8 = number.parse().ok()?;
    let good =
        parts.next().is_none() && set.len() == 4 && set.bytes().all(|byte| byte.is_ascii_hexdigit()) && (1..=rule.of).contains(&number);
    good.then(|| (set.to_ascii_lowercase(), rule, number))
}

fn text(set: &str, rule: Rule, number: u8, octets: &[u8]) -> String {
    let whole = Zeroizing::new(text_of(set, rule, number, octets));
    format!("{}-{}", *whole, check_group(&whole))
}

/// Without the last group.
fn text_of(set: &str, rule: Rule, number: u8, octets: &[u8]) -> String {
    let letters = Zeroizing::new(letters_of(octets));
    let groups: Vec<String> = letters
        .chunks(4)
        .enumerate()
        .map(|(at, four)| format!("{}{}", String::from_utf8_lossy(four), char::from(check_letter(set, number, at, four))))
        .collect();
    format!("{set}-{rule}-{number} {}", groups.join("-"))
}

fn check_letter(set: &str, number: u8, at: usize, four: &[u8]) -> u8 {
    let place = u8::try_from(at).unwrap_or(u8::MAX);
    let hash =
        Sha256::new().chain_update(b"segl/share/v1/group/").chain_update(set).chain_update([number, place]).chain_update(four).finalize();
    LETTERS[usize::from(hash[0] & 31)]
}

fn check_group(whole: &str) -> String {
    let hash = Sha256::new().chain_update(b"segl/share/v1/whole/").chain_update(whole).finalize();
    hash.iter().take(5).map(|octet| char::from(LETTERS[usize::from(octet & 31)])).collect()
}

/// Five bits a letter; the octets are a multiple of five.
fn letters_of(octets: &[u8]) -> Vec<u8> {
    let mut letters = Vec::with_capacity(octets.len() * 8 / 5);
    for five in octets.chunks(5) {
        let bits = five.iter().fold(0u64, |bits, octet| bits << 8 | u64::from(*octet));
        letters.extend((0..8).rev().map(|place| LETTERS[usize::try_from(bits >> (place * 5) & 31).unwrap_or(0)]));
    }
    letters
}

fn octets_of(letters: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(SECRET_OCTETS));
    for eight in letters.chunks(8) {
        let mut bits = 0u64;
        for letter in eight {
            bits = bits << 5 | u64::try_from(LETTERS.iter().position(|known| known == letter)?).ok()?;
        }
        octets.extend_from_slice(&bits.to_be_bytes()[3..]);
    }
    (octets.len() == SECRET_OCTETS).then_some(octets)
}
