//! A stand-in for a company's own server that is told what happens: over TLS on loopback. It checks nothing and remembers everything: the tests judge.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use openssl::{hash::MessageDigest, pkey::PKey, sign::Signer, ssl::Ssl, ssl::SslAcceptor};
use serde_json::Value;
use tempfile::TempDir;
use tokio_openssl::SslStream;

use crate::push::acceptor;

/// What is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Nothing, ever.
    Hang,
    /// "Look there": 307.
    Redirect(String),
    /// A status.
    Status(u16),
}

/// A post that came.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where it went.
    pub path: String,
    /// Its headers.
    pub headers: HashMap<String, String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Post {
    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// What it tells.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }

    /// How many of its signatures are by this secret (`whsec_..`), as whoever receives it computes them.
    ///
    /// # Panics
    /// When the secret is none.
    pub fn signed_by(&self, secret: &str) -> usize {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("whsec_")).expect("base64");
        let key = PKey::hmac(&key).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        signer.update(format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp")).as_bytes()).unwrap();
        signer.update(&self.body).unwrap();
        let expected = format!("v1,{}", STANDARD.encode(signer.sign_to_vec().unwrap()));
        self.header("webhook-signature").split(' ').filter(|one| *one == expected).count()
    }
}

#[derive(Default)]
struct Seen {
    posts: Vec<Post>,
    replies: VecDeque<Reply>,
    usual: Option<u16>,
}

/// The stand-in. It serves for as long as the process.
pub struct HookServer {
    seen: Arc<Mutex<Seen>>,
    url: String,
    folder: TempDir,
}

impl HookServer {
    /// Serves on a free port, on a thread of its own.
    ///
    /// # Panics
    /// When it cannot.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let (seen, acceptor) = (Arc::<Mutex<Seen>>::default(), acceptor(&folder));
        let serving = seen.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(serving, listener, acceptor));
        });
        Self { seen, url, folder }
    }

    /// The section `[webhooks]` that leads here.
    pub fn settings(&self) -> String {
        format!("[webhooks]\ninner_addresses = true\ntrust_file = \"{}\"\n", self.folder.path().join("tls.pem").display())
    }

    /// An address here.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Answers the next post so.
    ///
    /// # Panics
    /// When another thread panicked.
    pub fn next(&self, reply: Reply) {
        self.seen.lock().unwrap().replies.push_back(reply);
    }

    /// Answers every post so, from now on.
    ///
    /// # Panics
    /// When another thread panicked.
    pub fn always(&self, status: u16) {
        self.seen.lock().unwrap().usual = Some(status);
    }

    /// What came since the last time.
    ///
    /// # Panics
    /// When another thread panicked.
    pub fn posts(&self) -> Vec<Post> {
        std::mem::take(&mut self.seen.lock().unwrap().posts)
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
                let builder = hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
                builder.serve_connection(TokioIo::new(stream), service).await
            } else {
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            };
        });
    }
}

async fn answer(seen: Arc<Mutex<Seen>>, request: Request<Incoming>) -> Result<Response<Full<hyper::body::Bytes>>, Infallible> {
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_owned())).collect();
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.map(|whole| whole.to_bytes().to_vec()).unwrap_or_default();
    let reply = {
        let mut seen = seen.lock().unwrap();
        seen.posts.push(Post { path, headers, body });
        let usual = Reply::Status(seen.usual.unwrap_or(204));
        seen.replies.pop_front().unwrap_or(usual)
    };
    let response = match reply {
        Reply::Hang => std::future::pending().await,
        Reply::Redirect(to) => Response::builder().status(307).header("location", to),
        Reply::Status(status) => Response::builder().status(status),
    };
    Ok(response.body(Full::new("An answer that nobody keeps".into())).unwrap())
}
