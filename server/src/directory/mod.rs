//! The public directory: certificates by exact mail address, of those who said yes themselves and for as long as they do.
//!
//! Promise: nobody is found who did not ask to be, nobody can say yes for somebody else, a yes is for one address and ends with it, and
//! there is nothing to leaf through: one address a question, few questions a minute from one network, however many nodes
//! answer. It answers programs as RFC 4387.
//!
//! Walk: [`agree`] and [`take_back`] on one's own page -> [`find`] for anybody.

mod agree;
mod error;
mod find;
mod model;
pub mod pages;
pub mod routes;
mod store;

pub use self::{
    agree::{agree, own_address, take_back},
    error::DirectoryError,
    find::{find, forget, listing},
    model::{Address, Found, Listing},
};
