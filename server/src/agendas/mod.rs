//! What waits for the administrators of a company: for a second person's consent, or for the one who asked to go on.
//!
//! **Promises.** Each administrator sees what they can do themselves, and nothing that is over: what one asked for waits for another, and stands in
//! the other's list. Nothing is decided here; each line leads to the page that decides.
//!
//! **The walk.** [`read`] asks each slice that lets things wait; the company's own page shows how many ([`crate::employees::agenda`]).

mod model;
pub mod pages;
pub mod read;
pub mod routes;

pub use self::model::{Kind, Line};
