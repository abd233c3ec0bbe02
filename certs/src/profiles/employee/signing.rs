//! An employee's signing certificate: says who signed a document, and nothing else. ETSI normalised certificate of a natural person.

use x509_cert::ext::pkix::KeyUsages;

use super::{Age, Employee, SUBJECT, YOUTH_NOTICE};
use crate::name::EmailAddress;
use crate::oid;
use crate::profiles::association::{ASSOCIATION, REGISTERED, with_policies};
use crate::profiles::order::{Meaning, Order, Pointers, Practice, statements};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

const PURPOSE: u32 = 1;

/// The rules.
pub static RULES: Rules = Rules {
    // 4.1.2.7: the keys are made by the keystore; P-256 is its default, RSA comes with PKCS#10 requests.
    keys: Keys::Any,
    // 4.1.2.5: three years. The BR limit of 825 days does not apply, since no mail is protected with it.
    lifetime_days: 1095,
    // 4.2.1.9: an end entity, stated.
    basic: Basic::EndEntity,
    // 4.2.1.3 and EN 319 412-2 section 4.3.2: contentCommitment alone (type A), so that a login can never be passed off as a signature.
    key_usage: Usages::alike(&[KeyUsages::NonRepudiation]),
    // 4.2.1.12: none. id-kp-documentSigning (RFC 9336) would shut out readers that accept only an absent extension or older purposes.
    extended_key_usage: &[],
    extended_criticality: Criticality::NotCritical,
    // 4.1.2.6 and EN 319 412-2 section 4.2.4.
    subject: SUBJECT,
    // 4.2.1.6: where the administrator asked for it.
    hosts: Presence::Forbidden,
    mail: Presence::Optional,
    // RFC 3739 section 3.2.6: what the identifiers mean. No QcCompliance: these are not qualified certificates.
    statements: Presence::Required,
    // 4.2.2.1 and EN 319 412-2 section 4.4.1.
    ocsp: Presence::Required,
    issuer_certificate: Presence::Required,
    // 4.2.1.13.
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    // 4.2.1.4: our own policy and NCP (EN 319 411-1).
    policies: &[[REGISTERED, PURPOSE], [ASSOCIATION, PURPOSE]],
};

/// Orders it.
#[must_use]
pub fn order(employee: &Employee, mail: Option<&EmailAddress>, pointers: &Pointers, practice: &Practice) -> Order {
    let mut order = Order::of(Kind::Signing).pointing(pointers);
    employee.name(&mut order);
    match employee.age {
        Age::Adult => {}
        Age::Youth => order.utf8(oid::ORGANIZATIONAL_UNIT, YOUTH_NOTICE),
    }
    order.mail = mail.cloned();
    order.statements = Some(statements(Meaning::NaturalPerson, &practice.name_authority));
    let identifier = &employee.organization.identifier;
    with_policies(order, practice, identifier, PURPOSE, None)
}
