//! Object identifiers that the house writes or reads, and the arc under which its own policies stand.
//!
//! A policy arc may be a UUID arc (`2.25.<128-bit number>`, ITU-T X.667): such arcs do not fit the `ObjectIdentifier` of the DER crate,
//! so policies are held as encoded octets ([`PolicyOid`]).

use const_oid::ObjectIdentifier;

/// `commonName` (RFC 5280 appendix A.1).
pub const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// `surname`.
pub const SURNAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.4");
/// `serialNumber` of a subject.
pub const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
/// `countryName`.
pub const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
/// `organizationName`.
pub const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// `givenName`.
pub const GIVEN_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.42");
/// `organizationIdentifier` (ITU-T X.520, EN 319 412-1 section 5.1.4).
pub const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");

/// `subjectKeyIdentifier` (RFC 5280 section 4.2.1.2).
pub const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
/// `keyUsage` (section 4.2.1.3).
pub const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
/// `subjectAltName` (section 4.2.1.6).
pub const SUBJECT_ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
/// `basicConstraints` (section 4.2.1.9).
pub const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// `cRLNumber` (section 5.2.3).
pub const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
/// `reasonCode` of a CRL entry (section 5.3.1).
pub const REASON_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");
/// `invalidityDate` of a CRL entry (section 5.3.2).
pub const INVALIDITY_DATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.24");
/// `issuingDistributionPoint` (section 5.2.5).
pub const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
/// `cRLDistributionPoints` (section 4.2.1.13).
pub const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
/// `certificatePolicies` (section 4.2.1.4).
pub const CERTIFICATE_POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");
/// `authorityKeyIdentifier` (section 4.2.1.1).
pub const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
/// `extKeyUsage` (section 4.2.1.12).
pub const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// `authorityInfoAccess` (section 4.2.2.1).
pub const AUTHORITY_INFORMATION_ACCESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.1");
/// `qcStatements` (RFC 3739 section 3.2.6).
pub const QC_STATEMENTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.3");
/// `id-pkix-ocsp-nocheck` (RFC 6960 section 4.2.2.2.1).
pub const OCSP_NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
/// `id-pkix-ocsp-nonce` (RFC 9654).
pub const OCSP_NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
/// Access method OCSP (RFC 5280 section 4.2.2.1).
pub const ACCESS_OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
/// Access method caIssuers.
pub const ACCESS_CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");

/// `clientAuth` (RFC 5280 section 4.2.1.12).
pub const CLIENT_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
/// `serverAuth`.
pub const SERVER_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
/// `emailProtection`.
pub const EMAIL_PROTECTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4");
/// `timeStamping`.
pub const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// `OCSPSigning`.
pub const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
/// `anyExtendedKeyUsage`, which we never write.
pub const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// `id-ecPublicKey` (RFC 5480).
pub const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// NIST P-256.
pub const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// NIST P-384.
pub const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// `rsaEncryption` (RFC 8017).
pub const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `ecdsa-with-SHA256` (RFC 5758).
pub const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// `ecdsa-with-SHA384`.
pub const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
/// `ecdsa-with-SHA512`.
pub const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
/// `sha256WithRSAEncryption` (RFC 8017).
pub const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
/// `sha384WithRSAEncryption`.
pub const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
/// `sha512WithRSAEncryption`.
pub const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
/// SHA-1, only as the hash of an OCSP CertID and of key identifiers.
pub const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
/// SHA-256.
pub const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// `anyPolicy` (RFC 5280 section 4.2.1.4), for CA certificates only.
pub const ANY_POLICY: &str = "2.5.29.32.0";
/// ETSI normalised certificate policy, NCP (EN 319 411-1 section 5.3).
pub const ETSI_NCP: &str = "0.4.0.2042.1.1";
/// S/MIME BR sponsor-validated, multipurpose (CA/Browser Forum S/MIME BR section 7.1.6.1).
pub const SMIME_SPONSOR_MULTIPURPOSE: &str = "2.23.140.1.5.3.2";
/// S/MIME BR mailbox-validated, strict.
pub const SMIME_MAILBOX_STRICT: &str = "2.23.140.1.5.1.3";

/// The arc used when the operator configures none: the UUID arc c5cc0901-7c40-4545-9d29-ed1f4c2664ae, made once for Segl. An operator with an arc of its own sets that instead,
/// because parsers older than about 2023 (Go before 1.22) cannot read an arc of 128 bits.
pub const DEFAULT_POLICY_ARC: &str = "2.25.262917326388137966775307992582404334766";

/// An object identifier as its DER content octets; arcs up to 128 bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyOid(Vec<u8>);

/// Why a dotted object identifier is refused (ITU-T X.660, X.690 section 8.19).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidError {
    /// An arc is empty, is not a number, or exceeds 128 bits.
    #[error("arc {position} of the object identifier is not a number of at most 128 bits")]
    Arc {
        /// Counted from 1.
        position: usize,
    },
    /// The first arc is above 2, or the second above 39 under arcs 0 and 1.
    #[error("the first two arcs do not name a branch of the object identifier tree")]
    Branch,
    /// Fewer than two arcs or more than 32.
    #[error("an object identifier has 2 to 32 arcs; this has {count}")]
    Count {
        /// Arcs found.
        count: usize,
    },
}

impl PolicyOid {
    /// Reads dotted decimal, such as `0.4.0.2042.1.1`.
    ///
    /// # Errors
    /// [`OidError`] says which arc is wrong.
    pub fn parse(dotted: &str) -> Result<Self, OidError> {
        let mut arcs = Vec::new();
        for (index, text) in dotted.split('.').enumerate() {
            let position = index + 1;
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(OidError::Arc { position });
            }
            arcs.push(text.parse::<u128>().map_err(|_| OidError::Arc { position })?);
        }
        if !(2..=32).contains(&arcs.len()) {
            return Err(OidError::Count { count: arcs.len() });
        }
        if arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39) || arcs[1] > 1_000_000 {
            return Err(OidError::Branch);
        }
        let mut content = Vec::new();
        push_base128(&mut content, arcs[0] * 40 + arcs[1]);
        for arc in &arcs[2..] {
            push_base128(&mut content, *arc);
        }
        Ok(Self(content))
    }

    /// The identifier one or more arcs below this one.
    #[must_use]
    pub fn child(&self, arcs: &[u32]) -> Self {
        let mut content = self.0.clone();
        for arc in arcs {
            push_base128(&mut content, u128::from(*arc));
        }
        Self(content)
    }

    /// DER content octets, without tag and length.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.0
    }

    /// Whether the last arcs are these.
    #[must_use]
    pub fn ends_with(&self, arcs: &[u32]) -> bool {
        let mut tail = Vec::new();
        for arc in arcs {
            push_base128(&mut tail, u128::from(*arc));
        }
        self.0.ends_with(&tail)
    }

    /// Takes content octets as read from DER; not checked further.
    #[must_use]
    pub fn from_content(content: &[u8]) -> Self {
        Self(content.to_vec())
    }
}

/// Base 128, most significant group first, as X.690 section 8.19.2 asks.
fn push_base128(out: &mut Vec<u8>, value: u128) {
    let mut groups = [0u8; 19];
    let mut first = groups.len();
    let mut rest = value;
    loop {
        first -= 1;
        groups[first] = (rest & 0x7f) as u8 | if first == groups.len() - 1 { 0 } else { 0x80 };
        rest >>= 7;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&groups[first..]);
}

/// The components as `rcgen` takes them.
pub(crate) fn components(oid: &ObjectIdentifier) -> Vec<u64> {
    oid.arcs().map(u64::from).collect()
}
