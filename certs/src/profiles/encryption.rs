//! An employee's certificate to which mail is encrypted: key agreement only, so that its key can be archived without ever signing.

use rcgen::KeyUsagePurpose;

use super::association::{ASSOCIATION, REGISTERED, with_policies};
use super::employee::{Employee, SUBJECT};
use super::order::{Order, Pointers, Practice, natural_person_statements};
use super::{Basic, Criticality, Keys, Kind, Presence, Rules};
use crate::name::EmailAddress;
use crate::oid;

const PURPOSE: u32 = 3;

/// The rules.
pub static RULES: Rules = Rules {
    // RFC 5753: ECDH on P-256. An RSA key would need keyEncipherment, which this profile does not have.
    keys: Keys::P256,
    // BR 6.3.2: at most 825 days; renewed together with the mail certificate.
    lifetime_days: 730,
    basic: Basic::EndEntity,
    // BR 7.1.2.3 (e): key management with an elliptic curve is keyAgreement; keyEncipherment would be an error (RFC 5480 section 3).
    key_usage: &[KeyUsagePurpose::KeyAgreement],
    // BR 7.1.2.3 (f).
    extended_key_usage: &[oid::EMAIL_PROTECTION],
    extended_criticality: Criticality::NotCritical,
    subject: SUBJECT,
    mail: Presence::Required,
    statements: Presence::Required,
    ocsp: Presence::Required,
    issuer_certificate: Presence::Required,
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    policies: &[[REGISTERED, PURPOSE], [ASSOCIATION, PURPOSE]],
};

/// Orders it.
#[must_use]
pub fn order(employee: &Employee, mail: &EmailAddress, pointers: &Pointers, practice: &Practice) -> Order {
    let mut order = Order::of(Kind::Encryption).pointing(pointers);
    employee.name(&mut order);
    order.mail = Some(mail.clone());
    order.statements = Some(natural_person_statements(&practice.name_authority));
    let identifier = &employee.organization.identifier;
    let baseline = Some(oid::SMIME_SPONSOR_MULTIPURPOSE);
    with_policies(order, practice, identifier, PURPOSE, baseline)
}
