//! Foreign tools and servers, one file each. A missing one is a failure that says what installs it.

pub mod postgres;
