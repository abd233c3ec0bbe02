//! A phone that serves approves a new one, gives its place to one, and blocks one that is lost.

use anyhow::{Context as _, ensure};
use keycard::{
    payload::Purpose,
    wire::{Decided, Event},
};
use serde_json::{Value, json};
use support::{
    approver::{Events, typed},
    journey,
    papers::fixture,
    phone::{Seen, SoftPhone, begin},
    roles::Person,
    visitor::between,
    world::World,
};
use time::Duration;

/// Anne with a phone that has waited its time.
async fn anne(world: &World) -> anyhow::Result<(Person, SoftPhone)> {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(24));
    person.log_in().await?;
    Ok((person, phone))
}

/// This phone opens its person's signing key for one document.
async fn signs(person: &Person, phone: &SoftPhone) -> anyhow::Result<()> {
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    ensure!(shown.opener.is_some(), "the phone has no opener of the signing key");
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    ensure!(person.signing_ends(&asked).await? == "signed");
    Ok(())
}

journey!(a_phone_that_serves_approves_one_more_which_then_signs_at_once, async |world| {
    let (person, phone) = anne(world).await?;
    let invited = person.invite_phone().await?;
    let claimed = person.claimed(&invited, "Tabletten").await?;
    let wrong = json!({"password": "Forkert-2026-sol"});
    let path = format!("/api/v1/phones/{}/pairing/phone-question", invited.id);
    person.http.post(&path, &wrong).await?.refused(403, "not-right")?;
    ensure!(phone.waiting().await?.is_empty(), "a phone was woken by a wrong password");
    let asked = person.ask_about_phone(&invited.id).await?;
    person.confirm_by_phone(&invited.id, &asked).await?.refused(409, "conflict")?;
    let shown = phone.says_yes(&asked.number).await?;
    let parts = shown.payload.parts();
    ensure!(parts.purpose == Purpose::PairPhone && parts.lines.join("\n").contains(&claimed.digits), "{parts:?}");
    ensure!(parts.lines.join("\n").contains("Tabletten"), "{parts:?}");
    person.confirm_by_phone(&invited.id, &asked).await?.expect(200)?;
    person.confirm_by_phone(&invited.id, &asked).await?.refused(410, "gone")?;
    let tablet = claimed.collect().await?;
    ensure!(tablet.record.usable_ms == tablet.record.paired_ms, "the approved phone waits");
    signs(&person, &tablet).await?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    Ok(())
});

journey!(a_phone_in_its_waiting_time_approves_no_other, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    person.pair_phone("Annes telefon").await?;
    let invited = person.invite_phone().await?;
    let _claimed = person.claimed(&invited, "Tabletten").await?;
    let path = format!("/api/v1/phones/{}/pairing/phone-question", invited.id);
    person.http.post(&path, &json!({"password": person.password})).await?.refused(409, "conflict")?;
    Ok(())
});

journey!(a_person_moves_to_a_new_phone_and_the_old_one_ends_with_the_same_step, async |world| {
    let (mut person, phone) = anne(world).await?;
    let other = person.pair_phone("Den anden").await?;
    let (id, claimed) = person.begin_move(&phone, "Annes nye telefon").await?;
    // The key card does not move a phone.
    let by_card = person.http.post(&format!("/api/v1/phones/{id}/pairing/question"), &json!({"password": person.password})).await?;
    by_card.refused(409, "conflict")?;
    let asked = person.ask_about_phone(&id).await?;
    let shown = phone.sole_request().await?;
    ensure!(shown.payload.parts().purpose == Purpose::MovePhone, "{:?}", shown.payload.parts());
    ensure!(shown.payload.parts().lines.join("\n").contains("Annes telefon"), "{:?}", shown.payload.parts());
    phone.says_yes(&asked.number).await?;
    let confirmed = person.confirm_by_phone(&id, &asked).await?.expect(200)?;
    ensure!(!confirmed.string("/signs_from").is_empty());
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    let new = claimed.collect().await?;
    ensure!(new.record.usable_ms - new.record.paired_ms == 24 * 3_600_000, "the new phone does not wait");
    ensure!(person.own_phone(phone.id).await?["state"] == "removed" && person.own_phone(new.id).await?["state"] == "active");
    ensure!(person.own_phone(other.id).await?["state"] == "active", "a third phone ended too");
    world.settle().await;
    let mails = world.mailbox.mails_to("anne@30808460.example.dk");
    ensure!(mails.iter().any(|mail| mail.subject.contains("Annes nye telefon")), "no mail tells of the move");
    // The new one logs in at once.
    let begun = person.begin_by_phone().await?;
    new.decide(&new.sole_request().await?, typed(&begun.number)).await?;
    person.finish_by_phone(&begun).await?.expect(201)?;
    // And signs when its time has come.
    world.clock.advance(Duration::hours(24));
    person.log_in().await?;
    signs(&person, &new).await
});

journey!(a_move_is_approved_by_the_phone_itself_and_not_by_another, async |world| {
    let (mut person, phone) = anne(world).await?;
    let other = person.pair_phone("Den anden").await?;
    world.clock.advance(Duration::hours(24));
    person.log_in().await?;
    let (id, _claimed) = person.begin_move(&phone, "Tyvens telefon").await?;
    let asked = person.ask_about_phone(&id).await?;
    other.says_yes(&asked.number).await?;
    let refused = person.confirm_by_phone(&id, &asked).await?;
    refused.refused(409, "conflict")?;
    ensure!(person.own_phone(phone.id).await?["state"] == "active");
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    Ok(())
});

journey!(on_the_pages_without_script_a_person_moves_to_a_new_phone, async |world| {
    let (person, phone) = anne(world).await?;
    let browser = person.browser("da").await?;
    person.prove_in(&browser).await?;
    let page = browser.get("/account/phones").await?.expect(200)?;
    ensure!(page.text().contains("Flyt til en ny telefon fra Annes telefon"));
    let path = browser.submit(&page, &format!("/account/phones/{}/move", phone.id), &[]).await?.expect(303)?.header("location");
    let page = browser.get(&path).await?.expect(200)?;
    let code = between(&page.text(), "id=\"code\">", "<").context("no code")?;
    let claimed = begin(&person.http, Seen::Code(&code)).await?.claim("Annes nye telefon").await?;
    let page = browser.get(&path).await?.expect(200)?;
    ensure!(page.text().contains(&format!(">{}<", claimed.digits)) && page.text().contains("Den nye telefon tager den gamles plads"));
    let waiting = browser.submit(&page, &format!("{path}/phone"), &[("password", &person.password)]).await?.expect(303)?;
    let waiting = waiting.header("location");
    let page = browser.get(&waiting).await?.expect(200)?;
    let number = between(&page.text(), "id=\"phone-number\" aria-hidden=\"true\">", "<").context("no number")?;
    phone.says_yes(&number).await?;
    browser.submit(&page, &waiting, &[]).await?.expect(303)?;
    claimed.collect().await?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    Ok(())
});

/// Reads on until it is told that the person's phones are others: what else is told concerns the proofs on the way.
async fn until_phones(stream: &mut Events) -> anyhow::Result<()> {
    while stream.next().await?.context("the stream ended")? != Event::Phones {}
    Ok(())
}

journey!(a_phone_blocks_another_that_is_lost_by_its_key_and_not_by_its_token, async |world| {
    let (person, phone) = anne(world).await?;
    let mut stream = phone.events(None).await?;
    let lost = person.pair_phone("Den tabte").await?;
    until_phones(&mut stream).await.context("the other phone is not told of the pairing")?;
    let told = phone.phones().await?;
    let entry = told.phones.items().iter().find(|entry| entry.id == lost.id).context("the new phone is not told of")?;
    ensure!(entry.name.as_str() == "Den tabte" && entry.state.as_str() == "active" && entry.usable_ms > entry.paired_ms, "{entry:?}");
    // The new one waits, and takes nobody's phone away meanwhile.
    lost.block_other(&lost, phone.id).await?.refused(409, "conflict")?;
    // A token without its key, and a key without its token, block nothing.
    phone.block_other(&lost, lost.id).await?.refused(403, "not-right")?;
    lost.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    phone.block_other(&phone, lost.id).await?.expect(204)?;
    phone.block_other(&phone, lost.id).await?.expect(204)?;
    lost.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    until_phones(&mut stream).await.context("the phone is not told of the end")?;
    ensure!(person.own_phone(lost.id).await?["state"] == "blocked");
    let told = phone.phones().await?;
    ensure!(told.phones.items().iter().any(|entry| entry.id == lost.id && entry.state.as_str() == "blocked" && entry.ended_ms.is_some()));
    world.settle().await;
    let mails = world.mailbox.mails_to("anne@30808460.example.dk");
    ensure!(mails.iter().filter(|mail| mail.subject.contains("Telefonen Den tabte er spærret")).count() == 1, "told not once");
    Ok(())
});

journey!(nobody_blocks_somebody_elses_phone_from_a_phone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let other = bakery.hire(world, "Mette", "Hansen", "mette@30808460.example.dk").await?;
    let (theirs, mut person) = (other.pair_phone("Mettes telefon").await?, bakery.administrator.clone());
    person.log_in().await?;
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(24));
    phone.block_other(&phone, theirs.id).await?.refused(404, "not-found")?;
    theirs.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    Ok(())
});
