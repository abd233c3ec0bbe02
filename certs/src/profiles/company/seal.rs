//! A company's or association's seal (VOCES): says which organisation stands behind a document, and nothing else. ETSI normalised certificate
//! of a legal person.

use x509_cert::ext::pkix::KeyUsages;

use super::{SUBJECT, Unit};
use crate::profiles::association::{ASSOCIATION, REGISTERED, with_policies};
use crate::profiles::order::{Meaning, Order, Pointers, Practice, statements};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

const PURPOSE: u32 = 4;

/// The rules.
pub static RULES: Rules = Rules {
    keys: Keys::Any,
    // 4.1.2.5: three years, as the employees' signing certificates.
    lifetime_days: 1095,
    basic: Basic::EndEntity,
    // EN 319 412-3 section 4.3.1, by EN 319 412-2 section 4.3.2: contentCommitment alone (type A), so that a system's login can never be passed
    // off as a seal.
    key_usage: Usages::alike(&[KeyUsages::NonRepudiation]),
    // 4.2.1.12: none, as for signing.
    extended_key_usage: &[],
    extended_criticality: Criticality::NotCritical,
    // EN 319 412-3 section 4.2.1.
    subject: SUBJECT,
    hosts: Presence::Forbidden,
    mail: Presence::Forbidden,
    // RFC 3739 section 3.2.6: what the identifiers mean. No QcCompliance: these are not qualified certificates.
    statements: Presence::Required,
    ocsp: Presence::Required,
    issuer_certificate: Presence::Required,
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    policies: &[[REGISTERED, PURPOSE], [ASSOCIATION, PURPOSE]],
};

/// Orders it.
#[must_use]
pub fn order(company: &Unit, pointers: &Pointers, practice: &Practice) -> Order {
    let mut order = Order::of(Kind::Seal).pointing(pointers);
    company.name(company.common_name.as_str(), &mut order);
    order.statements = Some(statements(Meaning::LegalPerson, &practice.name_authority));
    with_policies(order, practice, &company.organization.identifier, PURPOSE, None)
}
