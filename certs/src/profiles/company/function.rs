//! A shared mailbox or a system of a company (FOCES): signs and reads mail, and logs in. S/MIME BR organization-validated, multipurpose.

use x509_cert::ext::pkix::KeyUsages;

use super::{SUBJECT, Unit};
use crate::name::{CommonName, EmailAddress, OrganizationIdentifier};
use crate::oid;
use crate::profiles::association::{ASSOCIATION, REGISTERED};
use crate::profiles::order::{Meaning, Order, Pointers, Practice, statements};
use crate::profiles::{Basic, Criticality, Keys, Kind, Presence, Rules, Usages};

const PURPOSE: u32 = 5;

/// The rules.
pub static RULES: Rules = Rules {
    // RFC 5753: mail to it is opened by ECDH on P-256, or by RSA.
    keys: Keys::P256OrRsa,
    // BR 6.3.2: multipurpose at most 825 days.
    lifetime_days: 730,
    basic: Basic::EndEntity,
    // BR 7.1.2.3 (e), dual use: a mailbox that several share has one certificate, as its predecessor had. EN 319 412-2 section 4.3.2 would have two,
    // so NCP is not claimed.
    key_usage: Usages {
        elliptic: &[KeyUsages::DigitalSignature, KeyUsages::KeyAgreement],
        rsa: &[KeyUsages::DigitalSignature, KeyUsages::KeyEncipherment],
    },
    // BR 7.1.2.3 (f).
    extended_key_usage: &[oid::EMAIL_PROTECTION, oid::CLIENT_AUTHENTICATION],
    extended_criticality: Criticality::NotCritical,
    // BR 7.1.4.2.4: organization-validated; EN 319 412-3 section 4.2.1.
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

/// Orders it. BR 7.1.4.2.2 (a): the common name is the mailbox; where that is longer than 64 characters, the organisation.
#[must_use]
pub fn order(function: &Unit, mail: &EmailAddress, pointers: &Pointers, practice: &Practice) -> Order {
    let mut order = Order::of(Kind::Function).pointing(pointers);
    let mailbox = CommonName::parse(mail.as_str());
    function.name(mailbox.as_ref().map_or(function.organization.name.as_str(), CommonName::as_str), &mut order);
    order.mail = Some(mail.clone());
    order.statements = Some(statements(Meaning::LegalPerson, &practice.name_authority));
    match function.organization.identifier {
        OrganizationIdentifier::Registered(_) => order.under(practice, [REGISTERED, PURPOSE], &[oid::SMIME_ORGANIZATION_MULTIPURPOSE]),
        OrganizationIdentifier::Association(_) => order.under(practice, [ASSOCIATION, PURPOSE], &[]),
    }
}
