//! What must hold of somebody else's certificate before its key seals or signs mail here.

use const_oid::ObjectIdentifier;
use der::{Decode, Encode};
use openssl::x509::{X509, X509VerifyResult};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName};

use super::{ImportFault, Use};
use crate::keystore::KeyKind;
use crate::oid;
use crate::path::{self, Budget, Material, PathError};
use crate::public_key::PublicKey;

/// The most certificates above the first.
const MOST_ABOVE: usize = 8;
/// The largest certificate, bytes.
const CERTIFICATE_BYTES: usize = 16 * 1024;
/// extKeyUsage that lets a certificate sign documents: RFC 9336, Microsoft's and Adobe's own, and what mail and log-in certificates say.
const SIGNS_DOCUMENTS: [ObjectIdentifier; 6] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.10.3.12"),
    ObjectIdentifier::new_unwrap("1.2.840.113583.1.1.5"),
    oid::EMAIL_PROTECTION,
    oid::CLIENT_AUTHENTICATION,
    oid::ANY_EXTENDED_KEY_USAGE,
];

/// A certificate that may be used, with what is told of it.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Those above it as far as they came along, DER, its issuer first.
    pub chain: Vec<Vec<u8>>,
    /// Its key.
    pub public_key: PublicKey,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
    /// The subject, for people (RFC 4514).
    pub subject: String,
    /// The issuer, for people (RFC 4514).
    pub issuer: String,
    /// The mail addresses in it.
    pub addresses: Vec<String>,
    /// First valid moment.
    pub not_before: OffsetDateTime,
    /// Last valid moment.
    pub not_after: OffsetDateTime,
}

/// Examines a certificate (DER) for a use at a moment, and orders the `others` that came along into the chain above it.
///
/// # Errors
/// [`ImportFault`] names the first thing that does not hold.
pub fn examine(certificate: &[u8], others: &[Vec<u8>], purpose: Use, now: OffsetDateTime) -> Result<Examined, ImportFault> {
    if others.len() > MOST_ABOVE || others.iter().chain([&certificate.to_vec()]).any(|one| one.len() > CERTIFICATE_BYTES) {
        return Err(ImportFault::TooLarge);
    }
    let leaf = Certificate::from_der(certificate)?;
    let tbs = &leaf.tbs_certificate;
    if tbs.get::<BasicConstraints>()?.is_some_and(|(_, constraints)| constraints.ca) {
        return Err(ImportFault::Authority);
    }
    let public_key = PublicKey::from_spki(&tbs.subject_public_key_info.to_der()?).map_err(ImportFault::WeakKey)?;
    match KeyKind::of(public_key.kind()) {
        Some(KeyKind::EcP256 | KeyKind::Rsa3072 | KeyKind::Rsa4096) => {}
        // Signatures here are made over SHA-256.
        Some(KeyKind::EcP384) | None => return Err(ImportFault::KeyKind),
    }
    let instant = |time: x509_cert::time::Time| OffsetDateTime::UNIX_EPOCH + time.to_unix_duration();
    let (not_before, not_after) = (instant(tbs.validity.not_before), instant(tbs.validity.not_after));
    if !(not_before..=not_after).contains(&now) {
        return Err(ImportFault::OutsideValidity);
    }
    check_usage(&leaf, purpose)?;
    let addresses = addresses(&leaf)?;
    if purpose == Use::Mail && addresses.is_empty() {
        return Err(ImportFault::NoAddress);
    }
    let chain = chain_above(certificate, others)?;
    check_chain(certificate, &chain, purpose, now)?;
    Ok(Examined {
        certificate: certificate.to_vec(),
        chain,
        public_key,
        fingerprint: Sha256::digest(certificate).into(),
        subject: tbs.subject.to_string(),
        issuer: tbs.issuer.to_string(),
        addresses,
        not_before,
        not_after,
    })
}

/// keyUsage and extKeyUsage, each where it is there (RFC 5280 sections 4.2.1.3 and 4.2.1.12).
fn check_usage(leaf: &Certificate, purpose: Use) -> Result<(), ImportFault> {
    let tbs = &leaf.tbs_certificate;
    if let Some((_, usage)) = tbs.get::<KeyUsage>()? {
        let signs = usage.0.contains(KeyUsages::DigitalSignature);
        let commits = usage.0.contains(KeyUsages::NonRepudiation);
        let fits = match purpose {
            Use::Mail => signs,
            Use::Seal => signs || commits,
        };
        if !fits {
            return Err(ImportFault::KeyUsage);
        }
    }
    if let Some((_, extended)) = tbs.get::<ExtendedKeyUsage>()? {
        let has = |wanted: &[ObjectIdentifier]| extended.0.iter().any(|one| wanted.contains(one));
        // A time-stamp unit's or responder's certificate is for nothing else, whatever else it says.
        let alone = has(&[oid::TIME_STAMPING, oid::OCSP_SIGNING]);
        let fits = match purpose {
            Use::Mail => has(&[oid::EMAIL_PROTECTION, oid::ANY_EXTENDED_KEY_USAGE]),
            Use::Seal => has(&SIGNS_DOCUMENTS),
        };
        if alone || !fits {
            return Err(ImportFault::ExtendedKeyUsage);
        }
    }
    Ok(())
}

fn addresses(leaf: &Certificate) -> Result<Vec<String>, ImportFault> {
    let Some((_, names)) = leaf.tbs_certificate.get::<SubjectAltName>()? else { return Ok(Vec::new()) };
    let address = |name: GeneralName| match name {
        GeneralName::Rfc822Name(address) => Some(address.to_string()),
        GeneralName::OtherName(_)
        | GeneralName::DnsName(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::UniformResourceIdentifier(_)
        | GeneralName::IpAddress(_)
        | GeneralName::RegisteredId(_) => None,
    };
    Ok(names.0.into_iter().filter_map(address).collect())
}

/// From issuer to issuer, as far as they came along. None may be left over.
fn chain_above(certificate: &[u8], others: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, ImportFault> {
    let read = |der: &[u8]| X509::from_der(der).map_err(|_| ImportFault::Unreadable);
    let mut left = others.iter().map(|der| read(der)).collect::<Result<Vec<_>, _>>()?;
    let (mut chain, mut below) = (Vec::new(), read(certificate)?);
    if is_self_signed(&below)? {
        return Err(ImportFault::SelfSigned);
    }
    while let Some(at) = position_of_issuer(&left, &below)? {
        let issuer = left.swap_remove(at);
        chain.push(issuer.to_der()?);
        if is_self_signed(&issuer)? {
            break;
        }
        below = issuer;
    }
    match left.first() {
        None => Ok(chain),
        Some(stray) => {
            let subject = Certificate::from_der(&stray.to_der()?)?.tbs_certificate.subject.to_string();
            Err(ImportFault::Stray { subject })
        }
    }
}

fn position_of_issuer(among: &[X509], below: &X509) -> Result<Option<usize>, ImportFault> {
    for (at, candidate) in among.iter().enumerate() {
        if is_issued_by(below, candidate)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn is_self_signed(certificate: &X509) -> Result<bool, ImportFault> {
    let names_itself = certificate.subject_name().try_cmp(certificate.issuer_name())?.is_eq();
    Ok(names_itself && certificate.verify(&*certificate.public_key()?).unwrap_or(false))
}

/// By name, key identifier, the issuer's key usage, and signature.
fn is_issued_by(certificate: &X509, issuer: &X509) -> Result<bool, ImportFault> {
    let named = issuer.issued(certificate) == X509VerifyResult::OK;
    // A key that cannot verify such a signature has not made it.
    Ok(named && certificate.verify(&*issuer.public_key()?).unwrap_or(false))
}

/// The whole path up to what came along last must hold now.
fn check_chain(certificate: &[u8], chain: &[Vec<u8>], purpose: Use, now: OffsetDateTime) -> Result<(), ImportFault> {
    let Some((last, between)) = chain.split_last() else { return Ok(()) };
    let material = Material { leaf: certificate, intermediates: between, anchors: std::slice::from_ref(last) };
    let purpose = match purpose {
        Use::Mail => path::Purpose::MailSignature,
        Use::Seal => path::Purpose::DocumentSignature,
    };
    match path::verify(&material, now, purpose, &Budget::default()) {
        Ok(_) => Ok(()),
        Err(PathError::Purpose) => Err(ImportFault::KeyUsage),
        Err(fault) => Err(ImportFault::Chain(fault)),
    }
}
