//! A certificate revocation list of one shard (RFC 5280 section 5): complete for the certificates whose distribution point names its
//! address, signed through the keystore, its signature checked before it is returned.

use der::asn1::{GeneralizedTime, OctetString};
use der::{Decode, Encode};
use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, CrlScope, KeyIdMethod, RevokedCertParams,
    SerialNumber,
};
use time::OffsetDateTime;
use x509_cert::crl::TbsCertList;
use x509_cert::ext::Extension;

use super::Revocation;
use crate::ca::assemble::signed;
use crate::ca::{Issuer, capture_crl};
use crate::keystore::{Keystore, KeystoreError};
use crate::name::HttpUrl;
use crate::oid;
use crate::serial::Serial;
use crate::validity::whole_second;

/// For which certificates a list speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// The end entities whose certificates name this address as their distribution point (section 5.2.5).
    Shard(&'a HttpUrl),
    /// All end entities of an issuing authority in one list, for whoever does not want to follow addresses. It has no issuing distribution
    /// point: there is nothing that it does not speak for.
    Full,
    /// Everything that the authority issued, itself included: the root's list. It has no issuing distribution point, because a root's own
    /// certificate names none and OpenSSL's `-crl_check_all` asks about the root too.
    Complete,
}

impl Scope<'_> {
    /// Whether certificates stay on the list beyond their end, since the authority began (expiredCertsOnCRL, X.509 section 9.5.2.8): those of
    /// end entities, because what was signed, sealed or stamped with them is judged for decades, and a list says it for all that stand on it.
    #[must_use]
    pub fn keeps_expired(&self) -> bool {
        match self {
            Self::Full | Self::Shard(_) => true,
            Self::Complete => false,
        }
    }
}

/// A list to be made.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// For which certificates.
    pub scope: Scope<'a>,
    /// Strictly greater than that of the list before (section 5.2.3); milliseconds since 1970 serve.
    pub number: u64,
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// When the next will have been made.
    pub next_update: OffsetDateTime,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum CrlError {
    /// The signature just made does not verify.
    #[error("the keystore's signature does not verify under the authority's key")]
    BadSignature,
    /// The builder refused, for example because the next update lies before this one.
    #[error("the revocation list cannot be built")]
    Build(#[from] rcgen::Error),
    /// The list could not be encoded.
    #[error("the revocation list cannot be encoded")]
    Encoding(#[from] der::Error),
    /// The keystore refused.
    #[error("the keystore does not sign")]
    Keystore(#[from] KeystoreError),
    /// It would be current before the authority begins or after it ends.
    #[error("the list would be current outside the period of its authority")]
    OutsideIssuer,
}

/// Builds and signs a list; returns DER.
///
/// # Errors
/// [`CrlError`].
pub fn make(
    list: &List<'_>,
    entries: impl IntoIterator<Item = (Serial, Revocation)>,
    issuer: &Issuer,
    keystore: &dyn Keystore,
) -> Result<Vec<u8>, CrlError> {
    if !issuer.validity().contains(list.this_update) {
        return Err(CrlError::OutsideIssuer);
    }
    let revoked_certs = entries.into_iter().map(entry).collect();
    let parameters = CertificateRevocationListParams {
        this_update: whole_second(list.this_update),
        next_update: whole_second(list.next_update),
        crl_number: SerialNumber::from(list.number),
        issuing_distribution_point: match list.scope {
            Scope::Complete | Scope::Full => None,
            Scope::Shard(url) => Some(CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint { uris: vec![url.as_str().to_owned()] },
                scope: Some(CrlScope::UserCertsOnly),
            }),
        },
        revoked_certs,
        // The list's authority key identifier follows this, not the issuer's own method: they must be the same.
        key_identifier_method: KeyIdMethod::PreSpecified(issuer.key_identifier().to_vec()),
    };
    let mut tbs = capture_crl(&parameters, issuer.signatory())?;
    if list.scope.keeps_expired() {
        tbs = with_expired_since(&tbs, issuer.validity().not_before())?;
    }
    let signature = issuer.sign(&tbs, keystore)?.ok_or(CrlError::BadSignature)?;
    Ok(signed(&tbs, &issuer.scheme().algorithm_identifier(), &signature))
}

/// The list with expiredCertsOnCRL, which the builder does not know; never critical.
fn with_expired_since(tbs: &[u8], since: OffsetDateTime) -> Result<Vec<u8>, der::Error> {
    let mut list = TbsCertList::from_der(tbs)?;
    let seconds = u64::try_from(whole_second(since).unix_timestamp()).map_err(|_| der::ErrorKind::DateTime)?;
    let date = GeneralizedTime::from_unix_duration(std::time::Duration::from_secs(seconds))?;
    let extn_value = OctetString::new(date.to_der()?)?;
    list.crl_extensions.get_or_insert_default().push(Extension { extn_id: oid::EXPIRED_CERTS_ON_CRL, critical: false, extn_value });
    list.to_der()
}

fn entry((serial, revocation): (Serial, Revocation)) -> RevokedCertParams {
    RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial.as_bytes()),
        revocation_time: whole_second(revocation.at),
        reason_code: revocation.reason.in_crl(),
        invalidity_date: None,
    }
}
