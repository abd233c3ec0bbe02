//! The nouns: an authority as loaded, and the names that a ceremony gives.

use std::sync::Arc;

use certs::{
    ca::Issuer,
    keystore::KeyLabel,
    name::{CommonName, Cvr, OrganizationName},
};

use super::AuthorityError;
use crate::platform::{id::AuthorityId, moment::Moment};

/// Root or issuing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Certifies end entities.
    Issuing,
    /// Self-signed; certifies issuing authorities.
    Root,
}

impl Kind {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Issuing => "issuing",
            Self::Root => "root",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Issuing, Self::Root].into_iter().find(|kind| kind.word() == word)
    }
}

/// What the ceremony writes into the certificates.
#[derive(Clone, Debug)]
pub struct Names {
    /// The operator of the service.
    pub organisation: OrganizationName,
    /// The root's common name.
    pub root_cn: CommonName,
    /// The issuing authority's common name.
    pub issuing_cn: CommonName,
    /// The operator's CVR number, where it has one.
    pub cvr: Option<Cvr>,
}

/// An authority whose key was found to be its certificate's.
pub struct Loaded {
    /// Its id.
    pub id: AuthorityId,
    /// Its name in URLs, as `issuing1`.
    pub name: String,
    /// Root or issuing.
    pub kind: Kind,
    /// Who certified it; none for a root.
    pub parent: Option<AuthorityId>,
    /// Certificate and key label, parsed once.
    pub issuer: Issuer,
    /// Since when its root says that it is revoked: it certifies nothing, and still answers for what it certified.
    pub revoked_at: Option<Moment>,
}

impl Loaded {
    /// Itself, while it may certify.
    ///
    /// # Errors
    /// [`AuthorityError::Revoked`].
    pub fn certifying(self: Arc<Self>) -> Result<Arc<Self>, AuthorityError> {
        if self.revoked_at.is_some() { Err(AuthorityError::Revoked { name: self.name.clone() }) } else { Ok(self) }
    }

    /// Whether its key is kept elsewhere, for ceremonies: it signs nothing here, its lists are brought in.
    pub fn is_offline(&self) -> bool {
        self.issuer.label().keystore() == Some(KeyLabel::OFFLINE)
    }
}
