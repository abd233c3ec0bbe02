//! A certification authority elsewhere: openssl's, with an authority below its root, a revocation list on loopback, and PKCS#12 files.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;

/// What opens its files.
pub const FILE_PASSPHRASE: &str = "Grød-med-fløde-7";

/// A leaf that seals.
pub const SEAL: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n";
/// A leaf that signs mail of `post@elsewhere.example.dk`.
pub const MAIL: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n\
                        subjectAltName=email:post@elsewhere.example.dk\n";

/// How its server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// With the list.
    Good,
    /// With more bytes than anybody should read.
    Huge,
    /// With the list, and the word that it stands elsewhere.
    Redirecting,
    /// With what is no list.
    Rubbish,
    /// With a byte now and then.
    Slow,
}

/// What the server shares with whoever founded it.
struct Serving {
    folder: PathBuf,
    manner: Mutex<Manner>,
    asked: AtomicUsize,
    stopped: AtomicBool,
}

/// The authority, until it is dropped. Make it before a world that begins now: its certificates begin when it is made.
pub struct Elsewhere {
    folder: TempDir,
    address: SocketAddr,
    serving: Arc<Serving>,
}

impl Elsewhere {
    /// Founds it: a root, an authority below it, their lists, a server.
    ///
    /// # Panics
    /// When openssl refuses.
    pub fn found() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (manner, asked, stopped) = (Mutex::new(Manner::Good), AtomicUsize::new(0), AtomicBool::new(false));
        let serving = Arc::new(Serving { folder: folder.path().to_owned(), manner, asked, stopped });
        let shared = serving.clone();
        let _ends_when_dropped = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = shared.clone();
                let _ends_with_its_reader = std::thread::spawn(move || serve(stream, &shared));
            }
        });
        let shop = Self { folder, address, serving };
        let sections = "[req]\ndistinguished_name=dn\n[dn]\n[ca]\ndefault_ca=own\n[own]\ndatabase=index\ncrlnumber=crlnumber\n\
                        default_md=sha256\ndefault_crl_days=30\ncrl_extensions=list\n[list]\nauthorityKeyIdentifier=keyid\n";
        shop.put("conf", sections);
        shop.put("index", "");
        shop.put("crlnumber", "01\n");
        let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
        shop.certify("root", "root", authority);
        shop.certify("sub", "root", authority);
        shop.publish_lists();
        shop
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// A file of its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let done = Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(done.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// A new P-256 key and its certificate for 90 days (authorities: 900) by `issuer` (itself, if of the same name).
    ///
    /// # Panics
    /// When openssl refuses.
    pub fn certify(&self, name: &str, issuer: &str, extensions: &str) {
        let points = format!("crlDistributionPoints=URI:http://{}/{issuer}.crl\n", self.address);
        let identifiers = if name == issuer { String::new() } else { format!("authorityKeyIdentifier=keyid\n{points}") };
        self.put(&format!("{name}.ext"), &format!("{extensions}subjectKeyIdentifier=hash\n{identifiers}"));
        let file = |kind: &str| format!("{name}.{kind}");
        let subject = format!("/C=DK/O=Elsewhere ApS/CN=Elsewhere {name}");
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &file("key")];
        self.openssl(&[&["req", "-new", "-config", "conf", "-subj", &subject, "-out", &file("csr")], &key[..]].concat());
        let days = if extensions.contains("keyCertSign") { "900" } else { "90" };
        let sign = ["x509", "-req", "-in", &file("csr"), "-days", days, "-extfile", &file("ext"), "-out", &file("pem")];
        let (issuer_file, issuer_key, own_key) = (format!("{issuer}.pem"), format!("{issuer}.key"), file("key"));
        let by: &[&str] =
            if name == issuer { &["-signkey", &own_key] } else { &["-CA", &issuer_file, "-CAkey", &issuer_key, "-CAcreateserial"] };
        self.openssl(&[&sign[..], by].concat());
    }

    /// From now on its server answers so.
    ///
    /// # Panics
    /// When a thread of it panicked.
    pub fn answers(&self, manner: Manner) {
        *self.serving.manner.lock().unwrap() = manner;
    }

    /// How often its server was asked.
    pub fn asked(&self) -> usize {
        self.serving.asked.load(Ordering::SeqCst)
    }

    /// Revokes a certificate of `sub`, and publishes the lists anew.
    ///
    /// # Panics
    /// When openssl refuses.
    pub fn revoke(&self, name: &str) {
        let certificate = format!("{name}.pem");
        self.openssl(&["ca", "-config", "conf", "-revoke", &certificate, "-cert", "sub.pem", "-keyfile", "sub.key"]);
        self.publish_lists();
    }

    fn publish_lists(&self) {
        for name in ["root", "sub"] {
            let (certificate, key, pem, der) =
                (format!("{name}.pem"), format!("{name}.key"), format!("{name}.crl.pem"), format!("{name}.crl"));
            self.openssl(&["ca", "-config", "conf", "-gencrl", "-cert", &certificate, "-keyfile", &key, "-out", &pem]);
            self.openssl(&["crl", "-in", &pem, "-outform", "DER", "-out", &der]);
        }
    }

    /// The PKCS#12 file of a key that was certified by `sub`, with the whole chain, packed with `more` options.
    ///
    /// # Panics
    /// When openssl refuses.
    pub fn pack(&self, name: &str, more: &[&str]) -> Vec<u8> {
        let chain = ["sub", "root"].map(|name| std::fs::read_to_string(self.file(&format!("{name}.pem"))).unwrap()).concat();
        self.put("above.pem", &chain);
        let (key, certificate, passphrase) = (format!("{name}.key"), format!("{name}.pem"), format!("pass:{FILE_PASSPHRASE}"));
        let pack = ["pkcs12", "-export", "-inkey", &key, "-in", &certificate, "-certfile", "above.pem", "-passout", &passphrase];
        self.openssl(&[&pack[..], &["-out", "out.p12"], more].concat());
        std::fs::read(self.file("out.p12")).unwrap()
    }

    /// SHA-256 of a certificate, as openssl says it: `AB:CD:..`.
    ///
    /// # Panics
    /// When openssl refuses.
    pub fn fingerprint(&self, name: &str) -> String {
        let file = format!("{name}.pem");
        let arguments = ["x509", "-in", &file, "-noout", "-fingerprint", "-sha256"];
        let done = Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().unwrap();
        let words = String::from_utf8_lossy(&done.stdout).into_owned();
        words.rsplit('=').next().unwrap_or_default().trim().to_owned()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.serving.stopped.store(true, Ordering::SeqCst);
        let _wakes_the_thread = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, serving: &Serving) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    let _broken_off = reader.read_line(&mut first);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
    }
    let name = first.split_whitespace().nth(1).unwrap_or_default().trim_start_matches('/');
    serving.asked.fetch_add(1, Ordering::SeqCst);
    let (folder, manner) = (&serving.folder, *serving.manner.lock().unwrap());
    let mut list = std::fs::read(folder.join(name)).unwrap_or_default();
    let status = if manner == Manner::Redirecting { format!("302 Found\r\nLocation: /{name}") } else { "200 OK".to_owned() };
    match manner {
        Manner::Good | Manner::Redirecting | Manner::Slow => {}
        Manner::Huge => list.resize(64 * 1024 * 1024, 0),
        Manner::Rubbish => list = b"<p>no list".to_vec(),
    }
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/pkix-crl\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", list.len());
    let begun = stream.write_all(head.as_bytes());
    let _gone = match manner {
        Manner::Slow => begun.and_then(|()| slowly(&mut stream, &list)),
        Manner::Good | Manner::Huge | Manner::Redirecting | Manner::Rubbish => begun.and_then(|()| stream.write_all(&list)),
    };
}

fn slowly(stream: &mut TcpStream, list: &[u8]) -> std::io::Result<()> {
    for octet in list.iter().take(120) {
        stream.write_all(&[*octet]).and_then(|()| stream.flush())?;
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}
