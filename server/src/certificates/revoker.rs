//! Who may give which reason for a revocation: one table, for the API, the pages and the tests.
//!
//! `cACompromise` is for ceremonies, `certificateHold` is never given: what can be taken back is no protection.

use certs::revocation::Reason;

use crate::platform::actor::{Actor, Role};

/// In which quality somebody revokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Revoker {
    /// An administrator, of the company's certificates.
    Administrator,
    /// Whoever has the revocation code, without a login.
    Code,
    /// The employee whom the certificate names.
    Holder,
    /// An operator with the role for security, of any certificate.
    Operator,
}

impl Revoker {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Code, Self::Holder, Self::Operator];

    /// In which quality this person revokes.
    pub fn of(actor: &Actor) -> Self {
        if actor.is(Role::Security) {
            Self::Operator
        } else if actor.is(Role::Administrator) {
            Self::Administrator
        } else {
            Self::Holder
        }
    }

    /// The reasons that may be given, in the order of the form.
    pub const fn reasons(self) -> &'static [Reason] {
        match self {
            // That somebody left or lost a right is the company's word.
            Self::Administrator => &[
                Reason::KeyCompromise,
                Reason::AffiliationChanged,
                Reason::Superseded,
                Reason::CessationOfOperation,
                Reason::PrivilegeWithdrawn,
            ],
            // Whoever found the paper may say no more than that.
            Self::Code => &[Reason::KeyCompromise, Reason::CessationOfOperation],
            Self::Holder => {
                &[Reason::KeyCompromise, Reason::AffiliationChanged, Reason::Superseded, Reason::CessationOfOperation, Reason::Unspecified]
            }
            // The service says why, always: never unspecified.
            Self::Operator => &[
                Reason::KeyCompromise,
                Reason::AffiliationChanged,
                Reason::Superseded,
                Reason::CessationOfOperation,
                Reason::PrivilegeWithdrawn,
            ],
        }
    }

    /// Whether this reason may be given.
    pub fn may_give(self, reason: Reason) -> bool {
        self.reasons().contains(&reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_suspends_or_speaks_for_an_authority_and_everybody_may_tell_of_a_stolen_key() {
        for revoker in Revoker::ALL {
            assert!(revoker.may_give(Reason::KeyCompromise));
            assert!(!revoker.may_give(Reason::CertificateHold) && !revoker.may_give(Reason::CaCompromise));
        }
    }

    #[test]
    fn a_right_is_withdrawn_by_the_company_or_the_service_and_not_by_its_holder() {
        let may: Vec<Revoker> = Revoker::ALL.into_iter().filter(|revoker| revoker.may_give(Reason::PrivilegeWithdrawn)).collect();
        assert_eq!(may, [Revoker::Administrator, Revoker::Operator]);
    }
}
