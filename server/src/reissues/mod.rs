//! A forgotten password that an administrator has replaced, where no phone of the person's does it (`security.md` section 5).
//!
//! **Promises.** Nobody does it alone where the company has two administrators besides the person; nobody does it for themselves. The person is
//! told by mail when it is asked for, at an address that was changed within two weeks too, and so are those who sign for the company; that mail's
//! link stops it without a log-in for as long as anything waits, and so does every administrator. The new certificates wait until a day has passed
//! since the old password stopped (`policy.reissue_hours`; nearly two where there is another administrator and none who can agree), unless a phone that was paired before it was asked for lets them go.
//!
//! **Refusals.** A name or address newer than three days: the link would go there. Somebody who never activated has an invitation to be renewed.
//!
//! **The words.** *Asked*, *approved* by the second administrator (at once where there is none), *given*: link and temporary password are on their
//! way and everything of before rests. Then the person activates once more ([`crate::employees::reissue`]), and it is *done* when nothing waits any
//! more; or *cancelled*, or *lapsed*.
//!
//! **The walk.** [`ask()`] -> [`approve()`] -> [`give()`] -> the activation -> `jobs`; [`hasten_by`] shortens it, [`cancel`] and
//! [`cancel_by_link`] end it.

mod approve;
mod ask;
mod cancel;
pub mod epoch;
mod error;
mod give;
mod hasten;
pub mod jobs;
mod model;
pub mod pages;
pub mod read;
pub mod routes;
mod stop_pages;
mod store;

pub use self::{
    approve::{approvable, approve, approve_by},
    ask::{Prepared, ask, prepare},
    cancel::{cancel, cancel_by_link},
    error::ReissueError,
    give::{Given, give},
    hasten::{finish, hasten_by, hastenable, is_own},
    model::{Reissue, ReissueState, Standing},
};
