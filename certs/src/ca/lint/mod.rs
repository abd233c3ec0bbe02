//! Our own lint over the bytes about to be signed: what the profile says, what RFC 5280 says, and the traps of the builder underneath.
//!
//! It runs before every signature and again when stored bytes are taken up. It reports every rule broken, not only the first.

mod extensions;
mod subject;

use const_oid::ObjectIdentifier;
use der::Encode;
use x509_cert::TbsCertificate;
use x509_cert::certificate::Version;
use x509_cert::time::Time;

use super::issuer::Signatory;
use crate::profiles::oces2;
use crate::profiles::{Basic, Family, Kind, Rules};
use crate::public_key::{PublicKey, PublicKeyKind};
use crate::serial::Serial;
use crate::validity::Validity;

/// A rule broken. Section numbers are of RFC 5280 unless another document is named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// anyExtendedKeyUsage (BR 7.1.2.3 (f)).
    #[error("anyExtendedKeyUsage is never issued")]
    AnyExtendedKeyUsage,
    /// 4.2.1.1: the authority key identifier is missing or not the issuer's.
    #[error("the authority key identifier is not the issuer's")]
    AuthorityKeyIdentifier,
    /// 4.2.1.9: basicConstraints are not the profile's.
    #[error("basicConstraints are not the profile's")]
    BasicConstraints,
    /// BR appendix A: a BR policy with an organisation that stands in no register.
    #[error("a BR policy needs an organisation identifier of a register")]
    BaselinePolicy,
    /// 4.2: an extension twice.
    #[error("the extension {oid} appears twice")]
    ExtensionRepeated {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// 4.2: an extension is marked critical against the profile, or not marked.
    #[error("the extension {oid} is marked wrongly")]
    ExtensionCriticality {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// 4.2: the content of an extension is not DER of its type.
    #[error("the extension {oid} cannot be read")]
    ExtensionUnreadable {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// An extension that no profile has.
    #[error("the extension {oid} is in no profile")]
    ExtensionUnknown {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// 4.2.1.12: extKeyUsage is not the profile's.
    #[error("extKeyUsage is not the profile's")]
    ExtendedKeyUsage,
    /// 4.1.2.4: the issuer is not, byte for byte, the subject of the authority.
    #[error("the issuer's name is not the authority's subject")]
    IssuerName,
    /// The public key is the authority's own.
    #[error("the public key is that of the authority itself")]
    KeyOfIssuer,
    /// The public key is not the one ordered.
    #[error("the public key is not the one ordered")]
    KeyNotAsOrdered,
    /// The public key is weak, malformed, or of an algorithm that we do not certify.
    #[error("the public key is weak or malformed")]
    KeyRefused,
    /// The profile does not take keys of this kind.
    #[error("the profile does not take keys of this kind")]
    KeyKind,
    /// 4.2.1.3: keyUsage is not the profile's.
    #[error("keyUsage is not the profile's")]
    KeyUsage,
    /// RFC 5480 section 3, RFC 3279 section 2.3.1: a usage that this kind of key cannot have.
    #[error("keyUsage says what this kind of key cannot do")]
    KeyUsageNotOfKey,
    /// BR 6.3.2 and the profile: the lifetime.
    #[error("valid for {days} days; the profile allows {limit}")]
    Lifetime {
        /// Days found.
        days: i64,
        /// Days allowed.
        limit: u32,
    },
    /// 4.2.1.6: the mailbox in subjectAltName is missing, unwanted, not alone, or malformed.
    #[error("subjectAltName does not hold what the profile asks")]
    Mail,
    /// The bytes are not the canonical encoding of what they say (X.690 section 10).
    #[error("the bytes are not canonical DER")]
    NotCanonical,
    /// RFC 6960 section 4.2.2.2.1: nocheck is missing or unwanted.
    #[error("id-pkix-ocsp-nocheck is missing or unwanted")]
    NoCheck,
    /// 6.1.3: it would be valid when its issuer is not.
    #[error("it would be valid outside the period of its issuer")]
    OutlivesIssuer,
    /// 4.2.1.9: the issuer's path length allows no authority below it.
    #[error("the issuer may not certify authorities")]
    PathLength,
    /// 4.2.1.13, 4.2.2.1: an address is missing, unwanted, or not plain http.
    #[error("the addresses of {what} are missing, unwanted or not plain http")]
    Pointer {
        /// Which addresses.
        what: Pointer,
    },
    /// 4.2.1.4: our own policy is missing, or anyPolicy stands in an end entity's certificate.
    #[error("the policies are not the profile's")]
    Policies,
    /// 4.1.2.2, BR 7.1: the serial number is not 16 octets of our making, 80 of its bits random or more.
    #[error("the serial number has not the shape of our own")]
    Serial,
    /// Serial number or period are not the ones ordered.
    #[error("the serial number or period is not the one ordered")]
    SerialOrPeriodNotAsOrdered,
    /// 4.1.1.2: the signature algorithm is not that of the authority's key.
    #[error("the signature algorithm is not that of the authority's key")]
    SignatureAlgorithm,
    /// RFC 3739 section 3.2.6: qcStatements are missing or unwanted.
    #[error("qcStatements are missing or unwanted")]
    Statements,
    /// 4.1.2.6: an attribute that the profile asks for is missing.
    #[error("the subject lacks {oid}")]
    SubjectAttributeMissing {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// An attribute twice, or two in one set: no other software treats these alike.
    #[error("the subject repeats or combines {oid}")]
    SubjectAttributeRepeated {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// An attribute that no profile has.
    #[error("the subject has {oid}, which is in no profile")]
    SubjectAttributeUnknown {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// Appendix A.1: empty, longer than its upper bound, of the wrong string type, with characters that deceive, or not of its form.
    #[error("the value of {oid} in the subject is refused")]
    SubjectAttributeValue {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// The subject is not `C, O, CN + serialNumber` as the family `oces2` has it, or its parts are of two companies.
    #[error("the subject has not the form of its family")]
    SubjectForm,
    /// The subject is not, byte for byte, the one ordered.
    #[error("the subject is not the one ordered")]
    SubjectNotAsOrdered,
    /// 4.2.1.2: the subject key identifier is missing or not SHA-1 of the key.
    #[error("the subject key identifier is not SHA-1 of the key")]
    SubjectKeyIdentifier,
    /// 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050.
    #[error("a time is encoded in the wrong type")]
    TimeType,
    /// 4.1.2.8: unique identifiers.
    #[error("unique identifiers are never issued")]
    UniqueIdentifier,
    /// 4.1.2.1: not version 3.
    #[error("the certificate is not version 3")]
    Version,
}

/// Which address a finding speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// The CRL.
    Crl,
    /// The issuer's certificate.
    IssuerCertificate,
    /// The OCSP responder.
    Ocsp,
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Crl => "the CRL",
            Self::IssuerCertificate => "the issuer's certificate",
            Self::Ocsp => "the OCSP responder",
        })
    }
}

pub(super) fn summary(findings: &[Finding]) -> String {
    let sentences: Vec<String> = findings.iter().map(Finding::to_string).collect();
    sentences.join("; ")
}

/// Every rule that these bytes break. Given are the whole, the SubjectPublicKeyInfo in it, and that key if it was read and checked before.
pub(super) fn findings(
    tbs: &TbsCertificate,
    (bytes, spki, known): (&[u8], &[u8], Option<&PublicKey>),
    kind: Kind,
    signatory: &Signatory,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if tbs.to_der().ok().as_deref() != Some(bytes) {
        found.push(Finding::NotCanonical);
    }
    header(tbs, signatory, &mut found);
    let family = family_of(tbs, kind, signatory);
    let rules = kind.rules_in(family);
    period(tbs, rules, signatory, &mut found);
    subject::check(tbs, (kind, family), &mut found);
    let read = if known.is_none() { PublicKey::from_spki(spki).ok() } else { None };
    match known.or(read.as_ref()) {
        Some(key) => {
            if !rules.keys.allow(key.kind()) {
                found.push(Finding::KeyKind);
            }
            if *key == signatory.public_key && kind != Kind::Root {
                found.push(Finding::KeyOfIssuer);
            }
            extensions::check(tbs, rules, key, signatory, &mut found);
        }
        None => found.push(Finding::KeyRefused),
    }
    if let Basic::Authority { .. } = rules.basic
        && signatory.path_length == Some(0)
    {
        found.push(Finding::PathLength);
    }
    found
}

/// By which rules it is judged. An authority of another family than the default one certifies the people of registered companies by that
/// family's rules, and everything else by the default ones.
fn family_of(tbs: &TbsCertificate, kind: Kind, signatory: &Signatory) -> Family {
    let association = subject::is_association(tbs);
    match signatory.family {
        Family::Oces2 if oces2::changes(kind) && !association => Family::Oces2,
        Family::Oces2 | Family::Default => Family::Default,
    }
}

fn header(tbs: &TbsCertificate, signatory: &Signatory, found: &mut Vec<Finding>) {
    if tbs.version != Version::V3 {
        found.push(Finding::Version);
    }
    let serial = Serial::from_bytes(tbs.serial_number.as_bytes());
    if !serial.is_ok_and(|serial| serial.is_ours()) {
        found.push(Finding::Serial);
    }
    let algorithm = signatory.scheme.algorithm_identifier();
    if tbs.signature.to_der().ok() != Some(algorithm) {
        found.push(Finding::SignatureAlgorithm);
    }
    if tbs.issuer.to_der().ok().as_deref() != Some(signatory.name_der.as_slice()) {
        found.push(Finding::IssuerName);
    }
    if tbs.issuer_unique_id.is_some() || tbs.subject_unique_id.is_some() {
        found.push(Finding::UniqueIdentifier);
    }
}

fn period(tbs: &TbsCertificate, rules: &Rules, signatory: &Signatory, found: &mut Vec<Finding>) {
    for time in [tbs.validity.not_before, tbs.validity.not_after] {
        let right = match time {
            Time::UtcTime(_) => true,
            Time::GeneralTime(general) => general.to_date_time().year() >= 2050,
        };
        if !right {
            found.push(Finding::TimeType);
        }
    }
    let limit = rules.lifetime_days;
    let validity = Validity::between(tbs.validity.not_before.to_system_time().into(), tbs.validity.not_after.to_system_time().into());
    match validity {
        Ok(validity) => {
            let days = validity.days();
            if days > i64::from(limit) {
                found.push(Finding::Lifetime { days, limit });
            }
            if !validity.lies_within(&signatory.validity) {
                found.push(Finding::OutlivesIssuer);
            }
        }
        Err(_) => found.push(Finding::Lifetime { days: 0, limit }),
    }
}

/// Usages that only the other kind of key has: keyEncipherment and dataEncipherment need RSA, keyAgreement an elliptic curve.
fn is_elliptic(kind: PublicKeyKind) -> bool {
    match kind {
        PublicKeyKind::EcP256 | PublicKeyKind::EcP384 => true,
        PublicKeyKind::Rsa { .. } => false,
    }
}
