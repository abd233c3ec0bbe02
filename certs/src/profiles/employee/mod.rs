//! What an employee is certified for: signing documents, signing mail and logging in, reading encrypted mail.
//!
//! The subject that all three certificates of an employee share (EN 319 412-2 section 4.2.4, EN 319 412-1 sections 5.1.3 and 5.1.4):
//! `C, O, organizationIdentifier, serialNumber, GN, SN, CN`, in this order. The signing certificate of somebody who is not 18 says so in `OU` as well.

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

/// Whether the signing certificate bears the youth notice (`OU`): who is between 15 and 18 cannot bind themselves by contracts alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Age {
    /// 18 or more, or not known.
    #[default]
    Adult,
    /// Between 15 and 18.
    Youth,
}

/// The youth notice. NemID's own words have 78 characters; RFC 5280 appendix A.1 has room for 64 (ub-organizational-unit-name).
pub const YOUTH_NOTICE: &str = "Ung mellem 15 og 18 - kan normalt ikke indgå bindende aftaler";

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
    /// Whether the signing certificate bears the youth notice.
    pub age: Age,
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
