//! Companies and associations: agreement, signatories, standing.

#[expect(dead_code, reason = "the verbs that write land next")]
mod model;
pub mod read;
#[expect(dead_code, reason = "the verbs that write land next")]
mod store;

pub use self::model::{Company, CompanyKind, CompanyState, Nominee, Signatory};
