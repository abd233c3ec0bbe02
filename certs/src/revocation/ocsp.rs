//! The online status protocol (RFC 6960, RFC 9654): reads a request with all its CertIDs, answers each, and never says *good* of a serial
//! that it was not told to be good.
//!
//! CertIDs by SHA-1 and SHA-256; a nonce of 1 to 128 octets comes back unchanged; the request's own signature is not asked for.

use const_oid::ObjectIdentifier;
use der::asn1::{BitString, GeneralizedTime, Null, OctetString};
use der::{DateTime, Decode, Encode};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, ExtendedKeyUsage};
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspResponse, ResponderId, ResponseData, RevokedInfo, SingleResponse,
    Version,
};

use super::Revocation;
use crate::ca::Issuer;
use crate::keystore::{KeyLabel, Keystore, KeystoreError, RsaPadding, Scheme};
use crate::oid;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::serial::Serial;
use crate::validity::{Validity, whole_second};

/// How large a request may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of DER.
    pub size_bytes: usize,
    /// CertIDs in one request.
    pub certificates: usize,
}

impl Default for Limits {
    /// 16 KiB and 32 certificates.
    fn default() -> Self {
        Self { size_bytes: 16 * 1024, certificates: 32 }
    }
}

/// Why a request is not understood; the answer to each is [`Refusal::MalformedRequest`].
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// A critical extension that we do not know (RFC 6960 section 4.4).
    #[error("the request has the critical extension {oid}, which is not known here")]
    CriticalExtension {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// Not an OCSPRequest in DER (RFC 6960 section 4.1.1).
    #[error("not an OCSP request in DER")]
    Encoding(#[from] der::Error),
    /// No CertID, or more than the limit.
    #[error("the request asks for {count} certificates; 1 to {limit} are answered")]
    Count {
        /// Asked for.
        count: usize,
        /// Allowed.
        limit: usize,
    },
    /// A nonce that is empty or longer than 128 octets (RFC 9654 section 2.1).
    #[error("a nonce has 1 to 128 octets")]
    Nonce,
    /// Larger than the limit.
    #[error("the request has {size_bytes} bytes; at most {limit_bytes} are read")]
    TooLarge {
        /// Bytes given.
        size_bytes: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The signature just made does not verify.
    #[error("the keystore's signature does not verify under the responder's key")]
    BadSignature,
    /// The answer could not be encoded.
    #[error("the answer cannot be encoded")]
    Encoding(#[from] der::Error),
    /// The keystore refused.
    #[error("the keystore does not sign")]
    Keystore(#[from] KeystoreError),
    /// No CertID of the request is of this authority: answer [`Refusal::Unauthorized`].
    #[error("the request asks for no certificate of this authority")]
    OtherIssuer,
    /// The responder's certificate is not valid at this time.
    #[error("the responder's certificate is not valid now")]
    ResponderNotValid,
}

/// Why a certificate and key are no responder of an authority.
#[derive(Debug, thiserror::Error)]
pub enum ResponderError {
    /// Not a certificate in DER.
    #[error("not a certificate in DER")]
    Encoding(#[from] der::Error),
    /// The key under the label is missing or another than the certificate's.
    #[error("the key {label} in the keystore is not the one in the responder's certificate")]
    KeyMismatch {
        /// Label asked for.
        label: KeyLabel,
    },
    /// The keystore failed.
    #[error("the keystore cannot be asked")]
    Keystore(#[from] KeystoreError),
    /// Not issued by the authority for which it would answer (RFC 6960 section 4.2.2.2).
    #[error("the responder's certificate was not issued by the authority that it answers for")]
    OtherIssuer,
    /// The public key is refused.
    #[error("the responder's key is refused")]
    PublicKey(#[from] PublicKeyError),
    /// extKeyUsage lacks id-kp-OCSPSigning (RFC 6960 section 4.2.2.2).
    #[error("the certificate is not for signing OCSP answers")]
    Purpose,
    /// The period of validity is nonsense.
    #[error("the responder's period of validity is refused")]
    Validity(#[from] crate::validity::ValidityError),
}

/// A request understood.
#[derive(Clone, Debug)]
pub struct Request {
    questions: Vec<CertId>,
    nonce: Option<Extension>,
    bare: bool,
}

/// What is known of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Issued here and not revoked.
    Good,
    /// Revoked or suspended.
    Revoked(Revocation),
    /// Not issued here, as far as is known.
    Unknown,
}

/// The answers that carry no status (RFC 6960 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request was not understood.
    MalformedRequest,
    /// The responder failed; another may be tried.
    InternalError,
    /// Too busy just now.
    TryLater,
    /// We do not answer for this authority (RFC 5019 section 2.2.3).
    Unauthorized,
}

impl Refusal {
    /// The whole answer, DER.
    #[must_use]
    pub fn to_der(self) -> Vec<u8> {
        let code = match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::Unauthorized => 6,
        };
        vec![0x30, 0x03, 0x0a, 0x01, code]
    }
}

/// Reads a DER request.
///
/// # Errors
/// [`RequestError`].
pub fn parse(request: &[u8], limits: &Limits) -> Result<Request, RequestError> {
    if request.len() > limits.size_bytes {
        return Err(RequestError::TooLarge { size_bytes: request.len(), limit_bytes: limits.size_bytes });
    }
    let whole = x509_ocsp::OcspRequest::from_der(request)?;
    let is_signed = whole.optional_signature.is_some();
    let parsed = whole.tbs_request;
    let single = parsed.request_list.iter().any(|one| one.single_request_extensions.is_some());
    let bare = !is_signed && !single && parsed.requestor_name.is_none() && parsed.request_extensions.is_none();
    let count = parsed.request_list.len();
    if count == 0 || count > limits.certificates {
        let limit = limits.certificates;
        return Err(RequestError::Count { count, limit });
    }
    let mut nonce = None;
    for extension in parsed.request_extensions.unwrap_or_default() {
        if extension.extn_id == oid::OCSP_NONCE {
            let value = OctetString::from_der(extension.extn_value.as_bytes()).map_err(|_| RequestError::Nonce)?;
            if !(1..=128).contains(&value.as_bytes().len()) || nonce.is_some() {
                return Err(RequestError::Nonce);
            }
            nonce = Some(extension);
        } else if extension.critical {
            let oid = extension.extn_id;
            return Err(RequestError::CriticalExtension { oid });
        }
    }
    for question in &parsed.request_list {
        let extensions = question.single_request_extensions.as_deref();
        if let Some(critical) = extensions.unwrap_or_default().iter().find(|one| one.critical) {
            let oid = critical.extn_id;
            return Err(RequestError::CriticalExtension { oid });
        }
    }
    Ok(Request { questions: parsed.request_list.into_iter().map(|one| one.req_cert).collect(), nonce, bare })
}

impl Request {
    /// How many certificates it asks for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.questions.len()
    }

    /// Never: a request without questions is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// Whether a stored answer may serve it: one that carries a nonce must be answered anew.
    #[must_use]
    pub fn has_nonce(&self) -> bool {
        self.nonce.is_some()
    }

    /// Whether it is its CertIDs and nothing else: no nonce, no name of who asks, no extension, no signature. Then equal bytes are equal
    /// questions, and the answer to one serves all.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.bare
    }

    /// Whether at least one certificate asked for is of this authority.
    #[must_use]
    pub fn asks(&self, issuer: &Issuer) -> bool {
        self.questions.iter().any(|question| is_of(question, issuer))
    }

    /// The serial numbers asked for of this authority, in order.
    #[must_use]
    pub fn serials(&self, issuer: &Issuer) -> Vec<Serial> {
        let of_issuer = self.questions.iter().filter(|question| is_of(question, issuer));
        of_issuer.filter_map(|question| Serial::from_bytes(question.serial_number.as_bytes()).ok()).collect()
    }
}

/// Whether the CertID names this authority (RFC 6960 section 4.1.1).
fn is_of(question: &CertId, issuer: &Issuer) -> bool {
    let name = question.issuer_name_hash.as_bytes();
    let key = question.issuer_key_hash.as_bytes();
    match question.hash_algorithm.oid {
        oid::SHA1 => name == issuer.name_sha1() && key == issuer.key_identifier(),
        oid::SHA256 => name == issuer.name_sha256() && key == issuer.key_sha256(),
        _ => false,
    }
}

/// A delegated responder of one authority: certificate and key, checked and parsed once.
pub struct Responder {
    certificate: Certificate,
    validity: Validity,
    public_key: PublicKey,
    scheme: Scheme,
    label: KeyLabel,
}

impl Responder {
    /// Checks that the certificate is for signing OCSP answers, was issued by `issuer`, and belongs to the key under `label`.
    ///
    /// # Errors
    /// [`ResponderError`].
    pub fn load(certificate_der: &[u8], label: KeyLabel, issuer: &Issuer, keystore: &dyn Keystore) -> Result<Self, ResponderError> {
        let certificate = Certificate::from_der(certificate_der)?;
        let tbs = &certificate.tbs_certificate;
        let public_key = PublicKey::from_spki(&tbs.subject_public_key_info.to_der()?)?;
        if keystore.find(&label)?.as_ref() != Some(&public_key) {
            return Err(ResponderError::KeyMismatch { label });
        }
        let purposes = tbs.get::<ExtendedKeyUsage>()?.map(|(_, usage)| usage.0);
        if !purposes.is_some_and(|purposes| purposes.contains(&oid::OCSP_SIGNING)) {
            return Err(ResponderError::Purpose);
        }
        let authority = tbs.get::<AuthorityKeyIdentifier>()?;
        let identifier = authority.and_then(|(_, found)| found.key_identifier);
        let signature = certificate.signature.as_bytes().unwrap_or_default();
        let signed = issuer.public_key().verifies_signed(&certificate.signature_algorithm, &tbs.to_der()?, signature);
        if !signed
            || tbs.issuer.to_der()? != issuer.subject_der()
            || identifier.is_none_or(|found| found.as_bytes() != issuer.key_identifier())
        {
            return Err(ResponderError::OtherIssuer);
        }
        Ok(Self {
            scheme: Scheme::of(public_key.kind(), RsaPadding::Pss),
            validity: Validity::between(tbs.validity.not_before.to_system_time().into(), tbs.validity.not_after.to_system_time().into())?,
            public_key,
            certificate,
            label,
        })
    }

    /// When the responder's certificate is valid; renew it well before the end.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }
}

/// The times of an answer (RFC 6960 section 4.2.2.1).
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When the status was known to be right.
    pub this_update: OffsetDateTime,
    /// When newer information will be there.
    pub next_update: OffsetDateTime,
    /// When the answer is signed.
    pub produced_at: OffsetDateTime,
}

/// Answers every CertID of the request; those of other authorities as *unknown*. `status` is asked once for each serial of `issuer`.
///
/// # Errors
/// [`AnswerError::OtherIssuer`] when none is of `issuer`; the others are failures of ours ([`Refusal::InternalError`]).
pub fn answer(
    request: &Request,
    (responder, issuer): (&Responder, &Issuer),
    times: &Times,
    mut status: impl FnMut(&Serial) -> Status,
    keystore: &dyn Keystore,
) -> Result<Vec<u8>, AnswerError> {
    if !request.asks(issuer) {
        return Err(AnswerError::OtherIssuer);
    }
    if !responder.validity.contains(times.produced_at) {
        return Err(AnswerError::ResponderNotValid);
    }
    let kept = archive_cutoff(issuer.validity().not_before())?;
    let mut responses = Vec::with_capacity(request.questions.len());
    for question in &request.questions {
        let serial = Serial::from_bytes(question.serial_number.as_bytes());
        let known = match serial {
            Ok(serial) if is_of(question, issuer) => status(&serial),
            Ok(_) | Err(_) => Status::Unknown,
        };
        responses.push(SingleResponse {
            cert_id: question.clone(),
            cert_status: cert_status(known)?,
            this_update: generalized(times.this_update)?,
            next_update: Some(generalized(times.next_update)?),
            single_extensions: Some(vec![kept.clone()]),
        });
    }
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::ByKey(OctetString::new(responder.public_key.key_identifier())?),
        produced_at: generalized(times.produced_at)?,
        responses,
        response_extensions: request.nonce.clone().map(|nonce| vec![nonce]),
    };
    sign(data, responder, keystore)
}

fn sign(data: ResponseData, responder: &Responder, keystore: &dyn Keystore) -> Result<Vec<u8>, AnswerError> {
    let digest = responder.scheme.digest(&data.to_der()?);
    let signature = keystore.sign(&responder.label, &digest)?;
    if !responder.public_key.verifies(&digest, &signature) {
        return Err(AnswerError::BadSignature);
    }
    let basic = BasicOcspResponse {
        tbs_response_data: data,
        signature_algorithm: spki::AlgorithmIdentifierOwned::from_der(&responder.scheme.algorithm_identifier())?,
        signature: BitString::from_bytes(&signature)?,
        certs: Some(vec![responder.certificate.clone()]),
    };
    Ok(OcspResponse::successful(basic)?.to_der()?)
}

fn cert_status(status: Status) -> Result<CertStatus, der::Error> {
    Ok(match status {
        Status::Good => CertStatus::Good(Null),
        Status::Unknown => CertStatus::Unknown(Null),
        Status::Revoked(revocation) => CertStatus::Revoked(RevokedInfo {
            revocation_time: generalized(revocation.at)?,
            revocation_reason: revocation.reason.in_ocsp(),
        }),
    })
}

/// The status of a certificate is told beyond its end, and for good: since the authority's own beginning (RFC 6960 section 4.4.4,
/// EN 319 411-2 CSS-6.3.10). Signatures are judged for decades. Never critical.
fn archive_cutoff(at: OffsetDateTime) -> Result<Extension, der::Error> {
    let extn_value = OctetString::new(generalized(at)?.to_der()?)?;
    Ok(Extension { extn_id: oid::OCSP_ARCHIVE_CUTOFF, critical: false, extn_value })
}

/// Whole seconds: DER knows no fraction here.
fn generalized(at: OffsetDateTime) -> Result<OcspGeneralizedTime, der::Error> {
    let seconds = u64::try_from(whole_second(at).unix_timestamp()).map_err(|_| der::ErrorKind::DateTime)?;
    let at = DateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?;
    Ok(OcspGeneralizedTime(GeneralizedTime::from_date_time(at)))
}
