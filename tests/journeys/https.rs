//! HTTPS without a proxy, judged by openssl: whose certificate is shown, which TLS is spoken, how files are taken up again.

use std::path::{Path, PathBuf};

use support::{
    peers::tools::{self, Said},
    program::{Service, free_port},
    world::on_runtime,
};

use crate::program::{eventually, init};

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// What openssl says of a handshake.
async fn handshake(port: u16, host: &str, root: &Path, more: &[&str]) -> Said {
    let address = format!("127.0.0.1:{port}");
    let root = text(root);
    let arguments = ["s_client", "-connect", &address, "-servername", host, "-verify_hostname", host, "-CAfile", &root];
    tools::run("openssl", arguments.iter().chain(&["-verify_return_error"]).chain(more)).await
}

#[test]
fn https_shows_a_certificate_of_our_own_ca_and_speaks_tls_1_3_alone() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        init(&data).await.must_say("/activate/");
        let (port, tls) = (free_port(), free_port());
        let secure = format!("127.0.0.1:{tls}");
        let service = Service::start(&data, port, &["--listen-tls", &secure], &folder.path().join("log")).await.unwrap();
        let root = folder.path().join("root.pem");
        std::fs::write(&root, service.client().get("/pki/root1.pem").await.unwrap().expect(200).unwrap().bytes).unwrap();
        let said = handshake(tls, "segl.example.dk", &root, &[]).await;
        said.must_say("Verify return code: 0 (ok)");
        said.must_say("New, TLSv1.3");
        let without_name = tools::run("openssl", ["s_client", "-connect", &secure, "-noservername", "-CAfile", &text(&root)]).await;
        without_name.must_say("Verify return code: 0 (ok)");
        handshake(tls, "segl.example.dk", &root, &["-tls1_2"]).await.must_refuse("alert");
        handshake(tls, "other.example.dk", &root, &[]).await.must_refuse("hostname mismatch");
        let trusted = reqwest::Certificate::from_pem(&std::fs::read(&root).unwrap()).unwrap();
        let client = reqwest::Client::builder().add_root_certificate(trusted);
        let client = client.resolve("segl.example.dk", secure.parse().unwrap()).build().unwrap();
        let answer = client.get(format!("https://segl.example.dk:{tls}/login")).header("accept", "text/html").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.headers().contains_key("strict-transport-security"), "{:?}", answer.headers());
        service.kill();
    });
}

/// A self-signed certificate and its key at these places.
async fn put(certificate: &Path, key: &Path, host: &str) {
    let (subject, names) = (format!("/CN={host}"), format!("subjectAltName=DNS:{host}"));
    let (certificate, key) = (text(certificate), text(key));
    let made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"];
    let places = ["-subj", &subject, "-addext", &names, "-keyout", &key, "-out", &certificate];
    assert_eq!(tools::run("openssl", made.into_iter().chain(places)).await.code, 0);
}

#[test]
fn https_takes_changed_files_up_and_keeps_what_it_showed_when_they_do_not_fit() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        init(&data).await.must_say("/activate/");
        let config = std::fs::read_to_string(data.join("segl.toml")).unwrap();
        let tls = free_port();
        let section = format!("\n[tls]\nlisten = \"127.0.0.1:{tls}\"\ncertificate_file = \"tls.pem\"\nkey_file = \"tls.key\"\n");
        std::fs::write(data.join("segl.toml"), format!("{config}{section}")).unwrap();
        let log = folder.path().join("log");
        let [certificate, key]: [PathBuf; 2] = ["tls.pem", "tls.key"].map(|name| data.join(name));
        let refused = Service::start(&data, free_port(), &[], &log).await.unwrap_err().to_string();
        assert!(refused.contains("tls.certificate_file"), "{refused}");
        put(&certificate, &key, "one.example.dk").await;
        let service = Service::start(&data, free_port(), &[], &log).await.unwrap();
        handshake(tls, "one.example.dk", &certificate, &[]).await.must_say("Verify return code: 0 (ok)");
        // Another's certificate beside the old key.
        let one = folder.path().join("one.pem");
        std::fs::copy(&certificate, &one).unwrap();
        put(&certificate, &folder.path().join("elsewhere.key"), "two.example.dk").await;
        let words = || std::fs::read_to_string(&log).ok().filter(|log| log.contains("do not fit together"));
        eventually("the word of files that do not fit", words).await.unwrap();
        handshake(tls, "one.example.dk", &one, &[]).await.must_say("Verify return code: 0 (ok)");
        std::fs::copy(folder.path().join("elsewhere.key"), &key).unwrap();
        let shown = || std::fs::read_to_string(&log).ok().filter(|log| log.contains("shows a new certificate"));
        eventually("the new certificate", shown).await.unwrap();
        handshake(tls, "two.example.dk", &certificate, &[]).await.must_say("Verify return code: 0 (ok)");
        service.kill();
    });
}
