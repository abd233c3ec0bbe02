//! Code tokens (nøglevisere): small devices that show codes, by counter (HOTP, RFC 4226) or by time (TOTP, RFC 6238), made elsewhere.
//!
//! Promises: a seed is sealed by the keystore when it is imported and never readable again; each try is counted before a code is looked at; a code
//! is taken once, by one guarded change, also at two nodes; administrators give out the tokens of their company and of none, and the first who gives one
//! out makes it the company's. A token is *stock* until it is *assigned* by its serial number; its holder makes it
//! *active* by two codes that follow one another, after a proof by card or phone; *blocked*, it comes back the same way. It serves for years, not
//! for ever. The walk: `import` -> `assign` -> `activate` -> `judge`, `redeem` -> `block`.

mod activate;
mod assign;
mod block;
pub mod epoch;
mod error;
mod import;
mod import_csv;
mod import_pskc;
mod import_xml;
pub mod jobs;
mod judge;
mod model;
pub mod own_pages;
pub mod own_routes;
pub mod pages;
pub mod read;
mod redeem;
pub mod routes;
mod store;
#[cfg(test)]
mod tests;

pub use self::{
    activate::{activate, resync},
    assign::{assign, unassign},
    block::{block, block_all},
    error::TokenError,
    judge::{Judged, judge},
    model::{CodeToken, Reach, Standing, Taker},
    redeem::redeem,
};
