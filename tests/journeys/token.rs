//! A service whose keys lie in a PKCS#11 token (SoftHSM2): the authorities' alone, or all of them.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use support::{
    elsewhere::{Elsewhere, FILE_PASSPHRASE, SEAL},
    mailbox::Mailbox,
    papers::fixture,
    peers::{
        poppler::pdfsig,
        postgres,
        softhsm::{PIN, Token},
        tools,
    },
    pki::Certificate,
    program::{Service, free_port, segl_under},
    roles::{Operator, Person, accept_agreement, company, nominee},
    world::{EngineKind, on_runtime},
};

use super::program::{eventually, init_arguments, main_job};

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

/// A company with its administrator at a service that was just set up; the company's id.
async fn bakery(service: &Service, mailbox: &Mailbox, link: &str) -> anyhow::Result<(String, Person)> {
    let client = service.client();
    let operator = Operator(Person::activate(&client, link, None, "olga.operator").await?);
    let id = operator.register(&company("Havnens Bageri ApS", "30808460")).await?;
    let sigrid = "sigrid@30808460.example.dk";
    eventually("the signatory's link", || mailbox.link_to(sigrid, "/agreement/")).await?;
    accept_agreement(&client, mailbox, sigrid, &nominee("anne@bageri.example.dk")).await?.expect(200)?;
    let link = eventually("the administrator's link", || mailbox.link_to("anne@bageri.example.dk", "/activate/")).await?;
    let code = eventually("the letter", || mailbox.temporary_password("Anne Ådal")).await?;
    Ok((id, Person::activate(&client, &link, Some(&code), "anne.aadal").await?))
}

/// Key and certificate lie in the token before anybody here knows of them.
async fn put_into(token: &Token, shop: &Elsewhere) {
    let file = |name: &str| text(&shop.file(name));
    let public = ["pkey", "-in", &file("seal.key"), "-pubout", "-outform", "DER", "-out", &file("seal.pub")];
    assert!(tools::run("openssl", public).await.is_content());
    for (from, kind) in [("seal.key", "privkey"), ("seal.pub", "pubkey"), ("seal.pem", "cert")] {
        let mut arguments = vec!["--write-object".to_owned(), file(from), "--type".to_owned(), kind.to_owned()];
        if kind == "cert" {
            arguments[1] = file("seal.der");
            let convert = ["x509", "-in", &file("seal.pem"), "-outform", "DER", "-out", &arguments[1]];
            assert!(tools::run("openssl", convert).await.is_content());
        }
        arguments.extend(["--label", "bakery-seal", "--id", "42"].map(str::to_owned));
        if kind == "privkey" {
            arguments.push("--usage-sign".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = token.tool(&arguments).await;
        assert!(said.is_content(), "{kind}: {}", said.words);
    }
}

/// Asked twice: what was refused is not half there.
async fn no_file_comes_in(anne: &Person, company: &str, shop: &Elsewhere) {
    let file = STANDARD.encode(std::fs::read(shop.file("out.p12")).unwrap());
    let wish = json!({"purpose": "seal", "pkcs12": file, "passphrase": FILE_PASSPHRASE});
    for _ in 0..2 {
        let refused = anne.http.post(&format!("/api/v1/companies/{company}/imported-certificates"), &wish).await.unwrap();
        refused.refused(409, "conflict").unwrap();
        assert!(refused.text().contains("token"), "{}", refused.text());
    }
}

async fn a_seal_in_the_token(engine: EngineKind) {
    let shop = Elsewhere::found();
    shop.certify("seal", "sub", SEAL);
    shop.pack("seal", &[]);
    let folder = tempfile::tempdir().unwrap();
    let (data, log, port) = (folder.path().join("data"), folder.path().join("log"), free_port());
    let token = Token::make(folder.path()).await;
    put_into(&token, &shop).await;
    // With SQLite every key of the service lies in the token too, which takes no keys from files.
    let takes_no_keys = engine == EngineKind::Sqlite;
    let database = (engine == EngineKind::Postgres).then(postgres::Scratch::create);
    let places = database.as_ref().map_or_else(
        || "main_keystore = \"hsm\"".to_owned(),
        |database| {
            std::fs::write(folder.path().join("url"), database.url()).unwrap();
            format!("postgres_url_file = {:?}", text(&folder.path().join("url")))
        },
    );
    let link = set_up(&data, &token, &places).await;
    let service = Service::start_under(&token.environment(), &data, (port, &[]), &log).await.unwrap();
    let (company, anne) = bakery(&service, &Mailbox::of(&data.join("spool")), &link).await.unwrap();
    if takes_no_keys {
        no_file_comes_in(&anne, &company, &shop).await;
    }
    let bind = async |label: &str, purpose: &str| {
        let (data, chain) = (text(&data), text(&shop.file("above.pem")));
        let arguments = ["import-token", label, "--company", &company, "--purpose", purpose, "--chain", &chain, "--data", &data];
        segl_under(&token.environment(), arguments).await
    };
    bind("hsm.nothing", "seal").await.must_refuse("there is no certificate under hsm.nothing");
    bind("elsewhere.bakery-seal", "seal").await.must_refuse("name a token");
    bind("hsm.bakery-seal", "mail").await.must_refuse("names no mail address");
    bind("hsm.bakery-seal", "tls").await.must_refuse("seal or mail");
    bind("hsm.bakery-seal", "seal").await.must_say(&shop.fingerprint("seal"));
    bind("hsm.bakery-seal", "seal").await.must_refuse("imported already");
    let mailbox = Mailbox::of(&data.join("spool"));
    let told = || mailbox.mails_to("anne@bageri.example.dk").iter().any(|mail| mail.text.contains(&shop.fingerprint("seal"))).then_some(());
    eventually("the administrator's mail", told).await.unwrap();
    let path = format!("/api/v1/companies/{company}/sealed-documents");
    let sealed = anne.http.post_bytes(&path, "application/pdf", &fixture("cairo")).await.unwrap().expect(200).unwrap();
    let signed = folder.path().join("sealed.pdf");
    std::fs::write(&signed, &sealed.bytes).unwrap();
    let said = pdfsig(&signed).await;
    assert!(said.words.contains("Signature is Valid.") && said.words.contains("Elsewhere seal"), "{}", said.words);
    // Removed here, it stays in the token: it is its holder's.
    let all = anne.http.get(&format!("/api/v1/companies/{company}/imported-certificates")).await.unwrap().items();
    assert_eq!((all[0]["key_home"].as_str(), all.len()), (Some("token"), 1), "{all:?}");
    let one = format!("/api/v1/companies/{company}/imported-certificates/{}", all[0]["id"].as_str().unwrap());
    anne.http.delete(&one).await.unwrap().expect(204).unwrap();
    anne.http.post_bytes(&path, "application/pdf", &fixture("cairo")).await.unwrap().refused(409, "conflict").unwrap();
    assert!(token.tool(&["--list-objects", "--type", "privkey"]).await.words.contains("bakery-seal"));
    assert!(!std::fs::read_to_string(&log).unwrap().contains(PIN), "the PIN stands in the log");
}

#[test]
fn a_seal_in_the_token_is_bound_by_whoever_runs_the_service_on_sqlite() {
    on_runtime(a_seal_in_the_token(EngineKind::Sqlite));
}

#[test]
fn a_seal_in_the_token_is_bound_by_whoever_runs_the_service_on_postgres() {
    on_runtime(a_seal_in_the_token(EngineKind::Postgres));
}
