//! A forgotten password that an administrator has replaced: told, agreed to by two where there are two, stopped by the person, and followed by new
//! certificates a day later unless the old phone lets them go.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::send,
    journey,
    roles::{Company, Person, passport, post_for},
    visitor::Visitor,
    world::World,
};
use time::Duration;

pub(crate) const EA: &str = "ea@bageri.example.dk";
const SIGRID: &str = "sigrid@30808460.example.dk";
pub(crate) const EA_ID: &str = "ea.bageri.example.dk";

/// Anne administers alone; Ea has forgotten her password.
pub(crate) async fn story(world: &World) -> anyhow::Result<(Company, Person)> {
    let (_, bakery) = world.bakery().await?;
    let ea = bakery.hire(world, "Ea", "Eng", EA).await?;
    Ok((bakery, ea))
}

pub(crate) async fn ask(administrator: &Person, company: &Company, employee: &str) -> anyhow::Result<String> {
    let body = json!({"company": company.id, "employee": employee});
    Ok(administrator.http.post("/api/v1/reissues", &body).await?.expect(201)?.string("/id"))
}

pub(crate) fn path(id: &str, step: &str) -> String {
    format!("/api/v1/reissues/{id}{step}")
}

pub(crate) async fn state(administrator: &Person, id: &str) -> anyhow::Result<String> {
    Ok(administrator.http.get(&path(id, "")).await?.expect(200)?.string("/state"))
}

/// Asked for and sent by letter, by an administrator who is alone.
pub(crate) async fn sent(world: &World, company: &Company, ea: &Person) -> anyhow::Result<String> {
    let id = ask(&company.administrator, company, &ea.employee).await?;
    company.administrator.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    Ok(id)
}

/// Ea chooses another password, with the newest link and letter.
pub(crate) async fn chosen(world: &World) -> anyhow::Result<Person> {
    let (link, temporary) = post_for(world, EA, "Ea Eng")?;
    let person = Person::activate(&world.client(), &link, Some(&temporary), EA_ID).await?;
    world.settle().await;
    Ok(person)
}

pub(crate) async fn states(person: &Person) -> anyhow::Result<Vec<String>> {
    let all = person.certificates().await?;
    Ok(all.iter().map(|one| one["state"].as_str().unwrap_or_default().to_owned()).collect())
}

pub(crate) fn count(states: &[String], state: &str) -> usize {
    states.iter().filter(|one| *one == state).count()
}

pub(crate) fn stop_link(world: &World) -> anyhow::Result<String> {
    world.mailbox.link_to(EA, "/reissues/stop/").context("no mail says how to stop it")
}

journey!(an_administrator_has_a_forgotten_password_replaced_and_certificates_follow_by_themselves_a_day_later, async |world| {
    let (bakery, ea) = story(world).await?;
    let (anne, before) = (&bakery.administrator, ea.certificates().await?.len());
    let id = ask(anne, &bakery, &ea.employee).await?;
    world.settle().await;
    ensure!(state(anne, &id).await? == "approved", "nobody else administers the company");
    ensure!(stop_link(world).is_ok(), "Ea is told before anything stops");
    ensure!(world.mailbox.mails_to(SIGRID).iter().any(|mail| mail.text.contains("Ea Eng")), "the signatory is told");
    ea.http.get("/api/v1/session").await?.expect(200)?;
    anne.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    // The old password, sessions and known devices stop; the certificates rest as they were.
    ea.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    let tried = json!({"user_id": ea.user_id, "password": ea.password, "device": ea.device});
    ensure!(world.client().post("/api/v1/logins", &tried).await?.status == 403, "the old password works");
    ensure!(state(anne, &id).await? == "sent");
    let seen = anne.http.get("/api/v1/certificates").await?.expect(200)?.items();
    ensure!(seen.iter().all(|one| one["state"] == "active"), "{seen:?}");
    let new = chosen(world).await?;
    ea.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    let all = states(&new).await?;
    ensure!(count(&all, "revoked") == before && count(&all, "intended") == before, "{all:?}");
    ensure!(state(anne, &id).await? == "waiting");
    ensure!(new.http.get("/api/v1/keycards").await?.items().iter().filter(|card| card["state"] == "active").count() == 1);
    // Nothing is issued a moment too early, also after the round has looked, nor by renewing.
    world.pass(Duration::hours(23)).await;
    let mut new = new;
    new.log_in().await?;
    ensure!(count(&states(&new).await?, "active") == 0, "a certificate came too early");
    new.http.post("/api/v1/renewals", &json!({"password": new.password})).await?.refused(409, "conflict")?;
    world.pass(Duration::hours(1)).await;
    world.pass(Duration::minutes(2)).await;
    new.log_in().await?;
    ensure!(count(&states(&new).await?, "active") == before, "{:?}", states(&new).await?);
    let mut anne = anne.clone();
    anne.log_in().await?;
    ensure!(state(&anne, &id).await? == "done");
    new.upload_and_sign("Kontrakt", &support::papers::fixture("cairo")).await?;
    world.client().get(&stop_link(world)?).await?.refused(410, "gone")?;
    Ok(())
});

journey!(where_the_company_has_two_administrators_both_agree_and_nobody_agrees_with_oneself, async |world| {
    let (bakery, ea) = story(world).await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let anne = &bakery.administrator;
    anne.http.post(&format!("/api/v1/companies/{}/administrators", bakery.id), &json!({"employee": bo.employee})).await?.expect(204)?;
    let mut bo = bo;
    bo.log_in().await?;
    let id = ask(anne, &bakery, &ea.employee).await?;
    world.settle().await;
    ensure!(state(anne, &id).await? == "asked");
    ensure!(world.mailbox.link_to("bo@bageri.example.dk", "/reissues").is_some(), "Bo is told");
    let send = json!({"vouched": "by_letter"});
    anne.http.post(&path(&id, "/invitation"), &send).await?.refused(409, "conflict")?;
    anne.http.post(&path(&id, "/approval"), &Value::Null).await?.refused(403, "forbidden")?;
    ea.http.get("/api/v1/session").await?.expect(200)?;
    let tries = join_all((0..4).map(async |_| bo.http.post(&path(&id, "/approval"), &Value::Null).await)).await;
    let statuses: Vec<_> = tries.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect::<Result<_, _>>()?;
    ensure!(statuses.iter().filter(|status| **status == 204).count() == 1, "{statuses:?}");
    bo.http.post(&path(&id, "/invitation"), &send).await?.refused(403, "forbidden")?;
    let tries = join_all((0..4).map(async |_| anne.http.post(&path(&id, "/invitation"), &send).await)).await;
    let sent = tries.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().filter(|answer| answer.status == 200).count();
    ensure!(sent == 1, "sent {sent} times");
    // Nobody replaces their own password this way, and there is one at a time.
    anne.http.post("/api/v1/reissues", &json!({"company": bakery.id, "employee": anne.employee})).await?.refused(403, "forbidden")?;
    anne.http.post("/api/v1/reissues", &json!({"company": bakery.id, "employee": ea.employee})).await?.refused(409, "already-done")?;
    Ok(())
});

journey!(the_mailed_link_stops_it_by_a_post_alone_and_the_old_password_works_again, async |world| {
    let (bakery, mut ea) = story(world).await?;
    let id = sent(world, &bakery, &ea).await?;
    let browser = Visitor::new(&world.client(), "da");
    let link = stop_link(world)?;
    let page = browser.get(&link).await?.expect(200)?;
    ensure!(state(&bakery.administrator, &id).await? == "sent", "opening the link changed something");
    browser.submit(&page, &link, &[]).await?.expect(200)?;
    ensure!(state(&bakery.administrator, &id).await? == "cancelled");
    browser.get(&link).await?.expect(410)?;
    ea.log_in().await?;
    ea.upload_and_sign("Kontrakt", &support::papers::fixture("cairo")).await?;
    let (gone, temporary) = post_for(world, EA, "Ea Eng")?;
    Person::try_activate(&world.client(), &gone, Some(&temporary), EA_ID).await?.refused(410, "gone")?;
    Ok(())
});

journey!(stopped_after_the_new_password_was_chosen_that_one_ends_and_no_certificate_follows, async |world| {
    let (bakery, ea) = story(world).await?;
    let id = sent(world, &bakery, &ea).await?;
    let intruder = chosen(world).await?;
    let browser = Visitor::new(&world.client(), "da");
    let link = stop_link(world)?;
    let page = browser.get(&link).await?.expect(200)?;
    browser.submit(&page, &link, &[]).await?.expect(200)?;
    intruder.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    world.pass(Duration::hours(25)).await;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    let seen = anne.http.get("/api/v1/certificates").await?.expect(200)?.items();
    ensure!(seen.iter().all(|one| one["state"] != "intended"), "{seen:?}");
    // One administrator alone does not just send another invitation; asking anew is the way.
    let invitation = format!("/api/v1/companies/{}/employees/{}/invitation", bakery.id, ea.employee);
    anne.http.post(&invitation, &json!({"vouched": "by_letter"})).await?.refused(409, "conflict")?;
    ensure!(state(&anne, &id).await? == "cancelled");
    let again = ask(&anne, &bakery, &ea.employee).await?;
    anne.http.post(&path(&again, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    chosen(world).await?;
    Ok(())
});

journey!(a_phone_of_before_lets_the_certificates_go_at_once_and_a_newer_one_does_not, async |world| {
    let (bakery, mut ea) = story(world).await?;
    let phone = ea.pair_phone("Eas telefon").await?;
    world.clock.advance(Duration::hours(25));
    let mut bakery = bakery;
    bakery.administrator.log_in().await?;
    ea.log_in().await?;
    let id = sent(world, &bakery, &ea).await?;
    let new = chosen(world).await?;
    ensure!(count(&states(&new).await?, "active") == 0);
    let asked = new.ask_phone(&path(&id, "/phone-question"), &Value::Null).await?;
    phone.says_yes(&asked.number).await?;
    new.http.post(&path(&id, "/phone-approval"), &json!({"approval": asked.approval})).await?.expect(204)?;
    ensure!(count(&states(&new).await?, "active") > 0, "{:?}", states(&new).await?);
    ensure!(state(&bakery.administrator, &id).await? == "done");
    Ok(())
});

journey!(handed_over_it_is_shown_once_to_who_saw_a_document_and_a_newer_one_ends_it, async |world| {
    let (bakery, ea) = story(world).await?;
    let anne = &bakery.administrator;
    let id = ask(anne, &bakery, &ea.employee).await?;
    anne.http.post(&path(&id, "/invitation"), &json!({"vouched": "in_person"})).await?.refused(422, "invalid")?;
    ea.http.get("/api/v1/session").await?.expect(200)?;
    let body = json!({"vouched": "in_person", "documents": [passport()]});
    let shown = anne.http.post(&path(&id, "/invitation"), &body).await?.expect(200)?;
    let first = shown.string("/temporary_password");
    ensure!(shown.header("cache-control") == "no-store" && !first.is_empty());
    world.settle().await;
    let old = world.mailbox.link_to(EA, "/activate/").context("no link")?;
    // Sent again by the one who asked, and not within a minute; renewing an invitation is no way around it.
    let invitation = format!("/api/v1/companies/{}/employees/{}/invitation", bakery.id, ea.employee);
    anne.http.post(&invitation, &json!({"vouched": "in_person"})).await?.refused(409, "conflict")?;
    anne.http.post(&path(&id, "/invitation"), &json!({"vouched": "in_person"})).await?.refused(409, "already-done")?;
    world.clock.advance(Duration::minutes(1));
    let second = anne.http.post(&path(&id, "/invitation"), &json!({"vouched": "in_person"})).await?.expect(200)?;
    let second = second.string("/temporary_password");
    world.settle().await;
    Person::try_activate(&world.client(), &old, Some(&first), EA_ID).await?.refused(410, "gone")?;
    let link = world.mailbox.link_to(EA, "/activate/").context("no link")?;
    Person::activate(&world.client(), &link, Some(&second), "ea.med.andet.id").await?;
    Ok(())
});

journey!(to_an_address_newer_than_three_days_nothing_is_asked_for, async |world| {
    let (bakery, ea) = story(world).await?;
    let anne = &bakery.administrator;
    let person = json!({"given_name": "Ea", "surname": "Eng", "email": "ea.ny@bageri.example.dk"});
    let address = format!("/api/v1/companies/{}/employees/{}/person", bakery.id, ea.employee);
    world.clock.advance(Duration::SECOND);
    send(anne.http.request(Method::PUT, &address).json(&person)).await?.expect(204)?;
    let body = json!({"company": bakery.id, "employee": ea.employee});
    anne.http.post("/api/v1/reissues", &body).await?.refused(409, "conflict")?;
    world.clock.advance(Duration::hours(73));
    let mut anne = anne.clone();
    anne.log_in().await?;
    anne.http.post("/api/v1/reissues", &body).await?.expect(201)?;
    world.settle().await;
    // The address of before is told too.
    ensure!(world.mailbox.link_to(EA, "/reissues/stop/").is_some());
    ensure!(world.mailbox.link_to("ea.ny@bageri.example.dk", "/reissues/stop/").is_some());
    Ok(())
});
