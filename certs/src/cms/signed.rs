//! Putting the message together once the signature has come back (RFC 5652 section 5).

use super::CmsError;
use super::asn1::{self, OCTET_STRING, SET};
use super::attributes::{self, SignedAttributes, attribute};
use super::certificate::Certificate;
use super::identifiers;
use super::signature::identifier_for;

/// What stands alike in every message of a signer: encoded once, for those who sign thousands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signer {
    /// IssuerAndSerialNumber.
    name: Vec<u8>,
    /// The AlgorithmIdentifier of its signatures.
    algorithm: Vec<u8>,
    /// `[0]` with its certificate and the further ones, in DER order.
    certificates: Vec<u8>,
    /// The attribute signing-certificate-v2.
    pub(super) signing_certificate: Vec<u8>,
}

/// Whether a message carries certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificates {
    /// The signer's and its chain.
    Carried,
    /// None: whoever reads it has them.
    LeftOut,
}

impl Signer {
    /// A signer of this certificate, with the further certificates that its messages carry; each DER, in any order.
    pub fn of(certificate: &[u8], chain: &[Vec<u8>]) -> Result<Self, CmsError> {
        let parsed = Certificate::parse(certificate)?;
        let mut certificates = vec![certificate.to_vec()];
        for further in chain {
            Certificate::parse(further)?;
            if !certificates.contains(further) {
                certificates.push(further.clone());
            }
        }
        Ok(Self {
            name: asn1::sequence(&[parsed.issuer, parsed.serial]),
            algorithm: identifier_for(&parsed)?,
            certificates: asn1::element(0xa0, &asn1::ordered(certificates)),
            signing_certificate: attributes::of_certificate(&parsed),
        })
    }

    /// The ContentInfo DER; see [`assemble`].
    pub fn assemble(
        &self,
        attributes: &SignedAttributes,
        signature: &[u8],
        timestamp_token: Option<&[u8]>,
        content: Option<&[u8]>,
        certificates: Certificates,
    ) -> Result<Vec<u8>, CmsError> {
        let content_type = attributes.content_type()?;
        let signer = self.signer_info(attributes, signature, timestamp_token)?;
        // RFC 5652 section 5.1: version 3 for a content type other than id-data.
        let version = asn1::unsigned(if content_type == identifiers::DATA { 1 } else { 3 });
        let carried = content.map_or_else(Vec::new, |bytes| asn1::element(0xa0, &asn1::element(OCTET_STRING, bytes)));
        let signed_data = asn1::sequence(&[
            &version,
            &asn1::element(SET, &digest_algorithm()),
            &asn1::sequence(&[&asn1::identifier(content_type), &carried]),
            match certificates {
                Certificates::Carried => &self.certificates,
                Certificates::LeftOut => &[],
            },
            &asn1::element(SET, &signer),
        ]);
        Ok(asn1::sequence(&[&asn1::identifier(identifiers::SIGNED_DATA), &asn1::element(0xa0, &signed_data)]))
    }

    /// SignerInfo version 1: the signer is named by issuer and serial number (RFC 5652 section 5.3).
    fn signer_info(&self, attributes: &SignedAttributes, signature: &[u8], timestamp_token: Option<&[u8]>) -> Result<Vec<u8>, CmsError> {
        let unsigned = match timestamp_token {
            Some(token) => {
                asn1::Element::only(token)?.expect(asn1::SEQUENCE)?;
                asn1::element(0xa1, &attribute(identifiers::SIGNATURE_TIME_STAMP, token))
            }
            None => Vec::new(),
        };
        Ok(asn1::sequence(&[
            &asn1::unsigned(1),
            &self.name,
            &digest_algorithm(),
            &asn1::element(0xa0, attributes.content()?),
            &self.algorithm,
            &asn1::element(OCTET_STRING, signature),
            &unsigned,
        ]))
    }
}

/// The ContentInfo DER of a message with one signature.
///
/// `signature` is what the signer's key made over [`SignedAttributes::to_be_signed`] (DER for ECDSA); `chain` the further
/// certificates, each DER, in any order; `timestamp_token` an RFC 3161 token over `signature`, kept as an unsigned attribute
/// (RFC 3161 appendix A); `content` the content octets, or `None` for a detached message.
///
/// # Errors
/// [`CmsError::Certificate`] or [`CmsError::SignatureAlgorithm`] for a certificate that is malformed or whose key is neither
/// EC nor RSA; [`CmsError::Malformed`] when the time-stamp token is not DER.
pub fn assemble(
    attributes: &SignedAttributes,
    signature: &[u8],
    signer_certificate: &[u8],
    chain: &[Vec<u8>],
    timestamp_token: Option<&[u8]>,
    content: Option<&[u8]>,
) -> Result<Vec<u8>, CmsError> {
    Signer::of(signer_certificate, chain)?.assemble(attributes, signature, timestamp_token, content, Certificates::Carried)
}

fn digest_algorithm() -> Vec<u8> {
    asn1::algorithm(identifiers::SHA256, &[])
}

/// An upper estimate of a message's size before the signature exists: certificates, time-stamp token, and room for the rest.
///
/// `token_bytes` is the size of the time-stamp token that is expected, 0 for none. A quarter is added as reserve.
#[must_use]
pub fn estimated_bytes(signer_certificate: &[u8], chain: &[Vec<u8>], token_bytes: usize) -> usize {
    let certificates = signer_certificate.len() + chain.iter().map(Vec::len).sum::<usize>();
    // Attributes, algorithm identifiers and a 4096-bit RSA signature; issuer and serial occur twice.
    let fixed = 1400 + signer_certificate.len();
    (certificates + fixed + token_bytes) * 5 / 4
}
