//! HTTPS to servers that others name: one POST, within a bounded time, to an address that is nobody's inside.
//!
//! Promises: the name is resolved here and the connection goes to the very address that was judged, so that a name cannot point inside between
//! the two; the server's certificate must be good for the name; no redirect is followed; the answer is read up to a bound. A connection that speaks
//! HTTP/2 is kept and used again, until it fails once or has rested a minute: one that died unnoticed is asked at most once. Refused: plain HTTP (but to this very machine, where the caller
//! allows it), user names in the address, and private, loopback and other inner addresses unless the configuration allows them.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::ssl::{SslConnector, SslMethod};
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

/// Connecting, asking and reading may take so long together, unless the caller says otherwise.
const PATIENCE: Duration = Duration::from_secs(8);
/// Connecting may take so long: a server that does not even do that in time is away.
const CONNECTING: Duration = Duration::from_secs(3);
/// An answer on a kept connection may take so long; then it is dead, and a new one is made.
const KEPT_PATIENCE: Duration = Duration::from_secs(2);
/// A connection that rested so long is not trusted to live.
const RESTED: Duration = Duration::from_secs(60);
/// So much of an answer is read.
pub const ANSWER_BYTES: usize = 16 * 1024;
/// So many kept connections.
const KEPT: usize = 16;

/// Whether inner addresses may be spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inside {
    /// Servers of one's own network, or tests.
    Allowed,
    /// Only what everybody can reach.
    #[default]
    Refused,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// Not an address that may be spoken to.
    #[error("not an https:// address of a server outside")]
    Address,
    /// The server is away, or its certificate is not good.
    #[error("the server cannot be reached: {0}")]
    Away(String),
    /// It took too long.
    #[error("no connection within {} s, or no answer in time", CONNECTING.as_secs())]
    TooLong,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What `Retry-After` says: seconds, or a date (RFC 9110 section 10.2.3).
    pub retry_after: Option<String>,
    /// Its body; empty when it was too large.
    pub body: Bytes,
    /// Whether it was larger than [`ANSWER_BYTES`].
    pub too_large: bool,
}

/// An address that may be spoken to, as far as its text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    uri: Uri,
    host: String,
    port: u16,
    scheme: Scheme,
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// TLS.
    Https,
    /// In clear, to this very machine and no other.
    Loopback,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// [`OutgoingError::Address`].
    pub fn parse(text: &str, inside: Inside) -> Result<Self, OutgoingError> {
        let uri: Uri = text.parse().map_err(|_| OutgoingError::Address)?;
        let authority = uri.authority().ok_or(OutgoingError::Address)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let named = host.trim_end_matches('.');
        let inner = match host.parse::<IpAddr>() {
            Ok(address) => !is_public(address),
            Err(_) => named == "localhost" || named.ends_with(".localhost") || !named.contains('.'),
        };
        let fits = uri.scheme_str() == Some("https") && !authority.as_str().contains('@') && (inside == Inside::Allowed || !inner);
        let port = authority.port_u16().unwrap_or(443);
        if fits && !host.is_empty() && port != 0 {
            Ok(Self { uri, host, port, scheme: Scheme::Https })
        } else {
            Err(OutgoingError::Address)
        }
    }

    /// The same; `http://` too, when it names this very machine.
    ///
    /// # Errors
    /// [`OutgoingError::Address`].
    pub fn parse_or_loopback(text: &str, inside: Inside) -> Result<Self, OutgoingError> {
        if !text.starts_with("http://") {
            return Self::parse(text, inside);
        }
        let uri: Uri = text.parse().map_err(|_| OutgoingError::Address)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(OutgoingError::Address)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let port = authority.port_u16().unwrap_or(80);
        if is_here && port != 0 { Ok(Self { uri, host, port, scheme: Scheme::Loopback }) } else { Err(OutgoingError::Address) }
    }

    /// Whether an address may be connected to for this target.
    fn may_be_at(&self, address: IpAddr, inside: Inside) -> bool {
        match self.scheme {
            Scheme::Https => inside == Inside::Allowed || is_public(address),
            Scheme::Loopback => address.is_loopback(),
        }
    }

    /// The same server, at another path.
    ///
    /// # Errors
    /// [`OutgoingError::Address`] when it is no path.
    pub fn at(&self, path: &str) -> Result<Self, OutgoingError> {
        let uri = format!("{}{path}", self.origin()).parse().map_err(|_| OutgoingError::Address)?;
        Ok(Self { uri, ..self.clone() })
    }

    /// Scheme, host and port where it is not 443: the origin (RFC 6454).
    pub fn origin(&self) -> String {
        let authority = self.uri.authority().map_or("", |authority| authority.as_str()).to_ascii_lowercase();
        match self.scheme {
            Scheme::Https => format!("https://{}", authority.strip_suffix(":443").unwrap_or(&authority)),
            Scheme::Loopback => format!("http://{}", authority.strip_suffix(":80").unwrap_or(&authority)),
        }
    }
}

/// Whether an address is one that everybody can reach (the IANA special-purpose registries).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., ..)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let words = address.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match words {
        // Mapped, translated (RFC 6052) and 6to4 addresses lead to the IPv4 address in them.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            is_public_v4(embedded(high, low))
        }
        [0x2001, 0..=0x1ff | 0xdb8, ..] => false,
        [first, ..] => (first & 0xe000) == 0x2000 && first != 0x3fff,
    }
}

/// A connection that is used again.
struct Kept {
    sender: http2::SendRequest<Full<Bytes>>,
    used: Instant,
}

/// Speaks HTTPS to others.
pub struct Outgoing {
    connector: SslConnector,
    inside: Inside,
    patience: Duration,
    reuse: Reuse,
    kept: Mutex<HashMap<String, Kept>>,
}

/// Whether connections are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reuse {
    /// While they live.
    Kept,
    /// Each post has its own, so that none is sent twice by itself.
    Never,
}

impl Outgoing {
    /// One that trusts what the machine trusts, and these roots (PEM) beside.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(roots: Option<&Path>, inside: Inside) -> Result<Self, OutgoingError> {
        let set_up = || {
            let mut builder = SslConnector::builder(SslMethod::tls_client())?;
            if let Some(roots) = roots {
                builder.set_ca_file(roots)?;
            }
            builder.set_alpn_protos(b"\x02h2\x08http/1.1")?;
            Ok::<_, openssl::error::ErrorStack>(builder.build())
        };
        Ok(Self {
            connector: set_up().map_err(|error| away(&error))?,
            inside,
            patience: PATIENCE,
            reuse: Reuse::Kept,
            kept: Mutex::default(),
        })
    }

    /// The same, which waits so long for an answer, and has a connection for each post.
    #[must_use]
    pub fn one_by_one(self, patience: Duration) -> Self {
        Self { patience, reuse: Reuse::Never, ..self }
    }

    /// Posts, and reads the answer.
    ///
    /// # Errors
    /// As [`OutgoingError`] says.
    pub async fn post(&self, target: &Target, headers: &[(&str, String)], body: Vec<u8>) -> Result<Answer, OutgoingError> {
        let asked = tokio::time::timeout(self.patience, self.asked(target, headers, Bytes::from(body))).await;
        let answer = asked.unwrap_or(Err(OutgoingError::TooLong));
        if answer.is_err() {
            self.drop_kept(target);
        }
        answer
    }

    async fn asked(&self, target: &Target, headers: &[(&str, String)], body: Bytes) -> Result<Answer, OutgoingError> {
        if let Some(mut known) = self.known(target) {
            let sent = known.send_request(request(target, Version::Two, headers, body.clone())?);
            if let Ok(Ok(answer)) = tokio::time::timeout(KEPT_PATIENCE, sent).await {
                return read(answer).await;
            }
            self.drop_kept(target);
        }
        if target.scheme == Scheme::Loopback {
            let tcp = tokio::time::timeout(CONNECTING, self.reach(target)).await.map_err(|_| OutgoingError::TooLong)??;
            let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.map_err(|error| away(&error))?;
            tokio::spawn(connection);
            return read(sender.send_request(request(target, Version::One, headers, body)?).await.map_err(|error| away(&error))?).await;
        }
        let stream = tokio::time::timeout(CONNECTING, self.connect(target)).await.map_err(|_| OutgoingError::TooLong)??;
        if stream.ssl().selected_alpn_protocol() == Some(b"h2") {
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(|error| away(&error))?;
            tokio::spawn(connection);
            let answer = sender.send_request(request(target, Version::Two, headers, body)?).await.map_err(|error| away(&error))?;
            // One that is not kept lives until the answer is read.
            let _alive = self.keep(target, sender);
            return read(answer).await;
        }
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| away(&error))?;
        tokio::spawn(connection);
        read(sender.send_request(request(target, Version::One, headers, body)?).await.map_err(|error| away(&error))?).await
    }

    fn known(&self, target: &Target) -> Option<http2::SendRequest<Full<Bytes>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, one| !one.sender.is_closed() && one.used.elapsed() < RESTED);
        let known = kept.get_mut(&target.origin())?;
        known.used = Instant::now();
        Some(known.sender.clone())
    }

    fn drop_kept(&self, target: &Target) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&target.origin());
    }

    /// Gives the connection back where none is used again.
    fn keep(&self, target: &Target, sender: http2::SendRequest<Full<Bytes>>) -> Option<http2::SendRequest<Full<Bytes>>> {
        if self.reuse == Reuse::Never {
            return Some(sender);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(target.origin(), Kept { sender, used: Instant::now() });
        None
    }

    async fn reach(&self, target: &Target) -> Result<TcpStream, OutgoingError> {
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await.map_err(|error| away(&error))?;
        let fit: Vec<SocketAddr> = found.filter(|address| target.may_be_at(address.ip(), self.inside)).take(4).collect();
        if fit.is_empty() {
            return Err(OutgoingError::Address);
        }
        TcpStream::connect(&fit[..]).await.map_err(|error| away(&error))
    }

    async fn connect(&self, target: &Target) -> Result<SslStream<TcpStream>, OutgoingError> {
        let tcp = self.reach(target).await?;
        let ssl = self.connector.configure().and_then(|ready| ready.into_ssl(&target.host)).map_err(|error| away(&error))?;
        let mut stream = SslStream::new(ssl, tcp).map_err(|error| away(&error))?;
        Pin::new(&mut stream).connect().await.map_err(|error| away(&error))?;
        Ok(stream)
    }
}

fn away(error: &dyn std::fmt::Display) -> OutgoingError {
    OutgoingError::Away(error.to_string())
}

enum Version {
    One,
    Two,
}

fn request(target: &Target, version: Version, headers: &[(&str, String)], body: Bytes) -> Result<Request<Full<Bytes>>, OutgoingError> {
    let path = target.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut builder = match version {
        Version::One => {
            let authority = target.uri.authority().map_or("", |authority| authority.as_str());
            Request::post(path).header("host", authority)
        }
        Version::Two => Request::post(target.uri.clone()),
    };
    for (name, value) in headers {
        builder = builder.header(*name, value);
    }
    builder.body(Full::new(body)).map_err(|error| away(&error))
}

async fn read(answer: Response<Incoming>) -> Result<Answer, OutgoingError> {
    let status: StatusCode = answer.status();
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (body, too_large) = match Limited::new(answer.into_body(), ANSWER_BYTES).collect().await {
        Ok(whole) => (whole.to_bytes(), false),
        Err(error) => (Bytes::new(), error.is::<LengthLimitError>()),
    };
    Ok(Answer { status: status.as_u16(), retry_after, body, too_large })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_https_to_servers_outside_may_be_named() {
        let fits = |text: &str, inside| Target::parse(text, inside).is_ok();
        assert!(fits("https://push.example.dk/abc?d=1", Inside::Refused) && fits("https://203.1.113.9:8443/x", Inside::Refused));
        let inner = [
            "https://localhost/x",
            "https://a.localhost./x",
            "https://127.0.0.1/x",
            "https://10.1.2.3/x",
            "https://192.168.0.1:8443/",
            "https://169.254.169.254/latest",
            "https://[::1]/x",
            "https://[fd00::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://intranet/x",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:7f00:1::]/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
        ];
        for text in inner {
            assert!(!fits(text, Inside::Refused), "{text}");
            assert!(fits(text, Inside::Allowed), "{text}");
        }
        for text in
            ["http://push.example.dk/", "https://user@push.example.dk/", "push.example.dk", "https:///x", "ftp://push.example.dk/", ""]
        {
            assert!(!fits(text, Inside::Refused) && !fits(text, Inside::Allowed), "{text}");
        }
    }

    #[test]
    fn http_leads_to_this_very_machine_and_only_where_it_may() {
        let here = |text: &str| Target::parse_or_loopback(text, Inside::Refused);
        for text in ["http://127.0.0.1:8081/x", "http://localhost/x", "http://[::1]:9/"] {
            let target = here(text).unwrap();
            assert!(target.may_be_at(Ipv4Addr::LOCALHOST.into(), Inside::Refused) && target.origin().starts_with("http://"), "{text}");
            assert!(!target.may_be_at(Ipv4Addr::new(10, 0, 0, 1).into(), Inside::Allowed), "{text}");
            assert!(Target::parse(text, Inside::Allowed).is_err(), "{text}");
        }
        for text in ["http://10.0.0.1/", "http://hooks.example.dk/", "http://a@127.0.0.1/", "https://127.0.0.1/"] {
            assert!(here(text).is_err(), "{text}");
        }
        assert!(!here("https://hooks.example.dk/").unwrap().may_be_at(Ipv4Addr::LOCALHOST.into(), Inside::Refused));
    }

    #[test]
    fn an_origin_has_no_default_port() {
        let origin = |text: &str| Target::parse(text, Inside::Refused).unwrap().origin();
        assert_eq!(origin("https://Push.example.dk:443/a/b?c"), "https://push.example.dk");
        assert_eq!(origin("https://push.example.dk:8443/a"), "https://push.example.dk:8443");
    }
}
