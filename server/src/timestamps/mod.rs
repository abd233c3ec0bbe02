//! RFC 3161 time stamps: what existed when, said by a unit whose key does nothing else.
//!
//! Promise: every token names its own certificate, has a serial number of its own (126 random bits), and was verified before it is given
//! out. It refuses in the protocol's own words while no unit is installed or the unit's certificate is not valid now.

mod error;
mod install;
pub mod routes;
mod stamp;
mod store;

pub use self::{
    error::TimestampError,
    install::install_unit,
    stamp::{answer, stamp},
};
