//! A CRL at hand: is it the authority's, is it current at that time, and does a serial stand on it.
//!
//! Complete lists and shards are read; delta lists, indirect lists and lists of some reasons only are refused, because their silence means
//! nothing (RFC 5280 sections 5.2.4 and 5.2.5).

use std::collections::BTreeMap;

use const_oid::ObjectIdentifier;
use der::asn1::{Any, AnyRef, Uint};
use der::{Decode, Encode, Reader, SliceReader};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{CrlReason, IssuingDistributionPoint, KeyUsage, KeyUsages};

use super::name_der;
use crate::oid;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::revocation::Reason;
use crate::serial::Serial;

/// Largest list that is read, in bytes: 16 MiB, about 340,000 entries.
pub const LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// Why a list tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum CrlError {
    /// A critical extension that we do not know (RFC 5280 section 5.2).
    #[error("the list has the critical extension {oid}, which is not known here")]
    CriticalExtension {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// Not a CertificateList in DER.
    #[error("not a revocation list in DER")]
    Encoding(#[from] der::Error),
    /// The issuer's certificate does not allow it to sign lists (section 6.3.3 (f)).
    #[error("the authority may not sign revocation lists")]
    KeyUsage,
    /// Made after the time in question.
    #[error("the list was made after the time in question")]
    NotYet,
    /// Signed by another, or changed.
    #[error("the list is not signed by the authority")]
    BadSignature,
    /// Names another issuer.
    #[error("the list is another authority's")]
    OtherIssuer,
    /// The authority's key is refused.
    #[error("the authority's key is refused")]
    PublicKey(#[from] PublicKeyError),
    /// Delta, indirect, of some reasons or of attribute certificates only (sections 5.2.4 and 5.2.5).
    #[error("the list is not complete for its scope")]
    Partial,
    /// Its next update was due before the time in question, or it names none.
    #[error("the list was no longer current at the time in question")]
    Stale,
    /// Larger than is read.
    #[error("the list has {size_bytes} bytes; at most {LIMIT_BYTES} are read")]
    TooLarge {
        /// Bytes given.
        size_bytes: usize,
    },
}

/// What a list says of a serial that stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// From when it counts as revoked.
    pub at: OffsetDateTime,
    /// Why; `None` for codes that we do not use.
    pub reason: Option<Reason>,
    /// Since when the key is suspected, where the list says so (section 5.3.2).
    pub invalid_since: Option<OffsetDateTime>,
}

/// A list that is its authority's and was current at the time asked for.
#[derive(Clone, Debug)]
pub struct CheckedCrl {
    entries: BTreeMap<Serial, Revoked>,
    urls: Vec<String>,
    scope: ListScope,
    number: Option<u64>,
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
    keeps_expired_since: Option<OffsetDateTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListScope {
    Everything,
    EndEntities,
    Authorities,
}

/// Whose status is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An end entity.
    EndEntity,
    /// A certificate authority.
    Authority,
}

impl CheckedCrl {
    /// Whether the list would still name a certificate that ended at this time. A list may drop what has expired (RFC 5280 section 3.3), unless
    /// it says since when it keeps that (expiredCertsOnCRL, X.509 section 9.5.2.8): of what it may have dropped, its silence says nothing.
    #[must_use]
    pub fn remembers(&self, not_after: OffsetDateTime) -> bool {
        not_after >= self.this_update || self.keeps_expired_since.is_some_and(|since| since <= not_after)
    }

    /// The entry of this serial, or `None` when the list does not name it. Only [`CheckedCrl::covers`] and [`CheckedCrl::remembers`] make silence
    /// mean *good*.
    #[must_use]
    pub fn lookup(&self, serial: &Serial) -> Option<&Revoked> {
        self.entries.get(serial)
    }

    /// Whether the list speaks for a certificate of this kind whose distribution points are these (section 6.3.3 (b)(2)).
    #[must_use]
    pub fn covers(&self, subject: Subject, distribution_points: &[&str]) -> bool {
        let of_kind = match self.scope {
            ListScope::Everything => true,
            ListScope::EndEntities => subject == Subject::EndEntity,
            ListScope::Authorities => subject == Subject::Authority,
        };
        let here = |url: &String| distribution_points.contains(&url.as_str());
        of_kind && (self.urls.is_empty() || self.urls.iter().any(here))
    }

    /// Every certificate that stands on it.
    pub fn entries(&self) -> impl Iterator<Item = (&Serial, &Revoked)> {
        self.entries.iter()
    }

    /// The addresses of its issuing distribution point (section 5.2.5); none when it is complete.
    #[must_use]
    pub fn addresses(&self) -> &[String] {
        &self.urls
    }

    /// CRL number, where it fits 64 bits.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    /// When it was made.
    #[must_use]
    pub fn this_update(&self) -> OffsetDateTime {
        self.this_update
    }

    /// When the next was due.
    #[must_use]
    pub fn next_update(&self) -> OffsetDateTime {
        self.next_update
    }

    /// How many certificates stand on it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody stands on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Checks that the list is this authority's and was current at `at`, and reads it (RFC 5280 section 6.3). A list of unknown origin: no larger
/// than [`LIMIT_BYTES`].
///
/// # Errors
/// [`CrlError`].
pub fn check_crl(crl: &[u8], issuer_certificate: &[u8], at: OffsetDateTime) -> Result<CheckedCrl, CrlError> {
    if crl.len() > LIMIT_BYTES {
        return Err(CrlError::TooLarge { size_bytes: crl.len() });
    }
    check_own_crl(crl, issuer_certificate, at)
}

/// [`check_crl`] of a list that one made oneself, however large.
///
/// # Errors
/// [`CrlError`], never `TooLarge`.
pub fn check_own_crl(crl: &[u8], issuer_certificate: &[u8], at: OffsetDateTime) -> Result<CheckedCrl, CrlError> {
    let list = CertificateList::from_der(crl)?;
    let issuer = Certificate::from_der(issuer_certificate)?;
    check_signature(&list, signed_part(crl)?, &issuer)?;
    let this_update: OffsetDateTime = list.tbs_cert_list.this_update.to_system_time().into();
    let next_update = list.tbs_cert_list.next_update.ok_or(CrlError::Stale)?;
    let next_update: OffsetDateTime = next_update.to_system_time().into();
    if at < this_update {
        return Err(CrlError::NotYet);
    }
    if at >= next_update {
        return Err(CrlError::Stale);
    }
    let mut checked = CheckedCrl {
        entries: BTreeMap::new(),
        urls: Vec::new(),
        scope: ListScope::Everything,
        number: None,
        this_update,
        next_update,
        keeps_expired_since: None,
    };
    read_extensions(&list, &mut checked)?;
    for entry in list.tbs_cert_list.revoked_certificates.unwrap_or_default() {
        if let Ok(serial) = Serial::from_bytes(entry.serial_number.as_bytes()) {
            checked.entries.insert(serial, revoked(&entry)?);
        }
    }
    Ok(checked)
}

/// The bytes that are signed, as they came: a stranger's encoding may not be the one that we would write.
fn signed_part(crl: &[u8]) -> Result<&[u8], der::Error> {
    let whole = AnyRef::from_der(crl)?;
    SliceReader::new(whole.value())?.tlv_bytes()
}

fn check_signature(list: &CertificateList, signed: &[u8], issuer: &Certificate) -> Result<(), CrlError> {
    let tbs = &issuer.tbs_certificate;
    if name_der(&list.tbs_cert_list.issuer)? != name_der(&tbs.subject)? {
        return Err(CrlError::OtherIssuer);
    }
    let usage = tbs.get::<KeyUsage>()?.map(|(_, usage)| usage.0);
    if !usage.is_none_or(|usage| usage.contains(KeyUsages::CRLSign)) {
        return Err(CrlError::KeyUsage);
    }
    let key = PublicKey::from_spki(&tbs.subject_public_key_info.to_der()?)?;
    let signature = list.signature.as_bytes().unwrap_or_default();
    let inner = &list.tbs_cert_list.signature;
    if *inner != list.signature_algorithm || !key.verifies_signed(inner, signed, signature) {
        return Err(CrlError::BadSignature);
    }
    Ok(())
}

fn read_extensions(list: &CertificateList, checked: &mut CheckedCrl) -> Result<(), CrlError> {
    let extensions = list.tbs_cert_list.crl_extensions.as_deref();
    for extension in extensions.unwrap_or_default() {
        let content = extension.extn_value.as_bytes();
        match extension.extn_id {
            oid::ISSUING_DISTRIBUTION_POINT => {
                read_scope(&IssuingDistributionPoint::from_der(content)?, checked)?;
            }
            oid::CRL_NUMBER => checked.number = number(content)?,
            oid::EXPIRED_CERTS_ON_CRL => {
                checked.keeps_expired_since = Some(der::asn1::GeneralizedTime::from_der(content)?.to_system_time().into());
            }
            oid::AUTHORITY_KEY_IDENTIFIER => {}
            // deltaCRLIndicator is critical by definition (section 5.2.4) and falls under this.
            oid if extension.critical => return Err(CrlError::CriticalExtension { oid }),
            _ => {}
        }
    }
    Ok(())
}

fn read_scope(point: &IssuingDistributionPoint, checked: &mut CheckedCrl) -> Result<(), CrlError> {
    if point.indirect_crl || point.only_contains_attribute_certs || point.only_some_reasons.is_some() {
        return Err(CrlError::Partial);
    }
    checked.scope = match (point.only_contains_user_certs, point.only_contains_ca_certs) {
        (false, false) => ListScope::Everything,
        (true, false) => ListScope::EndEntities,
        (false, true) => ListScope::Authorities,
        (true, true) => return Err(CrlError::Partial),
    };
    match &point.distribution_point {
        None => {}
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => return Err(CrlError::Partial),
        Some(DistributionPointName::FullName(names)) => {
            for name in names {
                if let GeneralName::UniformResourceIdentifier(uri) = name {
                    checked.urls.push(uri.as_str().to_owned());
                }
            }
            if checked.urls.is_empty() {
                return Err(CrlError::Partial);
            }
        }
    }
    Ok(())
}

fn number(content: &[u8]) -> Result<Option<u64>, der::Error> {
    let number = Uint::from_der(content)?;
    let octets = number.as_bytes();
    Ok((octets.len() <= 8).then(|| octets.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet))))
}

fn revoked(entry: &RevokedCert) -> Result<Revoked, CrlError> {
    let mut revoked = Revoked { at: entry.revocation_date.to_system_time().into(), reason: Some(Reason::Unspecified), invalid_since: None };
    for extension in entry.crl_entry_extensions.as_deref().unwrap_or_default() {
        let content = extension.extn_value.as_bytes();
        match extension.extn_id {
            oid::REASON_CODE => {
                let code = CrlReason::from_der(content)? as u32;
                revoked.reason = u8::try_from(code).ok().and_then(Reason::from_code);
            }
            oid::INVALIDITY_DATE => {
                let at = Any::from_der(content)?.decode_as::<der::asn1::GeneralizedTime>()?;
                revoked.invalid_since = Some(at.to_system_time().into());
            }
            oid if extension.critical => return Err(CrlError::CriticalExtension { oid }),
            _ => {}
        }
    }
    Ok(revoked)
}
