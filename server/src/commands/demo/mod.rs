//! The demonstration: made-up companies and people, their published passwords, and every mail and letter that would have left.
//!
//! Promises that none of this is reachable in real use: its pages are mounted in [`crate::config::Mode::Demonstration`] only.

pub mod found;
mod links;
pub mod pages;
mod paper;
pub mod props;
pub mod story;
