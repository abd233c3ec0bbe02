//! `[server]` and `[log]`: where the service listens, under which URLs it is known.

use std::net::{IpAddr, SocketAddr};

use super::Faults;
use crate::platform::telemetry::LogFormat;

/// Whether this is the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Made-up people, loopback only, DEMO in every CA name and on every page.
    Demonstration,
    /// For real use.
    Real,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    pki_url: Option<String>,
    trusted_proxies: Vec<IpAddr>,
    workers: Option<usize>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Server {
    /// The address of the listener.
    pub listen: SocketAddr,
    /// Pages and API; no slash at the end. https, except on localhost.
    pub public_url: String,
    /// What certificates point at: CRLs, OCSP, CA certificates, time stamps. http, no slash at the end.
    pub pki_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Worker threads.
    pub workers: usize,
    /// Demonstration or not.
    pub mode: Mode,
}

/// `[log]`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(default)]
pub struct Log {
    /// `json` or `text`.
    pub format: LogFormat,
    /// Which lines, as `info` or `info,segl=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), filter: "info,sqlx=warn,actix_server=warn".to_owned() }
    }
}

impl Server {
    /// Whether the public URL names this very machine.
    pub fn is_local(&self) -> bool {
        is_local(&self.public_url)
    }

    /// Listens elsewhere than configured. Local URLs follow the port.
    ///
    /// # Errors
    /// When the demonstration would leave this machine.
    pub fn listen_on(&mut self, listen: SocketAddr) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.mode == Mode::Real || listen.ip().is_loopback(),
            "the demonstration listens on a loopback address only, such as 127.0.0.1:8080"
        );
        let old = format!("http://localhost:{}", self.listen.port());
        let new = format!("http://localhost:{}", listen.port());
        for url in [&mut self.public_url, &mut self.pki_url] {
            if *url == old {
                url.clone_from(&new);
            }
        }
        self.listen = listen;
        Ok(())
    }

    /// The `Origin` of our own pages.
    pub fn origin(&self) -> &str {
        &self.public_url
    }
}

impl Raw {
    pub(super) fn check(self, mode: Mode, faults: &mut Faults) -> Server {
        let listen = self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        if mode == Mode::Demonstration && !listen.ip().is_loopback() {
            faults.note("server.listen", "the demonstration listens on a loopback address only, such as 127.0.0.1:8080");
        }
        let local = format!("http://localhost:{}", listen.port());
        if mode == Mode::Real && self.public_url.is_none() {
            faults.note("server.public_url", "must be set, as \"https://segl.example.dk\"; `segl init` asks for it");
        }
        let public_url = trimmed(self.public_url.unwrap_or_else(|| local.clone()));
        let pki_url = trimmed(
            self.pki_url.unwrap_or_else(|| if is_local(&public_url) { local } else { public_url.replacen("https://", "http://", 1) }),
        );
        if !(public_url.starts_with("https://") || is_local(&public_url)) {
            faults.note("server.public_url", "must begin with https:// (http:// is for localhost only)");
        }
        if !pki_url.starts_with("http://") {
            faults.note(
                "server.pki_url",
                "must begin with http://: whoever checks a certificate fetches CRLs without TLS (RFC 5280 section 8)",
            );
        }
        for (key, url) in [("server.public_url", &public_url), ("server.pki_url", &pki_url)] {
            let host = url.split_once("://").map_or("", |(_, rest)| rest);
            if host.is_empty() || host.contains(['/', '?', '#', ' ']) || !host.is_ascii() {
                faults.note(key, "must be scheme and host (and port) only, in ASCII");
            }
        }
        let workers = self.workers.unwrap_or(2);
        if !(1..=256).contains(&workers) {
            faults.note("server.workers", "must be 1 to 256");
        }
        Server { listen, public_url, pki_url, trusted_proxies: self.trusted_proxies, workers, mode }
    }
}

fn trimmed(url: String) -> String {
    url.trim_end_matches('/').to_owned()
}

fn is_local(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let host = rest.split(['/', ':']).next().unwrap_or("");
    host == "localhost" || host == "127.0.0.1" || rest.starts_with("[::1]")
}
