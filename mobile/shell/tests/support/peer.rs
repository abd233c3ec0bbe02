//! HTTP/1.1 over TLS on a free loopback port, one connection for each request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod, SslStream};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

use super::service::{Answer, Asked, Mood, Service};

/// How often a service that hangs looks whether it still does.
const LOOKS: Duration = Duration::from_millis(5);

/// A service that listens. Dropped, it takes no more connections.
pub struct Peer {
    pub service: Arc<Mutex<Service>>,
    pub address: String,
    /// What TLS must trust to reach it.
    pub authority: String,
    socket: SocketAddr,
    ends: Arc<AtomicBool>,
}

impl Peer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = listener.local_addr().unwrap();
        let (certificate, key) = certificate();
        let authority = String::from_utf8(certificate.to_pem().unwrap()).unwrap();
        let mut acceptor = SslAcceptor::mozilla_modern_v5(SslMethod::tls()).unwrap();
        acceptor.set_certificate(&certificate).unwrap();
        acceptor.set_private_key(&key).unwrap();
        let acceptor = Arc::new(acceptor.build());
        let address = format!("127.0.0.1:{}", socket.port());
        let service = Arc::new(Mutex::new(Service::new(&address)));
        let ends = Arc::new(AtomicBool::new(false));
        let (serving, ended) = (Arc::clone(&service), Arc::clone(&ends));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (acceptor, service) = (Arc::clone(&acceptor), Arc::clone(&serving));
                thread::spawn(move || acceptor.accept(stream).map(|stream| answer(stream, &service)));
            }
        });
        Self { service, address, authority, socket, ends }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.socket);
    }
}

fn certificate() -> (X509, PKey<Private>) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, "loopback").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    let names = SubjectAlternativeName::new().ip("127.0.0.1").build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(names).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    (builder.build(), key)
}

fn answer(mut stream: SslStream<TcpStream>, service: &Mutex<Service>) {
    let Some(asked) = read(&mut stream) else { return };
    let mut answers = service.lock().unwrap().hears(&asked);
    while !answers {
        thread::sleep(LOOKS);
        answers = service.lock().unwrap().mood != Mood::Hangs;
    }
    let answer = service.lock().unwrap().answer(&asked);
    let linger = |mut stream: SslStream<TcpStream>| {
        let _ = stream.shutdown();
        let _ = std::io::copy(stream.get_mut(), &mut std::io::sink());
    };
    match answer {
        Answer::Dropped => drop(stream),
        Answer::Events(lines) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(lines.as_bytes())).and_then(|()| stream.flush());
            linger(stream);
        }
        Answer::Json(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).and_then(|()| stream.flush());
            linger(stream);
        }
    }
}

fn read(stream: &mut SslStream<TcpStream>) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.strip_prefix("/api/v1/phone/")?.to_owned());
    let (mut bearer, mut last, mut language, mut length) = (None, None, None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => bearer = value.strip_prefix("Bearer ").and_then(|text| text.parse().ok()),
            "last-event-id" => last = Some(value.to_owned()),
            "accept-language" => language = Some(value.to_owned()),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, path, bearer, last, language, body })
}
