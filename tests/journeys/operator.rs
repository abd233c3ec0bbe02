//! The operator: runs the service, registers companies and associations.

use anyhow::{Context as _, ensure};
use segl::platform::moment::Moment;
use serde_json::{Value, json};
use support::{
    journey,
    peers::tools::run,
    roles::{Person, association, company},
    world::{EngineKind, Setup, run_in},
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

journey!(the_first_operators_link_works_once_and_for_a_quarter_of_an_hour, async |world| {
    let link = world.operator_link().to_owned();
    ensure!(link.starts_with("https://segl.example.dk/activate/"), "{link}");
    let operator = world.operator().await?;
    let again = Person::try_activate(&world.client(), &link, None, "another.operator").await?;
    again.refused(410, "gone")?;
    let who = operator.0.http.get("/api/v1/session").await?.expect(200)?;
    ensure!(who.json()["roles"] == json!(["registration", "security", "help_desk", "auditor"]), "{}", who.text());
    ensure!(world.mailbox.all().is_empty(), "the link of the first operator is never mailed");
    Ok(())
});

journey!(the_first_operators_link_dies_after_a_quarter_of_an_hour, async |world| {
    world.clock.advance(Duration::minutes(15));
    Person::try_activate(&world.client(), world.operator_link(), None, "olga.operator").await?.refused(410, "gone")
});

journey!(an_operator_registers_a_company_and_its_signatories_get_links, async |world| {
    let operator = world.operator().await?;
    let mut havn = company("Havnens Bageri ApS", "30808460");
    havn["signatories"].as_array_mut().unwrap().push(json!({"name": "Søren Signatar", "email": "soren@bageri.example.dk"}));
    let made = operator.0.http.post("/api/v1/companies", &havn).await?.expect(201)?;
    let id = made.string("/id");
    ensure!(made.header("location") == format!("/api/v1/companies/{id}"), "{}", made.header("location"));
    world.settle().await;
    for address in ["sigrid@30808460.example.dk", "soren@bageri.example.dk"] {
        ensure!(world.mailbox.link_to(address, "/agreement/").is_some(), "{address} got no link");
    }
    let shown = operator.0.http.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?;
    ensure!(shown.string("/state") == "registered" && shown.string("/cvr") == "30808460", "{}", shown.text());
    ensure!(shown.json()["signatories"].as_array().is_some_and(|all| all.len() == 2), "{}", shown.text());
    operator.0.http.post("/api/v1/companies", &company("En anden", "30808460")).await?.refused(409, "conflict")?;
    ensure!(operator.0.http.get("/api/v1/companies").await?.items().len() == 1, "the refused one is not there");
    Ok(())
});

journey!(an_association_needs_no_cvr_number_and_gets_one_of_its_own, async |world| {
    let operator = world.operator().await?;
    let id = operator.register(&association("Sejlforeningen Nordhavn", "nordhavn.example.dk")).await?;
    let shown = operator.0.http.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?;
    ensure!(shown.json()["cvr"].is_null() && shown.string("/number").starts_with("F-"), "{}", shown.text());
    let mut nameless = company("Uden CVR ApS", "30808460");
    nameless["cvr"] = serde_json::Value::Null;
    let refused = operator.0.http.post("/api/v1/companies", &nameless).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/cvr"], "{:?}", refused.pointers());
    Ok(())
});

journey!(a_cvr_number_that_fails_modulus_11_is_refused, async |world| {
    let operator = world.operator().await?;
    for wrong in ["12345678", "30808461", "3080846", "308084600", "3080846a"] {
        let refused = operator.0.http.post("/api/v1/companies", &company("Forkert ApS", wrong)).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/cvr"], "{wrong}: {:?}", refused.pointers());
    }
    ensure!(operator.0.http.get("/api/v1/companies").await?.items().is_empty(), "nothing was registered");
    Ok(())
});

#[test]
fn policy_may_let_test_numbers_pass() {
    let setup = Setup { policy: "cvr_checksum = \"not_checked\"".into(), ..Setup::on(EngineKind::Sqlite) };
    run_in(setup, async |world| {
        let operator = world.operator().await?;
        operator.register(&company("Prøve ApS", "12345678")).await?;
        operator.0.http.post("/api/v1/companies", &company("Forkert ApS", "1234567")).await?.refused(422, "invalid")
    });
}

journey!(a_long_legal_name_asks_for_a_certificate_name, async |world| {
    let operator = world.operator().await?;
    let long = format!("Ø{}", "a".repeat(64));
    let mut registration = company(&long, "30808460");
    let refused = operator.0.http.post("/api/v1/companies", &registration).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/certificate_name"], "{:?}", refused.pointers());
    registration["certificate_name"] = json!(long);
    let refused = operator.0.http.post("/api/v1/companies", &registration).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/certificate_name"], "{:?}", refused.pointers());
    ensure!(operator.0.http.get("/api/v1/companies").await?.items().is_empty(), "nothing was registered");
    registration["certificate_name"] = json!("Ø-selskabet");
    let id = operator.register(&registration).await?;
    let shown = operator.0.http.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?;
    ensure!(shown.string("/legal_name") == long && shown.string("/certificate_name") == "Ø-selskabet", "{}", shown.text());
    operator.register(&company(&"b".repeat(64), "34051178")).await?;
    Ok(())
});

journey!(the_same_idempotency_key_registers_once, async |world| {
    let operator = world.operator().await?;
    let havn = company("Havnens Bageri ApS", "30808460");
    let first = operator.0.http.post_once("/api/v1/companies", &havn, "key-1").await?.expect(201)?;
    let second = operator.0.http.post_once("/api/v1/companies", &havn, "key-1").await?.expect(201)?;
    ensure!(!first.header("location").is_empty() && first.header("location") == second.header("location"), "another location");
    let other = company("En anden ApS", "34051178");
    operator.0.http.post_once("/api/v1/companies", &other, "key-1").await?.refused(422, "idempotency-mismatch")?;
    ensure!(operator.0.http.get("/api/v1/companies").await?.items().len() == 1, "registered once");
    world.settle().await;
    ensure!(world.mailbox.mails_to("sigrid@30808460.example.dk").len() == 1, "mailed once");
    Ok(())
});

journey!(unknown_fields_and_broken_json_are_named, async |world| {
    let operator = world.operator().await?;
    let mut havn = company("Havnens Bageri ApS", "30808460");
    havn["signatories"][0]["title"] = json!("direktør");
    let refused = operator.0.http.post("/api/v1/companies", &havn).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers().iter().any(|pointer| pointer.starts_with("/signatories/0")), "{}", refused.text());
    ensure!(refused.text().contains("title"), "the unknown field is named: {}", refused.text());
    let broken = operator.0.http.post_bytes("/api/v1/companies", "application/json", b"{\"kind\": ").await?;
    broken.refused(400, "bad-request")?;
    let text = operator.0.http.post_bytes("/api/v1/companies", "text/plain", havn.to_string().as_bytes()).await?;
    text.refused(415, "unsupported-media-type")?;
    let huge = vec![b' '; 70 * 1024];
    operator.0.http.post_bytes("/api/v1/companies", "application/json", &huge).await?.refused(413, "too-large")?;
    ensure!(operator.0.http.get("/api/v1/companies").await?.items().is_empty(), "nothing was registered");
    Ok(())
});

journey!(an_operator_who_is_no_employee_neither_invites_nor_signs, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let invitation = support::roles::invitation("Bo", "Bager", "bo@bageri.example.dk");
    operator.0.http.post(&bakery.employees(), &invitation).await?.refused(403, "forbidden")?;
    operator.0.http.get("/api/v1/documents").await?.refused(403, "forbidden")?;
    ensure!(operator.0.http.get(&bakery.employees()).await?.items().len() == 1, "nobody was invited");
    Ok(())
});

fn moment(text: &Value) -> anyhow::Result<Moment> {
    Ok(Moment::from_datetime(OffsetDateTime::parse(text.as_str().context("a moment")?, &Rfc3339)?))
}

journey!(the_operators_page_shows_authorities_keys_lists_endings_and_the_last_checks, async |world| {
    let (mut operator, bakery) = world.bakery().await?;
    let certificate = bakery.administrator.certificates().await?.remove(0);
    let serial = certificate["serial"].as_str().context("a serial")?.to_owned();
    let path = "/api/v1/operations/pki";
    ensure!(operator.0.http.get(path).await?.expect(200)?.json()["expiring"] == json!([]), "nothing ends soon");
    let ends = moment(&certificate["not_after"])?;
    world.pass(ends.since(world.now()) - Duration::days(30)).await;
    operator.0.log_in().await?;
    let shown = operator.0.http.get(path).await?.expect(200)?.json();
    ensure!(shown["expiring"].as_array().is_some_and(|all| all.iter().any(|one| one["serial"] == serial.as_str())), "{shown}");
    ensure!(shown["timestamp_units"].as_array().is_some_and(|units| units.iter().any(|unit| unit["active"] == true)), "{shown}");
    let authorities = shown["authorities"].as_array().context("authorities")?;
    ensure!(authorities.len() == 2, "{shown}");
    let browsers = [operator.0.browser("da").await?, operator.0.browser("en").await?];
    for authority in authorities {
        let name = authority["name"].as_str().context("a name")?;
        let file = world.file("authority.cer");
        std::fs::write(&file, world.client().get(&format!("/pki/{name}.cer")).await?.expect(200)?.bytes)?;
        let said =
            run("openssl", ["x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256", "-in", &file.display().to_string()]).await;
        said.must_say(&format!("Fingerprint={}", authority["fingerprint"].as_str().context("a fingerprint")?));
        // What stands on the list itself.
        let list = world.client().get(&format!("/pki/{name}/0.crl")).await?.expect(200)?.bytes;
        let list = openssl::x509::X509Crl::from_der(&list)?;
        let next = openssl::asn1::Asn1Time::from_unix(0)?.diff(list.next_update().context("nextUpdate")?)?;
        let next = (i64::from(next.days) * 86_400 + i64::from(next.secs)) * 1000;
        ensure!(moment(&authority["next_update"])?.millis() <= next && authority["lists"].as_i64() >= Some(1), "{authority}");
        ensure!(authority["checked"]["finding"].is_null() && authority["checked"]["checked_at"].is_string(), "{authority}");
        ensure!(authority["keystore"] == "main" && authority["key_label"].is_string(), "{authority}");
        for browser in &browsers {
            let page = browser.get("/operations/pki").await?.expect(200)?.text();
            for field in ["name", "fingerprint", "key_label"] {
                ensure!(page.contains(authority[field].as_str().context("text")?), "{field}: {page}");
            }
            ensure!(page.contains(&serial), "what ends soon: {page}");
        }
    }
    for (browser, words) in
        browsers.iter().zip([["Næste liste senest", "Seneste kontrol", "enige"], ["The next list", "Last check", "agree"]])
    {
        let page = browser.get("/operations/pki").await?.expect(200)?.text();
        for word in words {
            ensure!(page.contains(word), "{word}: {page}");
        }
    }
    Ok(())
});
