//! The issuing authority: P-256 for speed (or RSA, or P-384), ten years, certifies end entities only.
//!
//! It has no extKeyUsage, because it also certifies signing keys (which have none), responders and time-stamping units. BR 7.1.2.2 (g) would
//! limit an authority that issued S/MIME certificates alone; whoever needs that runs a second one.

use x509_cert::ext::pkix::KeyUsages;

use super::order::Order;
use super::root::{AUTHORITY_SUBJECT, AuthorityName};
use super::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};
use crate::name::HttpUrl;
use crate::oid;

/// The rules.
pub static RULES: Rules = Rules {
    // It signs every certificate and CRL: P-256 signs 38 times as often as P-384 with OpenSSL 3.0.
    keys: Keys::Any,
    // 4.1.2.5: ten years; it stops issuing three years before its end, since no certificate may outlive it.
    lifetime_days: 3652,
    // 4.2.1.9: nobody below it may certify.
    basic: Basic::Authority { path_length: Some(0) },
    // 4.2.1.3.
    key_usage: Usages::alike(&[KeyUsages::KeyCertSign, KeyUsages::CRLSign]),
    extended_key_usage: &[],
    extended_criticality: Criticality::NotCritical,
    subject: AUTHORITY_SUBJECT,
    hosts: Presence::Forbidden,
    mail: Presence::Forbidden,
    statements: Presence::Forbidden,
    // 4.2.2.1: the root's answers, where it has a responder.
    ocsp: Presence::Optional,
    issuer_certificate: Presence::Required,
    // 4.2.1.13: the root's CRL.
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    // 4.2.1.4: anyPolicy; the policies stand in the certificates below.
    policies: &[],
};

/// Orders it. `crl` is the root's list of authorities; `ocsp` only where the root has a responder.
#[must_use]
pub fn order(name: &AuthorityName, root_certificate: &HttpUrl, crl: &HttpUrl, ocsp: Option<&HttpUrl>) -> Order {
    let mut order = Order::of(Kind::Issuing);
    name.name(&mut order);
    order.issuer_certificate = Some(root_certificate.clone());
    order.crl = Some(crl.clone());
    order.ocsp = ocsp.cloned();
    order.policies.push(oid::ANY_POLICY);
    order
}
