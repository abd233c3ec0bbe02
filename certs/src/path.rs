//! Whether a certificate leads to an anchor at a given time, and whether a CRL says that it was revoked. For our own certificates and for
//! strangers': names, extensions and signatures are judged by OpenSSL with strict checks, usage by ourselves.
//!
//! The verdict is a [`Chain`], which only [`verify`] makes. Work is bounded by a [`Budget`].

mod crl;

use der::{Decode, Encode};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509PurposeId, X509StoreContext, X509VerifyResult};
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages};

use crate::oid;

pub use crl::{CheckedCrl, CrlError, Revoked, Subject, check_crl, check_own_crl};

/// OpenSSL's level of 112 bits: RSA from 2,048 bits, SHA-224 and better (SP 800-131A).
const SECURITY_LEVEL: i32 = 2;

/// How much work a path may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Certificates offered as intermediates and anchors together.
    pub certificates: usize,
    /// Bytes of one certificate.
    pub size_bytes: usize,
    /// Certificates between leaf and anchor.
    pub intermediates: u8,
}

impl Default for Budget {
    /// 64 certificates of at most 64 KiB, eight between leaf and anchor.
    fn default() -> Self {
        Self { certificates: 64, size_bytes: 64 * 1024, intermediates: 8 }
    }
}

/// For what the leaf was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing a document: contentCommitment or digitalSignature, whatever extKeyUsage says, unless it is for time stamps or OCSP answers.
    DocumentSignature,
    /// Signing mail: contentCommitment or digitalSignature, and emailProtection where extKeyUsage is there.
    MailSignature,
    /// Signing time stamps: extKeyUsage is timeStamping alone and critical (RFC 3161 section 2.3).
    TimeStamp,
    /// Signing OCSP answers: OCSPSigning (RFC 6960 section 4.2.2.2).
    OcspResponse,
    /// Logging in over TLS: clientAuth.
    ClientAuthentication,
}

/// Why a certificate leads to no anchor.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// A certificate of the path is not yet or no longer valid at that time (RFC 5280 section 6.1.3 (a)(2)): expired.
    #[error("the certificate at depth {depth} had expired")]
    Expired {
        /// 0 is the leaf.
        depth: u32,
    },
    /// Not yet valid at that time.
    #[error("the certificate at depth {depth} was not yet valid")]
    NotYetValid {
        /// 0 is the leaf.
        depth: u32,
    },
    /// No certificate offered issued this one.
    #[error("nobody among the certificates at hand issued the one at depth {depth}")]
    NoPath {
        /// 0 is the leaf.
        depth: u32,
    },
    /// The path ends at a self-signed certificate that is no anchor.
    #[error("the path ends at a root that is not trusted here")]
    Untrusted,
    /// A signature in the path is wrong (section 6.1.3 (a)(1)).
    #[error("the signature on the certificate at depth {depth} is wrong")]
    BadSignature {
        /// 0 is the leaf.
        depth: u32,
    },
    /// A certificate in the path is no authority, or its path length or key usage forbids (section 6.1.4 (k) to (n)).
    #[error("the certificate at depth {depth} may not certify")]
    NotAnAuthority {
        /// 0 is the leaf.
        depth: u32,
    },
    /// More intermediates than the budget.
    #[error("the path is longer than {limit} intermediates")]
    TooDeep {
        /// Intermediates allowed.
        limit: u8,
    },
    /// keyUsage or extKeyUsage of the leaf forbid this purpose (sections 4.2.1.3 and 4.2.1.12).
    #[error("the certificate is not for this purpose")]
    Purpose,
    /// A name constraint, policy constraint, unknown critical extension, or a rule of OpenSSL's strict checks; the code is OpenSSL's.
    #[error("the certificate at depth {depth} breaks rule {code} of the path check: {reason}")]
    Rule {
        /// 0 is the leaf.
        depth: u32,
        /// X509_V_ERR code.
        code: i32,
        /// OpenSSL's constant sentence for the code.
        reason: &'static str,
    },
    /// Not a certificate in DER.
    #[error("not a certificate in DER")]
    Encoding(#[from] der::Error),
    /// More or larger certificates than the budget.
    #[error("more or larger certificates than the budget allows")]
    Budget,
    /// OpenSSL failed for a reason of its own.
    #[error("the path could not be checked")]
    Library(#[from] openssl::error::ErrorStack),
}

/// A path from a leaf to an anchor, valid at one time for one purpose.
#[derive(Clone, Debug)]
pub struct Chain {
    certificates: Vec<Vec<u8>>,
    at: OffsetDateTime,
}

impl Chain {
    /// The path in DER, leaf first, anchor last.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The leaf's issuer in DER; for a leaf that is itself an anchor, the leaf.
    #[must_use]
    pub fn issuer(&self) -> &[u8] {
        let next = self.certificates.get(1).or_else(|| self.certificates.first());
        next.map_or(&[], Vec::as_slice)
    }

    /// The time for which it holds.
    #[must_use]
    pub fn at(&self) -> OffsetDateTime {
        self.at
    }
}

/// Certificates to build a path from, all DER.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The certificate in question.
    pub leaf: &'a [u8],
    /// Certificates that may lie between; order does not matter.
    pub intermediates: &'a [Vec<u8>],
    /// Authorities trusted, self-signed or not.
    pub anchors: &'a [Vec<u8>],
}

/// Builds and checks a path (RFC 5280 section 6) as of `at`. Revocation is asked separately, see [`check_crl`].
///
/// # Errors
/// [`PathError`] with the depth of the certificate at fault.
pub fn verify(material: &Material<'_>, at: OffsetDateTime, purpose: Purpose, budget: &Budget) -> Result<Chain, PathError> {
    let offered = || material.intermediates.iter().chain(material.anchors);
    let too_large = |der: &[u8]| der.len() > budget.size_bytes;
    if offered().count() > budget.certificates || offered().any(|der| too_large(der)) || too_large(material.leaf) {
        return Err(PathError::Budget);
    }
    check_purpose(&Certificate::from_der(material.leaf)?, purpose)?;
    let mut store = X509StoreBuilder::new()?;
    for anchor in material.anchors {
        store.add_cert(X509::from_der(anchor)?)?;
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(at.unix_timestamp());
    parameters.set_depth(i32::from(budget.intermediates));
    parameters.set_flags(X509VerifyFlags::X509_STRICT | X509VerifyFlags::PARTIAL_CHAIN)?;
    parameters.set_purpose(X509PurposeId::ANY)?;
    // Without this OpenSSL takes MD5, SHA-1 and RSA keys of any length in the certificates between leaf and anchor.
    parameters.set_auth_level(SECURITY_LEVEL);
    store.set_param(&parameters)?;
    let store = store.build();
    let mut untrusted = Stack::new()?;
    for intermediate in material.intermediates {
        untrusted.push(X509::from_der(intermediate)?)?;
    }
    let leaf = X509::from_der(material.leaf)?;
    let mut context = X509StoreContext::new()?;
    let (valid, certificates, error, depth) = context.init(&store, &leaf, &untrusted, |context| {
        let valid = context.verify_cert()?;
        let chain: Result<Vec<_>, _> =
            context.chain().map(|chain| chain.iter().map(|one| one.to_der()).collect()).unwrap_or_else(|| Ok(Vec::new()));
        Ok((valid, chain?, context.error(), context.error_depth()))
    })?;
    if valid { Ok(Chain { certificates, at }) } else { Err(refusal(error, depth, budget)) }
}

/// OpenSSL's codes (`openssl/x509_vfy.h`) in our words.
fn refusal(error: X509VerifyResult, depth: u32, budget: &Budget) -> PathError {
    match error.as_raw() {
        2 | 20 | 21 | 27 => PathError::NoPath { depth },
        18 | 19 => PathError::Untrusted,
        7 => PathError::BadSignature { depth },
        9 => PathError::NotYetValid { depth },
        10 => PathError::Expired { depth },
        22 => PathError::TooDeep { limit: budget.intermediates },
        24 | 25 | 32 | 79 => PathError::NotAnAuthority { depth },
        26 => PathError::Purpose,
        code => PathError::Rule { depth, code, reason: error.error_string() },
    }
}

fn check_purpose(leaf: &Certificate, purpose: Purpose) -> Result<(), PathError> {
    let tbs = &leaf.tbs_certificate;
    let usage = tbs.get::<KeyUsage>()?.map(|(_, usage)| usage.0);
    let signs = usage.is_none_or(|usage| usage.contains(KeyUsages::DigitalSignature) || usage.contains(KeyUsages::NonRepudiation));
    let extended = tbs.get::<ExtendedKeyUsage>()?;
    let has = |wanted| {
        let purposes = extended.as_ref().map(|(_, usage)| &usage.0);
        purposes.is_some_and(|purposes| purposes.contains(&wanted))
    };
    let absent_or_any = extended.is_none() || has(oid::ANY_EXTENDED_KEY_USAGE);
    let fits = match purpose {
        Purpose::DocumentSignature => !has(oid::TIME_STAMPING) && !has(oid::OCSP_SIGNING),
        Purpose::MailSignature => absent_or_any || has(oid::EMAIL_PROTECTION),
        Purpose::TimeStamp => extended.as_ref().is_some_and(|(critical, usage)| *critical && usage.0 == [oid::TIME_STAMPING]),
        Purpose::OcspResponse => has(oid::OCSP_SIGNING),
        Purpose::ClientAuthentication => absent_or_any || has(oid::CLIENT_AUTHENTICATION),
    };
    if signs && fits { Ok(()) } else { Err(PathError::Purpose) }
}

/// DER of a name, for comparing.
fn name_der(name: &x509_cert::name::Name) -> Result<Vec<u8>, der::Error> {
    name.to_der()
}
