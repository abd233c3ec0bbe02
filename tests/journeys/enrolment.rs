//! Where keys rest: what a company allows, key files, requests of the person's own, and the tricks that requests are used for.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkcs12::Pkcs12,
    pkey::{Id, PKey, Private},
    rsa::Rsa,
    stack::Stack,
    x509::{X509NameBuilder, X509Req, extension::SubjectAlternativeName},
};
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    papers::fixture,
    peers::tools::run,
    pki::{Certificate, Surroundings},
    roles::{Company, Person, activation, invitation, post_for},
    visitor::{Visitor, between},
    world::World,
};

const BO: &str = "bo@bageri.example.dk";

async fn allow(company: &Company, carriers: &[&str]) -> anyhow::Result<Answer> {
    let path = format!("/api/v1/companies/{}/key-carriers", company.id);
    let http = &company.administrator.http;
    send(http.request(reqwest::Method::PUT, &path).json(&json!({"carriers": carriers}))).await
}

async fn bakery_that_allows(world: &World, carriers: &[&str]) -> anyhow::Result<Company> {
    let (_, bakery) = world.bakery().await?;
    bakery.administrator.prove().await?;
    allow(&bakery, carriers).await?.expect(204)?;
    Ok(bakery)
}

/// Invites somebody and gives the body of an activation by what came in the post.
async fn invited(world: &World, bakery: &Company, given_name: &str, email: &str) -> anyhow::Result<Value> {
    bakery.invite(&invitation(given_name, "Bager", email)).await?.expect(201)?;
    world.settle().await;
    let (link, temporary) = post_for(world, email, &format!("{given_name} Bager"))?;
    Ok(activation(&link, Some(&temporary), &email.replace('@', ".")))
}

fn with(body: &Value, fields: &[(&str, &str)]) -> Value {
    let mut body = body.clone();
    for (name, value) in fields {
        body[*name] = json!(value);
    }
    body
}

async fn activate(world: &World, body: &Value) -> anyhow::Result<Answer> {
    world.client().post("/api/v1/activations", body).await
}

fn curve(nid: Nid) -> PKey<Private> {
    PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(nid).unwrap()).unwrap()).unwrap()
}

fn p256() -> PKey<Private> {
    curve(Nid::X9_62_PRIME256V1)
}

/// A request that asks for more than it gets: another name, another address.
fn request(key: &PKey<Private>) -> String {
    String::from_utf8(signed(key, key).to_pem().unwrap()).unwrap()
}

fn signed(key: &PKey<Private>, by: &PKey<Private>) -> X509Req {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Margrethe Vestager").unwrap();
    let mut builder = X509Req::builder().unwrap();
    builder.set_subject_name(&name.build()).unwrap();
    builder.set_pubkey(key).unwrap();
    let mut extensions = Stack::new().unwrap();
    extensions.push(SubjectAlternativeName::new().email("mv@example.com").build(&builder.x509v3_context(None)).unwrap()).unwrap();
    builder.add_extensions(&extensions).unwrap();
    let digest = if by.id() == Id::ED25519 { MessageDigest::null() } else { MessageDigest::sha256() };
    builder.sign(by, digest).unwrap();
    builder.build()
}

async fn certificates(person: &Person) -> anyhow::Result<Vec<(String, Certificate)>> {
    let mut all = Vec::new();
    for one in person.certificates().await? {
        let whole = person.http.get(&format!("/api/v1/certificates/{}", one["serial"].as_str().unwrap_or_default())).await?.expect(200)?;
        all.push((whole.string("/purpose"), Certificate::of_pem(&whole.string("/pem"))));
    }
    Ok(all)
}

journey!(the_administrator_decides_where_keys_may_rest, async |world| {
    let (_, bakery) = world.bakery().await?;
    let body = invited(world, &bakery, "Bo", BO).await?;
    let path = format!("/api/v1/companies/{}/key-carriers", bakery.id);
    ensure!(bakery.administrator.http.get(&path).await?.expect(200)?.json()["carriers"] == json!(["central"]), "at first only here");
    let refused = activate(world, &with(&body, &[("carrier", "key_file")])).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/carrier"], "{}", refused.text());
    world.clock.advance(time::Duration::minutes(6));
    allow(&bakery, &["key_file"]).await?.refused(403, "prove-again")?;
    bakery.administrator.prove().await?;
    allow(&bakery, &[]).await?.refused(422, "invalid")?;
    allow(&bakery, &["on_paper"]).await?.refused(422, "invalid")?;
    allow(&bakery, &["key_file"]).await?.expect(204)?;
    let refused = activate(world, &with(&body, &[("carrier", "central")])).await?;
    ensure!(refused.pointers() == ["/carrier"], "what the company forbids now: {}", refused.text());
    let given = activate(world, &body).await?.expect(201)?;
    ensure!(given.json()["key_files"]["files"].as_array().map(Vec::len) == Some(3), "the only one allowed: {}", given.text());
    Ok(())
});

journey!(a_key_file_is_shown_once_and_only_its_passphrase_opens_it, async |world| {
    let bakery = bakery_that_allows(world, &["central", "key_file"]).await?;
    let body = with(&invited(world, &bakery, "Bo", BO).await?, &[("carrier", "key_file")]);
    let wrong = activate(world, &with(&body, &[("temporary_password", "WRNG-WRNG")])).await?;
    wrong.refused(403, "not-right")?;
    let given = activate(world, &body).await?.expect(201)?;
    ensure!(given.header("cache-control") == "no-store", "kept in no cache");
    let passphrase = given.string("/key_files/passphrase");
    ensure!(passphrase.len() >= 24, "a passphrase that nobody guesses: {} signs", passphrase.len());
    let mut bo = Person::of_activation(&world.client(), &given, "bo.bageri.example.dk").await?;
    bo.log_in().await?;
    let issued = certificates(&bo).await?;
    for file in given.json()["key_files"]["files"].as_array().context("files")? {
        let opened = Pkcs12::from_der(&STANDARD.decode(file["pkcs12"].as_str().unwrap_or_default())?)?;
        ensure!(opened.parse2("wrong").is_err() && opened.parse2("").is_err(), "only the passphrase opens it");
        let content = opened.parse2(&passphrase)?;
        let (key, certificate) = (content.pkey.context("a key")?, Certificate(content.cert.context("a certificate")?));
        ensure!(key.public_key_to_der()? == certificate.spki(), "key and certificate belong together");
        ensure!(content.ca.context("a chain")?.len() == 2, "the issuer and the root are in it");
        let purpose = file["purpose"].as_str().unwrap_or_default();
        ensure!(issued.iter().any(|(of, known)| of == purpose && known.der() == certificate.der()), "{purpose} is not the one issued");
    }
    activate(world, &body).await?.refused(410, "gone")?;
    let document = bo.upload("Aftale", &fixture("cairo")).await?;
    let refused = bo.http.post(&format!("/api/v1/documents/{document}/signatures"), &json!({"reason": "", "place": ""})).await?;
    refused.refused(409, "conflict")?;
    ensure!(refused.text().contains("your own program"), "it says which way: {}", refused.text());
    Ok(())
});

/// All that rests: every file of the data directory, and a dump of the database when it is elsewhere.
async fn everything(world: &World) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut folders = vec![world.plot().data().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                bytes.extend(std::fs::read(path)?);
            }
        }
    }
    if let Some(url) = world.plot().postgres() {
        let dump = run("pg_dump", ["--dbname", &url]).await;
        ensure!(dump.is_content() && dump.words.contains("COPY"), "{}", dump.words);
        bytes.extend(dump.words.into_bytes());
    }
    Ok(bytes)
}

journey!(nothing_of_a_key_file_stays_with_the_service, async |world| {
    let bakery = bakery_that_allows(world, &["key_file"]).await?;
    let body = invited(world, &bakery, "Bo", BO).await?;
    let given = activate(world, &body).await?.expect(201)?;
    world.settle().await;
    let passphrase = given.string("/key_files/passphrase");
    let mut secrets = vec![passphrase.clone().into_bytes()];
    for file in given.json()["key_files"]["files"].as_array().context("files")? {
        let packed = STANDARD.decode(file["pkcs12"].as_str().unwrap_or_default())?;
        let key = Pkcs12::from_der(&packed)?.parse2(&passphrase)?.pkey.context("a key")?;
        secrets.push(key.ec_key()?.private_key().to_vec_padded(32)?);
        secrets.push(packed[packed.len() / 2..packed.len() / 2 + 64].to_vec());
    }
    let rows = everything(world).await?;
    ensure!(rows.len() > 10_000, "the rows are not read: {} bytes", rows.len());
    for secret in secrets {
        for shape in [hex::encode(&secret).into_bytes(), secret] {
            ensure!(!rows.windows(shape.len()).any(|window| window == shape), "a secret rests with the service");
        }
    }
    Ok(())
});

journey!(of_a_request_only_the_key_counts, async |world| {
    let bakery = bakery_that_allows(world, &["own_software"]).await?;
    let keys = [p256(), curve(Nid::SECP384R1), p256()];
    let requests = keys.each_ref().map(request);
    let fields = [
        ("carrier", "own_software"),
        ("request", requests[0].as_str()),
        ("mail_request", &requests[1]),
        ("encryption_request", &requests[2]),
    ];
    let body = with(&invited(world, &bakery, "Bo", BO).await?, &fields);
    let given = activate(world, &body).await?.expect(201)?;
    ensure!(given.json()["key_files"].is_null(), "{}", given.text());
    let mut bo = Person::of_activation(&world.client(), &given, "bo.bageri.example.dk").await?;
    bo.log_in().await?;
    let issued = certificates(&bo).await?;
    for (purpose, key) in [("signing", &keys[0]), ("mail", &keys[1]), ("encryption", &keys[2])] {
        let (_, certificate) = issued.iter().find(|(of, _)| of == purpose).context("issued")?;
        ensure!(certificate.spki() == key.public_key_to_der()?, "{purpose}: another key");
        let text = String::from_utf8_lossy(&certificate.0.to_text()?).into_owned();
        ensure!(text.contains("Bo Bager") && !text.contains("Vestager") && !text.contains("mv@example.com"), "{purpose}: {text}");
        let around = Surroundings::of(world, certificate).await?;
        ensure!(certificate.0.verify(&*around.issuing.0.public_key()?)?, "{purpose}: not the issuing authority's signature");
    }
    let serial = issued[0].1.serial().to_lowercase();
    let page = bo.browser("da").await?;
    let listed = bo.certificates().await?;
    let serial =
        listed.iter().find_map(|one| one["serial"].as_str().filter(|text| issued[0].1.has_serial(text))).unwrap_or(&serial).to_owned();
    let chain = page.get(&format!("/certificates/{serial}/chain.pem")).await?.expect(200)?.text();
    ensure!(chain.matches("BEGIN CERTIFICATE").count() == 3, "certificate, issuer, root: {chain}");
    let shown = page.get(&format!("/certificates/{serial}")).await?.expect(200)?.text();
    ensure!(shown.contains("chain.pem") && shown.contains("eget program"), "the page says where the key is");
    Ok(())
});

journey!(tricks_with_requests_are_refused_by_name_and_leave_the_link_alive, async |world| {
    let bakery = bakery_that_allows(world, &["own_software", "hardware"]).await?;
    let known = p256();
    let anna =
        with(&invited(world, &bakery, "Anna", "anna@bageri.example.dk").await?, &[("carrier", "hardware"), ("request", &request(&known))]);
    activate(world, &anna).await?.expect(201)?;
    let body = with(&invited(world, &bakery, "Bo", BO).await?, &[("carrier", "own_software")]);
    let good = p256();
    let small = PKey::from_rsa(Rsa::generate(2048)?)?;
    let cubic = PKey::from_rsa(Rsa::generate_with_e(3072, &*BigNum::from_u32(3)?)?)?;
    let forged = String::from_utf8(signed(&good, &known).to_pem()?)?;
    let mut flipped = signed(&good, &good).to_der()?;
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let flipped = pem(&flipped);
    let huge = pem(&vec![0x30; 40_000]);
    let truncated = pem(&signed(&good, &good).to_der()?[..60]);
    let tricks: [(&str, &str); 11] = [
        ("", "must be filled"),
        ("hello", "no certificate request"),
        (&truncated, "no certificate request"),
        (&huge, "at most"),
        (&forged, "signature is not its key"),
        (&flipped, "signature is not its key"),
        (&request(&small), "2048 bits"),
        (&request(&cubic), "exponent"),
        (&request(&curve(Nid::SECP521R1)), "P-384"),
        (&request(&PKey::generate_ed25519()?), "of a kind"),
        (&request(&known), "somebody else"),
    ];
    for (text, says) in tricks {
        let refused = activate(world, &with(&body, &[("request", text)])).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/request"] && refused.text().contains(says), "{says:?} expected: {}", refused.text());
    }
    let twice = [("request", request(&good)), ("mail_request", request(&good))];
    let refused = activate(world, &with(&body, &twice.each_ref().map(|(name, text)| (*name, text.as_str())))).await?;
    ensure!(refused.pointers() == ["/mail_request"] && refused.text().contains("same key"), "{}", refused.text());
    let odd = request(&curve(Nid::SECP384R1));
    let refused = activate(world, &with(&body, &[("request", &request(&good)), ("encryption_request", &odd)])).await?;
    ensure!(refused.pointers() == ["/encryption_request"] && refused.text().contains("of this kind"), "{}", refused.text());
    let given = activate(world, &with(&body, &[("request", &request(&good))])).await?.expect(201)?;
    ensure!(given.json()["certificates"].as_array().map(Vec::len) == Some(1), "the refusals changed nothing: {}", given.text());
    Ok(())
});

/// A request's bytes as its text travels.
fn pem(der: &[u8]) -> String {
    let lines: Vec<String> = STANDARD.encode(der).as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n", lines.join("\n"))
}

journey!(a_compromised_key_ends_every_certificate_that_was_made_for_it_at_once, async |world| {
    let (operator, bakery) = world.bakery().await?;
    bakery.administrator.prove().await?;
    allow(&bakery, &["own_software"]).await?.expect(204)?;
    let (shared, apart) = (p256(), p256());
    let fields = [("carrier", "own_software"), ("request", &*request(&shared)), ("mail_request", &*request(&apart))];
    let given = activate(world, &with(&invited(world, &bakery, "Bo", BO).await?, &fields)).await?.expect(201)?;
    let mut bo = Person::of_activation(&world.client(), &given, "bo.bageri.example.dk").await?;
    bo.log_in().await?;
    let renewal = json!({"password": bo.password, "carrier": "own_software", "request": request(&shared)});
    world.clock.advance(time::Duration::SECOND);
    bo.http.post("/api/v1/renewals", &renewal).await?.expect(201)?;
    let issued = certificates(&bo).await?;
    let on = |key: &PKey<Private>| {
        let spki = key.public_key_to_der().unwrap();
        issued.iter().filter(|(_, one)| one.spki() == spki).map(|(_, one)| one.clone()).collect::<Vec<_>>()
    };
    let (shared, apart) = (on(&shared), on(&apart));
    ensure!(shared.len() == 2 && apart.len() == 1, "two on one key, one on another");
    for one in shared.iter().chain(&apart) {
        ensure!(status_of(world, one).await? == "good", "good at first");
    }
    let bo_knows = bo.certificates().await?;
    let serial = bo_knows.iter().find_map(|one| one["serial"].as_str().filter(|text| shared[0].has_serial(text))).context("listed")?;
    bo.http.post(&format!("/api/v1/certificates/{serial}/revocation"), &json!({"reason": "keyCompromise"})).await?.expect(200)?;
    for one in &shared {
        ensure!(status_of(world, one).await? == "revoked: keyCompromise", "{}", status_of(world, one).await?);
    }
    ensure!(status_of(world, &apart[0]).await? == "good", "another key is another key");
    world.settle().await;
    for one in &shared {
        ensure!(Surroundings::of(world, one).await?.lists(one), "it stands on its list");
        let mails = world.mailbox.mails_to(BO);
        let told = mails.iter().filter(|mail| mail.text.contains("er spærret"));
        ensure!(told.filter(|mail| mail.text.to_uppercase().contains(&one.serial())).count() == 1, "the holder is told of each once");
    }
    let trail = operator.0.http.get("/api/v1/audit?action=certificate.revoked").await?.expect(200)?.items();
    ensure!(trail.len() == 2, "each end stands in the audit: {trail:?}");
    bo.http.post("/api/v1/renewals", &renewal).await?.refused(422, "invalid")
});

/// What openssl reads out of the answer about a certificate.
async fn status_of(world: &World, certificate: &Certificate) -> anyhow::Result<String> {
    let around = Surroundings::of(world, certificate).await?;
    let sha256 = MessageDigest::sha256();
    let mut request = openssl::ocsp::OcspRequest::new()?;
    request.add_id(openssl::ocsp::OcspCertId::from_cert(sha256, &certificate.0, &around.issuing.0)?)?;
    let answer = world.client().post_bytes("/ocsp", "application/ocsp-request", &request.to_der()?).await?.expect(200)?;
    let response = openssl::ocsp::OcspResponse::from_der(&answer.bytes)?.basic()?;
    let id = openssl::ocsp::OcspCertId::from_cert(sha256, &certificate.0, &around.issuing.0)?;
    let found = response.find_status(&id).context("no answer about it")?;
    Ok(match (found.status, found.reason) {
        (openssl::ocsp::OcspCertStatus::GOOD, _) => "good".to_owned(),
        (openssl::ocsp::OcspCertStatus::REVOKED, openssl::ocsp::OcspRevokedStatus::KEY_COMPROMISE) => "revoked: keyCompromise".to_owned(),
        (status, reason) => format!("{status:?}, {reason:?}"),
    })
}

journey!(a_key_is_never_certified_again_after_a_compromise, async |world| {
    let bakery = bakery_that_allows(world, &["own_software"]).await?;
    let lost = p256();
    let fields = [("carrier", "own_software"), ("request", &*request(&lost))];
    let given = activate(world, &with(&invited(world, &bakery, "Bo", BO).await?, &fields)).await?.expect(201)?;
    let mut bo = Person::of_activation(&world.client(), &given, "bo.bageri.example.dk").await?;
    bo.log_in().await?;
    let serial = bo.certificates().await?[0]["serial"].as_str().unwrap_or_default().to_owned();
    bo.http.post(&format!("/api/v1/certificates/{serial}/revocation"), &json!({"reason": "superseded"})).await?.expect(200)?;
    let renewal = |text: &str| json!({"password": bo.password, "carrier": "own_software", "request": text});
    let compromised = p256();
    world.clock.advance(time::Duration::SECOND);
    bo.http.post("/api/v1/renewals", &renewal(&request(&compromised))).await?.expect(201)?;
    let serial = bo.certificates().await?[0]["serial"].as_str().unwrap_or_default().to_owned();
    bo.http.post(&format!("/api/v1/certificates/{serial}/revocation"), &json!({"reason": "keyCompromise"})).await?.expect(200)?;
    let again = bo.http.post("/api/v1/renewals", &renewal(&request(&compromised))).await?;
    ensure!(again.pointers() == ["/request"] && again.text().contains("others may know"), "{}", again.text());
    let renewed = bo.http.post("/api/v1/renewals", &renewal(&request(&p256()))).await?.expect(201)?;
    ensure!(!renewed.string("/revocation_code").is_empty(), "a new revocation code comes with it");
    Ok(())
});

journey!(two_who_bring_one_key_at_once_do_not_both_get_it, async |world| {
    let bakery = bakery_that_allows(world, &["own_software"]).await?;
    let text = request(&p256());
    let fields = [("carrier", "own_software"), ("request", text.as_str())];
    let one = with(&invited(world, &bakery, "Bo", BO).await?, &fields);
    let other = with(&invited(world, &bakery, "Anna", "anna@bageri.example.dk").await?, &fields);
    let (one, other) = tokio::join!(activate(world, &one), activate(world, &other));
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    ensure!(statuses == [201, 422], "{statuses:?}");
    Ok(())
});

journey!(the_pages_offer_carriers_and_hand_over_key_files_without_script, async |world| {
    let (_, bakery) = world.bakery().await?;
    let browser = bakery.administrator.browser("da").await?;
    let place = format!("/companies/{}/key-carriers", bakery.id);
    let page = browser.get(&place).await?.expect(200)?;
    let none = browser.submit(&page, &place, &[]).await?.expect(422)?;
    ensure!(none.text().contains("carriers-error"), "the fault stands beside the choice");
    browser.submit(&page, &place, &[("central", "yes"), ("key_file", "yes"), ("own_software", "yes")]).await?.expect(303)?;
    let body = invited(world, &bakery, "Bo", BO).await?;
    let link = format!("/activate/{}", body["link"].as_str().unwrap_or_default());
    let visitor = Visitor::new(&world.client(), "en");
    let form = visitor.get(&link).await?.expect(200)?;
    ensure!(form.text().contains("value=\"own_software\"") && !form.text().contains("value=\"hardware\""), "what is allowed is offered");
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (temporary, password) = (text("temporary_password"), text("password"));
    let fields = |carrier: &'static str, request: &'static str| {
        [
            ("temporary_password", temporary.as_str()),
            ("user_id", "bo.bager"),
            ("password", &password),
            ("password_again", &password),
            ("carrier", carrier),
            ("request", request),
            ("mail_request", ""),
            ("encryption_request", ""),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let faulty = fields("own_software", "hello");
    let faulty: Vec<(&str, &str)> = faulty.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = visitor.submit(&form, &link, &faulty).await?.expect(422)?;
    ensure!(refused.text().contains("request-error") && refused.text().contains("hello"), "the fault stands beside what was typed");
    let chosen = fields("key_file", "");
    let chosen: Vec<(&str, &str)> = chosen.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let done = visitor.submit(&form, &link, &chosen).await?.expect(200)?.text();
    ensure!(done.matches("download=\"segl-").count() == 3, "three files: {done}");
    let file = between(&done, "href=\"data:application/x-pkcs12;base64,", "\"").context("a file")?;
    Pkcs12::from_der(&STANDARD.decode(file)?)?;
    let card = visitor.get("/activate/done").await?.expect(200)?.text();
    ensure!(card.contains("card.pdf"), "the key card comes as ever");
    Ok(())
});
