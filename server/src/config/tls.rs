//! `[tls]`: where the service speaks HTTPS itself, and with which certificate.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use certs::name::Host;

use super::{Faults, Mode, under};

/// As many names fit into one certificate.
const MOST_HOSTS: usize = 20;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    listen: Option<SocketAddr>,
    certificate_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    hosts: Option<Vec<String>>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The address of the HTTPS listener; none: the service speaks plain HTTP alone, to a proxy or to this machine.
    pub listen: Option<SocketAddr>,
    /// Whose certificate it shows.
    pub source: TlsSource,
}

/// Where the certificate of the HTTPS listener comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// Our own CA, for these hosts. The key is in memory alone.
    Own(Vec<Host>),
    /// Files that somebody else renews, PEM: the certificate with those above it, and its key.
    Files {
        /// The certificate first.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
}

impl Tls {
    /// Listens elsewhere than configured.
    ///
    /// # Errors
    /// When the demonstration would leave this machine.
    pub fn listen_on(&mut self, listen: SocketAddr, mode: Mode) -> anyhow::Result<()> {
        anyhow::ensure!(mode == Mode::Real || listen.ip().is_loopback(), LOOPBACK);
        self.listen = Some(listen);
        Ok(())
    }
}

const LOOPBACK: &str = "the demonstration listens on a loopback address only, such as 127.0.0.1:8443";

impl Raw {
    pub(super) fn check(self, public_url: &str, mode: Mode, data: &Path, faults: &mut Faults) -> Tls {
        if mode == Mode::Demonstration && self.listen.is_some_and(|listen| !listen.ip().is_loopback()) {
            faults.note("tls.listen", LOOPBACK);
        }
        let source = match (self.certificate_file, self.key_file) {
            (Some(certificate), Some(key)) => {
                if self.hosts.is_some() {
                    faults.note("tls.hosts", "are those of the certificate in tls.certificate_file: leave them out");
                }
                TlsSource::Files { certificate: under(data, Some(certificate), ""), key: under(data, Some(key), "") }
            }
            (None, None) => TlsSource::Own(hosts(self.hosts, public_url, faults)),
            (Some(_), None) => absent("tls.key_file", faults),
            (None, Some(_)) => absent("tls.certificate_file", faults),
        };
        Tls { listen: self.listen, source }
    }
}

fn absent(key: &str, faults: &mut Faults) -> TlsSource {
    faults.note(key, "must be set too: tls.certificate_file and tls.key_file belong together");
    TlsSource::Own(Vec::new())
}

/// That of the public URL, on this machine its addresses; none where no certificate could name it (whoever listens with it is told).
fn own_hosts(public_url: &str) -> Vec<Host> {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let host = rest.strip_prefix('[').map_or_else(|| rest.split(':').next(), |rest| rest.split(']').next()).unwrap_or_default();
    let names = if matches!(host, "localhost" | "127.0.0.1" | "::1") { vec!["127.0.0.1", "::1"] } else { vec![host] };
    names.into_iter().filter_map(|name| Host::parse(name).ok()).collect()
}

/// The given ones, or one's own.
fn hosts(given: Option<Vec<String>>, public_url: &str, faults: &mut Faults) -> Vec<Host> {
    let Some(given) = given else { return own_hosts(public_url) };
    if given.is_empty() || given.len() > MOST_HOSTS {
        faults.note("tls.hosts", format!("must be 1 to {MOST_HOSTS} names or addresses"));
    }
    let mut hosts = Vec::with_capacity(given.len());
    for host in given.into_iter().take(MOST_HOSTS) {
        match Host::parse(&host) {
            Ok(host) => hosts.push(host),
            Err(error) => faults.note("tls.hosts", format!("\"{}\": {error}", host.escape_default())),
        }
    }
    hosts
}
