//! Servers as processes of their own, loaded from outside; what counts is the processor time that the server's process used meanwhile.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::{App, HttpResponse, HttpServer, middleware, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{revocation::answer::question, timestamp::Request};
use segl::{app, authorities, certificates, http::envelope, platform::telemetry, router, status};

use crate::{
    issuing::{Person, Service, issue},
    measure::{Round, processor_time_of},
};

/// What makes the bench's own program the server to be measured.
pub const SERVER: &str = "--server";
/// How long each server is loaded in each round.
const SECONDS: u64 = 3;
/// Octets of this kind, eight or more, stand in a request where the load puts a new nonce each time.
const NONCE: u8 = 0x5e;
/// So many connections at once.
const AT_ONCE: &str = "-c16";

/// The server to be measured, with one worker: a service with one certificate, and beside its own routes a page of 1 kB; on a second port that page
/// alone, behind the same middleware. Writes what the load needs into the folder, says its ports, and serves until it is killed.
pub async fn serve(folder: &Path) {
    let service = Service::found(None).await;
    let ground = service.ground.clone();
    telemetry::start(ground.config.log.format, &ground.config.log.filter);
    let id = issue(&ground, &Person::new(&ground)).await;
    let found = certificates::read::by_id(&mut ground.database.read().await.unwrap(), id).await.unwrap().unwrap();
    let authority = authorities::by_id(&ground, found.authority).await.unwrap();
    let bare = question(authority.issuer.certificate_der(), &[found.serial]).unwrap();
    let answer = status::answer_ocsp(&ground, &bare).await;
    std::fs::write(folder.join("bare.req"), &bare).unwrap();
    std::fs::write(folder.join("nonce.req"), with_nonce(&bare)).unwrap();
    std::fs::write(folder.join("stamp.req"), Request::new([7; 32], Some(u64::from_be_bytes([NONCE; 8]))).to_der()).unwrap();
    std::fs::write(folder.join("answers"), format!("{}\n", STANDARD.encode(answer.der()))).unwrap();
    let (listener, alone) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    println!("{} {}", listener.local_addr().unwrap().port(), alone.local_addr().unwrap().port());
    std::io::stdout().flush().unwrap();
    let (data, who_is) = (web::Data::new(ground), app::who_is());
    let plain = || web::get().to(async || HttpResponse::Ok().content_type("text/plain").body([b'x'; 1024].as_slice()));
    let shared = data.clone();
    let application = move || router::application(data.clone(), who_is.clone()).route("/plain", plain());
    let page = move || App::new().app_data(shared.clone()).wrap(middleware::from_fn(envelope::envelope)).route("/plain", plain());
    let whole = HttpServer::new(application).workers(1).listen(listener).unwrap().run();
    let beside = HttpServer::new(page).workers(1).listen(alone).unwrap().run();
    tokio::try_join!(whole, beside).unwrap();
}

/// The bare request with a nonce (RFC 9654): `TBSRequest` is `SEQUENCE { requestList, [2] EXPLICIT Extensions }`.
fn with_nonce(bare: &[u8]) -> Vec<u8> {
    let tlv = |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
    // A bare request is SEQUENCE { SEQUENCE { requestList } } with short lengths.
    let list = &bare[4..];
    let extension = tlv(0x30, &[[0x06, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2].as_slice(), &tlv(4, &tlv(4, &[NONCE; 16]))].concat());
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
    alone: u16,
    path: &'static str,
}

impl Server {
    /// Ours. What it logs lies in the folder, as `log`.
    pub fn ours(folder: &Path) -> Self {
        let log = folder.join("log");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--bench", SERVER])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ports = line.trim().split_once(' ').and_then(|(port, alone)| Some((port.parse().ok()?, alone.parse().ok()?)));
        let (port, alone) = ports.unwrap_or_else(|| panic!("our server does not start: {}", std::fs::read_to_string(&log).unwrap()));
        Self { process, port, alone, path: "/" }
    }

    /// Another program, ready when it answers this request to its one path in full.
    pub fn of(mut command: Command, port: u16, (path, request): (&'static str, &[u8])) -> Self {
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("./dev bench installs it");
        let server = Self { process, port, alone: port, path };
        let begun = Instant::now();
        while server.ask(request).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody listens on port {port}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Loads it by wrk, and counts what it answered against the processor time that it used.
    pub fn load(&self, path: &str, script: Option<&Path>) -> Round {
        self.load_at(self.port, path, script)
    }

    /// The same, at its second port.
    pub fn load_alone(&self, path: &str) -> Round {
        self.load_at(self.alone, path, None)
    }

    fn load_at(&self, port: u16, path: &str, script: Option<&Path>) -> Round {
        let (begun, before) = (Instant::now(), processor_time_of(self.process.id()));
        let mut command = Command::new("wrk");
        command.args(["-t1", AT_ONCE]).arg(format!("-d{SECONDS}s"));
        if let Some(script) = script {
            command.arg("-s").arg(script);
        }
        let done = command.arg(format!("http://127.0.0.1:{port}{path}")).output().expect("./dev bench installs wrk");
        let words = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success() && !words.contains("Non-2xx"), "{words}");
        let count = words.lines().find_map(|line| line.trim().split_once(" requests in ")).and_then(|(count, _)| count.parse().ok());
        let count: usize = count.unwrap_or_else(|| panic!("{words}"));
        assert!(count > 0, "{words}");
        Round { count, elapsed: begun.elapsed(), worked: self.worked_since(before) }
    }

    /// Loads one that answers one connection after the other and closes each: wrk's own first look, a connection without request, would stop
    /// `openssl ocsp` for good.
    pub fn load_closing(&self, request: &[u8]) -> Round {
        let (begun, before) = (Instant::now(), processor_time_of(self.process.id()));
        let mut count = 0;
        while begun.elapsed() < Duration::from_secs(SECONDS) {
            self.ask(request).unwrap();
            count += 1;
        }
        Round { count, elapsed: begun.elapsed(), worked: self.worked_since(before) }
    }

    fn worked_since(&self, before: Duration) -> Duration {
        processor_time_of(self.process.id()).saturating_sub(before)
    }

    /// Posts a request on a connection of its own, and reads the answer to its end.
    fn ask(&self, request: &[u8]) -> std::io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        let head = format!(
            "POST {} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/ocsp-request\r\nContent-Length: {}\r\n\r\n",
            self.path,
            request.len()
        );
        connection.write_all(&[head.as_bytes(), request].concat())?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer)?;
        assert!(answer.windows(4).any(|window| window == b" 200"), "{}", String::from_utf8_lossy(&answer));
        Ok(())
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

/// P-256 signatures of OpenSSL alone, per processor second of one core.
pub fn raw_signatures() -> Round {
    let done = Command::new("openssl").args(["speed", "-seconds", "2", "ecdsap256"]).output().unwrap();
    let words = String::from_utf8_lossy(&done.stdout).into_owned();
    let line = words.lines().find(|line| line.contains("nistp256")).unwrap_or_else(|| panic!("{words}"));
    let per_second: f64 = line.split_whitespace().rev().nth(1).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{line}"));
    Round { count: per_second as usize, elapsed: Duration::from_secs(1), worked: Duration::from_secs(1) }
}

/// A script for wrk that posts a file as this content type; with a fresh nonce each time where one stands.
pub fn script(folder: &Path, name: &str, content_type: &str) -> PathBuf {
    let request = std::fs::read(folder.join(name)).unwrap();
    let body: String = request.iter().map(|octet| format!("\\x{octet:02x}")).collect();
    let nonce = request.windows(8).position(|window| window == [NONCE; 8]);
    let fresh = nonce.map_or(String::new(), |at| {
        let length = request[at..].iter().take_while(|octet| **octet == NONCE).count();
        format!(
            "local n = 0\nfunction request()\n  n = n + 1\n  local fresh = string.format(\"%0{length}d\", n)\n  \
             return wrk.format(\"POST\", nil, nil, body:sub(1, {at}) .. fresh .. body:sub({}))\nend\n",
            at + length + 1
        )
    });
    let text = format!(
        "local body = \"{body}\"\nwrk.method = \"POST\"\nwrk.body = body\nwrk.headers[\"Content-Type\"] = \"{content_type}\"\n{fresh}"
    );
    let path = folder.join(format!("{name}.lua"));
    std::fs::write(&path, text).unwrap();
    path
}
