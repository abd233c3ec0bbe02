//! A service whose keys lie in a PKCS#11 token (SoftHSM2): the authorities' alone, or all of them.

use std::path::Path;

use support::{
    mailbox::Mailbox,
    peers::{
        softhsm::{PIN, Token},
        tools,
    },
    pki::Certificate,
    program::{Service, free_port, segl_under},
    world::on_runtime,
};

use super::program::{init_arguments, main_job};

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Sets up with `places` in `[storage]` and the token as `hsm`; gives the first operator's link.
async fn set_up(data: &Path, token: &Token, places: &str) -> String {
    std::fs::create_dir_all(data).unwrap();
    let keystores = token.configuration(&data.join("hsm.pin"));
    let config = format!(
        "[server]\npublic_url = \"https://segl.example.dk\"\n[mail]\nfrom = \"segl@segl.example.dk\"\n[timestamps]\nclock = \"none\"\n[storage]\n{places}\n{keystores}"
    );
    std::fs::write(data.join("segl.toml"), config).unwrap();
    let said = segl_under(&token.environment(), init_arguments(data)).await;
    said.must_say("https://segl.example.dk/activate/");
    said.words.split_whitespace().find(|word| word.contains("/activate/")).unwrap().to_owned()
}

async fn fetched(service: &Service, url: &str, file: &Path) -> String {
    let path = url.replace("http://segl.example.dk", "");
    let answer = service.client().get(&path).await.unwrap().expect(200).unwrap();
    std::fs::write(file, &answer.bytes).unwrap();
    text(file)
}

/// openssl judges chain, CRLs and OCSP of what was issued, from what the service publishes.
pub async fn openssl_accepts(service: &Service, port: u16, signed: &[u8], folder: &Path) {
    let verdict = openssl_judges(service, port, signed, folder).await;
    verdict.must_say("OK");
}

/// What openssl says of the chain with every list; OCSP must say good.
pub async fn openssl_judges(service: &Service, port: u16, signed: &[u8], folder: &Path) -> tools::Said {
    let leaf = Certificate::of_signer(signed);
    let issuing_file = folder.join("issuing.cer");
    fetched(service, &leaf.issuer_url(), &issuing_file).await;
    let issuing = Certificate::of(&std::fs::read(&issuing_file).unwrap());
    fetched(service, &issuing.issuer_url(), &folder.join("root.cer")).await;
    let root = Certificate::of(&std::fs::read(folder.join("root.cer")).unwrap());
    let put = |name: &str, bytes: Vec<u8>| {
        std::fs::write(folder.join(name), bytes).unwrap();
        text(&folder.join(name))
    };
    let (root, issuing, leaf_file) = (put("root.pem", root.pem()), put("issuing.pem", issuing.pem()), put("leaf.pem", leaf.pem()));
    let crl = fetched(service, &leaf.crl_url(), &folder.join("leaf.crl")).await;
    let root_crl = fetched(service, &Certificate::of(&std::fs::read(&issuing_file).unwrap()).crl_url(), &folder.join("root.crl")).await;
    let verify = ["verify", "-x509_strict", "-crl_check_all", "-CRLfile", &crl, "-CRLfile", &root_crl];
    let url = format!("http://127.0.0.1:{port}/ocsp");
    let ask = ["ocsp", "-issuer", &issuing, "-cert", &leaf_file, "-url", &url, "-CAfile", &root, "-verify_other", &issuing];
    let said = tools::run("openssl", ask).await;
    said.must_say("Response verify OK");
    said.must_say(": good");
    tools::run("openssl", verify.into_iter().chain(["-CAfile", &root, "-untrusted", &issuing, &leaf_file])).await
}

async fn from_init_to_a_signature(places: &str, in_token: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (data, log, port) = (folder.path().join("data"), folder.path().join("log"), free_port());
    let token = Token::make(folder.path()).await;
    let link = set_up(&data, &token, places).await;
    segl_under(&token.environment(), ["check", "--data", &text(&data)]).await.must_say("issuing1: its key in hsm matches its certificate");
    let service = Service::start_under(&token.environment(), &data, (port, &[]), &log).await.unwrap();
    let (signed, _) = main_job(&service, &Mailbox::of(&data.join("spool")), &link).await.unwrap();
    openssl_accepts(&service, port, &signed, folder.path()).await;
    service.kill();
    let listed = token.tool(&["--list-objects"]).await;
    assert_eq!(listed.words.matches("Private Key Object").count(), in_token, "{}", listed.words);
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(!said.contains(PIN), "the PIN stands in the log");
    // A second start finds everything again.
    let service = Service::start_under(&token.environment(), &data, (port, &[]), &log).await.unwrap();
    openssl_accepts(&service, port, &signed, folder.path()).await;
}

#[test]
fn the_authorities_keys_lie_in_a_token_and_openssl_accepts_what_they_sign() {
    on_runtime(from_init_to_a_signature("root_keystore = \"hsm\"\nissuing_keystore = \"hsm\"", 2));
}

#[test]
fn every_key_lies_in_a_token_and_an_employee_signs() {
    // Root, issuing, responder, time stamps, notices, audit: employees' keys are wrapped, not kept.
    on_runtime(from_init_to_a_signature("main_keystore = \"hsm\"", 6));
}

#[test]
fn a_service_does_not_start_on_keys_that_are_not_its_certificates() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let (data, log) = (folder.path().join("data"), folder.path().join("log"));
        let token = Token::make(folder.path()).await;
        set_up(&data, &token, "issuing_keystore = \"hsm\"").await;
        let environment = token.environment();
        let refused = async |words: &str| {
            let port = free_port();
            let said = segl_under(&environment, ["serve", "--data", &text(&data), "--listen", &format!("127.0.0.1:{port}")]).await;
            said.must_refuse(words);
            segl_under(&environment, ["check", "--data", &text(&data)]).await.must_refuse(words);
        };
        std::fs::write(data.join("hsm.pin"), "0000-wrong\n").unwrap();
        refused("the PIN of the token segl-test is wrong").await;
        token.configuration(&data.join("hsm.pin"));
        // Another key under the same label.
        let listed = token.tool(&["--list-objects", "--type", "privkey"]).await.words;
        let label = listed.split("label:").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        for kind in ["privkey", "pubkey"] {
            let said = token.tool(&["--delete-object", "--type", kind, "--label", &label]).await;
            assert!(said.is_content(), "{}", said.words);
        }
        refused(&format!("the keystore has no key under hsm.{label}")).await;
        let said = token.tool(&["--keypairgen", "--key-type", "EC:prime256v1", "--label", &label, "--id", "01"]).await;
        assert!(said.is_content(), "{}", said.words);
        refused("is not the one in the certificate").await;
        assert!(Service::start_under(&environment, &data, (free_port(), &[]), &log).await.is_err());
        // The keystore of the label is not configured any longer.
        std::fs::write(
            data.join("segl.toml"),
            "[server]\npublic_url = \"https://segl.example.dk\"\n[mail]\nfrom = \"segl@segl.example.dk\"\n",
        )
        .unwrap();
        refused("is not configured").await;
    });
}
