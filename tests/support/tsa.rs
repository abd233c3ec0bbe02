//! A time-stamp authority elsewhere: openssl's, behind a small HTTP and HTTPS server on loopback, with a root, a revocation list and a
//! certification authority for its server of its own.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod};
use tempfile::TempDir;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As the standard says.
    Good,
    /// With 500.
    Failing,
    /// As HTML.
    Html,
    /// With more bytes than anybody should read.
    Huge,
    /// With the answer to another question.
    Replaying,
    /// With the right answer, and the word that it stands elsewhere.
    Redirecting,
    /// With a refusal in the protocol's words.
    Refusing,
}

struct Shared {
    folder: TempDir,
    manner: Mutex<Manner>,
    asked: AtomicUsize,
    stopped: AtomicBool,
    one_at_a_time: Mutex<()>,
    tls: SslAcceptor,
}

/// The authority, until it is dropped.
pub struct Tsa {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Tsa {
    /// Founds it: a root, a unit, an empty revocation list, a server.
    ///
    /// # Panics
    /// When openssl refuses.
    pub fn found(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), name, address);
        let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        tls.set_private_key_file(folder.path().join("server.key"), SslFiletype::PEM).unwrap();
        tls.set_certificate_chain_file(folder.path().join("server.pem")).unwrap();
        let tls = tls.build();
        let shared = Arc::new(Shared {
            folder,
            manner: Mutex::new(Manner::Good),
            asked: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            one_at_a_time: Mutex::new(()),
            tls,
        });
        let serving = shared.clone();
        let _ends_when_dropped = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if serving.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let serving = serving.clone();
                let _answers_one = std::thread::spawn(move || serve_either(stream, &serving));
            }
        });
        Self { address, shared }
    }

    /// Where it is asked.
    pub fn url(&self) -> String {
        format!("http://{}/tsr", self.address)
    }

    /// Where it is asked over TLS.
    pub fn tls_url(&self) -> String {
        format!("https://{}/tsr", self.address)
    }

    /// The root that its server's certificate leads to, PEM: not the one of its time stamps.
    ///
    /// # Panics
    /// Never: it was made.
    pub fn tls_root_pem(&self) -> String {
        std::fs::read_to_string(self.shared.folder.path().join("server-root.pem")).unwrap()
    }

    /// Its root, PEM.
    ///
    /// # Panics
    /// Never: it was made.
    pub fn root_pem(&self) -> String {
        std::fs::read_to_string(self.shared.folder.path().join("root.pem")).unwrap()
    }

    /// Answers so from now on.
    ///
    /// # Panics
    /// Never.
    pub fn behave(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// How often it was asked for a stamp.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Tsa {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _wakes_the_thread = TcpStream::connect(self.address);
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let done = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn make(folder: &Path, name: &str, address: SocketAddr) {
    let put = |file: &str, text: &str| std::fs::write(folder.join(file), text).unwrap();
    put(
        "unit.ext",
        &format!(
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n\
             subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\ncrlDistributionPoints=URI:http://{address}/list.crl\n"
        ),
    );
    put(
        "conf",
        "[tsa]\nserial=serial\nsigner_cert=unit.pem\nsigner_key=unit.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4\n\
         digests=sha256\naccuracy=secs:1\ness_cert_id_alg=sha256\n\
         [refusing]\nserial=serial\nsigner_cert=unit.pem\nsigner_key=unit.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha512\n\
         [ca]\ndefault_ca=own\n[own]\ndatabase=index\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=30\ncrl_extensions=list\n\
         [list]\nauthorityKeyIdentifier=keyid\n\
         [req]\ndistinguished_name=dn\nx509_extensions=root\n[dn]\n\
         [root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
    );
    put("serial", "01\n");
    put("crlnumber", "01\n");
    put("index", "");
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let root = format!("/CN={name} Root");
    let unit = format!("/CN={name} Unit");
    openssl(
        folder,
        &[&["req", "-x509", "-config", "conf", "-subj", &root, "-days", "400", "-keyout", "root.key", "-out", "root.pem"], &curve[..]]
            .concat(),
    );
    openssl(folder, &[&["req", "-new", "-config", "conf", "-subj", &unit, "-keyout", "unit.key", "-out", "unit.csr"], &curve[..]].concat());
    let certify = ["x509", "-req", "-in", "unit.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "77", "-days", "300"];
    openssl(folder, &[&certify[..], &["-extfile", "unit.ext", "-out", "unit.pem"]].concat());
    openssl(folder, &["ca", "-config", "conf", "-gencrl", "-cert", "root.pem", "-keyfile", "root.key", "-out", "list.pem"]);
    openssl(folder, &["crl", "-in", "list.pem", "-outform", "DER", "-out", "list.crl"]);
    put(
        "server.ext",
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n",
    );
    let root = format!("/CN={name} Server Root");
    openssl(
        folder,
        &[&["req", "-x509", "-config", "conf", "-subj", &root, "-days", "400", "-keyout", "sr.key", "-out", "server-root.pem"], &curve[..]]
            .concat(),
    );
    openssl(
        folder,
        &[&["req", "-new", "-config", "conf", "-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr"], &curve[..]].concat(),
    );
    let certify = ["x509", "-req", "-in", "server.csr", "-CA", "server-root.pem", "-CAkey", "sr.key", "-set_serial", "7", "-days", "300"];
    openssl(folder, &[&certify[..], &["-extfile", "server.ext", "-out", "server.pem"]].concat());
    put("other", "somebody else's data");
    openssl(folder, &["ts", "-query", "-data", "other", "-sha256", "-cert", "-out", "other.tsq"]);
}

/// A TLS handshake begins with 22 (RFC 8446 section 5.1), HTTP with a letter.
fn serve_either(stream: TcpStream, shared: &Shared) {
    let mut first = [0];
    if stream.peek(&mut first).is_ok() && first == [22] {
        if let Ok(stream) = shared.tls.accept(stream) {
            serve(stream, shared);
        }
    } else {
        serve(stream, shared);
    }
}

fn serve(stream: impl Read + Write, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    let _broken_off = reader.read_line(&mut first);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    let _broken_off = reader.read_exact(&mut body);
    let folder = shared.folder.path();
    let (status, kind, answer) = if first.starts_with("GET") {
        (200, "application/pkix-crl", std::fs::read(folder.join("list.crl")).unwrap_or_default())
    } else {
        shared.asked.fetch_add(1, Ordering::SeqCst);
        let reply = "application/timestamp-reply";
        match *shared.manner.lock().unwrap() {
            Manner::Good => (200, reply, stamp(shared, &body, "tsa")),
            Manner::Failing => (500, "text/plain", b"no".to_vec()),
            Manner::Html => (200, "text/html", stamp(shared, &body, "tsa")),
            Manner::Huge => (200, reply, vec![0x30; 1024 * 1024]),
            Manner::Replaying => (200, reply, stamp(shared, &std::fs::read(folder.join("other.tsq")).unwrap(), "tsa")),
            Manner::Redirecting => (302, reply, stamp(shared, &body, "tsa")),
            Manner::Refusing => (200, reply, stamp(shared, &body, "refusing")),
        }
    };
    let elsewhere = if status == 302 { "Location: /elsewhere\r\n" } else { "" };
    let head =
        format!("HTTP/1.1 {status} X\r\n{elsewhere}Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    let mut stream = reader.into_inner();
    let _gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
}

fn stamp(shared: &Shared, query: &[u8], section: &str) -> Vec<u8> {
    let _one = shared.one_at_a_time.lock().unwrap();
    let folder = shared.folder.path();
    std::fs::write(folder.join("q"), query).unwrap();
    let arguments = ["ts", "-reply", "-config", "conf", "-section", section, "-queryfile", "q", "-out", "r"];
    let _refusals_exit_otherwise = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    std::fs::read(folder.join("r")).unwrap_or_default()
}
