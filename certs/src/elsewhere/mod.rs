//! Certificates that somebody else issued, to be used here for a company's seal or its mail: what comes in a PKCS#12 file (RFC 7292), and
//! what must hold of a certificate before its key is used.
//!
//! Refused by name: a file that costs too much to open or is encrypted by methods that nobody should use any more, a weak key, a key that
//! is not the certificate's, an authority's certificate, one that is not in force or not for the purpose, a chain that does not build.

mod ber;
mod error;
mod examine;
mod open;
mod stretch;

pub use error::ImportFault;
pub use examine::{Examined, examine};
pub use open::{KeyWithCertificate, MOST_BYTES, open};

/// What an imported certificate is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The company's mail.
    Mail,
    /// The company's seal on documents.
    Seal,
}

impl Use {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Seal, Self::Mail];

    /// The word for it, as rows and forms have it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Seal => "seal",
        }
    }

    /// The use of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}
