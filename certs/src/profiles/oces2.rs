//! The family `oces2`: names and usages as NemID's OCES2 certificates had them, for integrations that read those.
//!
//! `C=DK, O=<company> // CVR:<8 digits>`, and a last RDN of two values, `CN + serialNumber=CVR:<cvr>-RID:<number>`: RID for an employee
//! (MOCES), UID for the company (VOCES), FID for a function (FOCES). The certificates of an association without a CVR number cannot have
//! such a name and keep their own profile.
//!
//! The signing certificate of somebody between 15 and 18 bears NemID's youth notice between `O` and the last RDN, word by word, since integrations
//! compare it: its 78 characters are more than the 64 that RFC 5280 appendix A.1 has room for.
//!
//! Where we differ from what NemID wrote: RSA keys say no keyAgreement, which RFC 3279 section 2.3.1 forbids them, and keys on elliptic curves
//! say keyAgreement instead of the encipherments (RFC 5480 section 3); RSA has 3,072 bits, not 2,048; policies stand under the configured arc.
//! Only a signing certificate (MOCES) has every usage: an employee's mail and encryption certificates keep those of their profiles, so that no
//! archived key ever signs. Neither the BR nor the ETSI policies are claimed, since both ask for other names.

use std::fmt;

use const_oid::ObjectIdentifier;
use x509_cert::ext::pkix::KeyUsages;

use super::order::{Attribute, Order, Practice, StringType};
use super::{Criticality, Keys, Kind, Organization, Presence, Rules, Usages, encryption, function, mail, seal, signing};
use crate::name::{CommonName, Country, Cvr, Field, NameError, OrganizationIdentifier};
use crate::oid;

/// The youth notice in NemID's words: readers compare the whole string.
pub const YOUTH_NOTICE: &str = "Ung mellem 15 og 18 - Kan som udgangspunkt ikke lave juridisk bindende aftaler";
/// Second-last arc of the policies of this family; the last is that of the kind of certificate.
const OCES2: u32 = 5;
/// What stands between the company's name and its CVR number.
const SEPARATOR: &str = " // CVR:";
/// ub-organization-name less separator and number: a longer name is cut.
const LIMIT_NAME: usize = 64 - SEPARATOR.len() - 8;

const SUBJECT: &[ObjectIdentifier] = &[oid::COUNTRY, oid::ORGANIZATION, oid::COMMON_NAME, oid::SERIAL_NUMBER];

/// VOCES and FOCES: digitalSignature and every encipherment that the key can do.
const COMPANY_USAGES: Usages = Usages {
    elliptic: &[KeyUsages::DigitalSignature, KeyUsages::KeyAgreement],
    rsa: &[KeyUsages::DigitalSignature, KeyUsages::KeyEncipherment, KeyUsages::DataEncipherment],
};

/// MOCES.
static SIGNING: Rules = Rules {
    key_usage: Usages {
        elliptic: &[KeyUsages::DigitalSignature, KeyUsages::NonRepudiation, KeyUsages::KeyAgreement],
        rsa: &[KeyUsages::DigitalSignature, KeyUsages::NonRepudiation, KeyUsages::KeyEncipherment, KeyUsages::DataEncipherment],
    },
    subject: SUBJECT,
    statements: Presence::Forbidden,
    policies: &[[OCES2, 2]],
    ..signing::RULES
};

static MAIL: Rules = Rules { subject: SUBJECT, statements: Presence::Forbidden, policies: &[[OCES2, 5]], ..mail::RULES };

static ENCRYPTION: Rules = Rules { subject: SUBJECT, statements: Presence::Forbidden, policies: &[[OCES2, 6]], ..encryption::RULES };

/// VOCES.
static SEAL: Rules = Rules {
    keys: Keys::P256OrRsa,
    key_usage: COMPANY_USAGES,
    subject: SUBJECT,
    mail: Presence::Optional,
    statements: Presence::Forbidden,
    policies: &[[OCES2, 3]],
    ..seal::RULES
};

/// FOCES.
static FUNCTION: Rules = Rules {
    lifetime_days: 1095,
    key_usage: COMPANY_USAGES,
    extended_key_usage: &[],
    extended_criticality: Criticality::NotCritical,
    subject: SUBJECT,
    mail: Presence::Optional,
    statements: Presence::Forbidden,
    policies: &[[OCES2, 4]],
    ..function::RULES
};

/// The rules of a kind that this family changes.
pub(super) fn rules(kind: Kind) -> Option<&'static Rules> {
    match kind {
        Kind::Signing => Some(&SIGNING),
        Kind::Mail => Some(&MAIL),
        Kind::Encryption => Some(&ENCRYPTION),
        Kind::Seal => Some(&SEAL),
        Kind::Function => Some(&FUNCTION),
        Kind::Root | Kind::Issuing | Kind::Responder | Kind::TimeStamp | Kind::Notice | Kind::Tls => None,
    }
}

/// Whether this family has rules of its own for a kind.
pub(crate) fn changes(kind: Kind) -> bool {
    rules(kind).is_some()
}

/// The number after RID, UID or FID: 1 to 16 digits. Integrations keep it as the key of a person, so it stays over every renewal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceNumber(String);

impl ResourceNumber {
    /// Checks the rule above.
    ///
    /// # Errors
    /// [`NameError::Form`].
    pub fn parse(input: &str) -> Result<Self, NameError> {
        let right = (1..=16).contains(&input.len()) && input.bytes().all(|byte| byte.is_ascii_digit());
        if right { Ok(Self(input.to_owned())) } else { Err(NameError::Form { field: Field::ResourceNumber }) }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The word before the number, by kind of certificate.
fn scheme(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Signing | Kind::Mail | Kind::Encryption => Some("RID"),
        Kind::Seal => Some("UID"),
        Kind::Function => Some("FID"),
        Kind::Root | Kind::Issuing | Kind::Responder | Kind::TimeStamp | Kind::Notice | Kind::Tls => None,
    }
}

/// Whose certificate it is, in the words of this family.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    /// The company.
    pub organization: &'a Organization,
    /// The employee's name; a company's or function's own.
    pub common_name: &'a CommonName,
    /// RID, UID or FID.
    pub number: &'a ResourceNumber,
}

/// The same order in this family. An association's, and one of a kind that the family does not change, comes back as it was.
#[must_use]
pub fn rename(mut order: Order, bearer: &Bearer<'_>, practice: &Practice) -> Order {
    let (OrganizationIdentifier::Registered(cvr), Some(scheme)) = (&bearer.organization.identifier, scheme(order.kind)) else {
        return order;
    };
    let serial_number = format!("CVR:{cvr}-{scheme}:{}", bearer.number);
    let value = |oid, string_type, value: &str| Attribute { oid, string_type, value: value.to_owned() };
    let youth = order.subject.iter().flatten().any(|attribute| attribute.oid == oid::ORGANIZATIONAL_UNIT);
    order.subject = vec![
        vec![value(oid::COUNTRY, StringType::Printable, Country::DENMARK.as_str())],
        vec![value(oid::ORGANIZATION, StringType::Utf8, &organization_name(bearer.organization.name.as_str(), cvr))],
        vec![
            value(oid::COMMON_NAME, StringType::Utf8, bearer.common_name.as_str()),
            value(oid::SERIAL_NUMBER, StringType::Printable, &serial_number),
        ],
    ];
    if youth {
        order.subject.insert(2, vec![value(oid::ORGANIZATIONAL_UNIT, StringType::Utf8, YOUTH_NOTICE)]);
    }
    order.statements = None;
    order.policies.clear();
    order.family = super::Family::Oces2;
    let rules = order.rules();
    order.lifetime_days = order.lifetime_days.min(rules.lifetime_days);
    match rules.policies.first() {
        Some(arcs) => order.under(practice, *arcs, &[]),
        None => order,
    }
}

fn organization_name(name: &str, cvr: &Cvr) -> String {
    let kept: String = name.chars().take(LIMIT_NAME).collect();
    format!("{}{SEPARATOR}{cvr}", kept.trim_end())
}

/// Whether organisation and serial number are of the family's form for this kind, and of one company.
pub(crate) fn is_name(kind: Kind, organization: &str, serial_number: &str) -> bool {
    let Some((name, cvr)) = organization.rsplit_once(SEPARATOR) else { return false };
    let Some(scheme) = scheme(kind) else { return false };
    let number = serial_number.strip_prefix(&format!("CVR:{cvr}-{scheme}:"));
    let right = Cvr::parse(cvr, crate::name::Checksum::NotChecked).is_ok() && !name.is_empty();
    right && number.is_some_and(|number| ResourceNumber::parse(number).is_ok())
}
