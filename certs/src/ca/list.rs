//! The bytes of a revocation list, by rcgen: it is given a key that signs nothing but keeps what it is asked to sign; the keystore signs that later.

use std::cell::RefCell;

use rcgen::{CertificateRevocationListParams, PublicKeyData, SignatureAlgorithm, SigningKey};

use super::assemble::{Tag, tlv};
use super::issuer::Signatory;
use crate::cms::asn1::{DerFault, Element, SEQUENCE};
use crate::public_key::{PublicKey, PublicKeyKind};

/// The key that rcgen sees: names its algorithm, and keeps what it is asked to sign.
struct Capture<'a> {
    raw: &'a [u8],
    algorithm: &'static SignatureAlgorithm,
    tbs: RefCell<Vec<u8>>,
}

impl<'a> Capture<'a> {
    fn of(key: &'a PublicKey) -> Self {
        Self { raw: key.raw(), algorithm: algorithm(key.kind()), tbs: RefCell::default() }
    }
}

impl PublicKeyData for Capture<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.raw
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl SigningKey for Capture<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.tbs.replace(message.to_vec());
        Ok(Vec::new())
    }
}

fn algorithm(kind: PublicKeyKind) -> &'static SignatureAlgorithm {
    match kind {
        PublicKeyKind::EcP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        PublicKeyKind::EcP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        PublicKeyKind::Rsa { .. } => &rcgen::PKCS_RSA_SHA256,
    }
}

/// The TBSCertList.
pub(crate) fn capture_crl(parameters: &CertificateRevocationListParams, signatory: &Signatory) -> Result<Vec<u8>, rcgen::Error> {
    let capture = Capture::of(&signatory.public_key);
    let issuer = rcgen::Issuer::new(signatory.parameters()?, capture);
    parameters.signed_by(&issuer)?;
    let tbs = issuer.key().tbs.take();
    with_algorithm(&tbs, &signatory.scheme.algorithm_identifier()).map_err(|_| rcgen::Error::UnsupportedSignatureAlgorithm)
}

/// The same list, saying that it is signed by this algorithm: rcgen knows nothing of RSASSA-PSS. `TBSCertList ::= SEQUENCE { version, signature,
/// ... }` (RFC 5280 section 5.1).
fn with_algorithm(tbs: &[u8], algorithm: &[u8]) -> Result<Vec<u8>, DerFault> {
    let list = Element::only(tbs)?.expect(SEQUENCE)?;
    let mut parts = list.children();
    let (version, signature) = (parts.any()?.raw, parts.any()?.raw);
    let rest = &list.value[version.len() + signature.len()..];
    Ok(tlv(Tag::Sequence, &[version, algorithm, rest].concat()))
}
