//! Object identifiers that the house writes or reads, and the arc under which its own policies stand.

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
/// `organizationalUnitName`.
pub const ORGANIZATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
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
/// `id-pkix-ocsp-basic` (RFC 6960 section 4.2.1).
pub const OCSP_BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// archiveCutoff of OCSP (RFC 6960 section 4.4.4).
pub const OCSP_ARCHIVE_CUTOFF: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.6");
/// expiredCertsOnCRL of lists (X.509 section 9.5.2.8).
pub const EXPIRED_CERTS_ON_CRL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.60");
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
/// `id-RSASSA-PSS` (RFC 4055 section 3.1).
pub const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// `id-mgf1`.
pub const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// SHA-1, only as the hash of an OCSP CertID and of key identifiers.
pub const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
/// SHA-256.
pub const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// `anyPolicy` (RFC 5280 section 4.2.1.4), for CA certificates only.
pub const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");
/// ETSI normalised certificate policy, NCP (EN 319 411-1 section 5.3).
pub const ETSI_NCP: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.2042.1.1");
/// S/MIME BR sponsor-validated, multipurpose (CA/Browser Forum S/MIME BR section 7.1.6.1).
pub const SMIME_SPONSOR_MULTIPURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.5.3.2");
/// S/MIME BR organization-validated, multipurpose.
pub const SMIME_ORGANIZATION_MULTIPURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.5.2.2");
/// S/MIME BR mailbox-validated, strict.
pub const SMIME_MAILBOX_STRICT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.5.1.3");

/// The arc used when the operator configures none: made once for Segl from the UUID c5cc0901-7c40-4545-9d29-ed1f4c2664ae by the scheme that
/// Microsoft's arc offers to everyone. The plain UUID arc `2.25.<128-bit number>` (ITU-T X.667) will not do: pkilint, Go before 1.22
/// and the DER crate refuse arcs above 32 bits. An operator with an arc of its own sets that instead.
pub const DEFAULT_POLICY_ARC: &str = "1.2.840.113556.1.8000.2554.50636.2305.31808.17733.40233.15540044.2516142";

/// The arc under which this service's policies stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyArc(ObjectIdentifier);

/// Why an arc is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyArcError {
    /// Not dotted decimal, no branch of the tree (ITU-T X.660), or an arc above 28 bits, which some software cannot read.
    #[error("not an object identifier in dotted decimal with arcs of at most 28 bits")]
    Form,
    /// No room for the arcs of the policies below it.
    #[error("the object identifier is too long to have policies below it")]
    TooLong,
}

impl PolicyArc {
    /// Reads a dotted arc, such as one under the operator's own enterprise number.
    ///
    /// # Errors
    /// [`PolicyArcError`].
    pub fn parse(dotted: &str) -> Result<Self, PolicyArcError> {
        // const-oid 0.9 overflows on an arc above 32 bits and cannot read back most above 28, so each is looked at before.
        let number = |arc: &str| arc.parse::<u32>().ok().filter(|_| arc.bytes().all(|byte| byte.is_ascii_digit()));
        let readable = |arc: &str| number(arc).is_some_and(|value| value < 1 << 28);
        if !dotted.split('.').all(readable) {
            return Err(PolicyArcError::Form);
        }
        let arc = ObjectIdentifier::new(dotted).map_err(|_| PolicyArcError::Form)?;
        let below = arc.push_arc(127).and_then(|arc| arc.push_arc(127));
        below.map_err(|_| PolicyArcError::TooLong)?;
        Ok(Self(arc))
    }

    /// The policy two arcs below.
    #[must_use]
    pub fn policy(&self, [class, number]: [u32; 2]) -> ObjectIdentifier {
        let below = self.0.push_arc(class).and_then(|arc| arc.push_arc(number));
        // `parse` made sure that there is room.
        below.unwrap_or(self.0)
    }

    /// The policy under which our time stamps are made (RFC 3161 section 2.4.2, TSAPolicyId).
    #[must_use]
    pub fn time_stamp_policy(&self) -> ObjectIdentifier {
        self.policy([4, 1])
    }
}

/// The components as `rcgen` takes them.
pub(crate) fn components(oid: &ObjectIdentifier) -> Vec<u64> {
    oid.arcs().map(u64::from).collect()
}
