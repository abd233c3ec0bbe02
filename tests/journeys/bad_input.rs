//! What strangers and mistakes send: each is refused in the words of its standard, changes nothing, and the service goes on.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use openssl::{
    asn1::Asn1Type,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    ocsp::{OcspCertId, OcspRequest},
    pkey::PKey,
    x509::{X509NameBuilder, X509Req},
};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::send,
    journey,
    peers::tools::run,
    pki::{Certificate, Surroundings},
    roles::{Person, activation, company, invitation, post_for},
    world::World,
};

/// The person's first certificate.
async fn first(person: &Person) -> anyhow::Result<Certificate> {
    let serial = person.certificates().await?[0]["serial"].as_str().context("a serial")?.to_owned();
    let whole = person.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    Ok(Certificate::of_pem(&whole.string("/pem")))
}

fn question(digest: MessageDigest, certificate: &Certificate, issuing: &Certificate) -> anyhow::Result<Vec<u8>> {
    let mut request = OcspRequest::new()?;
    request.add_id(OcspCertId::from_cert(digest, &certificate.0, &issuing.0)?)?;
    Ok(request.to_der()?)
}

journey!(ocsp_refuses_unknown_hashes_and_what_is_too_large_by_its_standard, async |world| {
    let (_, bakery) = world.bakery().await?;
    let certificate = first(&bakery.administrator).await?;
    let issuing = Surroundings::of(world, &certificate).await?.issuing;
    let ask = async |request: &[u8]| world.client().post_bytes("/ocsp", "application/ocsp-request", request).await;
    let good = question(MessageDigest::sha1(), &certificate, &issuing)?;
    let at = good.windows(5).position(|window| window == [0x2b, 0x0e, 0x03, 0x02, 0x1a]).context("SHA-1")?;
    let mut made_up = good.clone();
    made_up[at + 4] = 0x7f;
    // 6: unauthorized (RFC 6960 section 2.3: not able to respond authoritatively).
    for digest in [MessageDigest::md5(), MessageDigest::sha384(), MessageDigest::sha512()] {
        let answer = ask(&question(digest, &certificate, &issuing)?).await?.expect(200)?;
        ensure!(answer.bytes == [0x30, 3, 0x0a, 1, 6], "{:?}", answer.bytes);
    }
    ensure!(ask(&made_up).await?.expect(200)?.bytes == [0x30, 3, 0x0a, 1, 6], "a hash that nobody knows");
    let huge = vec![0x30; 100_000];
    ensure!(ask(&huge).await?.status == 413, "what is too large is not read");
    let path = format!("/ocsp/{}", "A".repeat(60_000));
    let got = send(world.client().request(Method::GET, &path)).await?;
    ensure!(got.status == 414 || got.status == 413 || got.status == 431 || got.bytes == [0x30, 3, 0x0a, 1, 1], "{}", got.status);
    for digest in [MessageDigest::sha1(), MessageDigest::sha256()] {
        let answer = ask(&question(digest, &certificate, &issuing)?).await?.expect(200)?;
        let response = openssl::ocsp::OcspResponse::from_der(&answer.bytes)?;
        ensure!(response.status() == openssl::ocsp::OcspResponseStatus::SUCCESSFUL, "the service is up");
    }
    Ok(())
});

/// Names that no name may be: NUL, controls, and marks that turn the writing round.
const NAMES: [&str; 6] = ["Bo\0", "\0", "Bo\u{7}Bager", "Bo\nBager", "Bo\u{85}Bager", "Bo\u{202e}regaB"];

journey!(names_with_nul_or_control_characters_are_refused_by_field_and_stored_nowhere, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let people = async || anyhow::Ok(bakery.administrator.http.get(&bakery.employees()).await?.expect(200)?.items().len());
    let before = people().await?;
    for name in NAMES {
        for field in ["given_name", "surname", "email"] {
            let mut body = invitation("Bo", "Bager", "bo@bageri.example.dk");
            body[field] = if field == "email" { json!(format!("{name}@bageri.example.dk")) } else { json!(name) };
            let refused = bakery.invite(&body).await?;
            refused.refused(422, "invalid").with_context(|| format!("{field} {name:?}"))?;
            ensure!(refused.pointers() == [format!("/{field}")], "{name:?}: {:?}", refused.pointers());
        }
        for field in ["legal_name", "street", "city"] {
            let mut body = company("Andelsmejeriet A/S", "34051178");
            body[field] = json!(name);
            let refused = operator.0.http.post("/api/v1/companies", &body).await?;
            refused.refused(422, "invalid").with_context(|| format!("{field} {name:?}"))?;
            ensure!(refused.pointers() == [format!("/{field}")], "{name:?}: {:?}", refused.pointers());
        }
        let mut body = company("Andelsmejeriet A/S", "34051178");
        body["signatories"][0]["name"] = json!(name);
        operator.0.http.post("/api/v1/companies", &body).await?.refused(422, "invalid").with_context(|| format!("{name:?}"))?;
    }
    ensure!(people().await? == before, "nobody was invited");
    ensure!(operator.0.http.get("/api/v1/companies").await?.expect(200)?.items().len() == 1, "nothing was registered");
    Ok(())
});

journey!(a_request_whose_names_hold_nul_gives_its_key_and_nothing_else, async |world| {
    let (_, bakery) = world.bakery().await?;
    bakery.administrator.prove().await?;
    let path = format!("/api/v1/companies/{}/key-carriers", bakery.id);
    let http = &bakery.administrator.http;
    send(http.request(Method::PUT, &path).json(&json!({"carriers": ["own_software"]}))).await?.expect(204)?;
    bakery.invite(&invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (link, temporary) = post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    let key = PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?)?)?;
    let mut name = X509NameBuilder::new()?;
    for text in ["Bo Bager\0.example.com", "\u{7}\u{202e}regaB"] {
        name.append_entry_by_nid_with_type(Nid::COMMONNAME, text, Asn1Type::UTF8STRING)?;
    }
    let mut request = X509Req::builder()?;
    request.set_subject_name(&name.build())?;
    request.set_pubkey(&key)?;
    request.sign(&key, MessageDigest::sha256())?;
    let pem = String::from_utf8(request.build().to_pem()?)?;
    let mut body = activation(&link, Some(&temporary), "bo.bager");
    body["request"] = json!(pem);
    let given = world.client().post("/api/v1/activations", &body).await?.expect(201)?;
    let mut bo = Person::of_activation(&world.client(), &given, "bo.bager").await?;
    bo.log_in().await?;
    let certificate = first(&bo).await?;
    ensure!(certificate.spki() == key.public_key_to_der()?, "its key");
    ensure!(certificate.subject(Nid::COMMONNAME) == "Bo Bager", "{}", certificate.subject_line());
    ensure!(!certificate.subject_line().contains(['\0', '\u{7}', '\u{202e}']), "nothing else of it");
    Ok(())
});

/// Every path of the API that can be asked without changing anything, with its parameters filled by one text.
fn paths(filled: &str) -> Vec<String> {
    let document: Value = serde_json::to_value(segl::router::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(get) = item.get("get") else { continue };
        let mut path = path.clone();
        let mut query = Vec::new();
        for parameter in get["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str() {
                Some("path") => path = path.replace(&format!("{{{name}}}"), filled),
                Some("query") => query.push(format!("{name}={filled}")),
                _ => {}
            }
        }
        found.push(if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) });
    }
    found
}

journey!(nothing_that_is_asked_with_nul_or_broken_text_is_our_fault, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let mut asked = 0;
    for filled in ["%00", "a%00b", "%ff%fe", "%0d%0aX:1", "%E2%80%AE", "%27%22%3C", "99999999999999999999", "-1"] {
        for path in paths(filled) {
            for client in [&operator.0.http, &bakery.administrator.http, &world.client()] {
                let answer = send(client.request(Method::GET, &path)).await?;
                ensure!(answer.status.as_u16() < 500, "{path}: {} {}", answer.status, answer.text());
                asked += 1;
            }
        }
    }
    ensure!(asked > 500, "the paths are not found: {asked}");
    for name in ["\0", "bo\0bager", "\u{7f}"] {
        for (path, body) in [
            ("/api/v1/logins", json!({"user_id": name, "password": name})),
            ("/api/v1/activations", json!({"link": name, "user_id": name, "password": name, "temporary_password": name})),
            ("/api/v1/revocations", json!({"code": name, "reason": name})),
            ("/api/v1/key-shares/approval", json!({"link": name, "code": name})),
        ] {
            let answer = world.client().post(path, &body).await?;
            ensure!((400..500).contains(&answer.status.as_u16()), "{path} {name:?}: {} {}", answer.status, answer.text());
        }
    }
    world.client().get("/health/ready").await?.expect(200).map(drop)
});

/// The number of a published list, in openssl's words.
async fn number(world: &World, url: &str) -> anyhow::Result<u128> {
    let file = world.file("list.crl");
    std::fs::write(&file, world.fetch(url).await?)?;
    let file = file.display().to_string();
    let said = run("openssl", ["crl", "-inform", "DER", "-in", &file, "-noout", "-crlnumber"]).await;
    let digits = said.words.trim().trim_start_matches("crlNumber=").trim_start_matches("0x").to_owned();
    u128::from_str_radix(&digits, 16).context(said.words)
}

journey!(rounds_of_two_nodes_at_once_publish_growing_numbers_and_lose_nothing, async |world| {
    let (_, bakery) = world.bakery().await?;
    let other = world.second_node().await;
    let certificate = first(&bakery.administrator).await?;
    let mut last = number(world, &certificate.crl_url()).await?;
    let all = bakery.administrator.certificates().await?;
    for one in &all {
        let path = format!("/api/v1/certificates/{}/revocation", one["serial"].as_str().unwrap_or_default());
        bakery.administrator.http.post(&path, &json!({"reason": "superseded"})).await?.expect(200)?;
        let nodes = [&world.ground, &other, &world.ground, &other];
        let rounds = join_all(nodes.map(segl::status::publish::publish_due)).await;
        let published: usize = rounds.into_iter().sum::<Result<usize, _>>()?;
        ensure!(published >= 1, "somebody publishes");
        let now = number(world, &certificate.crl_url()).await?;
        ensure!(now > last, "{now} after {last}");
        last = now;
    }
    let list = openssl::x509::X509Crl::from_der(&world.fetch(&certificate.crl_url()).await?)?;
    let listed = list.get_revoked().map_or(0, |revoked| revoked.len());
    ensure!(listed == all.len(), "{listed} of {} are on the list", all.len());
    Ok(())
});
