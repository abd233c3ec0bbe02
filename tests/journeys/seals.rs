//! What a company itself is certified as: its seal, and shared mailboxes and systems; and the names of the family `oces2`.

use anyhow::{Context as _, ensure};
use openssl::nid::Nid;
use serde_json::{Value, json};
use support::{
    journey,
    peers::tools::run,
    pki::Certificate,
    program::segl,
    roles::{Company, company},
    world::{Begins, EngineKind, Setup, World, run_in},
};

fn orders(bakery: &Company) -> String {
    format!("/api/v1/companies/{}/certificates", bakery.id)
}

/// Orders, and gives the certificate.
async fn ordered(bakery: &Company, wish: &Value) -> anyhow::Result<Certificate> {
    let http = &bakery.administrator.http;
    let serial = http.post(&orders(bakery), wish).await?.expect(201)?.string("/serial");
    let whole = http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    let certificate = Certificate::of_pem(&whole.string("/pem"));
    ensure!(certificate.has_serial(&serial) && whole.string("/state") == "active", "{}", whole.text());
    ensure!(whole.json()["purpose"] == wish["purpose"], "{}", whole.text());
    Ok(certificate)
}

fn function() -> Value {
    json!({"purpose": "function", "name": "Bogholderi", "email": "bogholderi@bageri.example.dk"})
}

journey!(an_administrator_orders_a_seal_and_a_function_and_their_identity_stays, async |world| {
    let (_, bakery) = world.bakery().await?;
    let seal = ordered(&bakery, &json!({"purpose": "seal"})).await?;
    let parts = [Nid::COUNTRYNAME, Nid::ORGANIZATIONNAME, Nid::COMMONNAME].map(|nid| seal.subject(nid));
    ensure!(parts == ["DK", "Havnens Bageri ApS", "Havnens Bageri ApS"], "{parts:?}");
    ensure!(seal.subject(Nid::SERIALNUMBER).starts_with("UI:DK-O:G:"), "{}", seal.subject(Nid::SERIALNUMBER));
    let mailbox = ordered(&bakery, &function()).await?;
    ensure!(mailbox.subject(Nid::COMMONNAME) == "bogholderi@bageri.example.dk", "{}", mailbox.subject(Nid::COMMONNAME));
    let names = mailbox.0.subject_alt_names().context("names")?;
    ensure!(names.iter().any(|name| name.email() == Some("bogholderi@bageri.example.dk")), "the address stands in it");
    let again = ordered(&bakery, &json!({"purpose": "seal"})).await?;
    ensure!(again.subject(Nid::SERIALNUMBER) == seal.subject(Nid::SERIALNUMBER), "the identity stays");
    ensure!(again.spki() != seal.spki() && mailbox.subject(Nid::SERIALNUMBER) != seal.subject(Nid::SERIALNUMBER), "the key does not");
    world.settle().await;
    let told = world.mailbox.mails_to("anne@30808460.example.dk");
    let about = |certificate: &Certificate| told.iter().any(|mail| mail.text.contains(&certificate.serial().to_lowercase()));
    ensure!(about(&seal) && about(&mailbox), "administrators are told: {} mails", told.len());
    Ok(())
});

journey!(administrators_are_told_once_at_each_mark_that_the_seal_ends, async |world| {
    let (_, bakery) = world.bakery().await?;
    let seal = ordered(&bakery, &json!({"purpose": "seal"})).await?;
    let now = openssl::asn1::Asn1Time::from_unix(world.ground.clock().now().millis() / 1000)?;
    let left = i64::from(now.diff(seal.0.not_after())?.days);
    let told = || {
        let mails = world.mailbox.mails_to("anne@30808460.example.dk");
        mails.iter().filter(|mail| mail.text.contains("Et certifikat, som Havnens Bageri ApS selv har")).count()
    };
    let (mut marks, mut passed) = (Vec::new(), 0);
    for day in [left - 62, left - 59, left - 58, left - 29, left - 6] {
        world.pass(time::Duration::days(day - passed)).await;
        passed = day;
        marks.push(told());
    }
    ensure!(marks == [0, 1, 1, 2, 3], "{marks:?}");
    Ok(())
});

journey!(only_a_companys_own_administrator_orders_and_only_well_formed_wishes, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    bo.http.post(&orders(&bakery), &json!({"purpose": "seal"})).await?.refused(403, "forbidden")?;
    let other = Company::enrolled(world, &operator, &company("Havnens Smedje A/S", "31938260")).await?;
    other.administrator.http.post(&orders(&bakery), &json!({"purpose": "seal"})).await?.refused(404, "not-found")?;
    let http = &bakery.administrator.http;
    let wishes = [
        (json!({"purpose": "tls"}), vec!["/purpose"]),
        (json!({"purpose": "function"}), vec!["/name", "/email"]),
        (json!({"purpose": "function", "name": "x\u{202e}", "email": "nowhere"}), vec!["/name", "/email"]),
        (json!({"purpose": "seal", "email": "a@b.dk"}), vec!["/email"]),
    ];
    for (wish, pointers) in wishes {
        let refused = http.post(&orders(&bakery), &wish).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == pointers, "{wish}: {:?}", refused.pointers());
    }
    let all = bakery.administrator.certificates().await?;
    ensure!(all.iter().all(|item| item["purpose"] != "seal" && item["purpose"] != "function"), "nothing was issued: {all:?}");
    Ok(())
});

journey!(a_company_orders_so_many_certificates_in_a_day_and_no_more, async |world| {
    let (_, bakery) = world.bakery().await?;
    let http = &bakery.administrator.http;
    for _ in 0..20 {
        http.post(&orders(&bakery), &function()).await?.expect(201)?;
    }
    http.post(&orders(&bakery), &function()).await?.refused(429, "too-many-tries")?;
    Ok(())
});

/// A request of somebody's own software, made by openssl, which claims what it likes.
async fn request(folder: &std::path::Path, key: &[&str]) -> anyhow::Result<String> {
    let file = |name: &str| folder.join(name).display().to_string();
    let (key_file, out) = (file("own.key"), file("own.csr"));
    let mut arguments = vec!["req", "-new", "-nodes", "-subj", "/O=Somebody else/CN=nobody", "-keyout", &key_file, "-out", &out];
    arguments.extend(key);
    let said = run("openssl", &arguments).await;
    ensure!(said.is_content(), "{}", said.words);
    Ok(std::fs::read_to_string(out)?)
}

const P256: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

journey!(a_function_is_certified_for_the_key_of_its_own_software, async |world| {
    let (_, bakery) = world.bakery().await?;
    let folder = tempfile::tempdir()?;
    let own = request(folder.path(), &P256).await?;
    let wish = |request: &str| {
        let mut wish = function();
        wish["request"] = json!(request);
        wish
    };
    let certificate = ordered(&bakery, &wish(&own)).await?;
    ensure!(certificate.subject(Nid::COMMONNAME) == "bogholderi@bageri.example.dk", "{}", certificate.subject_line());
    ensure!(certificate.subject(Nid::ORGANIZATIONNAME) == "Havnens Bageri ApS", "only the key of the request counts");
    let key = openssl::pkey::PKey::private_key_from_pem(&std::fs::read(folder.path().join("own.key"))?)?;
    ensure!(certificate.spki() == key.public_key_to_der()?, "it is the key's");
    let serial = certificate.serial().to_lowercase();
    let whole = bakery.administrator.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    ensure!(whole.json()["key_carrier"] == "own_software", "{}", whole.text());
    let keys = std::fs::read_dir(world.file("keys"))?.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains(&serial));
    ensure!(keys.count() == 0, "no key of it is here");
    // A request that proves nothing, one of a weak key, one for a seal.
    let (http, mut broken) = (&bakery.administrator.http, own.clone());
    let at = broken.rfind("-----END").unwrap() - 12;
    let other = if &broken[at..=at] == "A" { "B" } else { "A" };
    broken.replace_range(at..=at, other);
    let small = request(folder.path(), &["-newkey", "rsa:2048"]).await?;
    let p384 = request(folder.path(), &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]).await?;
    let mut for_seal = json!({"purpose": "seal"});
    for_seal["request"] = json!(own);
    for wish in [wish(&broken), wish(&small), wish(&p384), wish("nothing"), for_seal] {
        let refused = http.post(&orders(&bakery), &wish).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/request"], "{}", refused.text());
    }
    let again = ordered(&bakery, &wish(&own)).await?;
    ensure!(again.spki() == certificate.spki(), "its own bearer may have it certified again");
    Ok(())
});

/// The operator's command, against a service that is set up.
async fn tls_server(world: &World) -> anyhow::Result<()> {
    let (folder, data) = (tempfile::tempdir()?, world.plot().data().display().to_string());
    let file = |name: &str| folder.path().join(name).display().to_string();
    request(folder.path(), &P256).await?;
    let (csr, out) = (file("own.csr"), file("server.pem"));
    let command = ["tls-certificate", "--request", &csr, "--data", &data];
    let issue = async |more: &[&str]| segl(command.iter().chain(more)).await;
    let said = issue(&["--host", "intranet.example.dk", "--host", "10.1.2.3", "--out", &out]).await;
    said.must_say(&format!("wrote {out}: the certificate "));
    said.must_say(" for intranet.example.dk, 10.1.2.3, until 20");
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        file(name)
    };
    let root = openssl::x509::X509::from_der(&world.client().get("/pki/root1.cer").await?.expect(200)?.bytes)?;
    let root = put("root.pem", &root.to_pem()?);
    let verify = async |option: &str, name: &str| {
        let purpose = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &root, "-untrusted", &out];
        run("openssl", purpose.iter().chain(&[option, name, out.as_str()])).await
    };
    verify("-verify_hostname", "intranet.example.dk").await.must_say("OK");
    verify("-verify_ip", "10.1.2.3").await.must_say("OK");
    verify("-verify_hostname", "elsewhere.example.dk").await.must_refuse("mismatch");
    let chain = openssl::x509::X509::stack_from_pem(&std::fs::read(&out)?)?;
    ensure!(chain.len() == 2, "the certificate and its issuer, {} in all", chain.len());
    ensure!(!Certificate(chain[0].clone()).subject_line().contains("Somebody else"), "only the key of the request counts");
    world.settle().await;
    let list = world.fetch(&Certificate(chain[0].clone()).crl_url()).await?;
    ensure!(!list.is_empty(), "it stands in a shard that is published");
    issue(&["--host", "intranet.example.dk", "--out", &out]).await.must_refuse("--out");
    issue(&["--host", "not a host"]).await.must_refuse("--host");
    put("own.csr", b"no request");
    issue(&["--host", "intranet.example.dk"]).await.must_refuse("--request");
    segl(["audit", "verify", "--data", &data]).await.must_say("nothing was changed");
    Ok(())
}

/// The program's clock is the machine's.
fn now(engine: EngineKind) -> Setup {
    Setup { begins: Begins::Now, ..Setup::on(engine) }
}

#[test]
fn whoever_runs_the_service_issues_for_tls_servers_sqlite() {
    run_in(now(EngineKind::Sqlite), async |world| tls_server(world).await);
}

#[test]
fn whoever_runs_the_service_issues_for_tls_servers_postgres() {
    run_in(now(EngineKind::Postgres), async |world| tls_server(world).await);
}

/// One employee's certificates, the company's seal and a function under an authority of the family `oces2`.
async fn oces2(world: &World) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    let number = |certificate: &Certificate| certificate.subject(Nid::SERIALNUMBER);
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let mut numbers = Vec::new();
    for item in bo.certificates().await? {
        let serial = item["serial"].as_str().context("a serial")?;
        let whole = bo.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
        let certificate = Certificate::of_pem(&whole.string("/pem"));
        let organization = certificate.subject(Nid::ORGANIZATIONNAME);
        let cvr = organization.strip_prefix("Havnens Bageri ApS // CVR:").context("the organisation")?;
        ensure!(number(&certificate).starts_with(&format!("CVR:{cvr}-RID:")), "{}", number(&certificate));
        ensure!(certificate.subject(Nid::COMMONNAME) == "Bo Bager", "{}", certificate.subject(Nid::COMMONNAME));
        numbers.push(number(&certificate));
    }
    ensure!(numbers.len() == 3 && numbers.iter().all(|one| one == &numbers[0]), "one RID: {numbers:?}");
    let seal = ordered(&bakery, &json!({"purpose": "seal"})).await?;
    ensure!(number(&seal).contains("-UID:"), "{}", number(&seal));
    let mailbox = ordered(&bakery, &function()).await?;
    ensure!(number(&mailbox).contains("-FID:"), "{}", number(&mailbox));
    ensure!(mailbox.subject(Nid::COMMONNAME) == "Bogholderi (funktionscertifikat)", "{}", mailbox.subject(Nid::COMMONNAME));
    let again = ordered(&bakery, &function()).await?;
    ensure!(number(&again) == number(&mailbox), "the FID stays");
    Ok(())
}

fn in_oces2(engine: EngineKind, issuing_key: &str) -> Setup {
    Setup { policy: format!("family = \"oces2\"\nissuing_key = \"{issuing_key}\"\n"), ..Setup::on(engine) }
}

#[test]
fn the_family_oces2_names_everybody_as_integrations_expect_sqlite() {
    run_in(in_oces2(EngineKind::Sqlite, "rsa3072"), async |world| oces2(world).await);
}

#[test]
fn the_family_oces2_names_everybody_as_integrations_expect_postgres() {
    run_in(in_oces2(EngineKind::Postgres, "p256"), async |world| oces2(world).await);
}
