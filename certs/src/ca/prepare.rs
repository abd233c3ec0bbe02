//! From an order to a [`Prepared`]: the exact bytes to be signed, checked and linted, to be stored before anything is signed.

use der::{Decode, Encode, Header, Reader as _, SliceReader};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_cert::TbsCertificate;

use super::assemble::{Tag, tlv};
use super::build;
use super::issuer::{Issuer, Signatory};
use super::lint::{self, Finding};
use crate::name::for_people;
use crate::profiles::{Attribute, Kind, Order, StringType};
use crate::public_key::PublicKey;
use crate::serial::Serial;
use crate::validity::{Validity, ValidityError};

/// Why nothing was prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The stored bytes are no TBSCertificate in DER.
    #[error("not a certificate to be signed, in DER")]
    Encoding(#[from] der::Error),
    /// The builder refused.
    #[error("the certificate cannot be built")]
    Build(#[source] der::Error),
    /// The certificate breaks rules of its profile.
    #[error("the certificate breaks {} rule(s) of its profile: {}", .0.len(), lint::summary(.0))]
    Lint(Vec<Finding>),
    /// The period cannot be expressed.
    #[error("the period of validity is refused")]
    Validity(#[from] ValidityError),
}

/// A certificate that passed every check and awaits its signature. Made only by [`prepare`] and [`Prepared::from_stored`]; spent by
/// [`issue`](super::issue()).
#[derive(Debug)]
pub struct Prepared {
    tbs: Vec<u8>,
    kind: Kind,
    serial: Serial,
    validity: Validity,
    subject: String,
    spki_sha256: [u8; 32],
    signatory: [u8; 32],
}

/// Builds and lints. `not_before` is cut to the second; the end follows from the order's lifetime.
///
/// # Errors
/// [`PrepareError::Lint`] with every rule broken, for example when the certificate would outlive its issuer.
pub fn prepare(
    order: &Order,
    subject_key: &PublicKey,
    issuer: &Issuer,
    serial: Serial,
    not_before: OffsetDateTime,
) -> Result<Prepared, PrepareError> {
    prepare_under(order, subject_key, issuer.signatory(), serial, not_before)
}

pub(super) fn prepare_under(
    order: &Order,
    subject_key: &PublicKey,
    signatory: &Signatory,
    serial: Serial,
    not_before: OffsetDateTime,
) -> Result<Prepared, PrepareError> {
    let validity = Validity::of_days(not_before, order.lifetime_days())?;
    let tbs = build::certificate(order, subject_key, signatory, &serial, &validity).map_err(PrepareError::Build)?;
    let (prepared, parsed) = Prepared::check(tbs, order.kind(), signatory, Some(subject_key))?;
    let mut findings = Vec::new();
    if parsed.subject.to_der()? != subject_der(order) {
        findings.push(Finding::SubjectNotAsOrdered);
    }
    if prepared.spki_sha256 != subject_key.spki_sha256() {
        findings.push(Finding::KeyNotAsOrdered);
    }
    if prepared.serial != serial || prepared.validity != validity {
        findings.push(Finding::SerialOrPeriodNotAsOrdered);
    }
    if findings.is_empty() { Ok(prepared) } else { Err(PrepareError::Lint(findings)) }
}

impl Prepared {
    /// Takes stored bytes up again after a restart, with every check made anew.
    ///
    /// # Errors
    /// As [`prepare`].
    pub fn from_stored(tbs: &[u8], kind: Kind, issuer: &Issuer) -> Result<Self, PrepareError> {
        Self::check(tbs.to_vec(), kind, issuer.signatory(), None).map(|(prepared, _)| prepared)
    }

    /// A key that is `known` was checked when it was read: where the bytes hold it, it is not read again.
    fn check(tbs: Vec<u8>, kind: Kind, signatory: &Signatory, known: Option<&PublicKey>) -> Result<(Self, TbsCertificate), PrepareError> {
        let parsed = TbsCertificate::from_der(&tbs)?;
        let spki = parsed.subject_public_key_info.to_der()?;
        let known = known.filter(|key| key.spki() == spki);
        let findings = lint::findings(&parsed, (&tbs, &spki, known), kind, signatory);
        if !findings.is_empty() {
            return Err(PrepareError::Lint(findings));
        }
        let serial = Serial::from_bytes(parsed.serial_number.as_bytes()).map_err(|_| PrepareError::Lint(vec![Finding::Serial]))?;
        let prepared = Self {
            tbs,
            kind,
            serial,
            validity: Validity::between(
                parsed.validity.not_before.to_system_time().into(),
                parsed.validity.not_after.to_system_time().into(),
            )?,
            subject: for_people(&parsed.subject),
            spki_sha256: Sha256::digest(spki).into(),
            signatory: signatory.mark(),
        };
        Ok((prepared, parsed))
    }

    /// Whether it was checked for this authority: the lint compared name, key identifier and algorithm with this one's.
    pub(super) fn is_for(&self, signatory: &Signatory) -> bool {
        self.signatory == signatory.mark()
    }

    /// The bytes to be stored now and signed later (DER TBSCertificate).
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// Which kind of certificate.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> Serial {
        self.serial
    }

    /// When it will be valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Its subject, for people.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// SHA-256 of its SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_sha256(&self) -> [u8; 32] {
        self.spki_sha256
    }
}

/// What was signed (DER TBSCertificate), as it stands in a certificate (DER).
///
/// # Errors
/// [`PrepareError::Encoding`].
pub fn tbs_of(certificate: &[u8]) -> Result<&[u8], PrepareError> {
    let mut reader = SliceReader::new(certificate)?;
    let outer = Header::decode(&mut reader)?;
    outer.tag.assert_eq(der::Tag::Sequence)?;
    Ok(reader.tlv_bytes()?)
}

/// SHA-256 of the SubjectPublicKeyInfo in stored bytes (DER TBSCertificate).
///
/// # Errors
/// [`PrepareError::Encoding`].
pub fn key_of(tbs: &[u8]) -> Result<[u8; 32], PrepareError> {
    let parsed = TbsCertificate::from_der(tbs)?;
    Ok(Sha256::digest(parsed.subject_public_key_info.to_der()?).into())
}

fn attribute_der(attribute: &Attribute) -> Vec<u8> {
    let tag = match attribute.string_type {
        StringType::Printable => Tag::PrintableString,
        StringType::Utf8 => Tag::Utf8String,
    };
    let content = [tlv(Tag::ObjectIdentifier, attribute.oid.as_bytes()), tlv(tag, attribute.value.as_bytes())];
    tlv(Tag::Sequence, &content.concat())
}

/// The subject encoded by ourselves, to compare with what the builder wrote.
pub(super) fn subject_der(order: &Order) -> Vec<u8> {
    let sets: Vec<u8> = order
        .subject
        .iter()
        .flat_map(|set| {
            let mut values: Vec<Vec<u8>> = set.iter().map(attribute_der).collect();
            // X.690 section 11.6: a SET OF is in the order of its encodings.
            values.sort();
            tlv(Tag::Set, &values.concat())
        })
        .collect();
    tlv(Tag::Sequence, &sets)
}
