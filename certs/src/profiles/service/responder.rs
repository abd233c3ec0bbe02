//! A delegated OCSP responder (RFC 6960 section 4.2.2.2), renewed often because nobody checks whether it is revoked.

use x509_cert::ext::pkix::KeyUsages;

use crate::name::HttpUrl;
use crate::oid;
use crate::profiles::order::{Order, Practice};
use crate::profiles::root::{AUTHORITY_SUBJECT, AuthorityName};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

/// Shortest life that [`order`] gives.
pub const LEAST_LIFETIME_DAYS: u32 = 30;

/// The rules.
pub static RULES: Rules = Rules {
    // It signs every live answer: P-256.
    keys: Keys::P256,
    // RFC 6960 section 4.2.2.2.1: nocheck asks for a short life. Renew at half of it.
    lifetime_days: 90,
    basic: Basic::EndEntity,
    // 4.2.1.3.
    key_usage: Usages::alike(&[KeyUsages::DigitalSignature]),
    // RFC 6960 section 4.2.2.2: id-kp-OCSPSigning, alone.
    extended_key_usage: &[oid::OCSP_SIGNING],
    extended_criticality: Criticality::NotCritical,
    subject: AUTHORITY_SUBJECT,
    hosts: Presence::Forbidden,
    mail: Presence::Forbidden,
    statements: Presence::Forbidden,
    // nocheck says that no status is to be asked, so no addresses for it.
    ocsp: Presence::Forbidden,
    issuer_certificate: Presence::Required,
    crl: Presence::Forbidden,
    // RFC 6960 section 4.2.2.2.1.
    no_check: Presence::Required,
    policies: &[[3, 1]],
};

/// Orders it for [`LEAST_LIFETIME_DAYS`] to 90 days.
#[must_use]
pub fn order(name: &AuthorityName, issuer_certificate: &HttpUrl, lifetime_days: u32, practice: &Practice) -> Order {
    let mut order = Order::of(Kind::Responder);
    name.name(&mut order);
    order.issuer_certificate = Some(issuer_certificate.clone());
    order.under(practice, [3, 1], &[]).for_days(lifetime_days.max(LEAST_LIFETIME_DAYS))
}
