//! A server that is spoken to over TLS: inside a company, or the service itself where no public authority is wanted.

use x509_cert::ext::pkix::KeyUsages;

use crate::name::{CommonName, Host, NameError};
use crate::oid;
use crate::profiles::order::{Order, Pointers, Practice};
use crate::profiles::root::{AUTHORITY_SUBJECT, AuthorityName};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

/// Most names and addresses in one certificate.
pub const LIMIT_HOSTS: usize = 50;

/// The rules.
pub static RULES: Rules = Rules {
    keys: Keys::Any,
    // What browsers take from any authority that a user installed (398 days).
    lifetime_days: 398,
    basic: Basic::EndEntity,
    // RFC 8446 section 4.4.2.2: the key signs. NSS takes an RSA server only with keyEncipherment too, though nobody transports keys by RSA any more.
    key_usage: Usages { elliptic: &[KeyUsages::DigitalSignature], rsa: &[KeyUsages::DigitalSignature, KeyUsages::KeyEncipherment] },
    extended_key_usage: &[oid::SERVER_AUTHENTICATION],
    extended_criticality: Criticality::NotCritical,
    subject: AUTHORITY_SUBJECT,
    // RFC 9525 section 4.1: dNSName and iPAddress; what stands in the common name nobody reads any more.
    hosts: Presence::Required,
    mail: Presence::Forbidden,
    statements: Presence::Forbidden,
    ocsp: Presence::Required,
    issuer_certificate: Presence::Required,
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    policies: &[[3, 4]],
};

/// Orders it for these hosts; the first is also the common name, where it has at most 64 characters.
///
/// # Errors
/// [`NameError`] for none, or for more than [`LIMIT_HOSTS`].
pub fn order(operator: &AuthorityName, hosts: &[Host], pointers: &Pointers, practice: &Practice) -> Result<Order, NameError> {
    let first = hosts.first().ok_or(NameError::Empty { field: crate::name::Field::Host })?;
    if hosts.len() > LIMIT_HOSTS {
        return Err(NameError::TooMany { field: crate::name::Field::Host, limit: LIMIT_HOSTS });
    }
    let mut order = Order::of(Kind::Tls).pointing(pointers);
    let common_name = CommonName::parse(&first.to_string()).unwrap_or_else(|_| operator.common_name.clone());
    AuthorityName { common_name, ..operator.clone() }.name(&mut order);
    order.hosts = hosts.to_vec();
    Ok(order.under(practice, [3, 4], &[]))
}
