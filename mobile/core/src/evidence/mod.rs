//! What is kept of an approval, and checked by anybody, without the service: who was asked what, and which key said yes.
//!
//! As JSON: `version` 1; `payload`, `decision` and `pairing`, each `{"message", "signature"}`; `device_key`; `attestation` or null. The
//! only trust is in the service's identity key or keys (one more for each renewal).
//!
//! # What it shows, and what not
//!
//! It shows that the service asked exactly this, that the key of a phone that the service had paired with this account answered exactly
//! so, and between which times it was asked. It does not show who held the phone; nor that the service paired the right phone (it could
//! have written a record of a phone of its own: the audit and its checkpoints speak to that); nor the moment of the answer. Whether the
//! attestation comes from a maker's hardware is judged elsewhere, with the maker's roots; here it is only held against the record.

mod report;

pub use report::{Check, Finding, Outcome, Report};

use serde::{Deserialize, Serialize};

use crate::decision::{Decision, Verdict};
use crate::pairing::{Claim, PairingRecord};
use crate::payload::Payload;
use crate::public_key::PublicKey;
use crate::signed::Signed;
use crate::wire::{self, Attestation, WireError};

/// No piece of evidence is longer.
pub const EVIDENCE_BYTES: usize = 512 * 1024;
const VERSION: u8 = 1;

/// Everything about one approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    version: u8,
    payload: Signed<Payload>,
    decision: Signed<Decision>,
    device_key: PublicKey,
    pairing: Signed<PairingRecord>,
    attestation: Option<Attestation>,
}

impl Evidence {
    /// Puts the pieces together. Nothing is verified: see [`Self::verify`].
    #[must_use]
    pub fn new(
        payload: Signed<Payload>,
        decision: Signed<Decision>,
        device_key: PublicKey,
        pairing: Signed<PairingRecord>,
        attestation: Option<Attestation>,
    ) -> Self {
        Self { version: VERSION, payload, decision, device_key, pairing, attestation }
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, WireError> {
        wire::read(bytes, EVIDENCE_BYTES)
    }

    /// The form to keep.
    ///
    /// # Errors
    /// Never for what was read or put together here; serde's error otherwise.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Checks every piece against every other, trusting these identity keys of the service and nothing else. All checks are made, and all
    /// findings reported.
    #[must_use]
    pub fn verify(&self, identities: &[PublicKey]) -> Report {
        let payload = self.payload.open_by(identities);
        let pairing = self.pairing.open_by(identities);
        let decision = self.decision.open(&self.device_key).ok();
        let findings = [
            (Check::Version, Outcome::of(self.version == VERSION)),
            (Check::Payload, Outcome::of(payload.is_some())),
            (Check::Pairing, Outcome::of(pairing.is_some())),
            (Check::DeviceKey, with(pairing.as_ref(), |record| record.keys.sign == self.device_key)),
            (Check::Decision, Outcome::of(decision.is_some())),
            (Check::SameRequest, with(decision.as_ref(), |decision| decision.payload == self.payload.hash())),
            (Check::SamePhone, with_both(decision.as_ref(), pairing.as_ref(), |decision, record| decision.phone == record.phone)),
            (Check::SameAccount, with_both(payload.as_ref(), pairing.as_ref(), same_account)),
            (Check::Usable, with_both(payload.as_ref(), pairing.as_ref(), usable)),
            (Check::Release, with_both(decision.as_ref(), payload.as_ref(), release_in_place)),
            (Check::Attestation, with(pairing.as_ref(), |record| self.attestation_hash() == record.attestation)),
        ];
        let findings = findings.into_iter().map(|(check, outcome)| Finding { check, outcome }).collect();
        Report { findings, payload, decision, pairing }
    }

    /// What attests the device key, its own certificate first: who has the maker's roots judges it.
    #[must_use]
    pub fn attestation(&self) -> Option<&Attestation> {
        self.attestation.as_ref()
    }

    fn attestation_hash(&self) -> Option<[u8; 32]> {
        let certificates = self.attestation.as_ref()?.items().iter().map(|certificate| certificate.0.clone());
        Some(Claim::attestation_hash(&certificates.collect::<Vec<_>>()))
    }
}

impl<T: crate::bytes::Canonical> Signed<T> {
    fn open_by(&self, keys: &[PublicKey]) -> Option<T> {
        keys.iter().find_map(|key| self.open(key).ok())
    }
}

fn with<T>(piece: Option<&T>, judge: impl FnOnce(&T) -> bool) -> Outcome {
    piece.map_or(Outcome::Unjudged, |piece| Outcome::of(judge(piece)))
}

fn with_both<T, U>(first: Option<&T>, second: Option<&U>, judge: impl FnOnce(&T, &U) -> bool) -> Outcome {
    first.zip(second).map_or(Outcome::Unjudged, |(first, second)| Outcome::of(judge(first, second)))
}

fn same_account(payload: &Payload, record: &PairingRecord) -> bool {
    let asked = payload.parts();
    asked.account == record.account && asked.company == record.company
}

/// Before the waiting time is over a new phone may log in, and no more.
fn usable(payload: &Payload, record: &PairingRecord) -> bool {
    let asked = payload.parts();
    let from_ms = if asked.purpose == crate::payload::Purpose::Login { record.paired_ms } else { record.usable_ms };
    from_ms <= asked.issued_ms
}

/// A secret left the phone where the payload asked for it, and nowhere else.
fn release_in_place(decision: &Decision, payload: &Payload) -> bool {
    match &decision.verdict {
        Verdict::Approve { release, .. } => release.is_some() == payload.parts().release_key.is_some(),
        Verdict::NotMe | Verdict::Reject => true,
    }
}
