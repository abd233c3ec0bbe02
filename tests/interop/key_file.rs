//! Key files, opened by those who will: openssl, NSS (Thunderbird, Firefox) and GnuTLS.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use support::{
    client::send,
    peers::{openssl::Desk, tools::run},
    pki::Certificate,
    roles::{activation, invitation, post_for},
    world::World,
};

use super::{Scene, scene};

/// A key file of somebody who chose that, on disk beside what judges its certificate.
struct File {
    desk: Desk,
    path: String,
    passphrase: String,
}

async fn key_file(scene: &Scene<'_>, purpose: &str) -> anyhow::Result<File> {
    let (world, bakery) = (scene.world, &scene.bakery);
    bakery.administrator.prove().await?;
    let path = format!("/api/v1/companies/{}/key-carriers", bakery.id);
    let allowed = bakery.administrator.http.request(reqwest::Method::PUT, &path).json(&json!({"carriers": ["key_file"]}));
    send(allowed).await?.expect(204)?;
    bakery.invite(&invitation("Åse", "Øst", "aase@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (link, temporary) = post_for(world, "aase@bageri.example.dk", "Åse Øst")?;
    let given = world.client().post("/api/v1/activations", &activation(&link, Some(&temporary), "aase.oest")).await?.expect(201)?;
    world.settle().await;
    let answer = given.json();
    let files = answer["key_files"]["files"].as_array().context("files")?;
    let file = files.iter().find(|file| file["purpose"] == purpose).context("a file for this purpose")?;
    let bytes = STANDARD.decode(file["pkcs12"].as_str().unwrap_or_default())?;
    let passphrase = given.string("/key_files/passphrase");
    let content = openssl::pkcs12::Pkcs12::from_der(&bytes)?.parse2(&passphrase)?;
    let desk = Desk::lay(world, &Certificate(content.cert.context("a certificate")?)).await?;
    let path = desk.put("key.p12", &bytes).display().to_string();
    Ok(File { desk, path, passphrase })
}

#[test]
fn openssl_opens_a_key_file_and_signs_with_it() {
    scene(async |scene| {
        let file = key_file(scene, "signing").await?;
        let pass = format!("pass:{}", file.passphrase);
        let told = run("openssl", ["pkcs12", "-in", &file.path, "-passin", &pass, "-info", "-nokeys"]).await;
        told.must_say("PBES2, PBKDF2, AES-256-CBC, Iteration 250000, PRF hmacWithSHA256");
        told.must_say("MAC: sha256, Iteration 250000");
        let wrong = run("openssl", ["pkcs12", "-in", &file.path, "-passin", "pass:wrong", "-nokeys"]).await;
        wrong.must_refuse("invalid password");
        let (key, paper, signature) = (file.desk.file("key.pem"), file.desk.put("paper", b"Lejekontrakt"), file.desk.file("signature"));
        let paper = paper.display().to_string();
        let keys = ["pkcs12", "-in", &file.path, "-passin", &pass, "-nocerts", "-noenc", "-out", &key];
        ensure!(run("openssl", keys).await.is_content(), "openssl takes the key out");
        let signed = run("openssl", ["dgst", "-sha256", "-sign", &key, "-out", &signature, &paper]).await;
        ensure!(signed.is_content(), "{}", signed.words);
        let public = file.desk.file("public.pem");
        let certificate = file.desk.file("certificate.pem");
        ensure!(run("openssl", ["x509", "-in", &certificate, "-noout", "-pubkey", "-out", &public]).await.is_content(), "the public key");
        run("openssl", ["dgst", "-sha256", "-verify", &public, "-signature", &signature, &paper]).await.must_say("Verified OK");
        file.desk.verify().await.must_say(": OK");
        Ok(())
    });
}

#[test]
fn nss_opens_a_key_file() {
    scene(async |scene| {
        let file = key_file(scene, "mail").await?;
        let folder = format!("sql:{}", file.desk.file("nss"));
        std::fs::create_dir(file.desk.file("nss"))?;
        let made = run("certutil", ["-N", "-d", &folder, "--empty-password"]).await;
        ensure!(made.is_content(), "{}", made.words);
        let imported = run("pk12util", ["-i", &file.path, "-d", &folder, "-W", &file.passphrase, "-K", ""]).await;
        imported.must_say("PKCS12 IMPORT SUCCESSFUL");
        let keys = run("certutil", ["-K", "-d", &folder]).await;
        keys.must_say("Øst");
        let wrong = run("pk12util", ["-l", &file.path, "-W", "wrong"]).await;
        wrong.must_refuse("SEC_ERROR_BAD_PASSWORD");
        Ok(())
    });
}

#[test]
fn gnutls_opens_a_key_file() {
    scene(async |scene| {
        let file = key_file(scene, "encryption").await?;
        let told = run("certtool", ["--p12-info", "--inder", "--infile", &file.path, "--password", &file.passphrase]).await;
        told.must_say("BEGIN ENCRYPTED PRIVATE KEY");
        told.must_say("AES-256-CBC");
        let wrong = run("certtool", ["--p12-info", "--inder", "--infile", &file.path, "--password", "wrong"]).await;
        ensure!(!wrong.words.contains("BEGIN CERTIFICATE"), "opened by a wrong passphrase: {}", wrong.words);
        Ok(())
    });
}

/// A SoftHSM2 token with a key in it.
struct Token {
    module: &'static str,
    folder: tempfile::TempDir,
}

impl Token {
    async fn with_key() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("tokens"))?;
        let configuration = format!("directories.tokendir = {}\nobjectstore.backend = file\n", folder.path().join("tokens").display());
        std::fs::write(folder.path().join("softhsm2.conf"), configuration)?;
        let token = Self { module: "/usr/lib/softhsm/libsofthsm2.so", folder };
        let made = token.run(&["softhsm2-util", "--init-token", "--free", "--label", "bo", "--pin", "1234", "--so-pin", "5678"]).await;
        ensure!(made.is_content(), "{}", made.words);
        let key = ["pkcs11-tool", "--module", token.module, "--login", "--pin", "1234", "--keypairgen", "--key-type", "EC:prime256v1"];
        let made = token.run(&[&key[..], &["--label", "bo", "--id", "01", "--usage-sign"]].concat()).await;
        ensure!(made.is_content(), "{}", made.words);
        Ok(token)
    }

    /// A tool that finds this token.
    async fn run(&self, words: &[&str]) -> support::peers::tools::Said {
        let configuration = format!("SOFTHSM2_CONF={}", self.folder.path().join("softhsm2.conf").display());
        run("env", [&[configuration.as_str()], words].concat()).await
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

#[test]
fn a_request_of_a_token_gets_a_certificate_for_the_key_in_it() {
    scene(async |scene| {
        let (world, bakery) = (scene.world, &scene.bakery);
        let token = Token::with_key().await?;
        let address = "pkcs11:token=bo;object=bo;type=private;pin-value=1234";
        let provider = format!("--provider={}", token.module);
        std::fs::write(token.file("template"), "cn = \"Somebody\"\nsigning_key\n")?;
        let (template, request) = (token.file("template"), token.file("request.pem"));
        let asked =
            ["certtool", &provider, "--generate-request", "--load-privkey", address, "--template", &template, "--outfile", &request];
        let made = token.run(&asked).await;
        ensure!(made.is_content(), "{}", made.words);
        let text = std::fs::read_to_string(&request)?;
        let path = format!("/api/v1/companies/{}/key-carriers", bakery.id);
        bakery.administrator.prove().await?;
        let allowed = bakery.administrator.http.request(reqwest::Method::PUT, &path).json(&json!({"carriers": ["hardware"]}));
        send(allowed).await?.expect(204)?;
        let mut person = enrol(world, scene, &text).await?;
        person.log_in().await?;
        let listed = person.certificates().await?;
        ensure!(listed.len() == 1 && listed[0]["key_carrier"] == "hardware", "{listed:?}");
        let whole =
            person.http.get(&format!("/api/v1/certificates/{}", listed[0]["serial"].as_str().unwrap_or_default())).await?.expect(200)?;
        let certificate = Certificate::of_pem(&whole.string("/pem"));
        let desk = Desk::lay(world, &certificate).await?;
        desk.verify().await.must_say(": OK");
        // The token signs, and the certificate is the one of that key.
        let (paper, signature, public) = (desk.put("paper", b"Lejekontrakt"), desk.file("signature"), desk.file("public.pem"));
        let paper = paper.display().to_string();
        let sign = ["pkcs11-tool", "--module", token.module, "--login", "--pin", "1234", "--sign", "--id", "01"];
        // SoftHSM2 signs digests that others made.
        let digest = desk.file("digest");
        let made = run("openssl", ["dgst", "-sha256", "-binary", "-out", &digest, &paper]).await;
        ensure!(made.is_content(), "{}", made.words);
        let how = ["--mechanism", "ECDSA", "--signature-format", "openssl", "--input-file", &digest, "--output-file", &signature];
        let signed = token.run(&[&sign[..], &how].concat()).await;
        ensure!(signed.is_content(), "{}", signed.words);
        let pem = desk.file("certificate.pem");
        ensure!(run("openssl", ["x509", "-in", &pem, "-noout", "-pubkey", "-out", &public]).await.is_content(), "the public key");
        run("openssl", ["dgst", "-sha256", "-verify", &public, "-signature", &signature, &paper]).await.must_say("Verified OK");
        Ok(())
    });
}

async fn enrol(world: &World, scene: &Scene<'_>, request: &str) -> anyhow::Result<support::roles::Person> {
    scene.bakery.invite(&invitation("Åse", "Øst", "aase@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (link, temporary) = post_for(world, "aase@bageri.example.dk", "Åse Øst")?;
    let mut body = activation(&link, Some(&temporary), "aase.oest");
    body["carrier"] = json!("hardware");
    body["request"] = json!(request);
    let given = world.client().post("/api/v1/activations", &body).await?.expect(201)?;
    world.settle().await;
    support::roles::Person::of_activation(&world.client(), &given, "aase.oest").await
}
