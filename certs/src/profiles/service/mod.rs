//! What the service itself is certified for: OCSP answers, time stamps, its mail, its servers.

pub mod notice;
pub mod responder;
pub mod timestamp;
pub mod tls;
