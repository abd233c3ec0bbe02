//! Why a certificate is revoked (RFC 5280 section 5.3.1). Codes that we never use are not there: `aACompromise` (10), `removeFromCRL` (8).

use std::fmt;

use rcgen::RevocationReason;

/// A reason. The text form is what a database keeps and an API speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// 0: no reason given.
    Unspecified,
    /// 1: somebody else has, or may have, the private key.
    KeyCompromise,
    /// 2: the same, of an authority.
    CaCompromise,
    /// 3: the person left, or a name in the certificate changed.
    AffiliationChanged,
    /// 4: a new certificate took its place.
    Superseded,
    /// 5: the certificate is no longer needed.
    CessationOfOperation,
    /// 6: suspended; the only reason that can be taken back.
    CertificateHold,
    /// 9: a right that the certificate states was withdrawn.
    PrivilegeWithdrawn,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 8] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::PrivilegeWithdrawn,
    ];

    /// The code of RFC 5280.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// The reason of this code, or `None` for those that we do not use.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The word of RFC 5280.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    /// The reason of this word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// For a CRL entry; `unspecified` is left out there (RFC 5280 section 5.3.1).
    pub(super) fn in_crl(self) -> Option<RevocationReason> {
        match self {
            Self::Unspecified => None,
            Self::KeyCompromise => Some(RevocationReason::KeyCompromise),
            Self::CaCompromise => Some(RevocationReason::CaCompromise),
            Self::AffiliationChanged => Some(RevocationReason::AffiliationChanged),
            Self::Superseded => Some(RevocationReason::Superseded),
            Self::CessationOfOperation => Some(RevocationReason::CessationOfOperation),
            Self::CertificateHold => Some(RevocationReason::CertificateHold),
            Self::PrivilegeWithdrawn => Some(RevocationReason::PrivilegeWithdrawn),
        }
    }

    /// For an OCSP answer; `unspecified` is left out there too (RFC 6960 section 4.2.1, BR 4.9.9).
    pub(super) fn in_ocsp(self) -> Option<u8> {
        Some(self.code()).filter(|code| *code != Self::Unspecified.code())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
