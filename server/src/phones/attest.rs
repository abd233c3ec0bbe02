//! Judges what a phone's hardware says of its key. What nobody proved is shown as the lowest level.

use keycard::{Protection, pairing::Claim, wire};

use super::PhoneError;
use crate::{config::Attestation, platform::ground::Ground};

/// What was proved.
pub(super) struct Attested {
    /// Where the keys rest, as far as it was proved.
    pub protection: Protection,
    /// For the audit: `verified`, or why not.
    pub told: &'static str,
}

/// Judges the attestation of a claim under the policy. `challenge` follows from the token of this pairing.
///
/// # Errors
/// [`PhoneError::NotAttested`] under the policy *require*; [`PhoneError::Fault`] when the claim names other certificates.
pub(super) fn judge(
    ground: &Ground,
    claim: &Claim,
    given: Option<&wire::Attestation>,
    _challenge: &[u8; 32],
) -> Result<Attested, PhoneError> {
    let certificates: Option<Vec<Vec<u8>>> = given.map(|given| given.items().iter().map(|certificate| certificate.0.clone()).collect());
    if certificates.as_deref().map(Claim::attestation_hash) != claim.attestation {
        return Err(PhoneError::NotAttested("the claim names other certificates"));
    }
    let told = "not looked at";
    match ground.config.phones.attestation {
        Attestation::Require => Err(PhoneError::NotAttested(told)),
        Attestation::Ignore | Attestation::Prefer => Ok(Attested { protection: Protection::SoftwarePin, told }),
    }
}
