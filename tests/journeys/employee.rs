//! The employee: activates, logs in with password and key, signs.

use anyhow::{Context as _, ensure};
use serde_json::json;
use support::{
    card::PrintedCard,
    client::Client,
    journey,
    papers::{fixture, flipped},
    peers::openssl::Desk,
    pki::Certificate,
    roles::{PASSWORD, Person, Question, activation, invitation, join, post_for},
    visitor::{Visitor, between},
};
use time::Duration;

async fn verdict(client: &Client, pdf: &[u8]) -> anyhow::Result<serde_json::Value> {
    Ok(client.post_bytes("/api/v1/verifications", "application/pdf", pdf).await?.expect(200)?.json())
}

journey!(the_main_job_from_invitation_to_a_signature_that_anybody_can_check, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    ensure!(bo.card.pairs() == 148, "{} pairs", bo.card.pairs());
    let sheet = bo.http.get(&format!("/api/v1/keycards/{}/card.pdf", bo.keycard)).await?.expect(200)?;
    ensure!(sheet.bytes.starts_with(b"%PDF-") && sheet.header("cache-control") == "no-store", "the card as PDF");
    let original = fixture("libreoffice");
    let document = bo.upload("Lejekontrakt", &original).await?;
    let picture = bo.http.get(&format!("/api/v1/documents/{document}/pages/1.png")).await?.expect(200)?;
    ensure!(picture.bytes.starts_with(b"\x89PNG"), "a picture of the page");
    ensure!(bo.content(&document).await? == original, "uploaded bytes are kept as they are");
    let signed = bo.sign(&document).await?;
    ensure!(signed.starts_with(&original), "signing appends and changes nothing");
    let report = verdict(&world.client(), &signed).await?;
    let signature = &report["signatures"][0];
    ensure!(report["verdict"] == "valid" && signature["why"] == "holds", "{report}");
    ensure!(signature["signer"]["name"] == "Bo Bager" && signature["signer"]["organisation"] == "Havnens Bageri ApS", "{report}");
    ensure!(signature["trusted"] == true && signature["proven_at"].is_string() && signature["covers_whole_file"] == true, "{report}");
    ensure!(signature["reason"] == "Godkendt" && signature["place"] == "Korsør", "{report}");
    let report = verdict(&world.client(), &flipped(&signed)).await?;
    ensure!(report["verdict"] == "invalid", "one byte flipped: {report}");
    ensure!(verdict(&world.client(), &original).await?["verdict"] == "no_signature", "nothing to judge");
    let foreign = verdict(&world.client(), &fixture("signed-by-pyhanko")).await?;
    ensure!(foreign["verdict"] == "indeterminate" && foreign["signatures"][0]["trusted"] == false, "{foreign}");
    Desk::lay(world, &Certificate::of_signer(&signed)).await?.verify().await.must_say(": OK");
    world.settle().await;
    ensure!(world.mailbox.mails_to("bo@bageri.example.dk").iter().any(|mail| mail.subject.contains("Lejekontrakt")), "the signer is told");
    Ok(())
});

/// The number beside which the key stands, as the page asks for it.
fn number_asked_for(page: &str) -> anyhow::Result<String> {
    let label = between(page, "for=\"key\"", "</label>").context("no key is asked for")?;
    between(&label, "nr. ", " ").with_context(|| format!("{label}: no number"))
}

journey!(a_question_that_waited_too_long_leads_back_to_the_document, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let document = anne.upload("Referat", &fixture("cairo")).await?;
    let browser = anne.browser("da").await?;
    let page = browser.get(&format!("/documents/{document}")).await?.expect(200)?;
    let asked = browser.submit(&page, &format!("/documents/{document}/signatures"), &[("reason", ""), ("place", "")]).await?.expect(303)?;
    world.clock.advance(Duration::minutes(6));
    let late = browser.get(&asked.header("location")).await?.expect(410)?;
    let again = late.text().contains(&format!("action=\"/documents/{document}/signatures\""));
    ensure!(again && late.text().contains("alert"), "it says why, and asks anew: {}", late.text());
    Ok(())
});

journey!(the_main_job_on_the_pages_without_script, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let browser = bo.browser("da").await?;
    let page = browser.get("/documents").await?.expect(200)?;
    ensure!(page.text().contains("<html lang=\"da\">"), "in Danish");
    let token = support::visitor::hidden(&page.text(), "csrf").context("a form token")?;
    let file = reqwest::multipart::Part::bytes(fixture("cairo")).file_name("Referat.pdf").mime_str("application/pdf")?;
    let form = reqwest::multipart::Form::new().text("csrf", token).text("title", "Referat").part("file", file);
    let request = browser.request(reqwest::Method::POST, "/documents").header("Sec-Fetch-Site", "same-origin").multipart(form);
    let uploaded = browser.send(request).await?.expect(303)?;
    let place = uploaded.header("location");
    let page = browser.get(&place).await?.expect(200)?;
    let fields = [("reason", "Læst"), ("place", "")];
    let asked = browser.submit(&page, &format!("{place}/signatures"), &fields).await?.expect(303)?.header("location");
    ensure!(asked.starts_with(&format!("{place}/signatures/")), "{asked}");
    let page = browser.get(&asked).await?.expect(200)?;
    let number = number_asked_for(&page.text())?;
    let forgotten = [("password", "Forkert-2026-sol"), ("key", &bo.card.key(&number))];
    let refused = browser.submit(&page, &asked, &forgotten).await?.expect(403)?;
    ensure!(number_asked_for(&refused.text())? == number && !refused.text().contains("Forkert-2026-sol"), "asked once more");
    // Reload, and Back from elsewhere: the same question in the same place.
    let page = browser.get(&asked).await?.expect(200)?;
    ensure!(number_asked_for(&page.text())? == number, "another key is asked for");
    let key = bo.card.key(&number);
    let done = browser.submit(&page, &asked, &[("password", &bo.password), ("key", &key)]).await?.expect(303)?;
    ensure!(done.header("location").starts_with(&place), "{}", done.header("location"));
    ensure!(browser.get(&asked).await?.expect(303)?.header("location") == place, "Back leads to the signed document");
    ensure!(browser.submit(&page, &asked, &[("password", &bo.password), ("key", &key)]).await?.status == 409, "signed once");
    let signed = browser.get(&format!("{place}/content")).await?.expect(200)?.bytes;
    let visitor = support::visitor::Visitor::new(&world.client(), "en");
    let page = visitor.get("/verify").await?.expect(200)?;
    ensure!(page.text().contains("<html lang=\"en\">"), "in English");
    let file = reqwest::multipart::Part::bytes(signed).file_name("Referat.pdf").mime_str("application/pdf")?;
    let request = visitor.request(reqwest::Method::POST, "/verify").header("Sec-Fetch-Site", "same-origin");
    let said = visitor.send(request.multipart(reqwest::multipart::Form::new().part("file", file))).await?.expect(200)?.text();
    ensure!(said.contains("Bo Bager") && said.contains("Havnens Bageri ApS") && said.contains("alert-success"), "{said}");
    Ok(())
});

journey!(an_employee_activates_on_the_pages_and_fetches_the_card, async |world| {
    let (_, bakery) = world.bakery().await?;
    bakery.invite(&invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (link, code) = post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    let browser = Visitor::new(&world.client(), "da");
    for _ in 0..3 {
        let page = browser.get(&link).await?.expect(200)?;
        ensure!(page.text().contains("Havnens Bageri ApS"), "opening the link changes nothing");
    }
    let page = browser.get(&link).await?;
    let mut fields =
        vec![("temporary_password", code.as_str()), ("user_id", "bo.bager"), ("password", PASSWORD), ("password_again", "andet")];
    let refused = browser.submit(&page, &link, &fields).await?.expect(422)?;
    ensure!(refused.text().contains("error-summary") && !refused.text().contains(PASSWORD), "told beside the field, no secret repeated");
    ensure!(refused.text().contains("value=\"bo.bager\""), "what was typed is kept");
    fields[3] = ("password_again", PASSWORD);
    browser.submit(&page, &link, &fields).await?.expect(303)?;
    browser.get("/activate/done").await?.expect(200)?;
    let sheet = browser.get("/activate/done/card.txt").await?.expect(200)?;
    ensure!(PrintedCard::read(&sheet.text()).pairs() == 148, "the card");
    ensure!(browser.get("/activate/done/card.pdf").await?.bytes.starts_with(b"%PDF-"), "the card as PDF");
    ensure!(browser.get(&link).await?.status == 410, "the link is used");
    world.clock.advance(Duration::minutes(15));
    ensure!(browser.get("/activate/done/card.txt").await?.status == 410, "the card is not fetched later");
    Ok(())
});

journey!(an_activation_link_is_refused_when_used_or_too_old, async |world| {
    let (_, bakery) = world.bakery().await?;
    bakery.invite(&invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    bakery.invite(&invitation("Ea", "Eng", "ea@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (link, code) = post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    let (late_link, late_code) = post_for(world, "ea@bageri.example.dk", "Ea Eng")?;
    join(world, "bo@bageri.example.dk", "Bo Bager").await?;
    Person::try_activate(&world.client(), &link, Some(&code), "bo.to").await?.refused(410, "gone")?;
    let unknown = Person::try_activate(&world.client(), "/activate/AAAAAAAAAAAAAAAAAAAAAA", Some(&code), "bo.tre").await?;
    unknown.refused(404, "not-found")?;
    world.clock.advance(Duration::days(7));
    Person::try_activate(&world.client(), &late_link, Some(&late_code), "ea.eng").await?.refused(410, "gone")?;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    let states: Vec<_> = anne.http.get(&bakery.employees()).await?.items().iter().map(|item| item["state"].clone()).collect();
    ensure!(states.iter().filter(|state| *state == "invited").count() == 1, "{states:?}");
    Ok(())
});

journey!(a_temporary_password_may_be_tried_five_times, async |world| {
    let (_, bakery) = world.bakery().await?;
    bakery.invite(&invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (link, code) = post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    let mut weak = activation(&link, Some(&code), "bo.bager");
    weak["password"] = json!("kort");
    let refused = world.client().post("/api/v1/activations", &weak).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers().iter().all(|pointer| pointer == "/password"), "{:?}", refused.pointers());
    for _ in 0..5 {
        Person::try_activate(&world.client(), &link, Some("FORKERT-KODE"), "bo.bager").await?.refused(403, "not-right")?;
    }
    Person::try_activate(&world.client(), &link, Some(&code), "bo.bager").await?.refused(410, "gone")?;
    let people = bakery.administrator.http.get(&bakery.employees()).await?.items();
    ensure!(people.iter().any(|person| person["state"] == "invited"), "nobody was activated");
    ensure!(bakery.administrator.certificates().await?.len() == 1, "nothing was issued");
    Ok(())
});

journey!(five_wrong_passwords_close_the_network_for_eight_hours, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let wrong = json!({"user_id": bo.user_id, "password": "Forkert-2026-sol"});
    let unknown = json!({"user_id": "findes.ikke", "password": "Forkert-2026-sol"});
    let (first, stranger) = (world.client().post("/api/v1/logins", &wrong).await?, world.client().post("/api/v1/logins", &unknown).await?);
    first.refused(403, "not-right")?;
    stranger.refused(403, "not-right")?;
    ensure!(first.string("/detail") == stranger.string("/detail"), "both refusals look the same");
    for _ in 1..5 {
        world.client().post("/api/v1/logins", &wrong).await?.refused(403, "not-right")?;
    }
    let right = json!({"user_id": bo.user_id, "password": bo.password});
    let closed = world.client().post("/api/v1/logins", &right).await?;
    closed.refused(429, "too-many-tries")?;
    ensure!(!closed.header("retry-after").is_empty(), "it says when");
    bo.http.get("/api/v1/session").await?.expect(200)?;
    world.pass(Duration::hours(8) + Duration::seconds(1)).await;
    let mut later = bo.clone();
    later.log_in().await?;
    ensure!(world.mailbox.mails_to("bo@bageri.example.dk").iter().any(|mail| mail.subject.contains("lukket")), "the owner is told");
    Ok(())
});

journey!(only_the_key_that_was_asked_for_opens_and_only_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let question = bo.begin_log_in().await?;
    let unasked = bo.card.other_key(&question.key_number);
    bo.answer_log_in(&question, &bo.card.wrong_key(&question.key_number)).await?.refused(403, "not-right")?;
    bo.answer_log_in(&question, &unasked).await?.refused(403, "not-right")?;
    let right = bo.card.key(&question.key_number);
    bo.answer_log_in(&question, &right).await?.expect(201)?;
    bo.answer_log_in(&question, &right).await?.refused(410, "gone")?;
    let next = bo.begin_log_in().await?;
    ensure!(next.key_number != question.key_number, "a used number is never asked again");
    bo.answer_log_in(&next, &right).await?.refused(403, "not-right")?;
    world.clock.advance(Duration::minutes(6));
    bo.answer_log_in(&next, &bo.card.key(&next.key_number)).await?.refused(410, "gone")
});

journey!(a_wrong_password_or_key_signs_nothing, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let original = fixture("ghostscript");
    let document = bo.upload("Kontrakt", &original).await?;
    let question = bo.ask_to_sign(&document).await?;
    bo.approve(&document, &question, &bo.card.wrong_key(&question.key_number)).await?.refused(403, "not-right")?;
    let forgetful = Person { password: "Forkert-2026-sol".into(), ..bo.clone() };
    let right = bo.card.key(&question.key_number);
    forgetful.approve(&document, &question, &right).await?.refused(403, "not-right")?;
    let anne = &bakery.administrator;
    anne.approve(&document, &question, &right).await?.refused(404, "not-found")?;
    // A log-in asks for the same key, but its answer is a yes to something else: it opens no signature, nor the other way round.
    let log_in = bo.begin_log_in().await?;
    ensure!(log_in.key_number == question.key_number, "one number of the card is asked for until it is answered");
    let misplaced = Question { about: log_in.about.clone(), ..question.clone() };
    bo.approve(&document, &misplaced, &right).await?.refused(404, "not-found")?;
    bo.answer_log_in(&question, &right).await?.refused(410, "gone")?;
    ensure!(bo.content(&document).await? == original, "nothing was signed");
    bo.answer_log_in(&log_in, &right).await?.expect(201)?;
    bo.approve(&document, &question, &right).await?.refused(410, "gone")?;
    ensure!(bo.content(&document).await? == original, "a key that opened a session signs nothing");
    let question = bo.ask_to_sign(&document).await?;
    ensure!(question.key_number != log_in.key_number, "another key is asked for");
    bo.approve(&document, &question, &right).await?.refused(403, "not-right")?;
    let right = bo.card.key(&question.key_number);
    bo.approve(&document, &question, &right).await?.expect(200)?;
    bo.approve(&document, &question, &right).await?.refused(409, "already-done")
});

journey!(the_same_idempotency_key_makes_one_api_key_and_orders_one_card, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let body = json!({"name": "Lønsystem", "days": 30});
    for (path, body, other) in
        [("/api/v1/tokens", &body, json!({"name": "Andet", "days": 30})), ("/api/v1/keycards", &json!({}), body.clone())]
    {
        let before = anne.http.get(path).await?.items().len();
        let first = anne.http.post_once(path, body, path).await?.expect(201)?;
        let second = anne.http.post_once(path, body, path).await?.expect(201)?;
        ensure!(first.header("location").starts_with(path) && first.header("location") == second.header("location"), "another location");
        ensure!(second.json() == json!({"location": first.header("location")}), "nothing is shown twice: {}", second.text());
        ensure!(anne.http.get(path).await?.items().len() == before + 1, "{path}: made once");
        let elsewhere = if path == "/api/v1/tokens" { path } else { "/api/v1/tokens" };
        anne.http.post_once(elsewhere, &other, path).await?.refused(422, "idempotency-mismatch")?;
        ensure!(anne.http.get(path).await?.items().len() == before + 1, "{path}: nothing more was made");
    }
    Ok(())
});

journey!(weighty_changes_need_a_fresh_proof, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    world.clock.advance(Duration::minutes(6));
    let body = json!({"name": "Lønsystem", "days": 30});
    bo.http.post("/api/v1/tokens", &body).await?.refused(403, "prove-again")?;
    bo.http.post("/api/v1/keycards", &json!({})).await?.refused(403, "prove-again")?;
    ensure!(bo.http.get("/api/v1/tokens").await?.items().is_empty(), "nothing was made");
    bo.prove().await?;
    let made = bo.http.post("/api/v1/tokens", &body).await?.expect(201)?;
    let program = world.client().with_token(&made.string("/token"));
    ensure!(program.get("/api/v1/session").await?.expect(200)?.string("/name") == "Bo Bager", "the program acts for Bo");
    program.post("/api/v1/tokens", &body).await?.refused(403, "prove-again")?;
    bo.http.delete(&made.header("location")).await?.expect(204)?;
    program.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    world.pass(Duration::minutes(21)).await;
    bo.http.get("/api/v1/session").await?.refused(401, "not-logged-in")
});
