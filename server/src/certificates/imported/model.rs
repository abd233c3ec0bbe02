//! The noun: a certificate that was issued elsewhere, and where its key lies.

use certs::elsewhere::Use;

use crate::platform::{
    id::{CertificateId, CompanyId},
    moment::Moment,
};

/// Where the key lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyHome {
    /// In the keystore, put there from a file: deleted with the certificate.
    Keystore,
    /// In a PKCS#11 token, where it was before: it stays there.
    Token,
}

impl KeyHome {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keystore => "keystore",
            Self::Token => "token",
        }
    }

    /// The home of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Keystore, Self::Token].into_iter().find(|home| home.word() == word)
    }
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// To be used.
    Active,
    /// Stored; its key is not proven yet.
    Intended,
    /// Used no more.
    Removed,
}

impl Standing {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Intended => "intended",
            Self::Removed => "removed",
        }
    }

    /// The standing of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Intended, Self::Removed].into_iter().find(|standing| standing.word() == word)
    }
}

/// A certificate that was issued elsewhere.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its id.
    pub id: CertificateId,
    /// Whose.
    pub company: CompanyId,
    /// What for.
    pub purpose: Use,
    /// How it stands.
    pub standing: Standing,
    /// Under which label the keystore has its key.
    pub key_label: String,
    /// Where that is.
    pub key_home: KeyHome,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Those above it as far as they came along, DER, its issuer first.
    pub chain: Vec<Vec<u8>>,
    /// SHA-256 of the certificate.
    pub fingerprint: Vec<u8>,
    /// Its subject, for people.
    pub subject: String,
    /// Who issued it, for people.
    pub issuer: String,
    /// The first mail address in it.
    pub email: Option<String>,
    /// First valid moment.
    pub not_before: Moment,
    /// Last valid moment.
    pub not_after: Moment,
    /// When it was imported.
    pub imported_at: Moment,
}

impl Imported {
    /// Whether it is active and valid at this moment.
    pub fn is_usable(&self, now: Moment) -> bool {
        self.standing == Standing::Active && self.not_before <= now && now <= self.not_after
    }
}
