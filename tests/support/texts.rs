//! A stand-in for a gateway of text messages: over TLS on loopback, knows one token, and remembers what it took.

use std::{
    collections::VecDeque,
    convert::Infallible,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::ssl::{Ssl, SslAcceptor};
use serde_json::Value;
use tempfile::TempDir;
use tokio_openssl::SslStream;

use crate::push::acceptor;

const TOKEN: &str = "gateway-token-of-the-tests";

/// A text message that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texted {
    /// The message's id.
    pub id: String,
    /// The sender that telephones show.
    pub from: String,
    /// The number.
    pub to: String,
    /// What it says.
    pub text: String,
}

#[derive(Default)]
struct Seen {
    texted: Vec<Texted>,
    faults: Vec<String>,
    instead: VecDeque<u16>,
}

/// The stand-in. It serves for as long as the program.
pub struct TextGateway {
    seen: Arc<Mutex<Seen>>,
    folder: TempDir,
    url: String,
}

impl TextGateway {
    /// Serves on a free port, on a thread of its own.
    ///
    /// # Panics
    /// When it cannot.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("https://{}/messages", listener.local_addr().unwrap());
        let (seen, acceptor) = (Arc::<Mutex<Seen>>::default(), acceptor(&folder));
        std::fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        let serving = seen.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(serving, listener, acceptor));
        });
        Self { seen, folder, url }
    }

    /// The section `[sms]` that leads here.
    pub fn settings(&self) -> String {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        format!(
            "[sms]\nurl = \"{}\"\ntoken_file = \"{}\"\nfrom = \"Segl\"\ninner_addresses = true\ntrust_file = \"{}\"\n",
            self.url,
            file("token"),
            file("tls.pem")
        )
    }

    /// The next message gets this answer, and is not taken.
    pub fn instead(&self, status: u16) {
        self.seen.lock().unwrap().instead.push_back(status);
    }

    /// What was taken.
    pub fn texted(&self) -> Vec<Texted> {
        self.seen.lock().unwrap().texted.clone()
    }

    /// What was not as it should be.
    pub fn faults(&self) -> Vec<String> {
        self.seen.lock().unwrap().faults.clone()
    }
}

async fn serve(seen: Arc<Mutex<Seen>>, listener: TcpListener, acceptor: SslAcceptor) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let Ok((tcp, _)) = listener.accept().await else { return };
        let (seen, ssl) = (seen.clone(), Ssl::new(acceptor.context()).unwrap());
        tokio::spawn(async move {
            let mut stream = SslStream::new(ssl, tcp).unwrap();
            if std::pin::Pin::new(&mut stream).accept().await.is_err() {
                return;
            }
            let two = stream.ssl().selected_alpn_protocol() == Some(b"h2");
            let service = service_fn(move |request| answer(seen.clone(), request));
            let _ended = if two {
                hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
            } else {
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            };
        });
    }
}

async fn answer(seen: Arc<Mutex<Seen>>, request: Request<Incoming>) -> Result<Response<Full<hyper::body::Bytes>>, Infallible> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (authorization, key, path) = (header("authorization"), header("idempotency-key"), request.uri().path().to_owned());
    let body = request.into_body().collect().await.map(|whole| whole.to_bytes().to_vec()).unwrap_or_default();
    let status = judge(&mut seen.lock().unwrap(), (&authorization, &key, &path), &body);
    Ok(Response::builder().status(status).body(Full::from("{}")).unwrap())
}

fn judge(seen: &mut Seen, (authorization, key, path): (&str, &str, &str), body: &[u8]) -> u16 {
    if let Some(status) = seen.instead.pop_front() {
        return status;
    }
    if authorization != format!("Bearer {TOKEN}") {
        seen.faults.push("another token".to_owned());
        return 401;
    }
    let Ok(read) = serde_json::from_slice::<Value>(body) else {
        seen.faults.push("no JSON".to_owned());
        return 400;
    };
    let text = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
    let texted = Texted { id: text("id"), from: text("from"), to: text("to"), text: text("text") };
    if path != "/messages" || texted.id != key || !texted.to.starts_with('+') || texted.text.is_empty() {
        seen.faults.push(format!("{path}: {texted:?}, key {key}"));
        return 422;
    }
    seen.texted.push(texted);
    202
}
