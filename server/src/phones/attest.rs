//! Judges what a phone's hardware says of its key. What nobody proved is shown as the lowest level.
//!
//! Verified is Android's key attestation: a chain to a configured vendor root at this time; no second description in it (whoever holds an attested key
//! could otherwise sign one); the very key of the claim; the challenge of this pairing; a key made inside, for signing alone, P-256, that asks the
//! person; a locked phone that started its vendor's own system. Vendors' lists of revoked attestation keys are not read. And Apple's App Attest,
//! which vouches for an app that vouches for its keys (`attest/apple.rs`).

use keycard::{PhoneKeys, Protection, pairing::Claim, wire};
use openssl::{
    stack::Stack,
    x509::{X509, X509StoreContext, store::X509StoreBuilder, verify::X509VerifyParam},
};
use x509_cert::der::{Decode as _, Encode as _};

use super::{
    PhoneError,
    key_description::{KeyDescription, Level},
};
use crate::{
    config::Attestation,
    platform::{ground::Ground, moment::Moment},
};

mod apple;
mod cbor;

const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";

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
/// [`PhoneError::NotAttested`] under the policy *require*, and when the claim names other certificates.
pub(super) fn judge(
    ground: &Ground,
    claim: &Claim,
    given: Option<&wire::Attestation>,
    challenge: &[u8; 32],
) -> Result<Attested, PhoneError> {
    let chain: Option<Vec<Vec<u8>>> = given.map(|given| given.items().iter().map(|certificate| certificate.0.clone()).collect());
    if chain.as_deref().map(Claim::attestation_hash) != claim.attestation {
        return Err(PhoneError::NotAttested("the claim names other certificates"));
    }
    let phones = &ground.config.phones;
    let verdict = match (phones.attestation, &chain) {
        (Attestation::Ignore, _) => Err("not looked at"),
        (Attestation::Prefer | Attestation::Require, None) => Err("none given"),
        (Attestation::Prefer | Attestation::Require, Some(chain)) if apple::is_object(chain) && phones.apple_app.is_none() => {
            Err("no app of Apple's is known")
        }
        (Attestation::Prefer | Attestation::Require, Some(chain)) => {
            let expected = Expected { keys: &claim.keys, challenge: Some(challenge), app: phones.apple_app.as_deref() };
            verify(chain, &phones.roots, &expected, ground.clock().now())
        }
    };
    match (verdict, phones.attestation) {
        (Err(why), Attestation::Require) => Err(PhoneError::NotAttested(why)),
        (Err(told), Attestation::Ignore | Attestation::Prefer) => Ok(Attested { protection: Protection::SoftwarePin, told }),
        // What the phone does not claim it does not get.
        (Ok(_), _) if claim.protection == Protection::SoftwarePin => {
            Ok(Attested { protection: Protection::SoftwarePin, told: "not claimed" })
        }
        (Ok(protection), _) => Ok(Attested { protection, told: "verified" }),
    }
}

/// What an attestation must speak of. Without challenge or app it is judged later, of a pairing whose token nobody has any more: that they were
/// right is then what the service's record says.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The keys of the claim, or of the record.
    pub keys: &'a PhoneKeys,
    /// What follows from the token of the pairing.
    pub challenge: Option<&'a [u8; 32]>,
    /// Apple's name of the app: the team's id, a dot, the bundle's.
    pub app: Option<&'a str>,
}

/// The level that an attestation proves of these keys, or why it proves none.
pub fn verify(chain: &[Vec<u8>], roots: &[Vec<u8>], expected: &Expected<'_>, now: Moment) -> Result<Protection, &'static str> {
    if apple::is_object(chain) {
        return apple::verify(chain, roots, expected, now);
    }
    verify_description(chain, roots, expected, now)
}

/// Android's: a chain whose leaf is the signing key's, and describes it.
fn verify_description(chain: &[Vec<u8>], roots: &[Vec<u8>], expected: &Expected<'_>, now: Moment) -> Result<Protection, &'static str> {
    if !leads_to_root(chain, roots, now).unwrap_or(false) {
        return Err("no chain to a vendor's root");
    }
    let Some((leaf, above)) = chain.split_first() else { return Err("no certificate") };
    let leaf = x509_cert::Certificate::from_der(leaf).map_err(|_| "not a certificate")?;
    for certificate in above {
        let certificate = x509_cert::Certificate::from_der(certificate).map_err(|_| "not a certificate")?;
        if description(&certificate).is_some() {
            return Err("a description above the key's own");
        }
    }
    let spki = leaf.tbs_certificate.subject_public_key_info.to_der().map_err(|_| "not a certificate")?;
    if spki != expected.keys.sign.spki() {
        return Err("another key");
    }
    let value = description(&leaf).ok_or("no key description")?;
    let said = KeyDescription::read(value).ok_or("a key description that does not read")?;
    judge_description(&said, expected.challenge)
}

fn judge_description(said: &KeyDescription, challenge: Option<&[u8; 32]>) -> Result<Protection, &'static str> {
    if challenge.is_some_and(|challenge| said.challenge != challenge) {
        return Err("another challenge");
    }
    if said.purposes != [2] || said.algorithm != Some(3) || said.curve != Some(1) || said.origin != Some(0) {
        return Err("a key of another kind");
    }
    if said.asks_nobody {
        return Err("a key that asks nobody");
    }
    if !said.locked || !said.verified_boot {
        return Err("an unlocked or changed system");
    }
    match said.level {
        Level::Software => Err("a key in software"),
        Level::TrustedEnvironment => Ok(Protection::Tee),
        Level::StrongBox => Ok(Protection::StrongBox),
    }
}

fn description(certificate: &x509_cert::Certificate) -> Option<&[u8]> {
    let extensions = certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
    let found = extensions.iter().find(|extension| extension.extn_id.to_string() == KEY_DESCRIPTION);
    found.map(|extension| extension.extn_value.as_bytes())
}

/// Whether the first certificate leads to one of the roots by way of the others, each of them a CA and in its time.
fn leads_to_root(chain: &[Vec<u8>], roots: &[Vec<u8>], now: Moment) -> Result<bool, openssl::error::ErrorStack> {
    let Some((leaf, above)) = chain.split_first() else { return Ok(false) };
    let mut store = X509StoreBuilder::new()?;
    for root in roots {
        store.add_cert(X509::from_der(root)?)?;
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(now.millis() / 1000);
    store.set_param(&parameters)?;
    let mut between = Stack::new()?;
    for certificate in above {
        between.push(X509::from_der(certificate)?)?;
    }
    let leaf = X509::from_der(leaf)?;
    X509StoreContext::new()?.init(&store.build(), &leaf, &between, |context| context.verify_cert())
}

#[cfg(test)]
mod tests;
