//! The nouns: whose a key is, a company's key, what was released.

use certs::archive::{DecryptionKey, HolderPublic};

use crate::platform::id::{AccountId, CertificateId, CompanyId, CompanyKeyId, EmployeeId, HolderId, Id as _};

/// Whose an archived key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Whose password opens it.
    pub account: AccountId,
    /// The employee.
    pub employee: EmployeeId,
    /// Where: whose holders may bring it back.
    pub company: CompanyId,
}

/// One generation of a company's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyKey {
    /// Its id.
    pub id: CompanyKeyId,
    /// Counted from 1.
    pub generation: i64,
    /// What is sealed to it.
    pub public: HolderPublic,
}

/// An archived key, open. Nothing prints it.
pub struct Opened {
    /// Which certificate it belongs to.
    pub certificate: CertificateId,
    /// The key.
    pub key: DecryptionKey,
}

/// One holder's share of a company's key, sealed to another holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Of which key.
    pub company_key: CompanyKeyId,
    /// The sealed share.
    pub sealed: Vec<u8>,
}

/// To what a copy is bound.
pub(super) fn copy_context(certificate: CertificateId, spki_hash: &[u8]) -> Vec<u8> {
    [b"segl/archived-copy/v1|".as_slice(), certificate.uuid().as_bytes(), spki_hash].concat()
}

/// To what a share at rest is bound.
pub(super) fn share_context(company_key: CompanyKeyId, holder: HolderId) -> Vec<u8> {
    [b"segl/company-share/v1|".as_slice(), company_key.uuid().as_bytes(), holder.uuid().as_bytes()].concat()
}

/// To what a released share is bound: the key, and what it was released for.
pub(super) fn release_context(company_key: CompanyKeyId, purpose: &[u8]) -> Vec<u8> {
    [b"segl/released-share/v1|".as_slice(), company_key.uuid().as_bytes(), purpose].concat()
}
