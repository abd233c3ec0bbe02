//! What a company itself is certified as: its seal, and shared mailboxes and systems; and the names of the family `oces2`.

use anyhow::{Context as _, ensure};
use openssl::nid::Nid;
use serde_json::{Value, json};
use support::{
    journey,
    pki::Certificate,
    roles::{Company, company},
    world::{EngineKind, Setup, World, run_in},
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
