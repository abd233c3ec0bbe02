//! Certificates end: who is told, how they are renewed, and what a change of name or address does to them.

use anyhow::{Context as _, ensure};
use keycard::wire::Decided;
use segl::platform::moment::Moment;
use serde_json::{Value, json};
use support::{
    client::Answer,
    journey,
    papers::fixture,
    pki::Certificate,
    roles::{Company, Person},
    world::World,
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::faults::{break_step, mend_step};

const ENDING: &str = "udløber snart";

fn of_purpose<'a>(certificates: &'a [Value], purpose: &str) -> anyhow::Result<&'a Value> {
    certificates.iter().find(|one| one["purpose"] == purpose).with_context(|| format!("no certificate for {purpose}"))
}

/// When the newest certificate of a purpose ends.
fn ends(certificates: &[Value], purpose: &str) -> anyhow::Result<Moment> {
    let text = of_purpose(certificates, purpose)?["not_after"].as_str().context("an end")?.to_owned();
    Ok(Moment::from_datetime(OffsetDateTime::parse(&text, &Rfc3339)?))
}

/// Lets time pass until so long before the person's mail certificate ends.
async fn come_near(world: &World, person: &mut Person, before: Duration) -> anyhow::Result<()> {
    person.log_in().await?;
    let end = ends(&person.certificates().await?, "mail")?;
    world.pass(end.since(world.now()) - before).await;
    person.log_in().await?;
    Ok(())
}

fn told(world: &World, address: &str, subject: &str) -> usize {
    world.mailbox.mails_to(address).iter().filter(|mail| mail.subject.contains(subject)).count()
}

async fn renew(person: &Person) -> anyhow::Result<Answer> {
    person.http.post("/api/v1/renewals", &json!({"password": person.password})).await
}

async fn subject_of(person: &Person, certificate: &Value) -> anyhow::Result<Certificate> {
    let serial = certificate["serial"].as_str().context("a serial")?;
    let whole = person.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    Ok(Certificate::of_pem(&whole.string("/pem")))
}

async fn bakery_with_bo(world: &World) -> anyhow::Result<(Company, Person)> {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    Ok((bakery, bo))
}

const BO: &str = "bo@bageri.example.dk";
const ANNE: &str = "anne@30808460.example.dk";

journey!(employees_and_administrators_are_told_sixty_thirty_and_seven_days_before, async |world| {
    let (mut bakery, mut bo) = bakery_with_bo(world).await?;
    come_near(world, &mut bo, Duration::days(61)).await?;
    ensure!(told(world, BO, ENDING) == 0 && told(world, ANNE, ENDING) == 0, "told too early");
    for (days, mails) in [(59, 1), (31, 1), (29, 2), (8, 2), (6, 3)] {
        come_near(world, &mut bo, Duration::days(days)).await?;
        world.settle().await;
        ensure!(told(world, BO, ENDING) == mails, "{days} days before: {} mails to the employee", told(world, BO, ENDING));
        // The administrator is told of their own and of the colleague's, each once a mark.
        ensure!(
            told(world, ANNE, "Certifikater i Havnens") == mails,
            "{days} days before: {} to the administrator",
            told(world, ANNE, ENDING)
        );
    }
    let page = bo.browser("da").await?.get("/certificates").await?.expect(200)?.text();
    ensure!(page.contains("/renewal") && page.contains("udløber"), "the page says so");
    bakery.administrator.log_in().await?;
    let page = bakery.administrator.browser("da").await?.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?.text();
    ensure!(page.contains("udløber inden for 60 dage"), "the administrator's page says so");
    Ok(())
});

journey!(a_clock_that_jumps_tells_once_at_the_nearest_mark, async |world| {
    let (_, mut bo) = bakery_with_bo(world).await?;
    come_near(world, &mut bo, Duration::days(5)).await?;
    ensure!(told(world, BO, ENDING) == 1, "{} mails", told(world, BO, ENDING));
    world.clock.advance(-Duration::days(1));
    world.settle().await;
    ensure!(told(world, BO, ENDING) == 1, "the clock went back: {} mails", told(world, BO, ENDING));
    Ok(())
});

journey!(renewing_keeps_the_identity_and_makes_new_keys, async |world| {
    let (_, mut bo) = bakery_with_bo(world).await?;
    renew(&bo).await?.refused(409, "conflict")?;
    let before = bo.certificates().await?;
    come_near(world, &mut bo, Duration::days(20)).await?;
    world.clock.advance(Duration::minutes(6));
    renew(&bo).await?.refused(403, "prove-again")?;
    bo.prove().await?;
    let wrong = bo.http.post("/api/v1/renewals", &json!({"password": "Forkert-kodeord-1"})).await?;
    wrong.refused(403, "not-right")?;
    let renewed = renew(&bo).await?.expect(201)?;
    ensure!(renewed.json()["certificates"].as_array().map(Vec::len) == Some(3), "{}", renewed.text());
    world.settle().await;
    let after = bo.certificates().await?;
    ensure!(after.len() == 6, "{} certificates", after.len());
    for purpose in ["signing", "mail", "encryption"] {
        let (old, new) = (subject_of(&bo, of_purpose(&before, purpose)?).await?, subject_of(&bo, of_purpose(&after, purpose)?).await?);
        ensure!(old.subject_line() == new.subject_line(), "{purpose}: {} became {}", old.subject_line(), new.subject_line());
        ensure!(old.spki() != new.spki(), "{purpose}: the key is the old one");
        ensure!(of_purpose(&after, purpose)?["state"] == "active", "{after:?}");
    }
    renew(&bo).await?.refused(409, "conflict")?;
    let signed = bo.upload_and_sign("Efter fornyelsen", &fixture("cairo")).await?;
    let serial = Certificate::of_signer(&signed).serial();
    let newest = of_purpose(&after, "signing")?["serial"].as_str().unwrap_or_default().to_owned();
    ensure!(Certificate::of_signer(&signed).has_serial(&newest), "signed by {serial}, not by {newest}");
    world.pass(Duration::days(15)).await;
    ensure!(told(world, BO, ENDING) == 1, "what was renewed is told of no more: {}", told(world, BO, ENDING));
    Ok(())
});

journey!(a_phone_that_was_paired_before_a_renewal_opens_the_new_key, async |world| {
    let (_, mut bo) = bakery_with_bo(world).await?;
    let phone = bo.pair_phone("Bos telefon").await?;
    come_near(world, &mut bo, Duration::days(20)).await?;
    bo.prove().await?;
    renew(&bo).await?.expect(201)?;
    world.settle().await;
    let newest = of_purpose(&bo.certificates().await?, "signing")?["serial"].as_str().context("a serial")?.to_owned();
    let document = bo.upload("Efter fornyelsen", &fixture("cairo")).await?;
    let asked = bo.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let named = shown.payload.parts().certificate.as_deref().map(hex::encode).context("no certificate is named")?;
    ensure!(newest.to_lowercase().replace(':', "").contains(named.trim_start_matches('0')), "{named} is asked for, not {newest}");
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    ensure!(bo.signing_ends(&asked).await? == "signed");
    let signed = bo.content(&document).await?;
    ensure!(Certificate::of_signer(&signed).has_serial(&newest), "signed by another key than {newest}");
    let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &signed).await?.expect(200)?.json();
    ensure!(report["signatures"][0]["verdict"] == "valid", "{report}");
    Ok(())
});

journey!(of_two_who_renew_at_once_one_does, async |world| {
    let (_, mut bo) = bakery_with_bo(world).await?;
    come_near(world, &mut bo, Duration::days(20)).await?;
    bo.prove().await?;
    let answers = tokio::join!(renew(&bo), renew(&bo), renew(&bo));
    let statuses: Vec<u16> = [answers.0?, answers.1?, answers.2?].iter().map(|answer| answer.status.as_u16()).collect();
    ensure!(statuses.iter().filter(|status| **status == 201).count() == 1, "{statuses:?}");
    ensure!(statuses.iter().filter(|status| **status == 409).count() == 2, "{statuses:?}");
    ensure!(bo.certificates().await?.len() == 6, "one set of certificates");
    Ok(())
});

async fn change(bakery: &Company, employee: &str, surname: &str, email: &str) -> anyhow::Result<Answer> {
    let body = json!({"given_name": "Bo", "surname": surname, "email": email});
    let path = format!("{}/{employee}/person", bakery.employees());
    let http = &bakery.administrator.http;
    support::client::send(http.request(reqwest::Method::PUT, &path).json(&body)).await
}

journey!(a_new_name_and_address_make_new_certificates_and_revoke_the_old, async |world| {
    let (bakery, mut bo) = bakery_with_bo(world).await?;
    let new_address = "bo.holm@bageri.example.dk";
    world.clock.advance(Duration::minutes(6));
    change(&bakery, &bo.employee, "Holm", new_address).await?.refused(403, "prove-again")?;
    bakery.administrator.prove().await?;
    change(&bakery, &bo.employee, "Bager", BO).await?.refused(409, "conflict")?;
    let refused = change(&bakery, &bo.employee, "", "nowhere").await?;
    ensure!(refused.pointers() == ["/surname", "/email"], "{}", refused.text());
    change(&bakery, &bo.employee, "Holm", new_address).await?.expect(204)?;
    world.settle().await;
    for address in [BO, new_address] {
        ensure!(told(world, address, "Dine oplysninger") == 1, "{address} is not told once");
    }
    let before = bo.certificates().await?;
    ensure!(before.iter().all(|one| one["state"] == "active"), "until they are renewed, the old ones hold");
    bo.prove().await?;
    renew(&bo).await?.expect(201)?;
    world.settle().await;
    let after = bo.certificates().await?;
    for purpose in ["signing", "mail", "encryption"] {
        let subject = subject_of(&bo, of_purpose(&after, purpose)?).await?.subject_line();
        ensure!(subject.contains("Holm"), "{purpose}: {subject}");
    }
    for old in &before {
        let now = after.iter().find(|one| one["serial"] == old["serial"]).context("the old one")?;
        ensure!(now["state"] == "revoked" && now["reason"] == "affiliationChanged", "{now}");
    }
    renew(&bo).await?.refused(409, "conflict")?;
    bo.log_in().await?;
    ensure!(bo.http.get("/api/v1/session").await?.string("/name") == "Bo Holm", "the session names the person anew");
    bakery.administrator.http.get(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(200)?;
    Ok(())
});

journey!(what_nobody_renews_after_a_change_is_revoked_in_five_days, async |world| {
    let (mut bakery, mut bo) = bakery_with_bo(world).await?;
    bakery.administrator.prove().await?;
    change(&bakery, &bo.employee, "Holm", BO).await?.expect(204)?;
    world.pass(Duration::days(4)).await;
    bo.log_in().await?;
    ensure!(bo.certificates().await?.iter().all(|one| one["state"] == "active"), "after four days");
    world.pass(Duration::days(1)).await;
    bo.log_in().await?;
    ensure!(bo.certificates().await?.iter().all(|one| one["reason"] == "affiliationChanged"), "after five days");
    ensure!(told(world, BO, "spærret") == 3, "{} mails", told(world, BO, "spærret"));
    bo.prove().await?;
    renew(&bo).await?.expect(201)?;
    ensure!(
        subject_of(&bo, of_purpose(&bo.certificates().await?, "signing")?).await?.subject_line().contains("Holm"),
        "renewed afterwards"
    );
    bakery.administrator.log_in().await?;
    Ok(())
});

journey!(what_an_administrator_withdrew_does_not_come_back_by_renewing, async |world| {
    let (bakery, bo) = bakery_with_bo(world).await?;
    for certificate in bo.certificates().await? {
        let path = format!("/api/v1/certificates/{}/revocation", certificate["serial"].as_str().unwrap_or_default());
        bakery.administrator.http.post(&path, &json!({"reason": "privilegeWithdrawn"})).await?.expect(200)?;
    }
    bo.prove().await?;
    renew(&bo).await?.refused(409, "conflict")?;
    Ok(())
});

journey!(somebody_whose_key_may_be_known_revokes_and_gets_new_certificates, async |world| {
    let (_, bo) = bakery_with_bo(world).await?;
    let signing = of_purpose(&bo.certificates().await?, "signing")?["serial"].as_str().unwrap_or_default().to_owned();
    bo.http.post(&format!("/api/v1/certificates/{signing}/revocation"), &json!({"reason": "keyCompromise"})).await?.expect(200)?;
    bo.prove().await?;
    renew(&bo).await?.expect(201)?;
    bo.upload_and_sign("Ny nøgle", &fixture("cairo")).await?;
    Ok(())
});

journey!(the_pages_renew_and_change_without_script, async |world| {
    let (bakery, mut bo) = bakery_with_bo(world).await?;
    let browser = bakery.administrator.browser("da").await?;
    let place = format!("/companies/{}/employees/{}/person", bakery.id, bo.employee);
    world.clock.advance(Duration::minutes(6));
    let away = browser.get(&place).await?.expect(303)?.header("location");
    ensure!(away.starts_with("/account/prove?next="), "{away}");
    bakery.administrator.prove_in(&browser).await?;
    let form = browser.get(&place).await?.expect(200)?;
    let faulty = browser.submit(&form, &place, &[("given_name", "Bo"), ("surname", ""), ("email", BO)]).await?.expect(422)?;
    ensure!(faulty.text().contains("surname-error"), "the fault stands beside its field");
    let done = browser.submit(&form, &place, &[("given_name", "Bo"), ("surname", "Holm"), ("email", BO)]).await?.expect(303)?;
    ensure!(browser.get(&done.header("location")).await?.expect(200)?.text().contains("Bo Holm"), "the new name stands there");
    bo.log_in().await?;
    let browser = bo.browser("en").await?;
    let form = browser.get("/renewal").await?.expect(200)?;
    ensure!(form.text().contains("has changed"), "the page says why");
    let wrong = browser.submit(&form, "/renewal", &[("password", "not-this-1")]).await?.expect(403)?;
    ensure!(wrong.text().contains("password-error"), "the fault stands beside its field");
    let done = browser.submit(&form, "/renewal", &[("password", &bo.password)]).await?.expect(200)?.text();
    ensure!(
        done.contains("You have new certificates") && done.contains("Revocation code"),
        "told, with the code that is shown once: {done}"
    );
    Ok(())
});

journey!(the_operator_is_told_of_a_ca_that_ends, async |world| {
    let mut olga = world.operator().await?;
    let issuing = world.fetch(&format!("{}/pki/issuing1.cer", world.ground.config.server.pki_url)).await?;
    let end = Certificate::of(&issuing).not_after();
    world.pass(end.since(world.now()) - Duration::days(59)).await;
    let mails = told(world, "olga@segl.example.dk", "Et af tjenestens egne certifikater");
    ensure!(mails == 1, "{mails} mails");
    world.settle().await;
    ensure!(told(world, "olga@segl.example.dk", "Et af tjenestens egne certifikater") == 1, "told twice");
    let metrics = world.client().get("/metrics").await?.expect(200)?.text();
    ensure!(metrics.contains("segl_own_certificate_days_left{kind=\"issuing\",name=\"issuing1\"} 5"), "{metrics}");
    olga.0.log_in().await?;
    let page = olga.0.browser("da").await?.get("/certificates").await?.expect(200)?.text();
    ensure!(page.contains("issuing1") && page.contains("Tjenestens eget"), "the operator's page says so");
    Ok(())
});

journey!(the_operator_is_told_when_what_renews_itself_does_not, async |world| {
    let _operator = world.operator().await?;
    let named = |what: &str| {
        let mails = world.mailbox.mails_to("olga@segl.example.dk");
        let told = mails.iter().filter(|mail| mail.subject.contains("Et af tjenestens egne certifikater"));
        told.filter(|mail| mail.text.contains(&format!("({what})"))).count()
    };
    // Renewal would come at half of the ninety days; nothing is issued from here on.
    break_step(world, ("INSERT", "certificate")).await?;
    let failed = async |days: i64| {
        world.clock.advance(Duration::days(days));
        segl::commands::work::run_until_idle(&world.ground, &segl::app::work()).await
    };
    ensure!(failed(50).await.is_err() && named("responder") == 0, "fifty days: {}", named("responder"));
    ensure!(failed(12).await.is_err() && named("responder") == 1, "at thirty days left: {}", named("responder"));
    ensure!(failed(1).await.is_err() && named("responder") == 1, "told twice");
    ensure!(failed(21).await.is_err() && named("responder") == 2, "at seven days left: {}", named("responder"));
    mend_step(world, "certificate").await?;
    world.pass(Duration::days(1)).await;
    ensure!(named("responder") == 2, "renewed now");
    // A time-stamp unit's certificate: five years.
    let units = async || -> anyhow::Result<Vec<segl::timestamps::read::Unit>> {
        Ok(segl::timestamps::read::units(&mut world.ground.database.read().await?).await?)
    };
    let ends = units().await?.first().context("a unit")?.not_after;
    break_step(world, ("INSERT", "certificate")).await?;
    for (days_left, mails) in [(61, 0), (59, 1), (29, 2), (6, 3), (5, 3)] {
        let days = (ends.since(world.now()) - Duration::days(days_left)).whole_days();
        ensure!(failed(days).await.is_err(), "renewal fails");
        let told = named("timestamp");
        ensure!(told == mails, "{days_left} days left: {told} mails");
    }
    mend_step(world, "certificate").await?;
    Ok(())
});
