//! An order: everything that a certificate will say, except key, serial and period. Only the profile files make one.

use const_oid::ObjectIdentifier;

use super::{Family, Kind, Rules};
use crate::ca::assemble::{Tag, tlv};
use crate::name::{EmailAddress, Host, HttpUrl, OrganizationIdentifier};
use crate::oid::{self, PolicyArc, PolicyArcError};

/// What the whole service writes into its certificates.
#[derive(Clone, Debug)]
pub struct Practice {
    /// Arc of our own policies.
    pub policies: PolicyArc,
    /// Where the schemes `UI:DK` and `FO:DK` are described: EN 319 412-1 section 5.1.3 asks for the authority that registers names of a local scheme.
    pub name_authority: NameAuthority,
}

impl Practice {
    /// Reads both settings.
    ///
    /// # Errors
    /// [`PolicyArcError`] for the arc; [`crate::name::NameError`] for the address.
    pub fn parse(policy_arc: &str, name_authority: &str) -> Result<Self, PracticeError> {
        Ok(Self { policies: PolicyArc::parse(policy_arc)?, name_authority: NameAuthority::parse(name_authority)? })
    }
}

/// Why the settings are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PracticeError {
    /// The name authority's address.
    #[error(transparent)]
    NameAuthority(#[from] crate::name::NameError),
    /// The policy arc.
    #[error(transparent)]
    PolicyArc(#[from] PolicyArcError),
}

/// An `http://` or `https://` address that only names an authority; nobody has to fetch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAuthority(String);

impl NameAuthority {
    /// ASCII, http or https.
    ///
    /// # Errors
    /// [`crate::name::NameError`].
    pub fn parse(input: &str) -> Result<Self, crate::name::NameError> {
        let plain = match input.strip_prefix("https://") {
            Some(rest) => format!("http://{rest}"),
            None => input.to_owned(),
        };
        HttpUrl::parse(&plain)?;
        Ok(Self(input.to_owned()))
    }
}

/// Where a verifier finds what it needs, all plain http.
#[derive(Clone, Debug)]
pub struct Pointers {
    /// OCSP responder of the issuer.
    pub ocsp: HttpUrl,
    /// The issuer's certificate, DER.
    pub issuer_certificate: HttpUrl,
    /// The CRL shard on which this certificate would stand.
    pub crl: HttpUrl,
}

/// The string type of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StringType {
    Printable,
    Utf8,
}

#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) string_type: StringType,
    pub(crate) value: String,
}

/// A certificate ordered: typed, complete, and of exactly one kind.
#[derive(Clone, Debug)]
pub struct Order {
    pub(crate) kind: Kind,
    pub(crate) family: Family,
    /// Sets of attributes: all but the last of the family `oces2` have one.
    pub(crate) subject: Vec<Vec<Attribute>>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) mail: Option<EmailAddress>,
    pub(crate) lifetime_days: u32,
    pub(crate) policies: Vec<ObjectIdentifier>,
    /// DER content of qcStatements.
    pub(crate) statements: Option<Vec<u8>>,
    pub(crate) ocsp: Option<HttpUrl>,
    pub(crate) issuer_certificate: Option<HttpUrl>,
    pub(crate) crl: Option<HttpUrl>,
}

impl Order {
    /// An order without subject or addresses, at its kind's longest lifetime.
    pub(super) fn of(kind: Kind) -> Self {
        Self {
            kind,
            family: Family::Default,
            subject: Vec::new(),
            hosts: Vec::new(),
            mail: None,
            lifetime_days: kind.rules().lifetime_days,
            policies: Vec::new(),
            statements: None,
            ocsp: None,
            issuer_certificate: None,
            crl: None,
        }
    }

    pub(super) fn pointing(mut self, pointers: &Pointers) -> Self {
        self.ocsp = Some(pointers.ocsp.clone());
        self.issuer_certificate = Some(pointers.issuer_certificate.clone());
        self.crl = Some(pointers.crl.clone());
        self
    }

    pub(super) fn under(mut self, practice: &Practice, arcs: [u32; 2], others: &[ObjectIdentifier]) -> Self {
        self.policies.push(practice.policies.policy(arcs));
        self.policies.extend_from_slice(others);
        self
    }

    pub(super) fn printable(&mut self, oid: ObjectIdentifier, value: &str) {
        self.attribute(oid, StringType::Printable, value);
    }

    pub(super) fn utf8(&mut self, oid: ObjectIdentifier, value: &str) {
        self.attribute(oid, StringType::Utf8, value);
    }

    fn attribute(&mut self, oid: ObjectIdentifier, string_type: StringType, value: &str) {
        self.subject.push(vec![Attribute { oid, string_type, value: value.to_owned() }]);
    }

    pub(super) fn organization_identifier(&mut self, identifier: &OrganizationIdentifier) {
        self.utf8(oid::ORGANIZATION_IDENTIFIER, &identifier.to_string());
    }

    /// The kind of certificate ordered.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the lint will hold it to.
    #[must_use]
    pub fn rules(&self) -> &'static Rules {
        self.kind.rules_in(self.family)
    }

    /// Days that it will be valid.
    #[must_use]
    pub fn lifetime_days(&self) -> u32 {
        self.lifetime_days
    }

    /// A shorter life than the kind's longest; a longer one is cut to that.
    #[must_use]
    pub fn for_days(mut self, lifetime_days: u32) -> Self {
        self.lifetime_days = lifetime_days.min(self.rules().lifetime_days);
        self
    }
}

/// What the identifiers in a subject mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `id-etsi-qcs-SemanticsId-Legal`.
    LegalPerson,
    /// `id-etsi-qcs-semanticsId-Natural`.
    NaturalPerson,
}

/// qcStatements with `id-qcs-pkixQCSyntax-v2` (RFC 3739 section 3.2.6.1): the meaning of the subject's identifiers, and who registers
/// those of a local scheme (EN 319 412-1 sections 5.1.3 and 5.1.4).
pub(super) fn statements(meaning: Meaning, authority: &NameAuthority) -> Vec<u8> {
    let syntax_v2 = [0x2b, 6, 1, 5, 5, 7, 0x0b, 2];
    // 0.4.0.194121.1.1 and .2
    let meaning = [0x04, 0x00, 0x8b, 0xec, 0x49, 0x01, if meaning == Meaning::NaturalPerson { 1 } else { 2 }];
    let uri = tlv(Tag::Context(6), authority.0.as_bytes());
    let information = [tlv(Tag::ObjectIdentifier, &meaning), tlv(Tag::Sequence, &uri)].concat();
    let statement = [tlv(Tag::ObjectIdentifier, &syntax_v2), tlv(Tag::Sequence, &information)].concat();
    tlv(Tag::Sequence, &tlv(Tag::Sequence, &statement))
}
