//! What `segl` can be told to do, one file each.

pub mod serve;
