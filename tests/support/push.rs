//! A stand-in for the services that wake phones: over TLS on loopback, and as strict as they are. It checks what Apple, Google and a Web Push server
//! check, decrypts what a phone would decrypt, and remembers it.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    derive::Deriver,
    ec::{EcGroup, EcKey, EcPoint, PointConversionForm},
    ecdsa::EcdsaSig,
    hash::MessageDigest,
    md::Md,
    nid::Nid,
    pkey::{Id, PKey, Private, Public},
    pkey_ctx::{HkdfMode, PkeyCtx},
    rsa::Rsa,
    sign::Verifier,
    ssl::{AlpnError, Ssl, SslAcceptor, SslMethod, select_next_proto},
    symm::{Cipher, decrypt_aead},
    x509::{
        X509Builder, X509NameBuilder,
        extension::{BasicConstraints, SubjectAlternativeName},
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_openssl::SslStream;

/// The bundle id of the stand-in's app.
const TOPIC: &str = "dk.example.segl";
const KEY_ID: &str = "ABCDE12345";
const TEAM: &str = "TEAM123456";
const ACCOUNT: &str = "segl@project.example";
const TOKEN: &str = "ya29.token";

/// A wake-up that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Woken {
    /// `apns`, `fcm` or `web-push`.
    pub by: &'static str,
    /// Which phone.
    pub device: String,
    /// What it says, decrypted.
    pub says: String,
    /// For how many seconds it is of use.
    pub seconds: i64,
}

/// What is answered in place of the usual: status, `Retry-After`, body.
pub type Instead = (u16, Option<&'static str>, &'static str);

#[derive(Default)]
struct Seen {
    woken: Vec<Woken>,
    refused: Vec<String>,
    instead: VecDeque<Instead>,
    tokens: usize,
    vapid: Option<Vec<u8>>,
}

struct Inner {
    seen: Mutex<Seen>,
    connections: AtomicUsize,
    frozen: AtomicUsize,
    url: String,
    now: Mutex<i64>,
    apple: PKey<Private>,
    google: PKey<Private>,
    phone: EcKey<Private>,
    secret: [u8; 16],
}

/// The stand-in. It serves for as long as the runtime that it was started on.
pub struct PushServer {
    inner: Arc<Inner>,
    folder: TempDir,
}

fn group() -> EcGroup {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()
}

impl PushServer {
    /// Serves on a free port, on a thread of its own.
    ///
    /// # Panics
    /// When it cannot.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let inner = Arc::new(Inner {
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            frozen: AtomicUsize::new(0),
            url: format!("https://{}", listener.local_addr().unwrap()),
            now: Mutex::new(0),
            apple: PKey::from_ec_key(EcKey::generate(&group()).unwrap()).unwrap(),
            google: PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
            phone: EcKey::generate(&group()).unwrap(),
            secret: [9; 16],
        });
        let acceptor = acceptor(&folder);
        let account = json!({
            "type": "service_account", "project_id": "segl-test", "client_email": ACCOUNT, "token_uri": format!("{}/token", inner.url),
            "private_key": String::from_utf8(inner.google.private_key_to_pem_pkcs8().unwrap()).unwrap(),
        });
        std::fs::write(folder.path().join("fcm.json"), account.to_string()).unwrap();
        std::fs::write(folder.path().join("apns.p8"), inner.apple.private_key_to_pem_pkcs8().unwrap()).unwrap();
        let serving = inner.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(serving, listener, acceptor));
        });
        Self { inner, folder }
    }

    /// Whoever is connected now gets no further answer, as behind a router that forgot the connection; a new one does.
    pub fn freeze(&self) {
        self.inner.frozen.store(self.inner.connections.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The section `[push]` that leads here.
    pub fn settings(&self) -> String {
        let (url, file) = (&self.inner.url, |name| self.file(name).display().to_string());
        format!(
            "[push]\ninner_addresses = true\ntrust_file = \"{}\"\ncontact = \"mailto:drift@segl.example.dk\"\n\
             [push.apns]\nurl = \"{url}\"\nkey_file = \"{}\"\nkey_id = \"{KEY_ID}\"\nteam_id = \"{TEAM}\"\ntopic = \"{TOPIC}\"\n\
             [push.fcm]\nurl = \"{url}\"\nservice_account_file = \"{}\"\n",
            file("tls.pem"),
            file("apns.p8"),
            file("fcm.json")
        )
    }

    /// What a phone registers, by the way's name.
    ///
    /// # Panics
    /// When there is no such way.
    pub fn wake(&self, by: &str, device: &str) -> Value {
        match by {
            "apns" | "fcm" => json!({"by": by, "token": device}),
            "web-push" => {
                let mut context = openssl::bn::BigNumContext::new().unwrap();
                let point = self.inner.phone.public_key().to_bytes(&group(), PointConversionForm::UNCOMPRESSED, &mut context).unwrap();
                let public = keycard::PublicKey::from_sec1("key", &point).unwrap();
                let endpoint = format!("{}/up/{device}", self.inner.url);
                json!({"by": by, "endpoint": endpoint, "public_key": public, "secret": keycard::wire::Exact(self.inner.secret)})
            }
            other => panic!("no way {other}"),
        }
    }

    /// The key by which a Web Push server knows the service: it takes wake-ups from nobody else.
    pub fn expect_vapid(&self, key: &keycard::PublicKey) {
        self.inner.seen.lock().unwrap().vapid = Some(key.sec1().to_vec());
    }

    /// The time here, which judges claims.
    pub fn set_time(&self, seconds: i64) {
        *self.inner.now.lock().unwrap() = seconds;
    }

    /// Answers the next wake-up so, instead.
    pub fn instead(&self, answer: Instead) {
        self.inner.seen.lock().unwrap().instead.push_back(answer);
    }

    /// What was accepted since the last time.
    pub fn woken(&self) -> Vec<Woken> {
        std::mem::take(&mut self.inner.seen.lock().unwrap().woken)
    }

    /// What was refused since the last time, and why.
    pub fn refused(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.seen.lock().unwrap().refused)
    }

    /// How many tokens were sold.
    pub fn tokens(&self) -> usize {
        self.inner.seen.lock().unwrap().tokens
    }
}

/// A certificate for 127.0.0.1 that vouches for itself.
/// TLS for a stand-in on loopback; its certificate is `tls.pem` in the folder.
pub(crate) fn acceptor(folder: &TempDir) -> SslAcceptor {
    let key = PKey::from_ec_key(EcKey::generate(&group()).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "push stand-in").unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    let names = SubjectAlternativeName::new().ip("127.0.0.1").build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(names).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = builder.build();
    std::fs::write(folder.path().join("tls.pem"), certificate.to_pem().unwrap()).unwrap();
    let mut acceptor = SslAcceptor::mozilla_modern_v5(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    acceptor.set_alpn_select_callback(|_, client| select_next_proto(b"\x02h2\x08http/1.1", client).ok_or(AlpnError::NOACK));
    acceptor.build()
}

async fn serve(inner: Arc<Inner>, listener: TcpListener, acceptor: SslAcceptor) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let Ok((tcp, _)) = listener.accept().await else { return };
        let (inner, ssl) = (inner.clone(), Ssl::new(acceptor.context()).unwrap());
        let number = inner.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let mut stream = SslStream::new(ssl, tcp).unwrap();
            if std::pin::Pin::new(&mut stream).accept().await.is_err() {
                return;
            }
            let two = stream.ssl().selected_alpn_protocol() == Some(b"h2");
            let service = service_fn(move |request| {
                let inner = inner.clone();
                async move {
                    if number < inner.frozen.load(Ordering::SeqCst) {
                        std::future::pending::<()>().await;
                    }
                    answer(inner, two, request).await
                }
            });
            let _ended = if two {
                hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
            } else {
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
            };
        });
    }
}

struct Asked {
    two: bool,
    path: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

async fn answer(inner: Arc<Inner>, two: bool, request: Request<Incoming>) -> Result<Response<Full<hyper::body::Bytes>>, Infallible> {
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_owned())).collect();
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.map(|whole| whole.to_bytes().to_vec()).unwrap_or_default();
    let asked = Asked { two, path, headers, body };
    let (status, retry, text) = inner.judge(&asked);
    let mut response = Response::builder().status(status);
    if let Some(retry) = retry {
        response = response.header("retry-after", retry);
    }
    Ok(response.body(Full::new(text.into())).unwrap())
}

type Judged = Result<Woken, (u16, String)>;

fn refused(status: u16, why: impl Into<String>) -> (u16, String) {
    (status, why.into())
}

impl Inner {
    fn judge(&self, asked: &Asked) -> (u16, Option<&'static str>, String) {
        if asked.path == "/token" {
            return match self.sell(asked) {
                Ok(body) => (200, None, body),
                Err((status, why)) => self.refuse(status, why),
            };
        }
        let judged = match asked.path.as_str() {
            path if path.starts_with("/3/device/") => self.apns(asked),
            path if path.starts_with("/v1/projects/") => self.fcm(asked),
            _ => self.web_push(asked),
        };
        let woken = match judged {
            Ok(woken) => woken,
            Err((status, why)) => return self.refuse(status, why),
        };
        let mut seen = self.seen.lock().unwrap();
        if let Some((status, retry, body)) = seen.instead.pop_front() {
            return (status, retry, body.to_owned());
        }
        let status = if woken.by == "web-push" { 201 } else { 200 };
        seen.woken.push(woken);
        (status, None, "{}".to_owned())
    }

    fn refuse(&self, status: u16, why: String) -> (u16, Option<&'static str>, String) {
        let body = json!({"reason": why.clone()}).to_string();
        self.seen.lock().unwrap().refused.push(why);
        (status, None, body)
    }

    fn now(&self) -> i64 {
        *self.now.lock().unwrap()
    }

    /// Apple: HTTP/2, a claim of the team by the registered key, under an hour old, and every header that an alert needs.
    fn apns(&self, asked: &Asked) -> Judged {
        if !asked.two {
            return Err(refused(505, "Apple speaks HTTP/2 alone"));
        }
        let token = asked.header("authorization").strip_prefix("bearer ").unwrap_or("").to_owned();
        let (head, claims) = verified(&token, &public(&self.apple)).ok_or_else(|| refused(403, "InvalidProviderToken"))?;
        if head["alg"] != "ES256" || head["kid"] != KEY_ID || claims["iss"] != TEAM {
            return Err(refused(403, "InvalidProviderToken"));
        }
        let age = self.now() - claims["iat"].as_i64().unwrap_or(0);
        // Clocks differ a little.
        if !(-60..3600).contains(&age) {
            return Err(refused(403, "ExpiredProviderToken"));
        }
        if asked.header("apns-topic") != TOPIC {
            return Err(refused(400, "BadTopic"));
        }
        if asked.header("apns-push-type") != "alert" || asked.header("apns-priority") != "10" || asked.header("apns-collapse-id") != "look"
        {
            return Err(refused(400, "a header is wrong"));
        }
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let expires: i64 = asked.header("apns-expiration").parse().unwrap_or(0);
        let says =
            if body == json!({"aps": {"alert": {"loc-key": "look"}, "sound": "default"}}) { "look".to_owned() } else { body.to_string() };
        let device = asked.path.trim_start_matches("/3/device/").to_owned();
        Ok(Woken { by: "apns", device, says, seconds: expires - self.now() })
    }

    /// Google's token: an assertion of the service account for this very address, an hour long at most.
    fn sell(&self, asked: &Asked) -> Result<String, (u16, String)> {
        let form: HashMap<String, String> = url_form(&asked.body);
        let assertion = form.get("assertion").cloned().unwrap_or_default();
        let (head, claims) = verified(&assertion, &public(&self.google)).ok_or_else(|| refused(400, "invalid_grant: signature"))?;
        let (issued, expires) = (claims["iat"].as_i64().unwrap_or(0), claims["exp"].as_i64().unwrap_or(0));
        let fits = form.get("grant_type").is_some_and(|grant| grant == "urn:ietf:params:oauth:grant-type:jwt-bearer")
            && head["alg"] == "RS256"
            && claims["iss"] == ACCOUNT
            && claims["aud"] == format!("{}/token", self.url)
            && claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
            && (issued - self.now()).abs() < 300
            && expires - issued <= 3600
            && expires > self.now();
        if !fits {
            return Err(refused(400, format!("invalid_grant: {claims}")));
        }
        self.seen.lock().unwrap().tokens += 1;
        Ok(json!({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}).to_string())
    }

    /// Google: the token, and a message to one device.
    fn fcm(&self, asked: &Asked) -> Judged {
        if asked.header("authorization") != format!("Bearer {TOKEN}") {
            return Err(refused(401, "UNAUTHENTICATED"));
        }
        if asked.path != "/v1/projects/segl-test/messages:send" {
            return Err(refused(404, "no such project"));
        }
        let body: Value = serde_json::from_slice(&asked.body).map_err(|_| refused(400, "INVALID_ARGUMENT"))?;
        let message = &body["message"];
        let ttl =
            message["android"]["ttl"].as_str().and_then(|ttl| ttl.strip_suffix('s')?.parse().ok()).ok_or_else(|| refused(400, "ttl"))?;
        if message["android"]["priority"] != "HIGH" {
            return Err(refused(400, "priority"));
        }
        let only = message.get("notification").is_none() && message["data"] == json!({"event": "look"});
        let says = if only { "look".to_owned() } else { message.to_string() };
        Ok(Woken { by: "fcm", device: message["token"].as_str().unwrap_or("").to_owned(), says, seconds: ttl })
    }

    /// A Web Push server (RFC 8030), and the phone behind it.
    fn web_push(&self, asked: &Asked) -> Judged {
        let header = asked.header("authorization").strip_prefix("vapid ").unwrap_or("").to_owned();
        let part = |name: &str| header.split(", ").find_map(|part| part.strip_prefix(name)).unwrap_or("").to_owned();
        let key = URL_SAFE_NO_PAD.decode(part("k=")).map_err(|_| refused(401, "k"))?;
        if self.seen.lock().unwrap().vapid.as_ref() != Some(&key) {
            return Err(refused(403, "another key than this subscription's"));
        }
        let point = EcPoint::from_bytes(&group(), &key, &mut openssl::bn::BigNumContext::new().unwrap()).map_err(|_| refused(401, "k"))?;
        let key = PKey::from_ec_key(EcKey::from_public_key(&group(), &point).unwrap()).unwrap();
        let (_, claims) = verified(&part("t="), &key).ok_or_else(|| refused(401, "signature"))?;
        let left = claims["exp"].as_i64().unwrap_or(0) - self.now();
        if claims["aud"] != self.url || !(1..=86_400).contains(&left) || claims["sub"] != "mailto:drift@segl.example.dk" {
            return Err(refused(401, format!("claims: {claims}")));
        }
        let seconds = asked.header("ttl").parse().map_err(|_| refused(400, "TTL"))?;
        if asked.header("content-encoding") != "aes128gcm" || asked.header("urgency") != "high" || asked.header("topic") != "look" {
            return Err(refused(400, "a header is wrong"));
        }
        let says = self.decrypted(&asked.body).ok_or_else(|| refused(400, "the phone cannot decrypt it"))?;
        Ok(Woken { by: "web-push", device: asked.path.trim_start_matches("/up/").to_owned(), says, seconds })
    }

    /// RFC 8291 section 3, the receiving half.
    fn decrypted(&self, body: &[u8]) -> Option<String> {
        let (salt, sender, sealed) = (body.get(..16)?, body.get(21..86)?, body.get(86..)?);
        if body.get(16..21)? != [0, 0, 16, 0, 65] {
            return None;
        }
        let mut context = openssl::bn::BigNumContext::new().ok()?;
        let point = EcPoint::from_bytes(&group(), sender, &mut context).ok()?;
        let theirs = PKey::from_ec_key(EcKey::from_public_key(&group(), &point).ok()?).ok()?;
        let own = PKey::from_ec_key(self.phone.clone()).ok()?;
        let mut deriver = Deriver::new(&own).ok()?;
        deriver.set_peer(&theirs).ok()?;
        let shared = deriver.derive_to_vec().ok()?;
        let mine = self.phone.public_key().to_bytes(&group(), PointConversionForm::UNCOMPRESSED, &mut context).ok()?;
        let input = hkdf(&self.secret, &shared, &[b"WebPush: info\0".as_slice(), &mine, sender].concat(), 32)?;
        let key = hkdf(salt, &input, b"Content-Encoding: aes128gcm\0", 16)?;
        let nonce = hkdf(salt, &input, b"Content-Encoding: nonce\0", 12)?;
        let (text, tag) = sealed.split_at_checked(sealed.len().checked_sub(16)?)?;
        let opened = decrypt_aead(Cipher::aes_128_gcm(), &key, Some(&nonce), &[], text, tag).ok()?;
        String::from_utf8(opened.strip_suffix(&[2])?.to_vec()).ok()
    }
}

fn hkdf(salt: &[u8], input: &[u8], info: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut context = PkeyCtx::new_id(Id::HKDF).ok()?;
    context.derive_init().ok()?;
    context.set_hkdf_mode(HkdfMode::EXTRACT_THEN_EXPAND).ok()?;
    context.set_hkdf_md(Md::sha256()).ok()?;
    context.set_hkdf_salt(salt).ok()?;
    context.set_hkdf_key(input).ok()?;
    context.add_hkdf_info(info).ok()?;
    let mut out = vec![0; length];
    context.derive(Some(&mut out)).ok()?;
    Some(out)
}

fn public(key: &PKey<Private>) -> PKey<Public> {
    PKey::public_key_from_der(&key.public_key_to_der().unwrap()).unwrap()
}

/// Head and claims of a token whose signature holds.
fn verified(token: &str, key: &PKey<Public>) -> Option<(Value, Value)> {
    let (unsigned, signature) = token.rsplit_once('.')?;
    let (head, claims) = unsigned.split_once('.')?;
    let mut signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if key.id() == Id::EC {
        let (r, s) = signature.split_at_checked(32)?;
        signature = EcdsaSig::from_private_components(BigNum::from_slice(r).ok()?, BigNum::from_slice(s).ok()?).ok()?.to_der().ok()?;
    }
    let mut verifier = Verifier::new(MessageDigest::sha256(), key).ok()?;
    if !verifier.verify_oneshot(&signature, unsigned.as_bytes()).ok()? {
        return None;
    }
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some((read(head)?, read(claims)?))
}

/// A form's fields; their values here need no more decoding than `%3A`.
fn url_form(body: &[u8]) -> HashMap<String, String> {
    let text = String::from_utf8_lossy(body).into_owned();
    let fields = text.split('&').filter_map(|field| field.split_once('='));
    fields.map(|(name, value)| (name.to_owned(), value.replace("%3A", ":"))).collect()
}
