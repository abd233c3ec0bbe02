//! What we may issue: one file per kind of certificate, each its own policy document. A kind that has no file here cannot be issued.
//!
//! Each file has `RULES`, which the lint holds every certificate of that kind to, and a function that makes an [`Order`] from typed names.
//! Section numbers are of RFC 5280 unless another document is named; BR is the CA/Browser Forum S/MIME Baseline Requirements,
//! EN 319 412 the ETSI certificate profiles.

mod association;
mod employee;
pub mod encryption;
pub mod issuing;
pub mod mail;
pub mod notice;
mod order;
pub mod responder;
pub mod root;
pub mod signing;
pub mod timestamp;

use const_oid::ObjectIdentifier;
use rcgen::KeyUsagePurpose;

pub use employee::{Employee, Organization};
pub(crate) use order::StringType;
pub use order::{NameAuthority, Order, Pointers, Practice, PracticeError};

use crate::public_key::PublicKeyKind;

/// The kinds of certificate. The text form is what a database keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Self-signed root.
    Root,
    /// Issuing CA under the root.
    Issuing,
    /// An employee's signing certificate.
    Signing,
    /// An employee's certificate for signing mail and logging in.
    Mail,
    /// An employee's certificate to which mail is encrypted.
    Encryption,
    /// OCSP responder.
    Responder,
    /// Time-stamping unit.
    TimeStamp,
    /// The service's own certificate for signing its mail.
    Notice,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Root, Self::Issuing, Self::Signing, Self::Mail, Self::Encryption, Self::Responder, Self::TimeStamp, Self::Notice];

    /// The word for this kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Issuing => "issuing",
            Self::Signing => "signing",
            Self::Mail => "mail",
            Self::Encryption => "encryption",
            Self::Responder => "responder",
            Self::TimeStamp => "timestamp",
            Self::Notice => "notice",
        }
    }

    /// The kind of this word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The rules of this kind.
    #[must_use]
    pub fn rules(self) -> &'static Rules {
        match self {
            Self::Root => &root::RULES,
            Self::Issuing => &issuing::RULES,
            Self::Signing => &signing::RULES,
            Self::Mail => &mail::RULES,
            Self::Encryption => &encryption::RULES,
            Self::Responder => &responder::RULES,
            Self::TimeStamp => &timestamp::RULES,
            Self::Notice => &notice::RULES,
        }
    }
}

/// Whether a certificate must, may or must not have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Must be there.
    Required,
    /// May be there.
    Optional,
    /// Must not be there.
    Forbidden,
}

/// Whose certificate it is (section 4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basic {
    /// A certificate authority; `None` sets no limit to the path below it.
    Authority {
        /// pathLenConstraint.
        path_length: Option<u8>,
    },
    /// An end entity.
    EndEntity,
}

/// Whether an extension is marked critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// A verifier that does not understand it must refuse.
    Critical,
    /// A verifier may ignore it.
    NotCritical,
}

/// Which public keys may be certified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// P-384 only.
    P384,
    /// P-256 only.
    P256,
    /// P-256, P-384 or RSA of 3,072 bits and more.
    Any,
}

impl Keys {
    /// Whether a key of this kind may be certified.
    #[must_use]
    pub fn allow(self, kind: PublicKeyKind) -> bool {
        match self {
            Self::P384 => kind == PublicKeyKind::EcP384,
            Self::P256 => kind == PublicKeyKind::EcP256,
            Self::Any => true,
        }
    }
}

/// What the lint holds a certificate of one kind to.
#[derive(Debug)]
pub struct Rules {
    /// Public keys.
    pub keys: Keys,
    /// Longest lifetime.
    pub lifetime_days: u32,
    /// Authority or end entity.
    pub basic: Basic,
    /// Exactly these bits, critical.
    pub key_usage: &'static [KeyUsagePurpose],
    /// Exactly these purposes; none means no extension.
    pub extended_key_usage: &'static [ObjectIdentifier],
    /// How the purposes are marked.
    pub extended_criticality: Criticality,
    /// Attributes that the subject must have.
    pub subject: &'static [ObjectIdentifier],
    /// E-mail address in subjectAltName.
    pub mail: Presence,
    /// qcStatements.
    pub statements: Presence,
    /// OCSP address.
    pub ocsp: Presence,
    /// Address of the issuer's certificate.
    pub issuer_certificate: Presence,
    /// CRL address.
    pub crl: Presence,
    /// id-pkix-ocsp-nocheck.
    pub no_check: Presence,
    /// Last arcs of our own policy under [`Practice::policies`]; one of them must be there. Empty: `anyPolicy` or none.
    pub policies: &'static [[u32; 2]],
}
