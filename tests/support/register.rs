//! A stand-in for a register of companies: over TLS on loopback, and it asks for its token. Tests say what it knows and when it is ill.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::ssl::{Ssl, SslAcceptor};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_openssl::SslStream;

use crate::push::acceptor;

const TOKEN: &str = "register-token-2026";

#[derive(Default)]
struct Known {
    companies: BTreeMap<String, Value>,
    instead: Option<(u16, String)>,
}

/// The stand-in. It serves for as long as the process.
pub struct RegisterServer {
    known: Arc<Mutex<Known>>,
    folder: TempDir,
    url: String,
}

impl RegisterServer {
    /// Serves on a free port, on a thread of its own.
    ///
    /// # Panics
    /// When it cannot.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("https://{}/companies", listener.local_addr().unwrap());
        let (known, acceptor) = (Arc::<Mutex<Known>>::default(), acceptor(&folder));
        std::fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        let serving = known.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(serving, listener, acceptor));
        });
        Self { known, folder, url }
    }

    /// The section `[register]` that leads here.
    pub fn settings(&self) -> String {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        format!(
            "[register]\nurl = \"{}\"\ninner_addresses = true\ntrust_file = \"{}\"\ntoken_file = \"{}\"\n",
            self.url,
            file("tls.pem"),
            file("token")
        )
    }

    /// Knows this company from now on.
    pub fn knows(&self, entry: Value) {
        let cvr = entry["cvr"].as_str().unwrap_or_default().to_owned();
        self.known.lock().unwrap().companies.insert(cvr, entry);
    }

    /// Answers so, instead, until told otherwise.
    pub fn instead(&self, answer: Option<(u16, &str)>) {
        self.known.lock().unwrap().instead = answer.map(|(status, body)| (status, body.to_owned()));
    }
}

/// An entry as registers tell it, of a company at Havnegade 1.
pub fn entry(cvr: &str, name: &str, status: &str) -> Value {
    json!({
        "cvr": cvr, "legal_name": name, "street": "Havnegade 1", "postal_code": "4220", "city": "Korsør", "status": status,
        "signatories": [{"name": "Sigrid Signatar", "role": "Direktør"}], "needed": 1, "industry": "passed over"
    })
}

async fn serve(known: Arc<Mutex<Known>>, listener: TcpListener, acceptor: SslAcceptor) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let Ok((tcp, _)) = listener.accept().await else { return };
        let (known, ssl) = (known.clone(), Ssl::new(acceptor.context()).unwrap());
        tokio::spawn(async move {
            let mut stream = SslStream::new(ssl, tcp).unwrap();
            if std::pin::Pin::new(&mut stream).accept().await.is_err() {
                return;
            }
            let two = stream.ssl().selected_alpn_protocol() == Some(b"h2");
            let service = service_fn(move |request| answer(known.clone(), request));
            let _ended = if two {
                hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
            } else {
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            };
        });
    }
}

async fn answer(known: Arc<Mutex<Known>>, request: Request<Incoming>) -> Result<Response<Full<hyper::body::Bytes>>, Infallible> {
    let shown = request.headers().get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = request.into_body().collect().await.map(|whole| whole.to_bytes().to_vec()).unwrap_or_default();
    let (status, text) = judge(&known.lock().unwrap(), shown.as_deref(), &body);
    Ok(Response::builder().status(status).body(Full::new(text.into())).unwrap())
}

fn judge(known: &Known, shown: Option<&str>, body: &[u8]) -> (u16, String) {
    if let Some((status, text)) = &known.instead {
        return (*status, text.clone());
    }
    if shown != Some(&format!("Bearer {TOKEN}")) {
        return (401, String::new());
    }
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    match asked["cvr"].as_str().and_then(|cvr| known.companies.get(cvr)) {
        Some(entry) => (200, entry.to_string()),
        None => (404, String::new()),
    }
}
