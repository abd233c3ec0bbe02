//! Just enough PDF (ISO 32000-2) to append a revision without touching a byte of what is there.
//!
//! Reads the cross-reference chain and single objects, keeps the span of every value, and changes dictionaries by splicing
//! their bytes: numbers and strings keep their spelling. Nothing is repaired: what cannot be followed is refused.

pub(crate) mod budget;
pub(crate) mod document;
pub(crate) mod filter;
pub(crate) mod increment;
pub(crate) mod object;
pub(crate) mod parser;
pub(crate) mod splice;
pub(crate) mod xref;
