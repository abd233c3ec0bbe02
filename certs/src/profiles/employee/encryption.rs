//! An employee's certificate to which mail is encrypted: key management only, so that its key can be archived without ever signing.

use x509_cert::ext::pkix::KeyUsages;

use super::{Employee, SUBJECT};
use crate::name::EmailAddress;
use crate::oid;
use crate::profiles::association::{ASSOCIATION, REGISTERED, with_policies};
use crate::profiles::order::{Meaning, Order, Pointers, Practice, statements};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

const PURPOSE: u32 = 3;

/// The rules.
pub static RULES: Rules = Rules {
    // RFC 5753: ECDH on P-256; RSA comes with PKCS#10 requests.
    keys: Keys::P256OrRsa,
    // BR 6.3.2: at most 825 days; renewed together with the mail certificate.
    lifetime_days: 730,
    basic: Basic::EndEntity,
    // BR 7.1.2.3 (e): key management, in the word of the key.
    key_usage: Usages { elliptic: &[KeyUsages::KeyAgreement], rsa: &[KeyUsages::KeyEncipherment] },
    // BR 7.1.2.3 (f).
    extended_key_usage: &[oid::EMAIL_PROTECTION],
    extended_criticality: Criticality::NotCritical,
    subject: SUBJECT,
    hosts: Presence::Forbidden,
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
    order.statements = Some(statements(Meaning::NaturalPerson, &practice.name_authority));
    let identifier = &employee.organization.identifier;
    let baseline = Some(oid::SMIME_SPONSOR_MULTIPURPOSE);
    with_policies(order, practice, identifier, PURPOSE, baseline)
}
