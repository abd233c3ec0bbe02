//! TimeStampReq (RFC 3161 section 2.4.1), read with bounds and written.

use super::Failure;
use crate::cms::DigestAlgorithm;
use crate::cms::asn1::{self, BOOLEAN, DerFault, Element, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use der::asn1::ObjectIdentifier;

/// The largest request that is read: an honest one has less than 200 bytes.
pub const MAXIMUM_REQUEST_BYTES: usize = 4096;
/// The largest nonce that is echoed.
const MAXIMUM_NONCE_BYTES: usize = 64;

/// What somebody wants stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The algorithm of the imprint.
    pub digest_algorithm: DigestAlgorithm,
    /// The digest of the data, as long as its algorithm says.
    pub digest: Vec<u8>,
    /// The policy that is asked for.
    pub policy: Option<ObjectIdentifier>,
    /// The content octets of the nonce INTEGER.
    pub nonce: Option<Vec<u8>>,
    /// Whether the certificate shall be in the token.
    pub certificate: CertificateWish,
}

/// `certReq` of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateWish {
    /// The token shall carry the certificates.
    Included,
    /// The token shall not carry certificates.
    LeftOut,
}

impl Request {
    /// A request for the token over data of this SHA-256, with certificates. The nonce is given as a positive number.
    #[must_use]
    pub fn new(digest_sha256: [u8; 32], nonce: Option<u64>) -> Self {
        let nonce = nonce.map(|number| asn1::unsigned(number)[2..].to_vec());
        Self {
            digest_algorithm: DigestAlgorithm::Sha256,
            digest: digest_sha256.to_vec(),
            policy: None,
            nonce,
            certificate: CertificateWish::Included,
        }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// The failure to answer with: [`Failure::BadRequest`], [`Failure::BadAlgorithm`], [`Failure::BadDataFormat`] or
    /// [`Failure::UnacceptedExtension`].
    pub fn parse(der: &[u8]) -> Result<Self, Failure> {
        if der.len() > MAXIMUM_REQUEST_BYTES {
            return Err(Failure::BadRequest);
        }
        let parts = Parts::read(der).map_err(|_| Failure::BadRequest)?;
        let digest_algorithm = DigestAlgorithm::from_identifier(parts.algorithm).ok_or(Failure::BadAlgorithm)?;
        if parts.digest.len() != digest_algorithm.length_bytes() {
            return Err(Failure::BadDataFormat);
        }
        if parts.nonce.is_some_and(|nonce| nonce.len() > MAXIMUM_NONCE_BYTES || !is_shortest(nonce)) {
            return Err(Failure::BadRequest);
        }
        if parts.has_extensions {
            return Err(Failure::UnacceptedExtension);
        }
        Ok(Self {
            digest_algorithm,
            digest: parts.digest.to_vec(),
            policy: parts.policy,
            nonce: parts.nonce.map(<[u8]>::to_vec),
            certificate: parts.certificate,
        })
    }

    /// The request as DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let policy = self.policy.map_or_else(Vec::new, asn1::identifier);
        let nonce = self.nonce.as_ref().map_or_else(Vec::new, |content| asn1::element(INTEGER, content));
        let wish = match self.certificate {
            CertificateWish::Included => asn1::element(BOOLEAN, &[0xff]),
            CertificateWish::LeftOut => Vec::new(),
        };
        asn1::sequence(&[&asn1::unsigned(1), &self.imprint(), &policy, &nonce, &wish])
    }

    /// MessageImprint.
    pub(super) fn imprint(&self) -> Vec<u8> {
        let algorithm = asn1::algorithm(self.digest_algorithm.identifier(), &[NULL, 0]);
        asn1::sequence(&[&algorithm, &asn1::element(OCTET_STRING, &self.digest)])
    }
}

struct Parts<'a> {
    algorithm: ObjectIdentifier,
    digest: &'a [u8],
    policy: Option<ObjectIdentifier>,
    nonce: Option<&'a [u8]>,
    certificate: CertificateWish,
    has_extensions: bool,
}

impl<'a> Parts<'a> {
    fn read(der: &'a [u8]) -> Result<Self, DerFault> {
        let mut parts = Element::only(der)?.expect(SEQUENCE)?.children();
        let version = parts.required(INTEGER)?;
        if version.unsigned()? != 1 {
            return Err(DerFault::Value { tag: INTEGER });
        }
        let (algorithm, digest) = imprint(parts.required(SEQUENCE)?)?;
        let policy = parts.optional(OBJECT_IDENTIFIER)?.map(Element::identifier).transpose()?;
        let nonce = parts.optional(INTEGER)?.map(|element| element.value);
        let wanted = match parts.optional(BOOLEAN)?.map(|flag| flag.value) {
            None | Some([0]) => false,
            Some([_]) => true,
            Some(_) => return Err(DerFault::Value { tag: BOOLEAN }),
        };
        let certificate = if wanted { CertificateWish::Included } else { CertificateWish::LeftOut };
        let has_extensions = parts.optional(0xa0)?.is_some();
        parts.finish()?;
        Ok(Self { algorithm, digest, policy, nonce, certificate, has_extensions })
    }
}

/// An INTEGER in its one DER form (X.690 section 8.3.2): it is echoed as it came, and nobody reads another form of it.
fn is_shortest(content: &[u8]) -> bool {
    match content {
        [] => false,
        [first, second, ..] => !((*first == 0 && second & 0x80 == 0) || (*first == 0xff && second & 0x80 != 0)),
        [_] => true,
    }
}

/// Algorithm and digest of a MessageImprint.
pub(super) fn imprint(element: Element<'_>) -> Result<(ObjectIdentifier, &[u8]), DerFault> {
    let mut parts = element.children();
    let mut algorithm = parts.required(SEQUENCE)?.children();
    let identifier = algorithm.any()?.identifier()?;
    algorithm.optional(NULL)?;
    algorithm.finish()?;
    let digest = parts.required(OCTET_STRING)?.value;
    parts.finish()?;
    Ok((identifier, digest))
}
