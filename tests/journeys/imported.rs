//! Certificates that somebody else issued: imported for a company's seal and mail, used to seal, named in verdicts, warned of, removed.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use support::{
    client::Answer,
    elsewhere::{Elsewhere, FILE_PASSPHRASE, MAIL, SEAL},
    papers::{fixture, pages},
    peers::{
        poppler::pdfsig,
        pyhanko::{self, Trust},
    },
    pki::{Certificate, Surroundings},
    program::segl,
    roles::{Company, company},
    visitor::Visitor,
    world::{Begins, EngineKind, Setup, World, run_in},
};

/// Both engines, in a world that begins after `Elsewhere` was founded.
macro_rules! story {
    ($name:ident, $setup:expr, $story:expr) => {
        mod $name {
            use super::*;

            fn told_on(engine: EngineKind) {
                let shop = Elsewhere::found();
                shop.certify("seal", "sub", SEAL);
                shop.certify("mail", "sub", MAIL);
                let setup: fn(&Elsewhere, Setup) -> Setup = $setup;
                let setup = setup(&shop, Setup { begins: Begins::Now, ..Setup::on(engine) });
                run_in(setup, async |world| ($story)(world, &shop).await);
            }

            #[test]
            fn on_sqlite() {
                told_on(EngineKind::Sqlite);
            }

            #[test]
            fn on_postgres() {
                told_on(EngineKind::Postgres);
            }
        }
    };
}

fn place(bakery: &Company) -> String {
    format!("/api/v1/companies/{}/imported-certificates", bakery.id)
}

fn wish(purpose: &str, file: &[u8]) -> Value {
    json!({"purpose": purpose, "pkcs12": STANDARD.encode(file), "passphrase": FILE_PASSPHRASE})
}

async fn imported(bakery: &Company, purpose: &str, file: &[u8]) -> anyhow::Result<String> {
    bakery.administrator.prove().await?;
    let answer = bakery.administrator.http.post(&place(bakery), &wish(purpose, file)).await?.expect(201)?;
    Ok(answer.string("/id"))
}

/// The imported keys in the keystore's directory.
fn keys(world: &World) -> usize {
    let files = std::fs::read_dir(world.file("keys")).unwrap();
    files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("import-")).count()
}

async fn list(bakery: &Company) -> anyhow::Result<Vec<Value>> {
    Ok(bakery.administrator.http.get(&place(bakery)).await?.expect(200)?.items())
}

fn unchanged(_: &Elsewhere, setup: Setup) -> Setup {
    setup
}

async fn imports_and_removes(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    let (anne, file) = (&bakery.administrator, shop.pack("seal", &[]));
    world.clock.advance(time::Duration::minutes(6));
    anne.http.post(&place(&bakery), &wish("seal", &file)).await?.refused(403, "prove-again")?;
    anne.prove().await?;
    let wrong = json!({"purpose": "seal", "pkcs12": STANDARD.encode(&file), "passphrase": "another"});
    let old = wish("seal", &shop.pack("seal", &["-legacy"]));
    for (body, pointer, words) in [
        (wrong, "/passphrase", "does not open"),
        (old, "/pkcs12", "RC2"),
        (wish("mail", &file), "/pkcs12", "address"),
        (wish("tls", &file), "/purpose", ""),
        (wish("seal", b"no file"), "/pkcs12", "PKCS#12"),
    ] {
        let request = anne.http.request(reqwest::Method::POST, &place(&bakery)).header("Accept-Language", "en").json(&body);
        let refused = support::client::send(request).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == [pointer] && refused.text().contains(words), "{pointer}: {}", refused.text());
    }
    ensure!(keys(world) == 0 && list(&bakery).await?.is_empty(), "nothing was stored");
    let first = anne.http.post_once(&place(&bakery), &wish("seal", &file), "k").await?.expect(201)?;
    let again = anne.http.post_once(&place(&bakery), &wish("seal", &file), "k").await?.expect(201)?;
    ensure!(first.header("location") == again.header("location"), "{} {}", first.text(), again.text());
    anne.http.post(&place(&bakery), &wish("seal", &file)).await?.refused(409, "already-done")?;
    imported(&bakery, "mail", &shop.pack("mail", &[])).await?;
    let mut all = list(&bakery).await?;
    // The world's clock stands still: both came at the same moment.
    all.sort_by_key(|item| item["purpose"] == "seal");
    ensure!(all.len() == 2 && all[1]["id"] == first.string("/id").as_str() && keys(world) == 2, "{all:?}");
    ensure!(all[1]["fingerprint"] == shop.fingerprint("seal").as_str(), "{all:?}");
    ensure!(all[1]["issuer"].as_str().is_some_and(|name| name.contains("CN=Elsewhere sub")), "{all:?}");
    ensure!(all[0]["email"] == "post@elsewhere.example.dk" && all[0]["key_home"] == "keystore", "{all:?}");
    world.settle().await;
    let mails = world.mailbox.mails_to("anne@30808460.example.dk");
    ensure!(mails.iter().any(|mail| mail.text.contains(&shop.fingerprint("seal"))), "administrators are told");
    for (language, words) in [("da", "Udstedt et andet sted af"), ("en", "Issued elsewhere by")] {
        let page = anne.browser(language).await?.get("/certificates").await?.expect(200)?.text();
        ensure!(page.contains(words) && page.contains(&shop.fingerprint("mail")) && page.contains("CN=Elsewhere sub"), "{page}");
    }
    anne.prove().await?;
    let one = format!("{}/{}", place(&bakery), first.string("/id"));
    anne.http.delete(&one).await?.expect(204)?;
    anne.http.delete(&one).await?.refused(404, "not-found")?;
    ensure!(keys(world) == 1 && list(&bakery).await?.len() == 1, "the key is deleted at once");
    imported(&bakery, "seal", &file).await?;
    ensure!(keys(world) == 2, "what was removed may come again");
    Ok(())
}

story!(an_administrator_imports_for_seal_and_mail_and_removes, unchanged, imports_and_removes);

async fn strangers(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (operator, bakery) = world.bakery().await?;
    let file = shop.pack("seal", &[]);
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    bo.prove().await?;
    bo.http.post(&place(&bakery), &wish("seal", &file)).await?.refused(403, "forbidden")?;
    let smithy = Company::enrolled(world, &operator, &company("Havnens Smedje A/S", "31938260")).await?;
    smithy.administrator.prove().await?;
    smithy.administrator.http.post(&place(&bakery), &wish("seal", &file)).await?.refused(404, "not-found")?;
    let id = imported(&bakery, "seal", &file).await?;
    smithy.administrator.http.get(&place(&bakery)).await?.refused(404, "not-found")?;
    smithy.administrator.http.delete(&format!("{}/{id}", place(&smithy))).await?.refused(404, "not-found")?;
    // The certificate is one company's, and so is its key, even when the first gives it up.
    smithy.administrator.http.post(&place(&smithy), &wish("seal", &file)).await?.refused(409, "conflict")?;
    operator.0.prove().await?;
    operator.0.http.post(&format!("/api/v1/companies/{}/closing", bakery.id), &json!({"number": "30808460"})).await?.expect(200)?;
    world.settle().await;
    world.pass(time::Duration::minutes(2)).await;
    ensure!(keys(world) == 0, "a closed company's imports end with it");
    Ok(())
}

story!(imports_are_the_companys_own_and_end_with_it, unchanged, strangers);

async fn warned(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    imported(&bakery, "seal", &shop.pack("seal", &[])).await?;
    let told = || {
        let mails = world.mailbox.mails_to("anne@30808460.example.dk");
        mails.iter().filter(|mail| mail.text.contains("CN=Elsewhere seal") && mail.text.contains("udløber")).count()
    };
    for (days, wanted) in [(29, 0), (2, 1), (1, 1), (28, 2), (1, 2), (23, 3), (2, 3)] {
        world.pass(time::Duration::days(days)).await;
        ensure!(told() == wanted, "after {days} more days: {} times", told());
    }
    Ok(())
}

story!(administrators_are_warned_before_an_import_ends, unchanged, warned);

fn sealing(bakery: &Company) -> String {
    format!("/api/v1/companies/{}/sealed-documents", bakery.id)
}

async fn sealed(bakery: &Company, query: &str, pdf: &[u8]) -> anyhow::Result<Answer> {
    bakery.administrator.prove().await?;
    bakery.administrator.http.post_bytes(&format!("{}{query}", sealing(bakery)), "application/pdf", pdf).await
}

async fn ordered_seal(bakery: &Company) -> anyhow::Result<()> {
    let orders = format!("/api/v1/companies/{}/certificates", bakery.id);
    bakery.administrator.http.post(&orders, &json!({"purpose": "seal"})).await?.expect(201)?;
    Ok(())
}

async fn seals(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    sealed(&bakery, "", &fixture("cairo")).await?.refused(409, "conflict")?;
    ordered_seal(&bakery).await?;
    world.clock.advance(time::Duration::minutes(6));
    anne.http.post_bytes(&sealing(&bakery), "application/pdf", &fixture("cairo")).await?.refused(403, "prove-again")?;
    let folder = tempfile::tempdir()?;
    let own = sealed(&bakery, "?reason=Faktura", &fixture("cairo")).await?.expect(200)?;
    let file = folder.path().join("own.pdf");
    std::fs::write(&file, &own.bytes)?;
    let said = pdfsig(&file).await;
    ensure!(said.words.contains("Signature is Valid.") && said.words.contains("Total document signed"), "{}", said.words);
    ensure!(said.words.contains("Havnens Bageri ApS"), "{}", said.words);
    let around = Surroundings::of(world, &Certificate::of_signer(&own.bytes)).await?;
    let put = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let trust = Trust {
        roots: vec![put("root.pem", &around.root.pem())],
        others: vec![put("issuing.pem", &around.issuing.pem())],
        lists: vec![put("list.crl", &around.crl), put("root.crl", &around.root_crl)],
        at: world.now().rfc3339(),
    };
    let verdict = pyhanko::judge(&trust, &[file]).await?.pop().context("a verdict")?;
    for what in ["intact", "valid", "trusted", "timestamp", "bottom_line"] {
        ensure!(verdict[what] == true, "{what}: {verdict}");
    }
    ensure!(verdict["signer"] == "Havnens Bageri ApS", "{verdict}");
    // The newest is the default; each is chosen by its id.
    let id = imported(&bakery, "seal", &shop.pack("seal", &[])).await?;
    let newest = sealed(&bakery, "", &pages(3)).await?.expect(200)?;
    ensure!(newest.header("segl-certificate") == id, "{}", newest.header("segl-certificate"));
    let choices = anne.http.get(&format!("/api/v1/companies/{}/seals", bakery.id)).await?.expect(200)?.items();
    ensure!(choices.len() == 2 && choices[0]["issued"] == "elsewhere" && choices[1]["issued"] == "here", "{choices:?}");
    let chosen = choices[1]["id"].as_str().context("an id")?.to_owned();
    let chosen = sealed(&bakery, &format!("?certificate={chosen}"), &pages(3)).await?.expect(200)?;
    let signer = Certificate::of_signer(&chosen.bytes);
    ensure!(signer.subject(openssl::nid::Nid::COMMONNAME) == "Havnens Bageri ApS", "{}", signer.subject_line());
    let file = put("elsewhere.pdf", &newest.bytes);
    ensure!(pdfsig(&file).await.words.contains("Signature is Valid."), "pdfsig");
    let trust = Trust {
        roots: vec![shop.file("root.pem"), put("root.pem", &around.root.pem())],
        others: vec![shop.file("sub.pem"), put("issuing.pem", &around.issuing.pem())],
        lists: Vec::new(),
        at: world.now().rfc3339(),
    };
    let verdict = pyhanko::judge(&trust, &[file]).await?.pop().context("a verdict")?;
    ensure!(verdict["bottom_line"] == true && verdict["signer"] == "Elsewhere seal", "{verdict}");
    // A mail certificate seals nothing, and a removed one neither.
    let mail = imported(&bakery, "mail", &shop.pack("mail", &[])).await?;
    sealed(&bakery, &format!("?certificate={mail}"), &pages(1)).await?.refused(409, "conflict")?;
    anne.http.delete(&format!("{}/{id}", place(&bakery))).await?.expect(204)?;
    sealed(&bakery, &format!("?certificate={id}"), &pages(1)).await?.refused(409, "conflict")?;
    sealed(&bakery, "", b"no PDF").await?.refused(422, "bad-document")?;
    world.settle().await;
    Ok(())
}

story!(a_company_seals_with_its_own_seal_or_an_imported_one, unchanged, seals);

fn three_an_hour(_: &Elsewhere, setup: Setup) -> Setup {
    Setup { policy: "seals_per_hour = 3\n".into(), ..setup }
}

async fn so_many(world: &World, _: &Elsewhere) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    ordered_seal(&bakery).await?;
    let anne = &bakery.administrator;
    anne.prove().await?;
    let key = anne.http.post("/api/v1/tokens", &json!({"name": "Fakturaer", "days": 30})).await?.expect(201)?.string("/token");
    let program = anne.http.with_token(&key);
    world.clock.advance(time::Duration::minutes(6));
    let paper = pages(1);
    for _ in 0..3 {
        program.post_bytes(&sealing(&bakery), "application/pdf", &paper).await?.expect(200)?;
    }
    let most = program.post_bytes(&sealing(&bakery), "application/pdf", &paper).await?;
    most.refused(429, "too-many-tries")?;
    ensure!(most.text().contains('3'), "the limit is told: {}", most.text());
    world.clock.advance(time::Duration::hours(1));
    let sealed = program.post_bytes(&sealing(&bakery), "application/pdf", &paper).await?.expect(200)?;
    let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &sealed.bytes).await?.expect(200)?.json();
    ensure!(report["verdict"] == "valid" && report["signatures"][0]["trust_source"] == "own_roots", "{report}");
    world.settle().await;
    let data = world.plot().data().display().to_string();
    segl(["audit", "verify", "--data", &data]).await.must_say("nothing was changed");
    let hash = hex::encode(openssl::sha::sha256(&sealed.bytes));
    ensure!(events(world).await?.contains(&hash), "the audit names what was sealed by its digest");
    Ok(())
}

/// The bodies of the audit's entries.
async fn events(world: &World) -> anyhow::Result<String> {
    let query = "SELECT body FROM audit_entry";
    let bodies: Vec<Vec<u8>> = match world.plot().postgres() {
        Some(url) => {
            let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await?;
            sqlx::query_scalar(query).fetch_all(&mut connection).await?
        }
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await?;
            sqlx::query_scalar(query).fetch_all(&mut connection).await?
        }
    };
    Ok(bodies.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect())
}

story!(a_program_seals_by_its_key_so_often_in_an_hour_and_the_audit_knows_what, three_an_hour, so_many);

fn with_added_root(shop: &Elsewhere, setup: Setup) -> Setup {
    // The timestamps' lines are followed by another section.
    let root = shop.file("root.pem").display().to_string();
    Setup { timestamps: format!("{}[trust]\nroots = [{root:?}]\n", setup.timestamps), ..setup }
}

/// What the service says of a document that was sealed with an imported certificate, and the file for the command line.
async fn judged_elsewhere(world: &World, shop: &Elsewhere) -> anyhow::Result<(Value, Vec<u8>)> {
    let (_, bakery) = world.bakery().await?;
    imported(&bakery, "seal", &shop.pack("seal", &[])).await?;
    let sealed = sealed(&bakery, "", &fixture("cairo")).await?.expect(200)?.bytes;
    let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &sealed).await?.expect(200)?.json();
    std::fs::write(world.file("sealed.pdf"), &sealed)?;
    Ok((report, sealed))
}

/// The verdict on the page of a visitor.
async fn page_says(world: &World, language: &'static str, pdf: &[u8]) -> anyhow::Result<String> {
    let visitor = Visitor::new(&world.client(), language);
    let form = reqwest::multipart::Form::new().part("file", reqwest::multipart::Part::bytes(pdf.to_vec()).file_name("sealed.pdf"));
    let request = visitor.request(reqwest::Method::POST, "/verify").header("Sec-Fetch-Site", "same-origin").multipart(form);
    Ok(visitor.send(request).await?.expect(200)?.text())
}

async fn names_the_added_root(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (report, sealed) = judged_elsewhere(world, shop).await?;
    let judgement = &report["signatures"][0];
    ensure!(report["verdict"] == "valid" && report["trust"] == "own_roots", "{report}");
    ensure!(judgement["trust_source"] == "added_roots" && judgement["root"] == "Elsewhere root", "{report}");
    ensure!(
        judgement["root_sha256"] == shop.fingerprint("root").replace(':', "").to_lowercase() && judgement["sub_indication"].is_null(),
        "{report}"
    );
    ensure!(judgement["stamped_by"]["root"] == "Segl Prøve Root CA", "{report}");
    for (language, words) in [("da", "som de, der driver tjenesten, har tilføjet"), ("en", "which those who run the service added")] {
        let page = page_says(world, language, &sealed).await?;
        ensure!(page.contains(words) && page.contains("CN=Elsewhere root"), "{page}");
        let page = Visitor::new(&world.client(), language).get("/trust").await?.expect(200)?.text();
        ensure!(page.contains("CN=Elsewhere root"), "{page}");
    }
    let (data, at) = (world.plot().data().display().to_string(), world.now().rfc3339());
    let file = world.file("sealed.pdf").display().to_string();
    let said = segl(["verify", "--data", &data, "--at", &at, &file]).await;
    said.must_say("trusted by \"Elsewhere root\" of the roots added to this installation");
    Ok(())
}

story!(a_verdict_names_the_added_root_that_it_rests_on, with_added_root, names_the_added_root);

async fn nobody_vouches(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (report, sealed) = judged_elsewhere(world, shop).await?;
    let judgement = &report["signatures"][0];
    ensure!(report["verdict"] == "indeterminate" && judgement["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND", "{report}");
    ensure!(judgement["trusted"] == false && judgement["trust_source"].is_null() && judgement["root"].is_null(), "{report}");
    for (language, words) in [("da", "Ingen: certifikatet fører ikke til"), ("en", "Nobody: the certificate leads to none")] {
        let page = page_says(world, language, &sealed).await?;
        ensure!(page.contains(words) && !page.contains("CN=Elsewhere root"), "{page}");
    }
    let (data, at) = (world.plot().data().display().to_string(), world.now().rfc3339());
    let file = world.file("sealed.pdf").display().to_string();
    let said = segl(["verify", "--data", &data, "--at", &at, &file]).await;
    ensure!(said.code == 2 && said.words.contains("NO_CERTIFICATE_CHAIN_FOUND"), "{} {}", said.code, said.words);
    Ok(())
}

story!(a_seal_whose_root_nobody_added_is_never_valid, unchanged, nobody_vouches);
