//! What was found in a piece of evidence: every check with its outcome.

use crate::decision::{Decision, Verdict};
use crate::pairing::PairingRecord;
use crate::payload::Payload;

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// What attests the key is what the record speaks of; whose hardware it is, is judged elsewhere.
    Attestation,
    /// The decision is signed by the device key.
    Decision,
    /// The device key is the one of the pairing record.
    DeviceKey,
    /// The pairing record is signed by the service.
    Pairing,
    /// The payload is signed by the service.
    Payload,
    /// A secret was released where it was asked for, and only there.
    Release,
    /// The phone is paired with the account and company that were asked.
    SameAccount,
    /// The decision was made on the phone of the record.
    SamePhone,
    /// The decision is about this payload.
    SameRequest,
    /// The phone was paired, and past its waiting time, when it was asked.
    Usable,
    /// The version is known.
    Version,
}

impl Check {
    /// A word for each, which never changes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Attestation => "attestation",
            Self::Decision => "decision",
            Self::DeviceKey => "device-key",
            Self::Pairing => "pairing",
            Self::Payload => "payload",
            Self::Release => "release",
            Self::SameAccount => "same-account",
            Self::SamePhone => "same-phone",
            Self::SameRequest => "same-request",
            Self::Usable => "usable",
            Self::Version => "version",
        }
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does not hold.
    Fails,
    /// It holds.
    Holds,
    /// What it is about did not hold already.
    Unjudged,
}

impl Outcome {
    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }
}

/// One check and its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: Check,
    /// How it came out.
    pub outcome: Outcome,
}

/// All findings, and what was found to be signed.
#[derive(Clone, Debug)]
pub struct Report {
    /// In the order in which they were made.
    pub findings: Vec<Finding>,
    /// What was asked, if the service signed it.
    pub payload: Option<Payload>,
    /// What was decided, if the device key signed it.
    pub decision: Option<Decision>,
    /// The phone, if the service signed its record.
    pub pairing: Option<PairingRecord>,
}

impl Report {
    /// Whether every check holds: the decision is what it says, whatever it says.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.outcome == Outcome::Holds)
    }

    /// Whether it is sound, and the person said yes.
    #[must_use]
    pub fn shows_approval(&self) -> bool {
        let said_yes = |decision: &Decision| matches!(decision.verdict, Verdict::Approve { .. });
        self.is_sound() && self.decision.as_ref().is_some_and(said_yes)
    }
}
