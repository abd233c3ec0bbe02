//! The digital and the printed key card: what the server and the phone app must agree on, byte for byte.
//!
//! The phone's protocol stands in its modules, each with its table of bytes: [`payload`] (what is asked), [`Decision`] (what was
//! decided), [`opener`] and [`release`] (how the secret of a signing key rests and travels), [`DeviceKey`] and [`pin`] (what makes a
//! phone a key card), [`pairing`], [`oath`] (codes where no network reaches), [`wire`] (the JSON) and [`evidence`] (what is checked
//! later). `mobile/README.md` has the argument. The rest of this page is the card that is printed.
//!
//! A key card carries 148 pairs of a four-digit key number and a six-digit key. The service asks for a number, the person types the
//! key beside it, and no number is asked for twice. The whole card follows from one secret of 32 random bytes, so that only the
//! secret has to be stored (sealed) and the card can be printed again from it.
//!
//! # Construction, version 1
//!
//! `prf(label, context, counter) = HMAC-SHA256(secret, label || context || counter)`, the counter as four bytes, big endian, from zero
//! upwards. No label is the beginning of another, and each context has one length, so no two uses share an input. Each block is cut into
//! words, big endian, read from left to right; when a block is used up the next counter follows. A word at or above the largest multiple
//! of the range is thrown away, which leaves every value exactly as likely as any other.
//!
//! | what | label | context | word | thrown away at or above | value |
//! |---|---|---|---|---|---|
//! | card number | `segl/keycard/v1/card` | none | 64 bits | 18,446,744,056,000,000,000 | `v = word mod 26 * 10^9`; letter `A + v / 10^9`, then `v mod 10^9` as nine digits |
//! | key numbers | `segl/keycard/v1/number` | none | 16 bits | 60,000 | `word mod 10^4`; a number already on the card is thrown away too; 148 of them, sorted |
//! | key | `segl/keycard/v1/key` | key number, two bytes, big endian | 32 bits | 4,294,000,000 | `word mod 10^6` |
//!
//! A key hangs on its number and not on its place, so neither order nor printing can move it. Known answers from an independent
//! program stand in `tests/known_answers.rs`.
//!
//! # Refusals
//!
//! Nothing here reads a clock, a random source or the environment, nothing performs input or output but the one file of the feature
//! `soft`, and neither secret nor key can be printed by accident: they have no `Debug` that shows them, and no `Display`. No bytes from
//! outside make a reader panic; each is bounded, and each refusal names field and rule ([`Fault`]).
#![deny(missing_docs)]

mod block;
mod bytes;
mod card;
mod clock;
mod decision;
mod derive;
mod device_key;
pub mod evidence;
mod fault;
mod id;
mod identity;
mod key;
mod number;
pub mod oath;
mod offline;
pub mod opener;
pub mod pairing;
pub mod payload;
pub mod pin;
pub mod plain;
mod public_key;
pub mod release;
mod sealed;
mod secret;
mod secret_bytes;
mod signed;
#[cfg(feature = "soft")]
pub mod soft;
mod text;
pub mod wire;

pub use block::{Block, Removal};
pub use bytes::Canonical;
pub use card::{CARD_KEYS, Card, Pair, SHEET_COLUMNS, SHEET_ROWS};
pub use clock::{ClockError, LONGEST_ROUND_TRIP_MS, ServiceClock, TRUSTED_MS, TimeAnswer};
pub use decision::{Decision, NUMBER_TRIES, Number, Proof, QR_BYTES, QrSecret, Scan, Shown, Unanswered, Verdict};
pub use device_key::{CreatedKey, DeviceKey, DeviceKeyError, PhoneKeys, Protection, UserAuth};
pub use fault::{Fault, Rule};
pub use id::{ApprovalId, PhoneId, ReleaseKeyId};
pub use identity::{Pins, Succession};
pub use key::Key;
pub use number::{CardNumber, CardNumberError, KeyNumber, KeyNumberError};
pub use offline::{KeptOffline, OfflineAsk};
pub use public_key::{PUBLIC_KEY_BYTES, PublicKey, SIGNATURE_BYTES, Signature};
pub use sealed::{OpenError, SEALED_BYTES, Sealed, SharedSecret, Unopened};
pub use secret::CardSecret;
pub use secret_bytes::Secret;
pub use signed::{Signed, SignedError};
pub use text::Words;
