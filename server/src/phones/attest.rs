//! Judges what a phone's hardware says of its key. What nobody proved is shown as the lowest level.
//!
//! Verified is Android's key attestation: a chain to a configured vendor root at this time; no further description in it (whoever holds an attested key
//! could otherwise sign one); the very keys of the claim; the challenge of this pairing; keys made inside, one for signing alone and one for agreeing
//! alone, P-256, that ask the person; a locked phone that started its vendor's own system; the app, where one is configured. The level is the lower of
//! both keys'. A phone may attest its signing key alone: then no more is said of it. Vendors' lists of revoked attestation keys are not read. And Apple's
//! App Attest, which vouches for an app that vouches for its keys (`attest/apple.rs`).

use keycard::{PhoneKeys, Protection, PublicKey, pairing::Claim, wire};
use openssl::{
    stack::Stack,
    x509::{X509, X509StoreContext, store::X509StoreBuilder, verify::X509VerifyParam},
};
use x509_cert::der::{Decode as _, Encode as _};

use super::{
    PhoneError,
    key_description::{Application, KeyDescription, Level},
};
use crate::{
    config::{AndroidApp, Attestation},
    platform::{ground::Ground, moment::Moment},
};

mod apple;
mod cbor;

const KEY_DESCRIPTION: &str = "1.3.6.1.4.1.11129.2.1.17";
const SIGNS: u64 = 2;
const AGREES: u64 = 6;

/// What was proved.
pub(super) struct Attested {
    /// Where the keys rest, as far as it was proved.
    pub protection: Protection,
    /// For the audit: `verified`, `signing key verified`, or why not.
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
            let (apple, android) = (phones.apple_app.as_deref(), phones.android_app.as_ref());
            let expected = Expected { keys: &claim.keys, challenge: Some(challenge), apple, android };
            verify(chain, &phones.roots, &expected, ground.clock().now())
        }
    };
    match (verdict, phones.attestation) {
        (Err(why), Attestation::Require) => Err(PhoneError::NotAttested(why)),
        (Err(told), Attestation::Ignore | Attestation::Prefer) => Ok(Attested { protection: Protection::SoftwarePin, told }),
        // What the phone does not claim it does not get.
        (Ok(Proven { .. }), _) if claim.protection == Protection::SoftwarePin => {
            Ok(Attested { protection: Protection::SoftwarePin, told: "not claimed" })
        }
        (Ok(Proven { level, of: Of::BothKeys }), _) => Ok(Attested { protection: level, told: "verified" }),
        (Ok(Proven { level, of: Of::SigningKey }), _) => Ok(Attested { protection: level, told: "signing key verified" }),
    }
}

/// Which keys an attestation speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The one that signs and the one that agrees.
    BothKeys,
    /// The one that signs.
    SigningKey,
}

/// What an attestation proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Where the keys rest that it speaks of: the lower level of two.
    pub level: Protection,
    /// Which they are.
    pub of: Of,
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
    pub apple: Option<&'a str>,
    /// The app as Android's system names it.
    pub android: Option<&'a AndroidApp>,
}

/// What an attestation proves of these keys, or why it proves nothing.
pub fn verify(chain: &[Vec<u8>], roots: &[Vec<u8>], expected: &Expected<'_>, now: Moment) -> Result<Proven, &'static str> {
    if apple::is_object(chain) {
        return apple::verify(chain, roots, expected, now).map(|level| Proven { level, of: Of::BothKeys });
    }
    verify_descriptions(chain, roots, expected, now)
}

/// Whether what was verified at the pairing spoke of both keys.
pub(super) fn both_keys(kept: &wire::Attestation, keys: &PhoneKeys) -> bool {
    let items: Vec<Vec<u8>> = kept.items().iter().map(|item| item.0.clone()).collect();
    speaks_of(&items, keys) == Of::BothKeys
}

/// Which keys these items speak of, if what they say is true.
fn speaks_of(items: &[Vec<u8>], keys: &PhoneKeys) -> Of {
    let is_agreeing = |item: &Vec<u8>| spki(item).is_some_and(|spki| spki == keys.agree.spki());
    if apple::is_object(items) || items.get(1).is_some_and(is_agreeing) { Of::BothKeys } else { Of::SigningKey }
}

fn spki(certificate: &[u8]) -> Option<Vec<u8>> {
    x509_cert::Certificate::from_der(certificate).ok()?.tbs_certificate.subject_public_key_info.to_der().ok()
}

/// Android's: the signing key's certificate, which describes it; the agreeing key's, if it has one; and what leads from each to a root.
fn verify_descriptions(chain: &[Vec<u8>], roots: &[Vec<u8>], expected: &Expected<'_>, now: Moment) -> Result<Proven, &'static str> {
    let Some((sign, rest)) = chain.split_first() else { return Err("no chain to a vendor's root") };
    let of = speaks_of(chain, expected.keys);
    let (agree, above) = match of {
        Of::BothKeys => rest.split_first().map_or((None, rest), |(agree, above)| (Some(agree), above)),
        Of::SigningKey => (None, rest),
    };
    let level = verify_leaf(sign, above, roots, now).and_then(|said| judge_leaf(sign, &said, (&expected.keys.sign, SIGNS), expected))?;
    for certificate in above {
        let certificate = x509_cert::Certificate::from_der(certificate).map_err(|_| "not a certificate")?;
        if description(&certificate).is_some() {
            return Err("a description above the key's own");
        }
    }
    let Some(agree) = agree else { return Ok(Proven { level, of }) };
    let lower =
        verify_leaf(agree, above, roots, now).and_then(|said| judge_leaf(agree, &said, (&expected.keys.agree, AGREES), expected))?;
    Ok(Proven { level: level.min(lower), of })
}

/// What the leaf says of its key, if it leads to a root.
fn verify_leaf(leaf: &[u8], above: &[Vec<u8>], roots: &[Vec<u8>], now: Moment) -> Result<KeyDescription, &'static str> {
    let chain = [&[leaf.to_vec()][..], above].concat();
    if !leads_to_root(&chain, roots, now).unwrap_or(false) {
        return Err("no chain to a vendor's root");
    }
    let leaf = x509_cert::Certificate::from_der(leaf).map_err(|_| "not a certificate")?;
    let value = description(&leaf).ok_or("no key description")?;
    KeyDescription::read(value).ok_or("a key description that does not read")
}

fn judge_leaf(
    leaf: &[u8],
    said: &KeyDescription,
    (key, purpose): (&PublicKey, u64),
    expected: &Expected<'_>,
) -> Result<Protection, &'static str> {
    if spki(leaf).is_none_or(|spki| spki != key.spki()) {
        return Err("another key");
    }
    if expected.android.is_some_and(|app| !said.application().is_some_and(|made_by| is_of(&made_by, app))) {
        return Err("another app");
    }
    judge_description(said, purpose, expected.challenge)
}

/// Whether this one app had the key made, and nobody with it.
fn is_of(made_by: &Application, app: &AndroidApp) -> bool {
    made_by.packages == [app.package.as_bytes()] && made_by.signers == [app.signer]
}

fn judge_description(said: &KeyDescription, purpose: u64, challenge: Option<&[u8; 32]>) -> Result<Protection, &'static str> {
    if challenge.is_some_and(|challenge| said.challenge != challenge) {
        return Err("another challenge");
    }
    if said.purposes != [purpose] || said.algorithm != Some(3) || said.curve != Some(1) || said.origin != Some(0) {
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
