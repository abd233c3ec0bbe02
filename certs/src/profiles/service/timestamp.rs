//! A time-stamping unit (RFC 3161 section 2.3): its key signs time stamps and nothing else.

use x509_cert::ext::pkix::KeyUsages;

use crate::oid;
use crate::profiles::order::{Order, Pointers, Practice};
use crate::profiles::root::{AUTHORITY_SUBJECT, AuthorityName};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

/// The rules.
pub static RULES: Rules = Rules {
    keys: Keys::P256,
    // Five years; the unit is renewed yearly, so that each stamp can be checked for years.
    lifetime_days: 1826,
    basic: Basic::EndEntity,
    // 4.2.1.3, EN 319 422 section 6.
    key_usage: Usages::alike(&[KeyUsages::DigitalSignature]),
    // RFC 3161 section 2.3: id-kp-timeStamping, alone and critical.
    extended_key_usage: &[oid::TIME_STAMPING],
    extended_criticality: Criticality::Critical,
    subject: AUTHORITY_SUBJECT,
    hosts: Presence::Forbidden,
    mail: Presence::Forbidden,
    statements: Presence::Forbidden,
    ocsp: Presence::Required,
    issuer_certificate: Presence::Required,
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    policies: &[[3, 2]],
};

/// Orders it.
#[must_use]
pub fn order(name: &AuthorityName, pointers: &Pointers, practice: &Practice) -> Order {
    let mut order = Order::of(Kind::TimeStamp).pointing(pointers);
    name.name(&mut order);
    order.under(practice, [3, 2], &[])
}
