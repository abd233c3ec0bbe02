//! A service to talk to: real TLS on loopback, and the service's half of the protocol by the crate `keycard`.

pub mod peer;
pub mod service;
