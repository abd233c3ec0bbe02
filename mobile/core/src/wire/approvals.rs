//! The messages of an approval, and of the PIN and the time that go before it.

use serde::{Deserialize, Serialize};

use super::forms::{Bounded, Exact};
use crate::clock::TimeAnswer;
use crate::decision::Decision;
use crate::id::ApprovalId;
use crate::offline::OfflineAsk;
use crate::opener::Opener;
use crate::payload::{FURTHER, Payload};
use crate::pin::{PinChange, PinProof};
use crate::public_key::PublicKey;
use crate::release::Release;
use crate::sealed::Sealed;
use crate::signed::Signed;

/// As many requests wait for one person.
pub const WAITING: usize = 3;

/// What time is it?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeQuestion {
    /// Random.
    pub nonce: Exact<16>,
}

/// The service's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeTold {
    /// Signed, with the question's nonce.
    pub time: Signed<TimeAnswer>,
}

/// What the next proof of the PIN, or request for the offline secret, must be made over, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareNonce {
    /// Random.
    pub nonce: Exact<32>,
}

/// Asks for the share of the vault key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskShare {
    /// The PIN key: the server keeps it hashed under its keystore.
    pub pin_key: PublicKey,
    /// Signed by the PIN key.
    pub proof: Signed<PinProof>,
}

/// Asks for a new share under a new PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePin {
    /// The old PIN key.
    pub pin_key: PublicKey,
    /// Signed by the old PIN key.
    pub change: Signed<PinChange>,
}

/// Asks for the secret of offline codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskOffline {
    /// Signed by the phone's key.
    pub ask: Signed<OfflineAsk>,
}

/// The secret of offline codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineGiven {
    /// Sealed to the reply key of the question ([`crate::pin::Delivery::Offline`]).
    pub secret: Sealed,
}

/// The share, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ShareAnswer {
    /// The PIN is right.
    Given {
        /// Sealed to the reply key of the question ([`crate::pin::Delivery::Share`]).
        share: Sealed,
    },
    /// The share is gone, after five wrong proofs. The phone pairs anew.
    Gone,
    /// The PIN is wrong.
    Wrong {
        /// How many tries are left.
        tries_left: u8,
    },
}

/// What waits, oldest first. The list never opens a request by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// At most three.
    pub requests: Bounded<WaitingRequest, WAITING>,
}

/// A request that waits. What it is about is read from the signed payload only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRequest {
    /// Which.
    pub id: ApprovalId,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What is asked, signed by the identity key.
    pub payload: Signed<Payload>,
    /// This phone's opener of the signing key, if the payload has a release key.
    pub opener: Option<Opener>,
    /// Its openers of the payload's further certificates, in the payload's order: all of them or none.
    #[serde(default, skip_serializing_if = "Bounded::is_empty")]
    pub further: Bounded<Opener, FURTHER>,
}

/// A decision. Sent again after a lost answer it is the same bytes, and gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Signed by the phone's key.
    pub decision: Signed<Decision>,
    /// The secret on its way, whose hash the decision holds.
    pub release: Option<Release>,
    /// Those of the payload's further certificates, in its order: the hash covers them too ([`Release::hash_of`]).
    #[serde(default, skip_serializing_if = "Bounded::is_empty")]
    pub further: Bounded<Release, FURTHER>,
}

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Decided {
    /// Another phone was first.
    Elsewhere,
    /// Too late.
    Lapsed,
    /// A newer request from the same session has taken its place.
    Replaced,
    /// It is taken.
    Taken,
    /// The number is not the one on the page.
    WrongNumber {
        /// How many tries are left for this request.
        tries_left: u8,
    },
}
