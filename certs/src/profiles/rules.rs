//! The vocabulary in which a profile is written: what a certificate of one kind must, may and must not say.

use const_oid::ObjectIdentifier;
use der::flagset::FlagSet;
use x509_cert::ext::pkix::KeyUsages;

use crate::public_key::PublicKeyKind;

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

/// Which public keys may be certified. RSA always means 3,072 bits and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// P-256, P-384 or RSA.
    Any,
    /// P-256 only.
    P256,
    /// P-256 or RSA.
    P256OrRsa,
    /// P-384 or RSA.
    P384OrRsa,
}

impl Keys {
    /// Whether a key of this kind may be certified.
    #[must_use]
    pub fn allow(self, kind: PublicKeyKind) -> bool {
        match (self, kind) {
            (Self::Any, _) | (Self::P256OrRsa | Self::P384OrRsa, PublicKeyKind::Rsa { .. }) => true,
            (Self::P256 | Self::P256OrRsa, _) => kind == PublicKeyKind::EcP256,
            (Self::P384OrRsa, _) => kind == PublicKeyKind::EcP384,
        }
    }
}

/// The bits of keyUsage (section 4.2.1.3), by the kind of key: encrypting to a key is keyAgreement on an elliptic curve (RFC 5480 section 3) and
/// keyEncipherment with RSA (RFC 3279 section 2.3.1), and neither may say the other's.
#[derive(Clone, Copy, Debug)]
pub struct Usages {
    /// With a key on an elliptic curve.
    pub elliptic: &'static [KeyUsages],
    /// With an RSA key.
    pub rsa: &'static [KeyUsages],
}

impl Usages {
    /// The same bits whatever the key.
    #[must_use]
    pub const fn alike(bits: &'static [KeyUsages]) -> Self {
        Self { elliptic: bits, rsa: bits }
    }

    /// The bits that go with a key of this kind.
    #[must_use]
    pub fn of(self, kind: PublicKeyKind) -> FlagSet<KeyUsages> {
        let bits = match kind {
            PublicKeyKind::EcP256 | PublicKeyKind::EcP384 => self.elliptic,
            PublicKeyKind::Rsa { .. } => self.rsa,
        };
        bits.iter().fold(FlagSet::default(), |set, bit| set | *bit)
    }
}

/// What the lint holds a certificate of one kind to.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Public keys.
    pub keys: Keys,
    /// Longest lifetime.
    pub lifetime_days: u32,
    /// Authority or end entity.
    pub basic: Basic,
    /// Exactly these bits, critical.
    pub key_usage: Usages,
    /// Exactly these purposes; none means no extension.
    pub extended_key_usage: &'static [ObjectIdentifier],
    /// How the purposes are marked.
    pub extended_criticality: Criticality,
    /// Attributes that the subject must have.
    pub subject: &'static [ObjectIdentifier],
    /// Names and addresses of hosts in subjectAltName.
    pub hosts: Presence,
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
    /// Last arcs of our own policy under [`Practice::policies`](super::Practice::policies); one of them must be there. Empty: `anyPolicy` or none.
    pub policies: &'static [[u32; 2]],
}
