//! `[timestamps]`: what says whether this machine's clock is right, and who stamps the times of our signatures.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use openssl::x509::X509;

use super::{Faults, Mode, under};

/// The port of NTP (RFC 5905 section 7.2).
const NTP_PORT: u16 = 123;
/// How many authorities may be asked for one signature.
const MOST_STAMPERS: usize = 8;

/// Which reference is asked, as the file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clock {
    Kernel,
    None,
    Ntp,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    clock: Option<Clock>,
    ntp_server: Option<String>,
    order: Option<Vec<String>>,
    outside_trust_file: Option<PathBuf>,
    outside_tls_file: Option<PathBuf>,
    outside_timeout_seconds: Option<u64>,
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

/// Who stamps the time of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamper {
    /// The authority at this URL.
    Outside(String),
    /// Our own.
    Own,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Timestamps {
    /// Whom the clock is compared with.
    pub clock: ClockReference,
    /// Who is asked for a signature's time stamp: the first, and the next when one fails.
    pub order: Vec<Stamper>,
    /// Who may certify authorities outside, DER; trusted for time stamps alone.
    pub outside_trust: Vec<Vec<u8>>,
    /// Who may certify their servers, DER; none: whoever the machine trusts.
    pub outside_tls: Option<Vec<Vec<u8>>>,
    /// How long an authority outside may take.
    pub outside_timeout: Duration,
}

impl Raw {
    pub(super) fn check(mut self, mode: Mode, data: &Path, faults: &mut Faults) -> Timestamps {
        let seconds = self.outside_timeout_seconds.unwrap_or(10);
        if !(1..=60).contains(&seconds) {
            faults.note("timestamps.outside_timeout_seconds", "must be 1 to 60");
        }
        let order = self.order.take().map_or_else(|| vec![Stamper::Own], |order| stampers(order, faults));
        let outside_trust =
            self.outside_trust_file.take().map(|file| trusted("timestamps.outside_trust_file", &under(data, Some(file), ""), faults));
        let outside_trust = outside_trust.unwrap_or_default();
        let outside_tls =
            self.outside_tls_file.take().map(|file| trusted("timestamps.outside_tls_file", &under(data, Some(file), ""), faults));
        if outside_trust.is_empty() && order.iter().any(|stamper| *stamper != Stamper::Own) {
            faults.note(
                "timestamps.outside_trust_file",
                "must be set when \"order\" names an authority outside: its answers are believed by nothing else",
            );
        }
        let clock = self.clock(mode, faults);
        Timestamps { clock, order, outside_trust, outside_tls, outside_timeout: Duration::from_secs(seconds) }
    }

    fn clock(self, mode: Mode, faults: &mut Faults) -> ClockReference {
        let default = match mode {
            Mode::Demonstration => Clock::None,
            Mode::Real => Clock::Kernel,
        };
        let clock = self.clock.unwrap_or(default);
        if self.ntp_server.is_some() && clock != Clock::Ntp {
            faults.note("timestamps.ntp_server", "is asked with clock = \"ntp\" only");
        }
        match (clock, self.ntp_server) {
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
        }
    }
}

/// `own` and URLs, each once.
fn stampers(order: Vec<String>, faults: &mut Faults) -> Vec<Stamper> {
    const KEY: &str = "timestamps.order";
    let mut stampers = Vec::new();
    for word in order {
        let plain = word.len() <= 500 && word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
        let stamper = match word.split_once("://") {
            None if word == "own" => Stamper::Own,
            Some(("http" | "https", rest)) if plain && !rest.starts_with('/') && !rest.is_empty() => Stamper::Outside(word),
            Some(_) | None => {
                faults.note(KEY, format!("{word:?} must be \"own\" or an address that begins with http:// or https:// (its answers are signed, and believed for nothing else)"));
                continue;
            }
        };
        if stampers.contains(&stamper) {
            faults.note(KEY, "must not name one twice");
        }
        stampers.push(stamper);
    }
    if !(1..=MOST_STAMPERS).contains(&stampers.len()) {
        faults.note(KEY, format!("must name 1 to {MOST_STAMPERS}"));
    }
    stampers
}

/// The certificates in a PEM file, DER.
fn trusted(key: &str, file: &Path, faults: &mut Faults) -> Vec<Vec<u8>> {
    let read = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()));
    let certificates = read.and_then(|text| X509::stack_from_pem(&text).map_err(|_| format!("{} is not PEM", file.display())));
    match certificates {
        Ok(certificates) if (1..=50).contains(&certificates.len()) => certificates.iter().filter_map(|one| one.to_der().ok()).collect(),
        Ok(_) => {
            faults.note(key, format!("{} must hold 1 to 50 certificates", file.display()));
            Vec::new()
        }
        Err(fault) => {
            faults.note(key, fault);
            Vec::new()
        }
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

    #[test]
    fn the_order_names_each_authority_once_and_none_with_a_password() {
        let judged = |words: &[&str]| {
            let mut faults = Faults::default();
            let order = stampers(words.iter().map(|word| (*word).to_owned()).collect(), &mut faults);
            (order, faults.0.len())
        };
        assert_eq!(judged(&["http://a.example/tsr", "own"]), (vec![Stamper::Outside("http://a.example/tsr".into()), Stamper::Own], 0));
        assert_eq!(judged(&["https://a.example/tsr"]).1, 0);
        for wrong in [&["own", "own"][..], &[], &["http://"], &["ftp://a.example"], &["http://user:pass@a.example/"], &["elsewhere"]] {
            assert!(judged(wrong).1 > 0, "{wrong:?}");
        }
        assert!(judged(&["http://a.example/1"; 9]).1 > 0);
    }
}
