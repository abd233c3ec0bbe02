//! The certificate with which the service signs its own mail: S/MIME BR mailbox-validated, strict generation. It claims only the mailbox.

use x509_cert::ext::pkix::KeyUsages;

use crate::name::{CommonName, EmailAddress, NameError};
use crate::oid;
use crate::profiles::order::{Order, Pointers, Practice};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

/// The rules.
pub static RULES: Rules = Rules {
    keys: Keys::P256,
    // BR 6.3.2: strict at most 825 days.
    lifetime_days: 730,
    basic: Basic::EndEntity,
    // BR 7.1.2.3 (e).
    key_usage: Usages::alike(&[KeyUsages::DigitalSignature]),
    // BR 7.1.2.3 (f): strict has emailProtection alone.
    extended_key_usage: &[oid::EMAIL_PROTECTION],
    extended_criticality: Criticality::NotCritical,
    // BR 7.1.4.2.3: nothing but the mailbox.
    subject: &[oid::COMMON_NAME],
    hosts: Presence::Forbidden,
    mail: Presence::Required,
    statements: Presence::Forbidden,
    ocsp: Presence::Required,
    issuer_certificate: Presence::Required,
    crl: Presence::Required,
    no_check: Presence::Forbidden,
    policies: &[[3, 3]],
};

/// Orders it for the service's sending address, at most 64 characters, since it is also the common name.
///
/// # Errors
/// [`NameError::TooLong`].
pub fn order(mail: &EmailAddress, pointers: &Pointers, practice: &Practice) -> Result<Order, NameError> {
    let common_name = CommonName::parse(mail.as_str())?;
    let mut order = Order::of(Kind::Notice).pointing(pointers);
    order.utf8(oid::COMMON_NAME, common_name.as_str());
    order.mail = Some(mail.clone());
    Ok(order.under(practice, [3, 3], &[oid::SMIME_MAILBOX_STRICT]))
}
