//! `[timestamps]`: what says whether this machine's clock is right.

use super::{Faults, Mode};

/// The port of NTP (RFC 5905 section 7.2).
const NTP_PORT: u16 = 123;

/// Which reference is asked, as the file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clock {
    Kernel,
    None,
    Ntp,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    clock: Option<Clock>,
    ntp_server: Option<String>,
}

/// Whom the clock is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClockReference {
    /// The kernel knows whether a time daemon keeps it right.
    Kernel,
    /// An NTP server, `host:port`.
    Ntp(String),
    /// Nobody: what the clock says is stamped, without a word on its accuracy.
    Unchecked,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Timestamps {
    /// Whom the clock is compared with.
    pub clock: ClockReference,
}

impl Raw {
    pub(super) fn check(self, mode: Mode, faults: &mut Faults) -> Timestamps {
        let default = match mode {
            Mode::Demonstration => Clock::None,
            Mode::Real => Clock::Kernel,
        };
        let clock = self.clock.unwrap_or(default);
        if self.ntp_server.is_some() && clock != Clock::Ntp {
            faults.note("timestamps.ntp_server", "is asked with clock = \"ntp\" only");
        }
        let clock = match (clock, self.ntp_server) {
            (Clock::Kernel, _) => ClockReference::Kernel,
            (Clock::None, _) => ClockReference::Unchecked,
            (Clock::Ntp, None) => {
                faults.note("timestamps.ntp_server", "must be set with clock = \"ntp\", as \"ntp.example.dk\" or \"ntp.example.dk:123\"");
                ClockReference::Unchecked
            }
            (Clock::Ntp, Some(server)) => match with_port(&server) {
                Some(server) => ClockReference::Ntp(server),
                None => {
                    faults.note("timestamps.ntp_server", "must be host or host:port, an IPv6 address in brackets");
                    ClockReference::Unchecked
                }
            },
        };
        Timestamps { clock }
    }
}

/// `host:port`, with the port of NTP when none is given.
fn with_port(server: &str) -> Option<String> {
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !server.ends_with(']') => (host, port.parse().ok().filter(|port| *port != 0)?),
        Some(_) | None => (server, NTP_PORT),
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fits = match inner {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)),
    };
    fits.then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_with_or_without_a_port() {
        for (given, asked) in [
            ("ntp.example.dk", Some("ntp.example.dk:123")),
            ("192.0.2.1:1123", Some("192.0.2.1:1123")),
            ("[2001:db8::1]", Some("[2001:db8::1]:123")),
            ("[2001:db8::1]:1123", Some("[2001:db8::1]:1123")),
            ("2001:db8::1", None),
            ("ntp://x", None),
            ("a b", None),
            ("x:0", None),
            ("x:99999", None),
            ("", None),
            (":123", None),
        ] {
            assert_eq!(with_port(given).as_deref(), asked, "{given:?}");
        }
    }
}
