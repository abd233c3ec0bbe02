//! Putting the message together once the signature has come back (RFC 5652 section 5).

use super::CmsError;
use super::asn1::{self, OCTET_STRING, SET};
use super::attributes::{SignedAttributes, attribute};
use super::certificate::Certificate;
use super::identifiers;
use super::signature::identifier_for;

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
    let content_type = attributes.content_type()?;
    let signer = signer_info(attributes, signature, signer_certificate, timestamp_token)?;
    // RFC 5652 section 5.1: version 3 for a content type other than id-data.
    let version = asn1::unsigned(if content_type == identifiers::DATA { 1 } else { 3 });
    let carried = content.map_or_else(Vec::new, |bytes| asn1::element(0xa0, &asn1::element(OCTET_STRING, bytes)));
    let mut certificates = vec![signer_certificate.to_vec()];
    for certificate in chain {
        Certificate::parse(certificate)?;
        if !certificates.contains(certificate) {
            certificates.push(certificate.clone());
        }
    }
    let signed_data = asn1::sequence(&[
        &version,
        &asn1::element(SET, &digest_algorithm()),
        &asn1::sequence(&[&asn1::identifier(content_type), &carried]),
        &asn1::element(0xa0, &asn1::ordered(certificates)),
        &asn1::element(SET, &signer),
    ]);
    Ok(asn1::sequence(&[&asn1::identifier(identifiers::SIGNED_DATA), &asn1::element(0xa0, &signed_data)]))
}

/// SignerInfo version 1: the signer is named by issuer and serial number (RFC 5652 section 5.3).
fn signer_info(
    attributes: &SignedAttributes,
    signature: &[u8],
    signer_certificate: &[u8],
    timestamp_token: Option<&[u8]>,
) -> Result<Vec<u8>, CmsError> {
    let certificate = Certificate::parse(signer_certificate)?;
    let unsigned = match timestamp_token {
        Some(token) => {
            asn1::Element::only(token)?.expect(asn1::SEQUENCE)?;
            asn1::element(0xa1, &attribute(identifiers::SIGNATURE_TIME_STAMP, token))
        }
        None => Vec::new(),
    };
    Ok(asn1::sequence(&[
        &asn1::unsigned(1),
        &asn1::sequence(&[certificate.issuer, certificate.serial]),
        &digest_algorithm(),
        &asn1::element(0xa0, attributes.content()?),
        &identifier_for(&certificate)?,
        &asn1::element(OCTET_STRING, signature),
        &unsigned,
    ]))
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
