//! The object identifiers of CMS, its attributes and its algorithms, each with its source.

use der::asn1::ObjectIdentifier;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// `id-data`, RFC 5652 section 4.
pub const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
/// `id-signedData`, RFC 5652 section 5.1.
pub const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
/// `id-ct-TSTInfo`, RFC 3161 section 2.4.2.
pub const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");

/// `id-contentType`, RFC 5652 section 11.1.
pub const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
/// `id-messageDigest`, RFC 5652 section 11.2.
pub const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
/// `id-signingTime`, RFC 5652 section 11.3.
pub const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
/// `id-aa-signingCertificate`, RFC 2634 section 5.4.
pub const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
/// `id-aa-signingCertificateV2`, RFC 5035 section 3.
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
/// `id-aa-signatureTimeStampToken`, RFC 3161 appendix A.
pub const SIGNATURE_TIME_STAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");

/// SHA-1, only to match certificate identifiers of RFC 2634.
pub const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
/// SHA-256, RFC 5754 section 2.2.
pub const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
/// SHA-384, RFC 5754 section 2.3.
pub const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
/// SHA-512, RFC 5754 section 2.4.
pub const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

/// `rsaEncryption`, RFC 3370 section 3.2.
pub const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
/// `id-mgf1`, RFC 4055 section 2.2.
pub const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
/// `id-RSASSA-PSS`, RFC 4056 section 3.
pub const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
/// `sha256WithRSAEncryption`, RFC 5754 section 3.2.
pub const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
/// `sha384WithRSAEncryption`, RFC 5754 section 3.2.
pub const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
/// `sha512WithRSAEncryption`, RFC 5754 section 3.2.
pub const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
/// `ecdsa-with-SHA256`, RFC 5754 section 3.3.
pub const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
/// `ecdsa-with-SHA384`, RFC 5754 section 3.3.
pub const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
/// `ecdsa-with-SHA512`, RFC 5754 section 3.3.
pub const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
/// `id-ecPublicKey`, RFC 5480 section 2.1.1.
pub const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");

/// `id-ce-extKeyUsage`, RFC 5280 section 4.2.1.12.
pub const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
/// `id-ce-subjectKeyIdentifier`, RFC 5280 section 4.2.1.2.
pub const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = oid("2.5.29.14");
/// `id-kp-timeStamping`, RFC 3161 section 2.3.
pub const TIME_STAMPING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.8");
