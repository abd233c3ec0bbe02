//! The administrator: invites employees, appoints others, revokes, dismisses.

use anyhow::{Context as _, ensure};
use openssl::nid::Nid;
use serde_json::json;
use support::{
    journey,
    papers::fixture,
    peers::openssl::Desk,
    pki::{Certificate, Surroundings},
    roles::{Company, Person, company, invitation, join, passport, post_for},
    world::World,
};

/// The certificates of an employee, as their administrator sees them: serial and state.
async fn certificates_of(administrator: &Person, employee: &str) -> anyhow::Result<Vec<(String, String)>> {
    let of_employee = |item: &&serde_json::Value| item["employee"] == employee;
    let text = |item: &serde_json::Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let all = administrator.certificates().await?;
    Ok(all.iter().filter(of_employee).map(|item| (text(item, "serial"), text(item, "state"))).collect())
}

/// The responder that a certificate names, where this machine finds it.
fn responder(world: &World, certificate: &Certificate) -> String {
    certificate.ocsp_url().replace(&world.ground.config.server.pki_url, world.client().base())
}

journey!(an_employee_gets_signing_mail_and_encryption_certificates_with_the_address, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bø", "Ærlig", "bo@bageri.example.dk").await?;
    let mine = bo.certificates().await?;
    let mut purposes: Vec<_> = mine.iter().map(|item| item["purpose"].as_str().unwrap_or_default().to_owned()).collect();
    purposes.sort();
    ensure!(purposes == ["encryption", "mail", "signing"], "{purposes:?}");
    for item in &mine {
        let serial = item["serial"].as_str().context("a serial")?;
        let whole = bo.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
        let certificate = Certificate(openssl::x509::X509::from_pem(whole.string("/pem").as_bytes())?);
        ensure!(certificate.has_serial(serial), "another serial");
        let parts =
            [Nid::COUNTRYNAME, Nid::ORGANIZATIONNAME, Nid::GIVENNAME, Nid::SURNAME, Nid::COMMONNAME].map(|nid| certificate.subject(nid));
        ensure!(parts == ["DK", "Havnens Bageri ApS", "Bø", "Ærlig", "Bø Ærlig"], "{parts:?}");
        ensure!(
            certificate.subject(Nid::SERIALNUMBER) == format!("UI:DK-E:G:{}", bo.employee),
            "{}",
            certificate.subject(Nid::SERIALNUMBER)
        );
        let names = certificate.0.subject_alt_names().context("names")?;
        ensure!(names.iter().any(|name| name.email() == Some("bo@bageri.example.dk")), "the address stands in it");
    }
    let mails = world.mailbox.mails_to("bo@bageri.example.dk");
    ensure!(mails.iter().all(|mail| mail.signed), "every mail is signed");
    Ok(())
});

journey!(without_the_address_only_a_signing_certificate_is_issued, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut invited = invitation("Bo", "Bager", "bo@bageri.example.dk");
    invited["email_in_certificate"] = json!(false);
    bakery.invite(&invited).await?.expect(201)?;
    world.settle().await;
    let bo = join(world, "bo@bageri.example.dk", "Bo Bager").await?;
    let mine = bo.certificates().await?;
    ensure!(mine.len() == 1 && mine[0]["purpose"] == "signing" && mine[0]["email"].is_null(), "{mine:?}");
    Ok(())
});

journey!(in_person_the_temporary_password_is_shown_once_and_not_sent, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut invited = invitation("Bo", "Bager", "bo@bageri.example.dk");
    invited["vouched"] = json!("in_person");
    invited["documents"] = json!([passport()]);
    let http = &bakery.administrator.http;
    let first = http.post_once(&bakery.employees(), &invited, "bo").await?.expect(201)?;
    let second = http.post_once(&bakery.employees(), &invited, "bo").await?.expect(201)?;
    let code = first.string("/temporary_password");
    ensure!(!code.is_empty() && !second.text().contains(&code), "a secret is shown once");
    ensure!(first.header("location") == second.header("location"), "another location");
    world.settle().await;
    ensure!(world.mailbox.letters_to("Bo Bager").is_empty(), "no letter goes out");
    let link = world.mailbox.link_to("bo@bageri.example.dk", "/activate/").context("a link")?;
    Person::activate(&world.client(), &link, Some(&code), "bo.bager").await?;
    ensure!(http.get(&bakery.employees()).await?.items().len() == 2, "invited once");
    Ok(())
});

journey!(a_renewed_invitation_kills_the_earlier_one, async |world| {
    let (_, bakery) = world.bakery().await?;
    let made = bakery.invite(&invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (old_link, old_code) = post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    let path = format!("{}/{}/invitation", bakery.employees(), made.string("/id"));
    bakery.administrator.http.post(&path, &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    Person::try_activate(&world.client(), &old_link, Some(&old_code), "bo.bager").await?.refused(410, "gone")?;
    let (link, _) = post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    Person::try_activate(&world.client(), &link, Some(&old_code), "bo.bager").await?.refused(403, "not-right")?;
    join(world, "bo@bageri.example.dk", "Bo Bager").await?;
    bakery.administrator.http.post(&path, &json!({"vouched": "by_letter"})).await?.refused(409, "conflict")
});

journey!(a_name_of_65_characters_and_unknown_fields_are_refused_by_name, async |world| {
    let (_, bakery) = world.bakery().await?;
    let long = "Æ".repeat(65);
    for (pointer, given, surname) in [("/given_name", long.as_str(), "Bager"), ("/surname", "Bo", long.as_str())] {
        let refused = bakery.invite(&invitation(given, surname, "bo@bageri.example.dk")).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == [pointer], "{:?}", refused.pointers());
    }
    let mut unknown = invitation("Bo", "Bager", "bo@bageri.example.dk");
    unknown["is_boss"] = json!(true);
    let refused = bakery.invite(&unknown).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.text().contains("is_boss"), "the field is named: {}", refused.text());
    let hidden = bakery.invite(&invitation("Bo\u{202e}", "Bager", "bo@bageri.example.dk")).await?;
    hidden.refused(422, "invalid")?;
    ensure!(hidden.pointers() == ["/given_name"], "{:?}", hidden.pointers());
    ensure!(bakery.administrator.http.get(&bakery.employees()).await?.items().len() == 1, "nobody was invited");
    world.settle().await;
    ensure!(world.mailbox.mails_to("bo@bageri.example.dk").is_empty(), "nothing was mailed");
    Ok(())
});

journey!(administrators_are_a_set_and_the_last_one_stays, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    bo.http.get(&bakery.employees()).await?.refused(403, "forbidden")?;
    let anne = &bakery.administrator;
    let administrators = format!("/api/v1/companies/{}/administrators", bakery.id);
    anne.http.delete(&format!("{administrators}/{}", anne.employee)).await?.refused(409, "conflict")?;
    anne.http.delete(&format!("{}/{}", bakery.employees(), anne.employee)).await?.refused(409, "conflict")?;
    anne.http.post(&administrators, &json!({"employee": bo.employee})).await?.expect(204)?;
    anne.http.post(&administrators, &json!({"employee": bo.employee})).await?.refused(409, "already-done")?;
    ensure!(bo.http.get(&bakery.employees()).await?.expect(200)?.items().len() == 2, "Bo administers now");
    // One's own post one gives up alone.
    anne.http.delete(&format!("{administrators}/{}", anne.employee)).await?.expect(204)?;
    anne.http.get(&bakery.employees()).await?.refused(403, "forbidden")?;
    bo.http.delete(&format!("{administrators}/{}", bo.employee)).await?.refused(409, "conflict")?;
    let shown = bo.http.get(&format!("/api/v1/companies/{}", bakery.id)).await?.expect(200)?;
    ensure!(shown.json()["administrators"] == json!([bo.employee]), "{}", shown.text());
    Ok(())
});

journey!(an_administrator_proves_again_before_weighty_changes, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let waiting = bakery.invite(&invitation("Ea", "Eng", "ea@bageri.example.dk")).await?.expect(201)?.string("/id");
    let anne = &bakery.administrator;
    let key = anne.http.post("/api/v1/tokens", &json!({"name": "Lønsystem", "days": 30})).await?.expect(201)?.string("/token");
    world.clock.advance(time::Duration::minutes(6));
    let administrators = format!("/api/v1/companies/{}/administrators", bakery.id);
    let employee = format!("{}/{}", bakery.employees(), bo.employee);
    let renewal = format!("{}/{waiting}/invitation", bakery.employees());
    let mut in_person = invitation("Ib", "Isen", "ib@bageri.example.dk");
    in_person["vouched"] = json!("in_person");
    // A session whose proof is old, and an API key, which never has one.
    for http in [anne.http.clone(), world.client().with_token(&key)] {
        http.post(&administrators, &json!({"employee": bo.employee})).await?.refused(403, "prove-again")?;
        http.delete(&format!("{administrators}/{}", anne.employee)).await?.refused(403, "prove-again")?;
        http.delete(&employee).await?.refused(403, "prove-again")?;
        http.post(&bakery.employees(), &in_person).await?.refused(403, "prove-again")?;
        http.post(&renewal, &json!({"vouched": "in_person"})).await?.refused(403, "prove-again")?;
        http.post(&renewal, &json!({"vouched": "by_letter"})).await?.expect(200)?;
    }
    ensure!(anne.http.get(&bakery.employees()).await?.items().len() == 3, "nobody was invited or dismissed");
    ensure!(anne.http.get(&employee).await?.json()["administrator"] == false, "nobody was appointed");
    // Revoking stops harm: it waits for nothing.
    let (serial, _) = certificates_of(anne, &bo.employee).await?.into_iter().next().context("a certificate")?;
    anne.http.post(&format!("/api/v1/certificates/{serial}/revocation"), &json!({"reason": "keyCompromise"})).await?.expect(200)?;
    // On the pages the way leads by the proof and back.
    let browser = anne.browser("da").await?;
    world.clock.advance(time::Duration::minutes(6));
    let place = format!("/companies/{}/employees/{}", bakery.id, bo.employee);
    let page = browser.get(&place).await?.expect(200)?;
    let fields = [("confirm_appointment", "yes")];
    let proof = browser.submit(&page, &format!("{place}/administrator"), &fields).await?.expect(303)?.header("location");
    let page = browser.get(&proof).await?.expect(200)?;
    let next = support::visitor::hidden(&page.text(), "next").context("where to go afterwards")?;
    let asked = browser.submit(&page, "/account/prove", &[("password", &anne.password), ("next", &next)]).await?.expect(303)?;
    let page = browser.get(&asked.header("location")).await?.expect(200)?;
    let number = support::visitor::between(&page.text(), "id=\"key-number\">", "<").context("no key is asked for")?;
    let back = browser.submit(&page, "/account/prove/key", &[("key", &anne.card.key(&number)), ("next", &next)]).await?.expect(303)?;
    ensure!(back.header("location").starts_with(&place), "{}", back.header("location"));
    let page = browser.get(&back.header("location")).await?.expect(200)?;
    browser.submit(&page, &format!("{place}/administrator"), &fields).await?.expect(303)?;
    ensure!(anne.http.get(&employee).await?.json()["administrator"] == true, "appointed after the proof");
    anne.prove().await?;
    anne.http.delete(&employee).await?.expect(204)?;
    Ok(())
});

journey!(leaving_ends_sessions_and_revokes_as_openssl_sees, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let browser = bo.browser("da").await?;
    let signed = bo.upload_and_sign("Kontrakt", &fixture("libreoffice")).await?;
    let certificate = Certificate::of_signer(&signed);
    Desk::lay(world, &certificate).await?.verify().await.must_say(": OK");
    Desk::lay(world, &certificate).await?.ocsp(&responder(world, &certificate)).await.must_say(": good");
    world.pass(time::Duration::minutes(1)).await;
    bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(204)?;
    bo.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    ensure!(browser.get("/documents").await?.status == 401, "the browser's session ended too");
    let closed = json!({"user_id": bo.user_id, "password": bo.password});
    world.client().post("/api/v1/logins", &closed).await?.refused(403, "not-right")?;
    Desk::lay(world, &certificate).await?.ocsp(&responder(world, &certificate)).await.must_say(": revoked");
    world.settle().await;
    let around = Surroundings::of(world, &certificate).await?;
    ensure!(around.lists(&certificate), "it stands on the list that the certificate names");
    Desk::lay(world, &certificate).await?.verify().await.must_refuse("certificate revoked");
    let states = certificates_of(&bakery.administrator, &bo.employee).await?;
    ensure!(states.len() == 3 && states.iter().all(|(_, state)| state == "revoked"), "{states:?}");
    let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &signed).await?.expect(200)?;
    ensure!(report.string("/verdict") == "valid" && report.string("/signatures/0/why") == "holds_revoked_later", "{}", report.text());
    let again = bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?;
    again.refused(409, "already-done")
});

journey!(an_administrator_revokes_an_employees_certificate_and_no_strangers, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let (serial, _) = certificates_of(&bakery.administrator, &bo.employee).await?.into_iter().next().context("a certificate")?;
    let path = format!("/api/v1/certificates/{serial}/revocation");
    let body = json!({"reason": "keyCompromise"});
    dairy.administrator.http.post(&path, &body).await?.refused(404, "not-found")?;
    dairy.administrator.http.get(&format!("/api/v1/certificates/{serial}")).await?.refused(404, "not-found")?;
    let wrong = bakery.administrator.http.post(&path, &json!({"reason": "certificateHold"})).await?;
    wrong.refused(422, "invalid")?;
    let states = certificates_of(&bakery.administrator, &bo.employee).await?;
    ensure!(states.iter().all(|(_, state)| state == "active"), "nothing changed: {states:?}");
    let done = bakery.administrator.http.post(&path, &body).await?.expect(200)?;
    ensure!(done.string("/state") == "revoked" && done.string("/reason") == "keyCompromise", "{}", done.text());
    bakery.administrator.http.post(&path, &body).await?.refused(409, "already-done")?;
    world.settle().await;
    let told = world.mailbox.mails_to("bo@bageri.example.dk");
    ensure!(told.iter().any(|mail| mail.text.contains(&serial)), "the holder is told");
    Ok(())
});

journey!(another_companys_employee_is_not_there_on_any_route, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let stranger = &dairy.administrator.http;
    let vouched = json!({"vouched": "by_letter"});
    let employee = json!({"employee": bo.employee});
    for company in [&bakery.id, &dairy.id] {
        let one = format!("/api/v1/companies/{company}/employees/{}", bo.employee);
        stranger.get(&one).await?.refused(404, "not-found")?;
        stranger.delete(&one).await?.refused(404, "not-found")?;
        stranger.post(&format!("{one}/invitation"), &vouched).await?.refused(404, "not-found")?;
        stranger.post(&format!("/api/v1/companies/{company}/administrators"), &employee).await?.refused(404, "not-found")?;
        stranger.delete(&format!("/api/v1/companies/{company}/administrators/{}", bo.employee)).await?.refused(404, "not-found")?;
    }
    stranger.get(&format!("/api/v1/companies/{}", bakery.id)).await?.refused(404, "not-found")?;
    stranger.get(&bakery.employees()).await?.refused(404, "not-found")?;
    stranger.post(&bakery.employees(), &invitation("Snu", "Stær", "snu@mejeri.example.dk")).await?.refused(404, "not-found")?;
    let kept = bakery.administrator.http.get(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(200)?;
    ensure!(kept.string("/state") == "active" && kept.json()["administrator"] == false, "{}", kept.text());
    ensure!(bakery.administrator.http.get(&bakery.employees()).await?.items().len() == 2, "nobody came or went");
    bo.http.get("/api/v1/session").await?.expect(200)?;
    Ok(())
});
