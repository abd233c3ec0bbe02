//! PKI craft: bytes, keys and times in, bytes out. No network, database, wall clock or async.
//!
//! Every refusal is a variant of its module's error with the section of the standard that it rests on.

#![warn(missing_docs)]

pub mod archive;
pub mod ca;
pub mod cms;
pub mod elsewhere;
pub mod key_file;
pub mod keystore;
pub mod name;
pub mod oid;
pub mod pades;
pub mod path;
pub mod profiles;
pub mod public_key;
pub mod revocation;
pub mod serial;
pub mod timestamp;
pub mod validity;
