//! Employees of an association without a CVR number.
//!
//! The S/MIME BR know only registers (`NTR`, `VAT`, `PSD`, `LEI`, `INT`, `GOV`; appendix A) for a sponsor's identifier; an association that no
//! register knows cannot have a BR policy. Its employees get the same certificates under a policy of our own, with
//! `organizationIdentifier = FO:DK-<own identifier>` (EN 319 412-1 section 5.1.4, local scheme), and still ETSI NCP: what we
//! checked about the person is the same.

use const_oid::ObjectIdentifier;

use super::order::{Order, Practice};
use crate::name::OrganizationIdentifier;
use crate::oid;

/// Second-last arc of policies for organisations in the trade register.
pub(super) const REGISTERED: u32 = 1;
/// Second-last arc of policies for associations without a CVR number.
pub(super) const ASSOCIATION: u32 = 2;

/// Adds the policies: our own, the BR one where the organisation is registered and the kind has one, and NCP.
pub(super) fn with_policies(
    order: Order,
    practice: &Practice,
    identifier: &OrganizationIdentifier,
    purpose: u32,
    baseline: Option<ObjectIdentifier>,
) -> Order {
    match (identifier, baseline) {
        (OrganizationIdentifier::Registered(_), Some(baseline)) => order.under(practice, [REGISTERED, purpose], &[baseline, oid::ETSI_NCP]),
        (OrganizationIdentifier::Registered(_), None) => order.under(practice, [REGISTERED, purpose], &[oid::ETSI_NCP]),
        (OrganizationIdentifier::Association(_), _) => order.under(practice, [ASSOCIATION, purpose], &[oid::ETSI_NCP]),
    }
}
