//! The messages of a pairing ([`crate::pairing`]).

use serde::{Deserialize, Serialize};

use super::forms::{Base64, Bounded, Exact};
use crate::pairing::{ATTESTATION_CERTIFICATE_BYTES, ATTESTATION_CERTIFICATES, Claim, Collect, Offer, PairingRecord, Registered};
use crate::public_key::PublicKey;
use crate::sealed::Sealed;
use crate::signed::Signed;

/// The certificates that attest the keys: the signing key's own first, then the agreeing key's where it has one, then what leads from them to a root.
pub type Attestation = Bounded<Base64<ATTESTATION_CERTIFICATE_BYTES>, ATTESTATION_CERTIFICATES>;

/// Who are you? Asked when the code was typed, and the pin is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityQuestion {
    /// The lookup name of the code's token.
    pub lookup: Exact<16>,
}

/// The identity key, vouched for by the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityAnswer {
    /// The identity key.
    pub identity: PublicKey,
    /// [`crate::pairing::Code::identity_mac`].
    pub mac: Exact<32>,
}

/// Begins a pairing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginPairing {
    /// The lookup name of the token.
    pub lookup: Exact<16>,
    /// Random.
    pub nonce: Exact<32>,
    /// What secrets are sealed to.
    pub reply_key: PublicKey,
    /// [`crate::pairing::TokenKeys::tag`] of [`crate::pairing::Step::Begin`].
    pub tag: Exact<32>,
}

/// What the service offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// The identity key, whose thumbprint is known already.
    pub identity: PublicKey,
    /// The offer.
    pub offer: Signed<Offer>,
}

/// Claims keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimPairing {
    /// The lookup name of the token.
    pub lookup: Exact<16>,
    /// The claim.
    pub claim: Signed<Claim>,
    /// Its tag under the token.
    pub tag: Exact<32>,
    /// What attests the keys, where there is such hardware.
    pub attestation: Option<Attestation>,
}

/// The claim is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredPairing {
    /// What was written down, and the challenge to the agreement key.
    pub registered: Signed<Registered>,
}

/// Answers the challenge to the agreement key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreePairing {
    /// The lookup name of the token.
    pub lookup: Exact<16>,
    /// [`crate::pairing::agree_answer`].
    pub answer: Exact<32>,
}

/// Asks how the pairing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskPairing {
    /// The lookup name of the token.
    pub lookup: Exact<16>,
    /// Random.
    pub nonce: Exact<32>,
    /// Signed by the phone's key, once for all questions of this pairing: what the device token is sealed to.
    pub collect: Signed<Collect>,
    /// [`crate::pairing::TokenKeys::tag`] of [`crate::pairing::Step::Status`], over the reply key in `collect`.
    pub tag: Exact<32>,
}

/// How a pairing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum PairingStatus {
    /// The ten minutes are over.
    Lapsed,
    /// The person confirmed.
    Paired {
        /// Who, which keys, since when.
        record: Signed<PairingRecord>,
        /// The device token, sealed to the reply key of the question ([`crate::pin::Delivery::DeviceToken`]).
        token: Sealed,
    },
    /// The person said no.
    Refused,
    /// The person has not confirmed yet.
    Waiting,
}
