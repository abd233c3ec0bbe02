//! What we may issue: one file per kind of certificate, each its own policy document. A kind that has no file here cannot be issued.
//!
//! Each file has `RULES`, which the lint holds every certificate of that kind to, and a function that makes an [`Order`] from typed names.
//! Section numbers are of RFC 5280 unless another document is named; BR is the CA/Browser Forum S/MIME Baseline Requirements,
//! EN 319 412 the ETSI certificate profiles.

mod association;
mod company;
mod employee;
mod family;
pub mod issuing;
pub mod oces2;
mod order;
pub mod root;
mod rules;
mod service;

pub use company::{Unit, function, seal};
pub use employee::{Age, Employee, Organization, YOUTH_NOTICE, encryption, mail, signing};
pub use family::Family;
pub(crate) use order::{Attribute, StringType};
pub use order::{NameAuthority, Order, Pointers, Practice, PracticeError};
pub use rules::{Basic, Criticality, Keys, Presence, Rules, Usages};
pub use service::{notice, responder, timestamp, tls};

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
    /// A company's or association's seal on documents (VOCES).
    Seal,
    /// A shared mailbox or a system of a company (FOCES).
    Function,
    /// A server that is spoken to over TLS.
    Tls,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Root,
        Self::Issuing,
        Self::Signing,
        Self::Mail,
        Self::Encryption,
        Self::Responder,
        Self::TimeStamp,
        Self::Notice,
        Self::Seal,
        Self::Function,
        Self::Tls,
    ];

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
            Self::Seal => "seal",
            Self::Function => "function",
            Self::Tls => "tls",
        }
    }

    /// The kind of this word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The rules of this kind in the default family.
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
            Self::Seal => &seal::RULES,
            Self::Function => &function::RULES,
            Self::Tls => &tls::RULES,
        }
    }

    /// The rules of this kind in a family: only the certificates of companies and their people differ.
    #[must_use]
    pub fn rules_in(self, family: Family) -> &'static Rules {
        match family {
            Family::Default => self.rules(),
            Family::Oces2 => oces2::rules(self).unwrap_or_else(|| self.rules()),
        }
    }
}
