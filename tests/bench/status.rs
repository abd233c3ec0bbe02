//! OCSP answers per processor second of the server alone: kept and live ones of ours, beside cfssl, openssl and a plain page of the same server.
//!
//! The servers run as processes of their own; wrk loads them one after the other in each round, and what counts is the processor time that
//! the server's process has used meanwhile.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, HttpServer, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::revocation::answer::question;
use segl::{app, authorities, certificates, router, status};

use crate::{
    issuing::{Person, Service, issue},
    measure::{ROUNDS, Round, processor_time_of, report},
};

/// What makes the bench's own program the server to be measured.
pub const SERVER: &str = "--status-server";
/// How long each server is loaded in each round.
const SECONDS: u64 = 3;
/// Stands in the request where the load puts a new nonce each time.
const NONCE: [u8; 16] = [0x5e; 16];

/// The server to be measured: a service with one certificate, and beside its own routes a page of 1 kB. Writes what the load needs into the
/// folder, says its port, and serves until it is killed.
pub async fn serve(folder: &Path) {
    let service = Service::found(None).await;
    let ground = service.ground.clone();
    let id = issue(&ground, &Person::new(&ground)).await;
    let found = certificates::read::by_id(&mut ground.database.read().await.unwrap(), id).await.unwrap().unwrap();
    let authority = authorities::by_id(&ground, found.authority).await.unwrap();
    let bare = question(authority.issuer.certificate_der(), &[found.serial]).unwrap();
    let answer = status::answer_ocsp(&ground, &bare).await;
    std::fs::write(folder.join("bare.req"), &bare).unwrap();
    std::fs::write(folder.join("nonce.req"), with_nonce(&bare)).unwrap();
    std::fs::write(folder.join("answers"), format!("{}\n", STANDARD.encode(answer.der()))).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    std::io::stdout().flush().unwrap();
    let (data, who_is) = (web::Data::new(ground), app::who_is());
    let application = move || {
        router::application(data.clone(), who_is.clone())
            .route("/plain", web::get().to(async || HttpResponse::Ok().content_type("text/plain").body([b'x'; 1024].as_slice())))
    };
    HttpServer::new(application).workers(1).listen(listener).unwrap().run().await.unwrap();
}

/// The bare request with a nonce (RFC 9654): `TBSRequest` is `SEQUENCE { requestList, [2] EXPLICIT Extensions }`.
fn with_nonce(bare: &[u8]) -> Vec<u8> {
    let tlv = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
    // A bare request is SEQUENCE { SEQUENCE { requestList } } with short lengths.
    let list = &bare[4..];
    let extension = tlv(0x30, &[[0x06, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2].as_slice(), &tlv(4, &tlv(4, &NONCE))].concat());
    let tbs = [list, &tlv(0xa2, &tlv(0x30, &extension))].concat();
    let inner = long(0x30, &tbs);
    long(0x30, &inner)
}

/// Tag, length in the shortest form up to 65,535, content.
fn long(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let head = match length {
        0..=127 => vec![tag, u8::try_from(length).unwrap()],
        128..=255 => vec![tag, 0x81, u8::try_from(length).unwrap()],
        _ => [[tag, 0x82].as_slice(), &length.to_be_bytes()].concat(),
    };
    [head.as_slice(), content].concat()
}

/// A server in a process of its own, killed when dropped.
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts it and waits until it answers on the port.
    pub fn start(mut command: Command, port: u16) -> Self {
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("./dev bench installs it");
        let server = Self { process, port };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody listens on port {port}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Loads it, and counts what it answered against the processor time that it used.
    pub fn load(&self, path: &str, script: Option<&Path>) -> Round {
        let (begun, before) = (Instant::now(), processor_time_of(self.process.id()));
        let mut command = Command::new("wrk");
        command.args(["-t1", "-c16"]).arg(format!("-d{SECONDS}s"));
        if let Some(script) = script {
            command.arg("-s").arg(script);
        }
        let done = command.arg(format!("http://127.0.0.1:{}{path}", self.port)).output().expect("./dev bench installs wrk");
        let words = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success() && !words.contains("Non-2xx"), "{words}");
        let count = words.lines().find_map(|line| line.trim().split_once(" requests in ")).and_then(|(count, _)| count.parse().ok());
        let count: usize = count.unwrap_or_else(|| panic!("{words}"));
        assert!(count > 0, "{words}");
        Round { count, elapsed: begun.elapsed(), worked: processor_time_of(self.process.id()).saturating_sub(before) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Ours.
fn ours(folder: &Path) -> Server {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--bench", SERVER]).arg(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut process = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    Server { process, port: line.trim().parse().unwrap_or_else(|_| panic!("our server does not start: {line}")) }
}

/// cfssl, with the answer that we signed: it signs none itself.
fn cfssl(folder: &Path) -> Server {
    let port = free_port();
    let mut command = Command::new("cfssl");
    command.env("GOMAXPROCS", "1").args(["ocspserve", "-loglevel", "5", "-address", "127.0.0.1", "-port"]).arg(port.to_string());
    command.arg("-responses").arg(folder.join("answers"));
    Server::start(command, port)
}

/// openssl, with an authority of its own and one valid certificate.
fn openssl(folder: &Path) -> Server {
    let run = |arguments: &[&str]| {
        let done = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    run(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=Bench CA",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
    ]);
    std::fs::write(folder.join("index.txt"), "V\t351231235959Z\t\t1000\tunknown\t/CN=Bench\n").unwrap();
    run(&["ocsp", "-issuer", "ca.pem", "-serial", "0x1000", "-no_nonce", "-reqout", "openssl.req"]);
    let port = free_port();
    let mut command = Command::new("openssl");
    command.current_dir(folder).args([
        "ocsp",
        "-index",
        "index.txt",
        "-rsigner",
        "ca.pem",
        "-rkey",
        "ca.key",
        "-CA",
        "ca.pem",
        "-ndays",
        "1",
    ]);
    command.args(["-ignore_err", "-port"]).arg(port.to_string());
    Server::start(command, port)
}

/// P-256 signatures of OpenSSL alone, per processor second of one core.
fn raw_signatures() -> Round {
    let done = Command::new("openssl").args(["speed", "-seconds", "2", "ecdsap256"]).output().unwrap();
    let words = String::from_utf8_lossy(&done.stdout).into_owned();
    let line = words.lines().find(|line| line.contains("nistp256")).unwrap_or_else(|| panic!("{words}"));
    let per_second: f64 = line.split_whitespace().rev().nth(1).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{line}"));
    Round { count: per_second as usize, elapsed: Duration::from_secs(1), worked: Duration::from_secs(1) }
}

/// A script for wrk that posts a file; with a fresh nonce each time where one stands.
fn script(folder: &Path, name: &str) -> PathBuf {
    let request = std::fs::read(folder.join(name)).unwrap();
    let body: String = request.iter().map(|octet| format!("\\x{octet:02x}")).collect();
    let nonce = request.windows(NONCE.len()).position(|window| window == NONCE);
    let fresh = nonce.map_or(String::new(), |at| {
        format!(
            "local n = 0\nfunction request()\n  n = n + 1\n  local fresh = string.format(\"%016d\", n)\n  \
             return wrk.format(\"POST\", nil, nil, body:sub(1, {at}) .. fresh .. body:sub({}))\nend\n",
            at + NONCE.len() + 1
        )
    });
    let text = format!(
        "local body = \"{body}\"\nwrk.method = \"POST\"\nwrk.body = body\nwrk.headers[\"Content-Type\"] = \"application/ocsp-request\"\n{fresh}"
    );
    let path = folder.join(format!("{name}.lua"));
    std::fs::write(&path, text).unwrap();
    path
}

/// The median of what the rounds did per processor second.
fn median(rounds: &[Round]) -> f64 {
    let mut rates: Vec<f64> = rounds.iter().map(|round| round.count as f64 / round.worked.as_secs_f64()).collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// All lines, the servers in turn, and how ours stand to the others.
pub fn run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (ours, openssl) = (ours(folder), openssl(folder));
    let cfssl = cfssl(folder);
    let (bare, nonce, theirs) = (script(folder, "bare.req"), script(folder, "nonce.req"), script(folder, "openssl.req"));
    let encoded = STANDARD.encode(std::fs::read(folder.join("bare.req")).unwrap());
    let path = format!("/ocsp/{}", encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    let mut lines: [Vec<Round>; 7] = Default::default();
    ours.load(&path, None);
    for _ in 0..ROUNDS {
        lines[0].push(ours.load("/plain", None));
        lines[1].push(ours.load(&path, None));
        lines[2].push(ours.load("/ocsp", Some(&bare)));
        lines[3].push(cfssl.load("/", Some(&bare)));
        lines[4].push(ours.load("/ocsp", Some(&nonce)));
        lines[5].push(openssl.load("/", Some(&theirs)));
        lines[6].push(raw_signatures());
    }
    let names = [
        "a plain page of 1 kB, the same server",
        "OCSP, kept, GET",
        "OCSP, kept, POST",
        "OCSP, signed before, POST, by cfssl",
        "OCSP, live with nonce, POST",
        "OCSP, live, POST, by openssl ocsp",
        "P-256 signatures by openssl speed",
    ];
    for (name, rounds) in names.iter().zip(&lines) {
        report(name, rounds);
    }
    let rate = |at: usize| median(&lines[at]);
    println!(
        "\nper CPU second: kept GET {:.0} % of the plain page, kept POST {:.1} x cfssl;",
        100.0 * rate(1) / rate(0),
        rate(2) / rate(3)
    );
    println!("live with nonce {:.2} x openssl ocsp, {:.0} % of raw P-256 signatures", rate(4) / rate(5), 100.0 * rate(4) / rate(6));
}
