//! The other side of OCSP: a question, and whether an answer is the authority's own word at a time (RFC 6960 section 3.2).

use der::asn1::{AnyRef, Null, OctetString};
use der::{Decode, Encode, Reader, SliceReader};
use sha1::{Digest as _, Sha1};
use spki::AlgorithmIdentifierOwned;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_cert::serial_number::SerialNumber;
use x509_ocsp::{BasicOcspResponse, CertId, CertStatus, OcspRequest, OcspResponse, OcspResponseStatus, TbsRequest, Version};

use super::{Reason, Revocation, ocsp::Status};
use crate::oid;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::serial::Serial;

/// Largest answer that is read, in bytes.
pub const LIMIT_BYTES: usize = 256 * 1024;

/// Why an answer tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum OcspFault {
    /// Not signed by the authority or by a responder of its own, or changed.
    #[error("the answer is not signed by the authority or a responder of its own")]
    BadSignature,
    /// Not an OCSPResponse with a BasicOCSPResponse in DER.
    #[error("not an OCSP answer in DER")]
    Encoding(#[from] der::Error),
    /// Its thisUpdate lies after the time in question.
    #[error("the answer was made after the time in question")]
    NotYet,
    /// A key is refused.
    #[error("a key in the answer is refused")]
    PublicKey(#[from] PublicKeyError),
    /// It carries no status: malformedRequest, unauthorized and so on.
    #[error("the responder refuses: {status:?}")]
    Refused {
        /// In its own word.
        status: OcspResponseStatus,
    },
    /// Its nextUpdate lies before the time in question, or it names none.
    #[error("the answer was no longer current at the time in question")]
    Stale,
    /// Larger than is read.
    #[error("the answer has {size_bytes} bytes; at most {LIMIT_BYTES} are read")]
    TooLarge {
        /// Bytes given.
        size_bytes: usize,
    },
}

/// A question about serials of one authority, without nonce, by SHA-1 CertIDs as every responder knows them. DER.
///
/// # Errors
/// When the authority's certificate is none.
pub fn question(issuer_certificate: &[u8], serials: &[Serial]) -> Result<Vec<u8>, der::Error> {
    let issuer = Certificate::from_der(issuer_certificate)?;
    let (name, key) = hashes(&issuer)?;
    let mut request_list = Vec::with_capacity(serials.len());
    for serial in serials {
        let req_cert = CertId {
            hash_algorithm: AlgorithmIdentifierOwned { oid: oid::SHA1, parameters: Some(Null.into()) },
            issuer_name_hash: OctetString::new(name.as_slice())?,
            issuer_key_hash: OctetString::new(key.as_slice())?,
            serial_number: SerialNumber::new(serial.as_bytes())?,
        };
        request_list.push(x509_ocsp::Request { req_cert, single_request_extensions: None });
    }
    let tbs_request = TbsRequest { version: Version::V1, requestor_name: None, request_list, request_extensions: None };
    OcspRequest { tbs_request, optional_signature: None }.to_der()
}

/// SHA-1 over the name and over the key of an authority (RFC 6960 section 4.1.1).
fn hashes(issuer: &Certificate) -> Result<([u8; 20], [u8; 20]), der::Error> {
    let tbs = &issuer.tbs_certificate;
    let key = tbs.subject_public_key_info.subject_public_key.raw_bytes();
    Ok((Sha1::digest(tbs.subject.to_der()?).into(), Sha1::digest(key).into()))
}

/// What an answer says of the authority's serials; those of other authorities are left out. Every one of them is current at `at`.
///
/// # Errors
/// [`OcspFault`].
pub fn check_answer(answer: &[u8], issuer_certificate: &[u8], at: OffsetDateTime) -> Result<Vec<(Serial, Status)>, OcspFault> {
    if answer.len() > LIMIT_BYTES {
        return Err(OcspFault::TooLarge { size_bytes: answer.len() });
    }
    let response = OcspResponse::from_der(answer)?;
    let Some(bytes) = response.response_bytes else { return Err(OcspFault::Refused { status: response.response_status }) };
    let basic_der = bytes.response.as_bytes();
    let basic = BasicOcspResponse::from_der(basic_der)?;
    let issuer = Certificate::from_der(issuer_certificate)?;
    let signed = SliceReader::new(AnyRef::from_der(basic_der)?.value())?.tlv_bytes()?;
    check_signature(&basic, signed, &issuer, at)?;
    let (name, key) = hashes(&issuer)?;
    let mut statuses = Vec::new();
    for single in &basic.tbs_response_data.responses {
        let asked = &single.cert_id;
        let ours =
            asked.hash_algorithm.oid == oid::SHA1 && asked.issuer_name_hash.as_bytes() == name && asked.issuer_key_hash.as_bytes() == key;
        let Ok(serial) = Serial::from_bytes(asked.serial_number.as_bytes()) else { continue };
        if !ours {
            continue;
        }
        if moment(&single.this_update) > at {
            return Err(OcspFault::NotYet);
        }
        if single.next_update.as_ref().is_none_or(|next| moment(next) <= at) {
            return Err(OcspFault::Stale);
        }
        statuses.push((serial, status(&single.cert_status)));
    }
    Ok(statuses)
}

fn moment(at: &x509_ocsp::OcspGeneralizedTime) -> OffsetDateTime {
    at.0.to_system_time().into()
}

fn status(told: &CertStatus) -> Status {
    match told {
        CertStatus::Good(_) => Status::Good,
        CertStatus::Unknown(_) => Status::Unknown,
        CertStatus::Revoked(revoked) => {
            let code = revoked.revocation_reason.map_or(0, |reason| reason as u8);
            let reason = Reason::from_code(code).unwrap_or(Reason::Unspecified);
            Status::Revoked(Revocation { at: moment(&revoked.revocation_time), reason })
        }
    }
}

/// By the authority itself, or by a certificate in the answer that it issued for this and that is valid (RFC 6960 section 4.2.2.2).
fn check_signature(basic: &BasicOcspResponse, signed: &[u8], issuer: &Certificate, at: OffsetDateTime) -> Result<(), OcspFault> {
    let signature = basic.signature.as_bytes().unwrap_or_default();
    let authority = PublicKey::from_spki(&issuer.tbs_certificate.subject_public_key_info.to_der()?)?;
    if authority.verifies_signed(&basic.signature_algorithm, signed, signature) {
        return Ok(());
    }
    for responder in basic.certs.as_deref().unwrap_or_default() {
        let tbs = &responder.tbs_certificate;
        let purposes = tbs.get::<ExtendedKeyUsage>()?.map(|(_, usage)| usage.0).unwrap_or_default();
        let (begin, end): (OffsetDateTime, OffsetDateTime) =
            (tbs.validity.not_before.to_system_time().into(), tbs.validity.not_after.to_system_time().into());
        let issued = tbs.issuer == issuer.tbs_certificate.subject
            && authority.verifies_signed(
                &responder.signature_algorithm,
                &tbs.to_der()?,
                responder.signature.as_bytes().unwrap_or_default(),
            );
        if !issued || !purposes.contains(&oid::OCSP_SIGNING) || at < begin || end < at {
            continue;
        }
        let key = PublicKey::from_spki(&tbs.subject_public_key_info.to_der()?)?;
        if key.verifies_signed(&basic.signature_algorithm, signed, signature) {
            return Ok(());
        }
    }
    Err(OcspFault::BadSignature)
}
