//! The families of names and usages that an issuing authority can certify by.

/// How an issuing authority names those whom it certifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// EN 319 412 and S/MIME BR, names as OCES3 has them. RSA authorities sign by PSS.
    #[default]
    Default,
    /// As NemID's OCES2 certificates were, for integrations that read those, see [`super::oces2`]. RSA authorities sign by PKCS#1 v1.5, which is what
    /// those integrations know.
    Oces2,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Default, Self::Oces2];

    /// The word for this family, as configuration and database have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Oces2 => "oces2",
        }
    }

    /// The family of this word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.as_str() == word)
    }

    /// How the family's RSA authorities sign.
    #[must_use]
    pub fn padding(self) -> crate::keystore::RsaPadding {
        match self {
            Self::Default => crate::keystore::RsaPadding::Pss,
            Self::Oces2 => crate::keystore::RsaPadding::Pkcs1,
        }
    }
}
