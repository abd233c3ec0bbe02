//! Phones end: blocked by the person in two presses, by the help desk, by the mailed link; and what ends with them.

use anyhow::{Context as _, ensure};
use keycard::wire::Decided;
use serde_json::{Value, json};
use support::{
    approver::typed,
    client::Answer,
    journey,
    phone::SoftPhone,
    roles::Person,
    visitor::{Visitor, between, hidden},
    world::World,
};
use time::Duration;

/// Whether the phone serves still.
async fn serves(phone: &SoftPhone) -> anyhow::Result<bool> {
    let answer = phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?;
    ensure!(answer.status == 200 || answer.status == 401, "{}", answer.text());
    Ok(answer.status == 200)
}

/// How many of the person's own certificates are revoked: administrators see their colleagues' too.
async fn revoked(person: &Person) -> anyhow::Result<usize> {
    let own = |one: &&Value| one["employee"] == *person.employee && one["state"] == "revoked";
    Ok(person.certificates().await?.iter().filter(own).count())
}

/// Proves on the page that the person was led to, and gives where it leads on.
async fn prove_and_go_on(person: &Person, browser: &Visitor, page: &Answer, next: &str) -> anyhow::Result<String> {
    let sent = browser.submit(page, "/account/prove", &[("password", &person.password), ("next", next)]).await?.expect(303)?;
    let page = browser.get(&sent.header("location")).await?.expect(200)?;
    let number = between(&page.text(), "id=\"key-number\">", "<").context("the page asks for no key")?;
    let next = hidden(&page.text(), "next").context("it leads nowhere")?;
    let key = person.card.key(&number);
    Ok(browser.submit(&page, "/account/prove/key", &[("key", &key), ("next", &next)]).await?.expect(303)?.header("location"))
}

journey!(the_page_asks_before_it_blocks_and_a_lost_phone_is_blocked_in_two_presses, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let browser = person.browser("da").await?;
    let page = browser.get("/account/phones").await?.expect(200)?;
    let (path, text) = (format!("/account/phones/{}/block", phone.id), page.text());
    // The first press opens the question, without script; the second answers it.
    let question = between(&text, &format!("<details id=\"lost-{}\"><summary>", phone.id), "</details>").context("nothing is asked")?;
    ensure!(
        question.starts_with("Spær Annes telefon: den er væk</summary>") && question.contains("Vil du spærre Annes telefon?"),
        "{question}"
    );
    ensure!(question.contains("Ja, spær Annes telefon") && question.contains(&path), "{question}");
    ensure!(text.matches(&path).count() == question.matches(&path).count(), "the page blocks without asking");
    browser.submit(&page, &path, &[]).await?.expect(303)?;
    ensure!(!serves(&phone).await? && revoked(person).await? == 0);
    Ok(())
});

journey!(a_session_alone_blocks_a_phone_on_the_page_and_does_not_revoke_the_certificates_with_it, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let browser = person.browser("en").await?;
    world.clock.advance(Duration::minutes(6));
    let path = format!("/account/phones/{}/block", phone.id);
    let page = browser.get("/account/phones").await?.expect(200)?;
    let sent = browser.submit(&page, &path, &[("certificates", "revoke")]).await?.expect(303)?.header("location");
    ensure!(sent.starts_with("/account/prove?next="), "{sent}");
    ensure!(!serves(&phone).await?, "who has lost a phone must not prove anything before it is blocked");
    ensure!(revoked(person).await? == 0, "a session alone revoked");
    Ok(())
});

journey!(whoever_blocks_without_a_proof_is_told_what_is_left_and_goes_on_after_it, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let browser = person.browser("en").await?;
    world.clock.advance(Duration::minutes(6));
    let path = format!("/account/phones/{}/block", phone.id);
    let page = browser.get("/account/phones").await?.expect(200)?;
    let sent = browser.submit(&page, &path, &[("certificates", "revoke")]).await?.expect(303)?.header("location");
    let page = browser.get(&sent).await?.expect(200)?;
    ensure!(page.text().contains("The phone is blocked. Your certificates are not revoked yet"), "{}", page.text());
    let next = hidden(&page.text(), "next").context("it leads nowhere")?;
    let back = prove_and_go_on(person, &browser, &page, &next).await?;
    ensure!(back == format!("/account/phones?stolen={}", phone.id), "{back}");
    let page = browser.get(&back).await?.expect(200)?;
    ensure!(page.text().contains("Annes telefon is blocked, and your certificates are left"), "{}", page.text());
    ensure!(page.text().contains("Revoke my certificates") && revoked(person).await? == 0, "{}", page.text());
    let done = browser.submit(&page, &path, &[("certificates", "revoke")]).await?.expect(303)?.header("location");
    let page = browser.get(&done).await?.expect(200)?.text();
    ensure!(page.contains("The phone is blocked and your certificates are revoked"), "{page}");
    ensure!(!page.contains("Revoke my certificates") && revoked(person).await? == 1, "{page}");
    // With the proof, both at once.
    let second = person.pair_phone("Annes nye telefon").await?;
    let path = format!("/account/phones/{}/block", second.id);
    let page = browser.get("/account/phones").await?.expect(200)?;
    let done = browser.submit(&page, &path, &[("certificates", "revoke")]).await?.expect(303)?.header("location");
    ensure!(done == "/account/phones?done=revoked" && !serves(&second).await?, "{done}");
    Ok(())
});

journey!(the_help_desk_revokes_certificates_with_the_phones_after_a_fresh_proof_alone, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let desk = operator.0;
    let (anne, mut bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", "bo@havnens.example.dk").await?);
    let (of_anne, of_bo) = (anne.pair_phone("Annes telefon").await?, bo.pair_phone("Bos telefon").await?);
    let browser = desk.browser("da").await?;
    world.clock.advance(Duration::minutes(6));
    let path = "/api/v1/operations/phones/block";
    let order = |person: &Person, revoke: bool| json!({"user_id": person.user_id, "revoke_certificates": revoke});
    desk.http.post(path, &order(anne, true)).await?.refused(403, "prove-again")?;
    let page = browser.get("/operations/phones").await?.expect(200)?;
    let stolen = [("user_id", anne.user_id.as_str()), ("certificates", "revoke")];
    let sent = browser.submit(&page, "/operations/phones", &stolen).await?.expect(303)?.header("location");
    ensure!(sent.starts_with("/account/prove?next="), "{sent}");
    ensure!(!serves(&of_anne).await?, "the phones of whoever calls are blocked at once");
    ensure!(revoked(anne).await? == 0, "nothing was proven, and certificates ended");
    // Blocking alone is at once.
    let blocked = desk.http.post(path, &order(&bo, false)).await?.expect(200)?;
    ensure!(blocked.json()["blocked"] == 1 && !serves(&of_bo).await? && revoked(&bo).await? == 0, "{}", blocked.text());
    desk.prove().await?;
    desk.http.post(path, &order(&bo, true)).await?.expect(200)?;
    bo.log_in().await?;
    ensure!(revoked(&bo).await? > 0, "the phone was blocked before, and the certificates go on");
    // The way back has the person in the form, by an id alone.
    let page = browser.get(&sent).await?.expect(200)?;
    ensure!(page.text().contains("Telefonerne er spærret. Certifikaterne er ikke spærret endnu"), "{}", page.text());
    let next = hidden(&page.text(), "next").context("it leads nowhere")?;
    let back = prove_and_go_on(&desk, &browser, &page, &next).await?;
    ensure!(back.starts_with("/operations/phones?account=") && !back.contains(&anne.user_id), "{back}");
    let page = browser.get(&back).await?.expect(200)?;
    let typed = hidden(&page.text(), "user_id").context("the form has no user id")?;
    ensure!(typed == anne.user_id, "the form has lost the user id: {typed}");
    ensure!(page.text().contains(&format!("Telefonerne hos {typed} er spærret")), "{}", page.text());
    let done = browser.submit(&page, "/operations/phones", &stolen).await?.expect(200)?.text();
    ensure!(done.contains("0 telefoner hos"), "{done}");
    ensure!(revoked(anne).await? == 1, "the phone was blocked before, and the certificates go on");
    Ok(())
});

/// Cancels the newest phone by the mailed link, as whoever reads the person's mail.
async fn cancel(world: &World) -> anyhow::Result<()> {
    let link = world.mailbox.link_to("anne@30808460.example.dk", "/phones/cancel/").context("no mail tells of the phone")?;
    let visitor = Visitor::new(&world.client(), "da");
    let page = visitor.get(&link).await?.expect(200)?;
    visitor.submit(&page, &link, &[]).await?.expect(200).map(drop)
}

journey!(cancelling_by_the_mailed_link_refuses_what_that_phone_approved_and_what_is_on_its_way, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let stolen = person.pair_phone("Tyvens telefon").await?;
    world.settle().await;
    world.clock.advance(Duration::hours(24));
    person.log_in().await?;
    // It has approved one more phone and a log-in, of which nothing has come yet.
    let invited = person.invite_phone().await?;
    let claimed = person.claimed(&invited, "Tyvens tavle").await?;
    let asked = person.ask_about_phone(&invited.id).await?;
    stolen.says_yes(&asked.number).await?;
    let begun = person.begin_by_phone().await?;
    ensure!(stolen.decide(&stolen.sole_request().await?, typed(&begun.number)).await? == Decided::Taken);
    cancel(world).await?;
    ensure!(!serves(&stolen).await?);
    person.confirm_by_phone(&invited.id, &asked).await?.refused(410, "gone")?;
    person.finish_by_phone(&begun).await?.refused(410, "gone")?;
    let pairing = person.http.get(&format!("/api/v1/phones/{}/pairing", invited.id)).await?.expect(200)?;
    ensure!(pairing.string("/state") == "over", "{}", pairing.text());
    ensure!(!matches!(claimed.status().await, Ok(keycard::wire::PairingStatus::Paired { .. })), "the other phone is paired");
    // Neither does the key card confirm what waited when a phone was cancelled.
    person.pair_phone("Tyvens næste").await?;
    world.settle().await;
    let invited = person.invite_phone().await?;
    let _claimed = person.claimed(&invited, "Tyvens tavle").await?;
    let number = person.asked_to_confirm(&invited.id).await?;
    cancel(world).await?;
    person.confirm_phone(&invited.id, &person.card.key(&number)).await?.refused(410, "gone")?;
    let states: Vec<_> = person.http.get("/api/v1/phones").await?.expect(200)?.items().iter().map(|phone| phone["state"].clone()).collect();
    ensure!(states == ["cancelled", "cancelled"], "{states:?}");
    Ok(())
});
