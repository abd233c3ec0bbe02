//! How a phone and an account come to know each other.
//!
//! | step | who | what |
//! |---|---|---|
//! | 1 | page | shows an [`Invitation`] as QR (address, pin of the identity key I, 128-bit token) and a [`Code`] to type with the address (80 bits and a check) |
//! | 2 | phone, typed form only | asks for I, and takes it only with the MAC that the code keys ([`Code::identity_mac`]) |
//! | 3 | phone | [`TokenKeys::tag`] over nonce and reply key; the service answers with an [`Offer`], signed by I: whom, where, how long, and the share of the vault key |
//! | 4 | phone | makes its keys, sends a [`Claim`], signed by the new signing key and tagged by the token, and what attests the key |
//! | 5 | service | answers with a [`Registered`], signed by I: which claim, a nonce made only now, and a challenge sealed to the agreement key |
//! | 6 | phone | opens the challenge and answers ([`agree_answer`]): the agreement key is its own |
//! | 7 | both | show six digits ([`digits`]); the person compares, and confirms on the page with password and card |
//! | 8 | service | signs the [`PairingRecord`]: without it no approval can be checked later |
//! | 9 | phone | collects record and device token by its signing key ([`Collect`]): who only saw the QR gets neither |
//!
//! # Why nobody gets between
//!
//! *QR*: the pin came by light from the person's own page, so all that I signs is the service's. *Code*: whoever sits in the middle does
//! not know the code; to put in a key of his own he needs a MAC under 80 unknown bits, and has ten minutes. The lookup name tells nothing
//! of the token that one could find in time. *Claim*: it is tagged under the token; and the answer, signed by I, names the very claim, so
//! a phone whose keys were exchanged notices before it shows digits. *Digits*: they hang on a nonce that the service makes after the
//! claim, so nobody can search for keys that give the same digits. What remains: who has seen the QR (over the shoulder, or by having the
//! person send it) may be first with a phone of his own. Then the person's phone fails, the page shows digits that no phone of his shows,
//! and password and card are still asked for: a person who confirms all the same has given it away.

mod address;
mod claim;
mod client_data;
mod code;
mod collect;
mod invitation;
mod offer;
mod record;

pub use address::Address;
pub use claim::{Claim, Registered, agree_answer, agree_challenge, digits, open_agree_challenge};
pub use client_data::ClientData;
pub use code::{CODE_BYTES, Code, CodeError};
pub use collect::Collect;
pub use invitation::{Invitation, TOKEN_BYTES, Token, TokenKeys};
pub use offer::{Offer, Step};
pub use record::PairingRecord;

/// An invitation and a code are good for ten minutes, once.
pub const LIFETIME_MS: u64 = 600_000;
/// Phones of one account.
pub const PHONES: usize = 3;
/// Characters of a phone's name.
pub const PHONE_NAME_CHARACTERS: usize = 64;
/// Certificates that attest the keys: the signing key's, the agreeing key's, and what leads from them to the maker's root, for each of them where chip
/// and trusted environment have ways of their own. From an iPhone two items, Apple's object and [`ClientData`].
pub const ATTESTATION_CERTIFICATES: usize = 12;
/// Bytes of such a certificate or item.
pub const ATTESTATION_CERTIFICATE_BYTES: usize = 8192;
