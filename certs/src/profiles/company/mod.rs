//! What a company or association itself is certified for: its seal, and its shared mailboxes and systems.
//!
//! The subject that both share (EN 319 412-3 section 4.2.1, EN 319 412-1 section 5.1.4):
//! `C, O, organizationIdentifier, serialNumber, CN`, in this order.

pub mod function;
pub mod seal;

use super::Organization;
use super::order::Order;
use crate::name::{CommonName, Country, UnitIdentifier};
use crate::oid;

/// A company or association, or a mailbox or system of it, as certificates name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Which.
    pub organization: Organization,
    /// `UI:DK-O:G:<uuid>`, over all certificates.
    pub identifier: UnitIdentifier,
    /// What it is called: the company for a seal, `Bogholderi` for a function.
    pub common_name: CommonName,
}

impl Unit {
    fn name(&self, common_name: &str, order: &mut Order) {
        order.printable(oid::COUNTRY, Country::DENMARK.as_str());
        order.utf8(oid::ORGANIZATION, self.organization.name.as_str());
        order.organization_identifier(&self.organization.identifier);
        order.printable(oid::SERIAL_NUMBER, &self.identifier.to_string());
        order.utf8(oid::COMMON_NAME, common_name);
    }
}

/// What the subject of a company must have.
const SUBJECT: &[const_oid::ObjectIdentifier] =
    &[oid::COUNTRY, oid::ORGANIZATION, oid::ORGANIZATION_IDENTIFIER, oid::SERIAL_NUMBER, oid::COMMON_NAME];
