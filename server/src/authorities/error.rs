//! Why an authority refuses.

use certs::{
    ca::{IssuerError, ceremony::CeremonyError},
    keystore::{KeystoreError, proof::Mismatch},
    name::NameError,
    profiles::PracticeError,
};

use crate::platform::{database::DatabaseError, id::AuthorityId};

/// Why an authority refuses.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The ceremony stopped; nothing was stored.
    #[error("the ceremony stopped: {0}")]
    Ceremony(#[from] CeremonyError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Certificate and key do not belong together, or the certificate is no CA's.
    #[error("the authority {name} cannot be used: {source}")]
    Issuer {
        /// Which.
        name: String,
        /// Why.
        source: IssuerError,
    },
    /// The key does not sign as its certificate says.
    #[error("the authority {name} cannot be used: {source}")]
    Key {
        /// Which.
        name: String,
        /// Why.
        source: Mismatch,
    },
    /// A key label cannot be used.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// A name or address breaks its rule.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Another authority has this name in URLs.
    #[error("there is another authority named {name} already")]
    NameTaken {
        /// Which.
        name: String,
    },
    /// There is no issuing authority yet.
    #[error("there is no issuing authority yet: run `segl init`")]
    NotFounded,
    /// A further certificate is for no authority of ours.
    #[error(
        "the certificate {name} is for no issuing authority that is here (its name or its key is another): install that authority first"
    )]
    NothingToCross {
        /// The certificate's name in URLs.
        name: String,
    },
    /// The policy arc or the public address cannot stand in certificates.
    #[error(transparent)]
    Practice(#[from] PracticeError),
    /// Certificates would point at this machine's own name for itself.
    #[error("nothing is issued while server.public_url or server.pki_url names this machine only (localhost)")]
    PublicUrlIsLocal,
    /// Its root's list says that it is revoked.
    #[error("the authority {name} is revoked: it certifies nothing any more")]
    Revoked {
        /// Which.
        name: String,
    },
    /// No active authority has this id.
    #[error("there is no active authority {id}")]
    Unknown {
        /// Asked for.
        id: AuthorityId,
    },
}
