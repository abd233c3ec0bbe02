//! Why the archive refuses.

use crate::keystore::{KeystoreError, opener::OpenerError};
use crate::public_key::PublicKeyError;

/// One refusal. No variant carries a secret.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The bytes are not a certificate.
    #[error("not a certificate in DER: {0}")]
    Certificate(#[from] der::Error),
    /// OpenSSL failed for a reason of its own.
    #[error("the cryptographic library refused the operation")]
    Cryptography(#[from] openssl::error::ErrorStack),
    /// A sealed value was changed, is another's, or of another context.
    #[error("the archived value does not open: changed, another holder's, or of another context")]
    DoesNotOpen,
    /// The keystore refused.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The certificate is for signatures too, or for them alone (RFC 5280 section 4.2.1.3): its key never comes here.
    #[error("the certificate is not for encryption alone (RFC 5280 section 4.2.1.3)")]
    MaySign,
    /// Fewer holders than a threshold needs, or more than shares can be made.
    #[error("a key is shared among {THRESHOLD} to {MOST_SHARES} holders, not among {holders}", THRESHOLD = super::THRESHOLD, MOST_SHARES = super::MOST_SHARES)]
    NumberOfHolders {
        /// How many there are.
        holders: usize,
    },
    /// The opener of a holder's private half does not open.
    #[error(transparent)]
    Opener(#[from] OpenerError),
    /// The key is not the one that the certificate is for.
    #[error("the key is not the certificate's")]
    OtherKey,
    /// Not a point on P-256, uncompressed.
    #[error("not a holder's public key")]
    PublicHolder,
    /// A public key cannot be read.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// The shares are too few, of different keys, or changed.
    #[error("the shares do not bring the key back: too few, of different keys, or changed")]
    Shares,
}
