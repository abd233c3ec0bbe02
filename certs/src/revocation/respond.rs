//! Answering: what a responder says of each CertID, signed. The DER is written by hand: what stands alike in every answer of a responder is
//! encoded once, and the rest once.
//!
//! **Which signatures are verified before they leave**: those that are kept and given to many (of requests without nonce), every one that a
//! device made, and of those that a key in this process makes to order every [`SAMPLE`]th, the first one among them; once one was wrong, all.
//! Verifying costs three times what signing costs (59 against 20 us for P-256). What the others risk, when the processor or its memory fails:
//! - A wrong status: none. What does not verify is refused by whoever asked, and an answer with their nonce serves nobody else.
//! - The key. Two signatures with one nonce would give it away, and so a faulty one beside a right one where nonces follow from key and
//!   message (RFC 6979; Poddebniak and others, EuroS&P 2018): OpenSSL mixes fresh randomness into each nonce, so this needs a fault in
//!   the generator itself, which verifying would not show. A flipped bit of the key (or of the nonce after `r` was made) within the
//!   arithmetic lets whoever knows the public key find that bit in the faulty signature. That is a bit for each fault: a key takes hundreds of
//!   them, at places of the attacker's choice, within the weeks that a responder's key lives. Whoever can do that to this process has it.
//! - A fault that stays, as in the key's memory: it shows its bit once, and makes every answer a wrong one. The sample finds it within
//!   [`SAMPLE`] answers; then nothing unverified leaves any more, and the responder answers *internalError*, which is in the log.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use der::{Decode, Encode};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, ExtendedKeyUsage};

use super::Revocation;
use super::ocsp::{Request, Status};
use crate::ca::Issuer;
use crate::cms::asn1;
use crate::keystore::proof::{Mismatch, prove};
use crate::keystore::{KeyLabel, Keystore, KeystoreError, RsaPadding, Scheme};
use crate::oid;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::serial::Serial;
use crate::validity::Validity;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The signature just made does not verify.
    #[error("the keystore's signature does not verify under the responder's key")]
    BadSignature,
    /// The keystore refused.
    #[error("the keystore does not sign")]
    Keystore(#[from] KeystoreError),
    /// No CertID of the request is of this authority: answer [`Refusal::Unauthorized`].
    #[error("the request asks for no certificate of this authority")]
    OtherIssuer,
    /// The responder's certificate is not valid at this time.
    #[error("the responder's certificate is not valid now")]
    ResponderNotValid,
    /// A time before 1970 or after 9999.
    #[error("a time of the answer cannot be written")]
    Time,
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

/// Of so many signatures by a key in this process, made for one request each, one is verified.
pub const SAMPLE: u32 = 16;

/// A delegated responder of one authority: certificate and key, checked and parsed once.
pub struct Responder {
    validity: Validity,
    public_key: PublicKey,
    scheme: Scheme,
    label: KeyLabel,
    /// ResponderID, by key.
    name: Vec<u8>,
    /// signatureAlgorithm of its answers.
    algorithm: Vec<u8>,
    /// `[0]` with its certificate.
    certificates: Vec<u8>,
    /// singleExtensions, the same for every certificate.
    since: Vec<u8>,
    /// How many it signed to order.
    signed: AtomicU32,
    /// Whether a signature was wrong.
    is_suspect: AtomicBool,
}

impl Responder {
    /// Checks that the certificate is for signing OCSP answers, was issued by `issuer`, and belongs to the key under `label`, which signs once
    /// to prove it.
    ///
    /// # Errors
    /// [`ResponderError`].
    pub fn load(certificate_der: &[u8], label: KeyLabel, issuer: &Issuer, keystore: &dyn Keystore) -> Result<Self, ResponderError> {
        let certificate = Certificate::from_der(certificate_der)?;
        let tbs = &certificate.tbs_certificate;
        let public_key = PublicKey::from_spki(&tbs.subject_public_key_info.to_der()?)?;
        match prove(&label, &public_key, keystore) {
            Ok(()) => {}
            Err(Mismatch::Keystore(error)) => return Err(error.into()),
            Err(Mismatch::Missing { label } | Mismatch::Other { label }) => return Err(ResponderError::KeyMismatch { label }),
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
        let scheme = Scheme::of(public_key.kind(), RsaPadding::Pss);
        Ok(Self {
            validity: Validity::between(tbs.validity.not_before.to_system_time().into(), tbs.validity.not_after.to_system_time().into())?,
            name: asn1::element(BY_KEY, &asn1::element(asn1::OCTET_STRING, &public_key.key_identifier())),
            algorithm: scheme.algorithm_identifier(),
            certificates: asn1::element(0xa0, &asn1::sequence(&[certificate_der])),
            since: archive_cutoff(issuer.validity().not_before()),
            scheme,
            public_key,
            label,
            signed: AtomicU32::new(0),
            is_suspect: AtomicBool::new(false),
        })
    }

    /// When the responder's certificate is valid; renew it well before the end.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Where its key lies.
    #[must_use]
    pub fn label(&self) -> &KeyLabel {
        &self.label
    }

    /// Whether it is this signature's turn to be verified.
    fn is_sampled(&self) -> bool {
        let number = self.signed.fetch_add(1, Ordering::Relaxed);
        number.is_multiple_of(SAMPLE) || self.is_suspect.load(Ordering::Relaxed)
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

/// `[2]` of ResponderID (RFC 6960 section 4.2.1).
const BY_KEY: u8 = 0xa2;
/// ENUMERATED.
const ENUMERATED: u8 = 0x0a;
/// OCSPResponseStatus successful.
const SUCCESSFUL: [u8; 3] = [ENUMERATED, 1, 0];
/// CertStatus good and unknown: NULL under `[0]` and `[2]`.
const GOOD: [u8; 2] = [0x80, 0];
const UNKNOWN: [u8; 2] = [0x82, 0];

/// Answers every CertID of the request; those of other authorities as *unknown*. `status` is asked once for each serial of `issuer`.
///
/// # Errors
/// [`AnswerError::OtherIssuer`] when none is of `issuer`; the others are failures of ours ([`super::ocsp::Refusal::InternalError`]).
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
    let this_update = generalized(times.this_update)?;
    let next_update = asn1::element(0xa0, &generalized(times.next_update)?);
    let mut singles = Vec::with_capacity(request.questions.len());
    for question in &request.questions {
        let known = match question.serial() {
            Some(serial) if question.is_of(issuer) => status(&serial),
            Some(_) | None => Status::Unknown,
        };
        singles.push(asn1::sequence(&[&question.der, &cert_status(known)?, &this_update, &next_update, &responder.since]));
    }
    let nonce = request.nonce.as_ref().map_or_else(Vec::new, |nonce| asn1::element(0xa1, &asn1::sequence(&[nonce])));
    let produced_at = generalized(times.produced_at)?;
    let data = asn1::sequence(&[&responder.name, &produced_at, &asn1::sequence(&[&singles.concat()]), &nonce]);
    sign(&data, request, responder, keystore)
}

/// OCSPResponse with BasicOCSPResponse (RFC 6960 section 4.2.1).
fn sign(data: &[u8], request: &Request, responder: &Responder, keystore: &dyn Keystore) -> Result<Vec<u8>, AnswerError> {
    let digest = responder.scheme.digest(data);
    let signature = keystore.sign(&responder.label, &digest)?;
    let may_sample = request.has_nonce() && keystore.signs_at_once(&responder.label);
    if (!may_sample || responder.is_sampled()) && !responder.public_key.verifies(&digest, &signature) {
        responder.is_suspect.store(true, Ordering::Relaxed);
        return Err(AnswerError::BadSignature);
    }
    let signature = asn1::constructed(asn1::BIT_STRING, &[&[0], &signature]);
    let basic = asn1::sequence(&[data, &responder.algorithm, &signature, &responder.certificates]);
    let kind = asn1::identifier(oid::OCSP_BASIC);
    let bytes = asn1::sequence(&[&kind, &asn1::element(asn1::OCTET_STRING, &basic)]);
    Ok(asn1::sequence(&[&SUCCESSFUL, &asn1::element(0xa0, &bytes)]))
}

fn cert_status(status: Status) -> Result<Vec<u8>, AnswerError> {
    Ok(match status {
        Status::Good => GOOD.to_vec(),
        Status::Unknown => UNKNOWN.to_vec(),
        Status::Revoked(Revocation { at, reason }) => {
            let reason = reason.in_ocsp().map_or_else(Vec::new, |code| asn1::element(0xa0, &[ENUMERATED, 1, code]));
            asn1::constructed(0xa1, &[&generalized(at)?, &reason])
        }
    })
}

/// singleExtensions. The status of a certificate is told beyond its end, and for good: since the authority's own beginning (RFC 6960 section
/// 4.4.4, EN 319 411-2 CSS-6.3.10). Signatures are judged for decades. Never critical.
fn archive_cutoff(at: OffsetDateTime) -> Vec<u8> {
    let value = asn1::element(asn1::OCTET_STRING, &asn1::generalized_second(at));
    asn1::element(0xa1, &asn1::sequence(&[&asn1::sequence(&[&asn1::identifier(oid::OCSP_ARCHIVE_CUTOFF), &value])]))
}

/// Whole seconds: DER knows no fraction here. Nor years before 1970, where no clock of ours has been.
fn generalized(at: OffsetDateTime) -> Result<Vec<u8>, AnswerError> {
    if !(0..LAST_SECOND).contains(&at.unix_timestamp()) {
        return Err(AnswerError::Time);
    }
    Ok(asn1::generalized_second(at))
}

/// 1 January 10000: four digits name no later year.
const LAST_SECOND: i64 = 253_402_300_800;
