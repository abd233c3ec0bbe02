//! OCSP answers per processor second of the server alone: kept and live ones of ours, beside cfssl, openssl and plain pages of the same server.

use std::{path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    measure::{ROUNDS, Round, goal, per_processor_second, report},
    server::{Server, free_port, raw_signatures, script},
};

const REQUEST: &str = "application/ocsp-request";

/// cfssl, with the answer that we signed: it signs none itself.
fn cfssl(folder: &Path) -> Server {
    let port = free_port();
    let mut command = Command::new("cfssl");
    command.env("GOMAXPROCS", "1").args(["ocspserve", "-loglevel", "5", "-address", "127.0.0.1", "-port"]).arg(port.to_string());
    command.arg("-responses").arg(folder.join("answers"));
    Server::of(command, port, ("/", &std::fs::read(folder.join("bare.req")).unwrap()))
}

/// openssl, with an authority of its own and one valid certificate.
fn openssl(folder: &Path) -> Server {
    let run = |arguments: &str| {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&done.stderr));
    };
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=Bench -keyout ca.key -out ca.pem");
    std::fs::write(folder.join("index.txt"), "V\t351231235959Z\t\t1000\tunknown\t/CN=Bench\n").unwrap();
    run("ocsp -issuer ca.pem -serial 0x1000 -no_nonce -reqout openssl.req");
    let port = free_port();
    let arguments = format!("ocsp -index index.txt -rsigner ca.pem -rkey ca.key -CA ca.pem -ndays 1 -ignore_err -port {port}");
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(arguments.split(' '));
    Server::of(command, port, ("/", &std::fs::read(folder.join("openssl.req")).unwrap()))
}

const NAMES: [&str; 8] = [
    "a plain page of 1 kB, the same server",
    "the same page alone behind the same middleware",
    "OCSP, kept, GET",
    "OCSP, kept, POST",
    "OCSP, signed before, POST, by cfssl",
    "OCSP, live with nonce, POST",
    "OCSP, live, POST, by openssl ocsp",
    "P-256 signatures by openssl speed",
];

/// All lines, the servers in turn, and how ours stand to the others.
pub fn run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (ours, openssl) = (Server::ours(folder), openssl(folder));
    let cfssl = cfssl(folder);
    let (bare, nonce) = (script(folder, "bare.req", REQUEST), script(folder, "nonce.req", REQUEST));
    let theirs = std::fs::read(folder.join("openssl.req")).unwrap();
    let encoded = STANDARD.encode(std::fs::read(folder.join("bare.req")).unwrap());
    let path = format!("/ocsp/{}", encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    let mut lines: [Vec<Round>; 8] = Default::default();
    ours.load(&path, None);
    for _ in 0..ROUNDS {
        lines[0].push(ours.load("/plain", None));
        lines[1].push(ours.load_alone("/plain"));
        lines[2].push(ours.load(&path, None));
        lines[3].push(ours.load("/ocsp", Some(&bare)));
        lines[4].push(cfssl.load("/", Some(&bare)));
        lines[5].push(ours.load("/ocsp", Some(&nonce)));
        lines[6].push(openssl.load_closing(&theirs));
        lines[7].push(raw_signatures());
    }
    for (name, rounds) in NAMES.iter().zip(&lines) {
        report(name, rounds);
    }
    let [page, alone, get, post, cfssl, live, openssl, raw] = lines.map(|rounds| per_processor_second(&rounds));
    goal("OCSP kept, POST, of cfssl", post / cfssl, 7.0);
    goal("OCSP kept, GET, of the plain page", get / page, 0.8);
    goal("OCSP kept, GET, of the page alone", get / alone, 0.8);
    goal("OCSP live with nonce, of openssl ocsp", live / openssl, 1.0);
    goal("OCSP live with nonce, of raw P-256 signatures", live / raw, 0.25);
}
