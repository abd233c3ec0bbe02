//! Operators by two people: nobody makes, changes or ends an operator alone.
//!
//! Promise: an invitation, other roles or an end is *asked* by an operator with the role security, right after a fresh proof, and takes effect
//! when another operator with that role *consents*. Of two consents at once, one counts. Whatever nobody consents to within seven days lapses; it may
//! be *refused* by the others and *withdrawn* by whoever asked. Every step is told by mail to all who have the role, and stands in the audit.
//!
//! Where there is only one operator with the role, the invitation of a second one takes effect by itself after `policy.operator_wait_hours`, unless
//! it is withdrawn meanwhile; nothing else can be asked. Root on the host is outside (`security.md` section 6) and may invite at once: [`host`].
//!
//! Refuses: consent to one's own request, other roles for oneself, and whatever would leave nobody with the role security.
//!
//! **The walk.** [`ask()`] -> [`consent`], [`refuse`] or [`withdraw`]; `jobs` for what waits or lapses. The invited activate as everybody does
//! (`employees/activate.rs`), with the mailed link and the temporary password that only whoever asked was shown. The very first operator is
//! `employees/operators.rs`.

mod ask;
mod decide;
mod effect;
pub mod epoch;
mod error;
pub mod host;
pub mod jobs;
mod model;
pub mod pages;
pub mod read;
pub mod routes;
mod store;

pub use self::{
    ask::{Asked, Prepared, Wanted, ask, invitation, prepare, prepare_invitation},
    decide::{Decision, Told, consent, prepare as prepare_decision, refuse, withdraw},
    error::OperatorError,
    model::{Change, ChangeKind, ChangeState, OPERATOR_ROLES, roles_of},
};
