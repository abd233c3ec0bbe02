//! The parts of names that we certify, each a type that only its rule can make. What is refused is refused by field, rule and position.
//!
//! Lengths are the upper bounds of RFC 5280 appendix A.1 in characters; texts are brought to NFC and carry no control or bidirectional
//! characters; identifiers follow ETSI EN 319 412-1 sections 5.1.3 and 5.1.4.

use std::fmt;

use der::{Encode, Tag, Tagged};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;
use x509_cert::name::Name;

use crate::oid;

/// Which part of a name a refusal speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `commonName`.
    CommonName,
    /// `countryName`.
    Country,
    /// The CVR number.
    Cvr,
    /// An e-mail address.
    EmailAddress,
    /// `givenName`.
    GivenName,
    /// A name or address of a server.
    Host,
    /// The association's own identifier.
    LocalIdentifier,
    /// `organizationName`.
    OrganizationName,
    /// The number after RID, UID or FID.
    ResourceNumber,
    /// `surname`.
    Surname,
    /// An http address of the service.
    Url,
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::CommonName => "common name",
            Self::Country => "country",
            Self::Cvr => "CVR number",
            Self::EmailAddress => "e-mail address",
            Self::GivenName => "given name",
            Self::Host => "host",
            Self::LocalIdentifier => "association's identifier",
            Self::OrganizationName => "organisation's name",
            Self::ResourceNumber => "RID, UID or FID number",
            Self::Surname => "surname",
            Self::Url => "address",
        })
    }
}

/// Why a part of a name is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A character that reorders or hides text (Unicode Bidirectional Algorithm, UAX 9; zero-width and line separators).
    #[error("the {field} has a character that hides or reorders text at position {position}")]
    BidirectionalCharacter {
        /// Which part.
        field: Field,
        /// Counted from 1, in characters.
        position: usize,
    },
    /// The CVR number fails modulus 11.
    #[error("the CVR number fails its check digit")]
    Checksum,
    /// A control character, NUL included.
    #[error("the {field} has a control character at position {position}")]
    ControlCharacter {
        /// Which part.
        field: Field,
        /// Counted from 1, in characters.
        position: usize,
    },
    /// Nothing but spaces.
    #[error("the {field} is empty")]
    Empty {
        /// Which part.
        field: Field,
    },
    /// A character that this part may not have.
    #[error("the {field} has a character that it may not have at position {position}")]
    Forbidden {
        /// Which part.
        field: Field,
        /// Counted from 1, in characters.
        position: usize,
    },
    /// Not of the form that this part has.
    #[error("the {field} does not have the right form")]
    Form {
        /// Which part.
        field: Field,
    },
    /// Longer than its upper bound (RFC 5280 appendix A.1).
    #[error("the {field} has at most {limit} characters; this has {length}")]
    TooLong {
        /// Which part.
        field: Field,
        /// Characters found.
        length: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// More of them than one certificate holds.
    #[error("at most {limit} of {field} fit into one certificate")]
    TooMany {
        /// Which part.
        field: Field,
        /// Number allowed.
        limit: usize,
    },
}

/// NFC, outer spaces off, and no character that deceives the reader.
fn text(field: Field, limit: usize, input: &str) -> Result<String, NameError> {
    let text: String = input.trim().nfc().collect();
    if text.is_empty() {
        return Err(NameError::Empty { field });
    }
    for (index, character) in text.chars().enumerate() {
        let position = index + 1;
        if character.is_control() {
            return Err(NameError::ControlCharacter { field, position });
        }
        if deceives(character) {
            return Err(NameError::BidirectionalCharacter { field, position });
        }
    }
    let length = text.chars().count();
    if length > limit {
        return Err(NameError::TooLong { field, length, limit });
    }
    Ok(text)
}

fn deceives(character: char) -> bool {
    matches!(character,
        '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' | '\u{FFFD}' | '\u{00AD}' | '\u{180E}')
}

macro_rules! text_part {
    ($(#[$documentation:meta])* $name:ident, $limit:literal) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks length and characters; the result is in NFC, without outer spaces.
            ///
            /// # Errors
            /// [`NameError`] names the field, the rule and the position.
            pub fn parse(input: &str) -> Result<Self, NameError> {
                text(Field::$name, $limit, input).map(Self)
            }

            /// The text in NFC.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_part! {
    /// `commonName`, at most 64 characters (ub-common-name).
    CommonName, 64
}
text_part! {
    /// `organizationName`, at most 64 characters (ub-organization-name): the legal name, or the certificate name of those with a longer one.
    OrganizationName, 64
}
text_part! {
    /// `givenName`, at most 64 characters.
    GivenName, 64
}
text_part! {
    /// `surname`, at most 64 characters.
    Surname, 64
}

/// `countryName`: two capital letters (ISO 3166-1), written as PrintableString.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Denmark.
    pub const DENMARK: Self = Self(*b"DK");

    /// Two ASCII capital letters.
    ///
    /// # Errors
    /// [`NameError::Form`].
    pub fn parse(input: &str) -> Result<Self, NameError> {
        match *input.as_bytes() {
            [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => Ok(Self([first, second])),
            _ => Err(NameError::Form { field: Field::Country }),
        }
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Whether the check digit of a CVR number counts. Numbers of test companies fail it, so it is the caller's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// The number must satisfy modulus 11.
    Required,
    /// Any eight digits will do.
    NotChecked,
}

/// A Danish company number: eight digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cvr([u8; 8]);

impl Cvr {
    /// Eight digits, the first not 0; with [`Checksum::Required`] the weighted sum (2,7,6,5,4,3,2,1) is a multiple of 11 (Erhvervsstyrelsen, modulus 11).
    ///
    /// # Errors
    /// [`NameError::Form`], [`NameError::Checksum`].
    pub fn parse(input: &str, checksum: Checksum) -> Result<Self, NameError> {
        let digits = <[u8; 8]>::try_from(input.as_bytes())
            .ok()
            .filter(|digits| digits.iter().all(u8::is_ascii_digit) && digits[0] != b'0')
            .ok_or(NameError::Form { field: Field::Cvr })?;
        let weights = [2u32, 7, 6, 5, 4, 3, 2, 1];
        let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        if checksum == Checksum::Required && !sum.is_multiple_of(11) {
            return Err(NameError::Checksum);
        }
        Ok(Self(digits))
    }

    /// The eight digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Cvr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The identifier that this service gives an association without a CVR number: capital letters, digits and inner hyphens, 1 to 32.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LocalIdentifier(String);

impl LocalIdentifier {
    /// Checks the rule above.
    ///
    /// # Errors
    /// [`NameError`] with the position of the first wrong character.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let field = Field::LocalIdentifier;
        if input.is_empty() {
            return Err(NameError::Empty { field });
        }
        let length = input.chars().count();
        for (index, character) in input.chars().enumerate() {
            let hyphen = character == '-' && index > 0 && index + 1 < length;
            if !(character.is_ascii_uppercase() || character.is_ascii_digit() || hyphen) {
                let position = index + 1;
                return Err(NameError::Forbidden { field, position });
            }
        }
        if length > 32 {
            return Err(NameError::TooLong { field, length, limit: 32 });
        }
        Ok(Self(input.to_owned()))
    }

    /// The identifier without its scheme.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `organizationIdentifier` (EN 319 412-1 section 5.1.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OrganizationIdentifier {
    /// In the national trade register: `NTRDK-<CVR>`.
    Registered(Cvr),
    /// An association without a CVR number, in the scheme `FO:DK-` of this service.
    Association(LocalIdentifier),
}

impl fmt::Display for OrganizationIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered(cvr) => write!(formatter, "NTRDK-{cvr}"),
            Self::Association(identifier) => write!(formatter, "FO:DK-{}", identifier.as_str()),
        }
    }
}

/// `serialNumber` of a person: `UI:DK-E:G:<uuid>`, as the OCES3 certificates of employees have it; printable characters only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PersonIdentifier(Uuid);

impl PersonIdentifier {
    /// The employee whom this UUID names for good, over all certificates.
    #[must_use]
    pub fn employee(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID alone.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for PersonIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UI:DK-E:G:{}", self.0.hyphenated())
    }
}

/// `serialNumber` of a company, a shared mailbox or a system: `UI:DK-O:G:<uuid>`, as the OCES3 certificates of organisations have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnitIdentifier(Uuid);

impl UnitIdentifier {
    /// The unit that this UUID names for good, over all certificates.
    #[must_use]
    pub fn of(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for UnitIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UI:DK-O:G:{}", self.0.hyphenated())
    }
}

/// A server as a certificate carries it: dNSName or iPAddress (RFC 5280 section 4.2.1.6, RFC 9525). No wildcards.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// An IP address.
    Address(core::net::IpAddr),
    /// A name of at least two labels in lower case, ASCII, at most 253 octets (RFC 1123 section 2.1).
    Name(String),
}

impl Host {
    /// Reads an IP address or a name.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let field = Field::Host;
        if let Ok(address) = input.parse() {
            return Ok(Self::Address(address));
        }
        if input.len() > 253 {
            return Err(NameError::TooLong { field, length: input.len(), limit: 253 });
        }
        let labels: Vec<&str> = input.split('.').collect();
        let top_ok = labels.last().is_some_and(|top| !top.bytes().all(|byte| byte.is_ascii_digit()));
        if labels.len() < 2 || !top_ok || !labels.iter().all(|label| is_label(label)) {
            return Err(NameError::Form { field });
        }
        Ok(Self::Name(input.to_ascii_lowercase()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

/// A mailbox as a certificate carries it (rfc822Name, RFC 5280 section 4.2.1.6): ASCII, `dot-atom@domain`, at most 254 octets
/// (RFC 5321 section 4.5.3.1). The domain is kept in lower case, the local part as given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Checks the form: no quoted local parts, no comments, no address literals, at least two labels in the domain.
    ///
    /// # Errors
    /// [`NameError`] with the position where there is one.
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let field = Field::EmailAddress;
        if input.is_empty() {
            return Err(NameError::Empty { field });
        }
        if let Some(index) = input.chars().position(|c| !c.is_ascii_graphic()) {
            let position = index + 1;
            return Err(if input.chars().nth(index).is_some_and(char::is_control) {
                NameError::ControlCharacter { field, position }
            } else {
                NameError::Forbidden { field, position }
            });
        }
        let length = input.len();
        let too_long = |limit| NameError::TooLong { field, length, limit };
        if length > 254 {
            return Err(too_long(254));
        }
        let (local, domain) = input.split_once('@').ok_or(NameError::Form { field })?;
        if local.len() > 64 {
            return Err(too_long(64));
        }
        if let Some(index) = local.bytes().position(|byte| !is_atom(byte) && byte != b'.') {
            let position = index + 1;
            return Err(NameError::Forbidden { field, position });
        }
        let local_ok = local.split('.').all(|atom| !atom.is_empty());
        let labels: Vec<&str> = domain.split('.').collect();
        let top_ok = labels.last().is_some_and(|top| !top.bytes().all(|byte| byte.is_ascii_digit()));
        if !local_ok || labels.len() < 2 || !top_ok || !labels.iter().all(|label| is_label(label)) {
            return Err(NameError::Form { field });
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// `atext` of RFC 5322 section 3.2.3.
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// A label of a host name (RFC 1123 section 2.1).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// An `http://` address where certificates, CRLs or OCSP answers are had. Plain http by rule: fetching them over TLS would need them
/// (RFC 5280 section 8; S/MIME BR section 7.1.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// ASCII without spaces, `http://` and a host, at most 1,024 octets.
    ///
    /// # Errors
    /// [`NameError::Form`], [`NameError::Forbidden`], [`NameError::TooLong`].
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let field = Field::Url;
        if input.len() > 1024 {
            return Err(NameError::TooLong { field, length: input.len(), limit: 1024 });
        }
        let forbidden = |c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c);
        if let Some(index) = input.chars().position(forbidden) {
            let position = index + 1;
            return Err(NameError::Forbidden { field, position });
        }
        let host = input.strip_prefix("http://").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        if host.is_empty() || host.contains('@') || host.starts_with(':') {
            return Err(NameError::Form { field });
        }
        Ok(Self(input.to_owned()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A distinguished name in certificate order, for people: `C=DK, O=Havnens Bageri ApS, ...`. Characters that would deceive are replaced;
/// not for comparing.
#[must_use]
pub fn for_people(name: &Name) -> String {
    let mut parts = Vec::new();
    for attribute in name.0.iter().flat_map(|rdn| rdn.0.iter()) {
        let label = match attribute.oid {
            oid::COUNTRY => "C".to_owned(),
            oid::ORGANIZATION => "O".to_owned(),
            oid::ORGANIZATION_IDENTIFIER => "organizationIdentifier".to_owned(),
            oid::COMMON_NAME => "CN".to_owned(),
            oid::SURNAME => "SN".to_owned(),
            oid::GIVEN_NAME => "GN".to_owned(),
            oid::SERIAL_NUMBER => "serialNumber".to_owned(),
            other => other.to_string(),
        };
        let textual = [Tag::Utf8String, Tag::PrintableString, Tag::Ia5String];
        let value = if textual.contains(&attribute.value.tag()) {
            String::from_utf8_lossy(attribute.value.value()).into_owned()
        } else {
            hex::encode(attribute.value.to_der().unwrap_or_default())
        };
        let shown: String = value.chars().map(|c| if c.is_control() || deceives(c) { '\u{FFFD}' } else { c }).collect();
        parts.push(format!("{label}={shown}"));
    }
    parts.join(", ")
}
