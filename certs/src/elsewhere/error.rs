//! Why a certificate of somebody else is not taken.

use crate::path::PathError;
use crate::public_key::PublicKeyError;

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    /// The certificate may certify others (RFC 5280 section 4.2.1.9).
    #[error("the certificate is an authority's")]
    Authority,
    /// Not a certificate in DER (RFC 5280 section 4.1).
    #[error("a certificate cannot be read: {0}")]
    Certificate(#[from] der::Error),
    /// The chain that came along does not build (RFC 5280 section 6).
    #[error("the chain does not build: {0}")]
    Chain(#[source] PathError),
    /// extKeyUsage does not include the purpose (RFC 5280 section 4.2.1.12).
    #[error("the certificate's extended key usage is not for this")]
    ExtendedKeyUsage,
    /// The file's integrity is checked in a way that is not known here (RFC 9579 with another derivation than PBKDF2, or without its key's length).
    #[error("the file's integrity check is of an unknown kind: export it again with openssl pkcs12 -export -macalg sha256")]
    Integrity,
    /// A key of a good kind, but none that is kept or signs here.
    #[error("the key must be P-256, RSA of 3072 or RSA of 4096 bits")]
    KeyKind,
    /// keyUsage does not include the purpose (RFC 5280 section 4.2.1.3).
    #[error("the certificate's key usage is not for this")]
    KeyUsage,
    /// OpenSSL failed for a reason of its own.
    #[error("the certificate could not be checked")]
    Library(#[from] openssl::error::ErrorStack),
    /// A certificate for mail names no mail address (RFC 8550 section 3).
    #[error("the certificate names no mail address")]
    NoAddress,
    /// The file holds no certificate.
    #[error("the file holds no certificate")]
    NoCertificate,
    /// The file holds no private key.
    #[error("the file holds no private key")]
    NoKey,
    /// Encrypted by RC2, RC4 or single DES, which OpenSSL opens no more.
    #[error("the file is encrypted by {method}, which is too weak: export it again with AES-256")]
    OldEncryption {
        /// Its name.
        method: &'static str,
    },
    /// The private key is not that of the certificate.
    #[error("the private key does not belong to the certificate")]
    OtherKey,
    /// Not yet or no longer valid (RFC 5280 section 4.1.2.5).
    #[error("the certificate is not in force")]
    OutsideValidity,
    /// The passphrase does not open the file.
    #[error("the passphrase does not open the file")]
    Passphrase,
    /// Nobody else vouches for the certificate.
    #[error("the certificate is signed by its own key")]
    SelfSigned,
    /// A certificate came along that is no part of the chain.
    #[error("the file holds a certificate that is not above the first: {subject}")]
    Stray {
        /// Whose.
        subject: String,
    },
    /// More bytes or certificates than are read.
    #[error("the file or one of its certificates is too large")]
    TooLarge,
    /// Opening the file would take too long.
    #[error("the file's passphrase is stretched over more than {limit} rounds")]
    TooManyRounds {
        /// Rounds allowed.
        limit: u64,
    },
    /// Not PKCS#12.
    #[error("the file is not PKCS#12")]
    Unreadable,
    /// A weak key, or one of a kind that nobody here knows.
    #[error("the key is refused: {0}")]
    WeakKey(#[source] PublicKeyError),
}
