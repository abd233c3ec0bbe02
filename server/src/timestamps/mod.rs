//! RFC 3161 time stamps: what existed when, said by a unit whose key does nothing else.
//!
//! Promise: every token names its own certificate, has a serial number that never repeats (blocks reserved in the database), and says
//! how far the clock may be off. It refuses in the protocol's own words while no unit is installed, the unit's certificate is not valid
//! now, or the clock is off by more than a second or unknown (`platform::reference`).

pub mod epoch;
mod error;
mod install;
mod order;
mod outside;
pub mod read;
pub mod routes;
mod serials;
mod stamp;
mod store;

pub use self::{
    error::TimestampError,
    install::install_unit,
    order::{Stamped, ready_in_order, room, stamp_in_order},
    outside::OutsideError,
    stamp::{answer, ready, stamp},
};
