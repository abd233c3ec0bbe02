//! Where the service is: a host and perhaps a port, always over HTTPS.

use std::fmt;

use crate::fault::{Fault, Rule};

const LONGEST_BYTES: usize = 253 + 6;

/// A host name, an IPv4 address or an IPv6 address in brackets, and perhaps a port: `segl.example.dk`, `127.0.0.1:8443`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address(String);

impl Address {
    /// Reads an address as a person types it: capitals, blanks around, `https://` before and `/` behind are fine. Anything else is not:
    /// no user, no path, no other scheme.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        if typed.len() > LONGEST_BYTES + 64 {
            return Err(Rule::TooLong { bound: LONGEST_BYTES }.at("address"));
        }
        let lower = typed.trim().to_ascii_lowercase();
        let bare = lower.strip_prefix("https://").unwrap_or(&lower);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        if bare.is_empty() {
            return Err(Rule::Absent.at("address"));
        }
        if bare.len() > LONGEST_BYTES {
            return Err(Rule::TooLong { bound: LONGEST_BYTES }.at("address"));
        }
        if is_address(bare) { Ok(Self(bare.to_owned())) } else { Err(Rule::Unknown.at("address")) }
    }

    /// The URL that all paths hang on: `https://segl.example.dk`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.0)
    }

    /// Host and port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_address(text: &str) -> bool {
    if let Some(bracketed) = text.strip_prefix('[') {
        let Some((host, rest)) = bracketed.split_once(']') else { return false };
        let is_host = host.parse::<core::net::Ipv6Addr>().is_ok();
        return is_host && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
    }
    match text.split_once(':') {
        None => is_host(text),
        Some((host, port)) => is_host(host) && is_port(port),
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let signs = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (1..=63).contains(&label.len()) && signs && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn is_port(port: &str) -> bool {
    port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}
