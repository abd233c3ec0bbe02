//! What an employee is certified for: signing documents, signing mail and logging in, reading encrypted mail.
//!
//! The subject that all three certificates of an employee share (EN 319 412-2 section 4.2.4, EN 319 412-1 sections 5.1.3 and 5.1.4):
//! `C, O, organizationIdentifier, serialNumber, GN, SN, CN`, in this order.

pub mod encryption;
pub mod mail;
pub mod signing;

use crate::name::{CommonName, Country, GivenName, OrganizationIdentifier, OrganizationName, PersonIdentifier, Surname};
use crate::oid;
use crate::profiles::order::Order;

/// The company or association whose employee it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Legal name, or the certificate name of those whose legal name is longer than 64 characters.
    pub name: OrganizationName,
    /// CVR number, or the association's own identifier; this decides between the two policies.
    pub identifier: OrganizationIdentifier,
}

/// A person in an organisation, as certificates name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employee {
    /// Where.
    pub organization: Organization,
    /// `UI:DK-E:G:<uuid>`.
    pub identifier: PersonIdentifier,
    /// Given names.
    pub given_name: GivenName,
    /// Surname.
    pub surname: Surname,
    /// The full name as shown.
    pub common_name: CommonName,
}

impl Employee {
    pub(super) fn name(&self, order: &mut Order) {
        order.printable(oid::COUNTRY, Country::DENMARK.as_str());
        order.utf8(oid::ORGANIZATION, self.organization.name.as_str());
        order.organization_identifier(&self.organization.identifier);
        order.printable(oid::SERIAL_NUMBER, &self.identifier.to_string());
        order.utf8(oid::GIVEN_NAME, self.given_name.as_str());
        order.utf8(oid::SURNAME, self.surname.as_str());
        order.utf8(oid::COMMON_NAME, self.common_name.as_str());
    }
}

/// What the subject of an employee must have.
pub(super) const SUBJECT: &[const_oid::ObjectIdentifier] =
    &[oid::COUNTRY, oid::ORGANIZATION, oid::ORGANIZATION_IDENTIFIER, oid::SERIAL_NUMBER, oid::GIVEN_NAME, oid::SURNAME, oid::COMMON_NAME];
