//! An employee's certificate for signing mail and for logging in: S/MIME BR sponsor-validated, multipurpose generation.

use x509_cert::ext::pkix::KeyUsages;

use super::{Employee, SUBJECT};
use crate::name::EmailAddress;
use crate::oid;
use crate::profiles::association::{ASSOCIATION, REGISTERED, with_policies};
use crate::profiles::order::{Meaning, Order, Pointers, Practice, statements};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

const PURPOSE: u32 = 2;

/// The rules.
pub static RULES: Rules = Rules {
    // BR 6.1.5: curves P-256 and P-384; RSA is held to 3,072 bits here.
    keys: Keys::Any,
    // BR 6.3.2: multipurpose at most 825 days; two years leave room for renewing.
    lifetime_days: 730,
    // 4.2.1.9, BR 7.1.2.3 (d).
    basic: Basic::EndEntity,
    // BR 7.1.2.3 (e): signing only.
    key_usage: Usages::alike(&[KeyUsages::DigitalSignature]),
    // BR 7.1.2.3 (f): emailProtection, and clientAuth in the multipurpose generation. Never anyExtendedKeyUsage.
    extended_key_usage: &[oid::EMAIL_PROTECTION, oid::CLIENT_AUTHENTICATION],
    extended_criticality: Criticality::NotCritical,
    // BR 7.1.4.2.4: sponsor-validated.
    subject: SUBJECT,
    // BR 7.1.4.2.1: the mailbox stands in subjectAltName.
    hosts: Presence::Forbidden,
    mail: Presence::Required,
    statements: Presence::Required,
    // BR 7.1.2.3 (c): http only.
    ocsp: Presence::Required,
    issuer_certificate: Presence::Required,
    // BR 7.1.2.3 (b).
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    // BR 7.1.6.1, beside our own and NCP.
    policies: &[[REGISTERED, PURPOSE], [ASSOCIATION, PURPOSE]],
};

/// Orders it.
#[must_use]
pub fn order(employee: &Employee, mail: &EmailAddress, pointers: &Pointers, practice: &Practice) -> Order {
    let mut order = Order::of(Kind::Mail).pointing(pointers);
    employee.name(&mut order);
    order.mail = Some(mail.clone());
    order.statements = Some(statements(Meaning::NaturalPerson, &practice.name_authority));
    let identifier = &employee.organization.identifier;
    let baseline = Some(oid::SMIME_SPONSOR_MULTIPURPOSE);
    with_policies(order, practice, identifier, PURPOSE, baseline)
}
