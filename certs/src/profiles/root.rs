//! The self-signed root: P-384 (or RSA), twenty years, certifies only issuing authorities and their CRL.

use x509_cert::ext::pkix::KeyUsages;

use super::order::Order;
use super::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};
use crate::name::{CommonName, Country, OrganizationIdentifier, OrganizationName};
use crate::oid;

/// The rules.
pub static RULES: Rules = Rules {
    // A key that lives this long signs seldom: P-384, or RSA for those who must read it with old software.
    keys: Keys::P384OrRsa,
    // 4.1.2.5: twenty years.
    lifetime_days: 7305,
    // 4.2.1.9: critical, no limit; the issuing CA carries its own.
    basic: Basic::Authority { path_length: None },
    // 4.2.1.3.
    key_usage: Usages::alike(&[KeyUsages::KeyCertSign, KeyUsages::CRLSign]),
    // 4.2.1.12: not in a root.
    extended_key_usage: &[],
    extended_criticality: Criticality::NotCritical,
    // 4.1.2.6.
    subject: AUTHORITY_SUBJECT,
    hosts: Presence::Forbidden,
    mail: Presence::Forbidden,
    statements: Presence::Forbidden,
    // A root is an anchor: nothing to be looked up, no policy to be limited (4.2.1.4).
    ocsp: Presence::Forbidden,
    issuer_certificate: Presence::Forbidden,
    crl: Presence::Forbidden,
    no_check: Presence::Forbidden,
    policies: &[],
};

pub(super) const AUTHORITY_SUBJECT: &[const_oid::ObjectIdentifier] = &[oid::COUNTRY, oid::ORGANIZATION, oid::COMMON_NAME];

/// The name of an authority, a responder or a time-stamping unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityName {
    /// Country of the operator.
    pub country: Country,
    /// Operator.
    pub organization: OrganizationName,
    /// The operator's CVR number, where it has one.
    pub identifier: Option<OrganizationIdentifier>,
    /// The authority's own name; a demonstration says DEMO in it.
    pub common_name: CommonName,
}

impl AuthorityName {
    pub(super) fn name(&self, order: &mut Order) {
        order.printable(oid::COUNTRY, self.country.as_str());
        order.utf8(oid::ORGANIZATION, self.organization.as_str());
        if let Some(identifier) = &self.identifier {
            order.organization_identifier(identifier);
        }
        order.utf8(oid::COMMON_NAME, self.common_name.as_str());
    }
}

/// Orders it.
#[must_use]
pub fn order(name: &AuthorityName) -> Order {
    let mut order = Order::of(Kind::Root);
    name.name(&mut order);
    order
}
