//! Issuing, in the order that cannot sign first and think later: [`prepare`](prepare()) builds and lints the exact bytes to be signed, the caller
//! stores that [`Prepared`], and [`issue`](issue()) signs those bytes, once, and checks its own signature. Only a `Prepared` can be issued.

pub(crate) mod assemble;
mod build;
pub mod ceremony;
pub mod cross;
mod issue;
mod issuer;
pub mod lint;
mod list;
mod prepare;
pub mod request;

pub use issue::{IssueError, Issued, issue};
pub use issuer::{Issuer, IssuerError};
pub(crate) use list::capture_crl;
pub use prepare::{PrepareError, Prepared, key_of, prepare, tbs_of};
