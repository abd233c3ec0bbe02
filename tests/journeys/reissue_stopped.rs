//! A forgotten password that somebody has replaced without its person's will: the person stops it, whatever was done meanwhile.

use anyhow::{Context as _, ensure};
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    roles::{Company, Person, post_for},
    visitor::Visitor,
    world::World,
};
use time::Duration;

use crate::reissue::{EA, EA_ID, ask, chosen, count, path, sent, state, states, stop_link, story};

const BO: &str = "bo@bageri.example.dk";

/// The person clicks the mailed link and presses the button.
async fn stop(world: &World) -> anyhow::Result<Answer> {
    let (browser, link) = (Visitor::new(&world.client(), "da"), stop_link(world)?);
    let page = browser.get(&link).await?.expect(200)?;
    browser.submit(&page, &link, &[]).await
}

fn suspension(bakery: &Company, employee: &str) -> String {
    format!("{}/{employee}/suspension", bakery.employees())
}

async fn suspend(by: &Person, bakery: &Company, employee: &str) -> anyhow::Result<()> {
    by.prove().await?;
    let request = by.http.request(Method::PUT, &suspension(bakery, employee)).json(&json!({"reason": "Mistanke"}));
    send(request).await?.expect(204).map(drop)
}

/// Whether the password is one that is asked further.
async fn password_works(person: &Person) -> anyhow::Result<bool> {
    let tried = json!({"user_id": person.user_id, "password": person.password, "device": person.device});
    Ok(person.http.without_token().post("/api/v1/logins", &tried).await?.status == 201)
}

async fn of_ea(administrator: &Person, ea: &Person) -> anyhow::Result<Vec<String>> {
    let all = administrator.http.get("/api/v1/certificates").await?.expect(200)?.items();
    let own = all.iter().filter(|one| one["employee"] == ea.employee.as_str());
    Ok(own.map(|one| one["state"].as_str().unwrap_or_default().to_owned()).collect())
}

async fn in_state(administrator: &Person, bakery: &Company, employee: &str) -> anyhow::Result<Value> {
    Ok(administrator.http.get(&format!("{}/{employee}", bakery.employees())).await?.expect(200)?.json()["state"].clone())
}

async fn appoint(administrator: &Person, bakery: &Company, employee: &str) -> anyhow::Result<()> {
    let path = format!("/api/v1/companies/{}/administrators", bakery.id);
    administrator.http.post(&path, &json!({"employee": employee, "post": "administrator"})).await?.expect(204).map(drop)
}

journey!(suspended_the_person_still_stops_it_and_has_no_password_when_that_is_lifted, async |world| {
    let (bakery, ea) = story(world).await?;
    let id = sent(world, &bakery, &ea).await?;
    let intruder = chosen(world).await?;
    let anne = &bakery.administrator;
    suspend(anne, &bakery, &ea.employee).await?;
    stop(world).await?.expect(200)?;
    ensure!(state(anne, &id).await? == "cancelled");
    ensure!(in_state(anne, &bakery, &ea.employee).await? == "suspended", "stopping lifts no suspension");
    world.pass(Duration::hours(25)).await;
    let mut anne = anne.clone();
    anne.log_in().await?;
    anne.prove().await?;
    anne.http.delete(&suspension(&bakery, &ea.employee)).await?.expect(204)?;
    world.settle().await;
    ensure!(in_state(&anne, &bakery, &ea.employee).await? == "invited", "there is no password to act with");
    ensure!(!password_works(&intruder).await?, "the stopped password works");
    let all = of_ea(&anne, &ea).await?;
    ensure!(count(&all, "active") == 0 && count(&all, "intended") == 0, "{all:?}");
    // Another is asked for, and nobody just renews the invitation.
    let invitation = format!("{}/{}/invitation", bakery.employees(), ea.employee);
    anne.http.post(&invitation, &json!({"vouched": "by_letter"})).await?.refused(409, "conflict")?;
    let again = ask(&anne, &bakery, &ea.employee).await?;
    anne.http.post(&path(&again, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    chosen(world).await?;
    Ok(())
});

journey!(while_somebody_is_suspended_nothing_that_waits_is_signed_and_the_link_stays, async |world| {
    let (bakery, ea) = story(world).await?;
    let id = sent(world, &bakery, &ea).await?;
    chosen(world).await?;
    suspend(&bakery.administrator, &bakery, &ea.employee).await?;
    world.pass(Duration::hours(25)).await;
    world.pass(Duration::minutes(2)).await;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    let all = of_ea(&anne, &ea).await?;
    ensure!(count(&all, "active") == 0 && count(&all, "intended") == 0, "{all:?}");
    ensure!(state(&anne, &id).await? == "waiting", "it is over behind a suspension");
    stop(world).await?.expect(200)?;
    Ok(())
});

journey!(stopped_and_sent_at_once_nothing_is_left_on_its_way, async |world| {
    let (bakery, mut ea) = story(world).await?;
    let anne = &bakery.administrator;
    let (browser, body) = (Visitor::new(&world.client(), "da"), json!({"vouched": "by_letter"}));
    for _ in 0..8 {
        let id = ask(anne, &bakery, &ea.employee).await?;
        world.settle().await;
        let link = stop_link(world)?;
        let page = browser.get(&link).await?.expect(200)?;
        let address = path(&id, "/invitation");
        let (given, stopped) = join(anne.http.post(&address, &body), browser.submit(&page, &link, &[])).await;
        stopped?.expect(200)?;
        ensure!(state(anne, &id).await? == "cancelled");
        world.settle().await;
        if given?.status == 200 {
            let (gone, temporary) = post_for(world, EA, "Ea Eng")?;
            Person::try_activate(&world.client(), &gone, Some(&temporary), EA_ID).await?.refused(410, "gone")?;
        }
        ensure!(in_state(anne, &bakery, &ea.employee).await? == "active", "she rests on, and it is stopped");
        ea.log_in().await?;
        anne.prove().await?;
    }
    Ok(())
});

journey!(stopped_while_it_is_chosen_the_new_password_does_not_last, async |world| {
    let (bakery, ea) = story(world).await?;
    let (browser, client) = (Visitor::new(&world.client(), "da"), world.client());
    let mut won = false;
    for _ in 0..4 {
        bakery.administrator.prove().await?;
        let id = sent(world, &bakery, &ea).await?;
        let (link, temporary) = post_for(world, EA, "Ea Eng")?;
        let stop = stop_link(world)?;
        let page = browser.get(&stop).await?.expect(200)?;
        let (activated, stopped) =
            join(Person::try_activate(&client, &link, Some(&temporary), EA_ID), browser.submit(&page, &stop, &[])).await;
        stopped?.expect(200)?;
        let activated = activated?;
        ensure!(activated.status == 201 || activated.status == 410, "{}", activated.text());
        won |= activated.status == 201;
        ensure!(state(&bakery.administrator, &id).await? == "cancelled");
        // The old one works for as long as none was chosen, and none does afterwards.
        let expected = if won { "invited" } else { "active" };
        ensure!(in_state(&bakery.administrator, &bakery, &ea.employee).await? == expected, "it was stopped: {expected}");
        ensure!(password_works(&ea).await? != won, "stopped, and the new password works");
    }
    world.pass(Duration::hours(25)).await;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    let all = of_ea(&anne, &ea).await?;
    ensure!(count(&all, "intended") == 0 && (!won || count(&all, "active") == 0), "{all:?}");
    Ok(())
});

journey!(while_certificates_wait_nobody_adds_a_phone_or_a_telephone, async |world| {
    let (bakery, ea) = story(world).await?;
    sent(world, &bakery, &ea).await?;
    let intruder = chosen(world).await?;
    intruder.prove().await?;
    intruder.http.post("/api/v1/phones", &Value::Null).await?.refused(409, "conflict")?;
    let telephone = intruder.http.request(Method::PUT, "/api/v1/session/telephone").json(&json!({"telephone": "+4520304050"}));
    send(telephone).await?.refused(409, "conflict")?;
    let browser = intruder.browser("da").await?;
    let page = browser.get("/account/phones").await?.expect(200)?;
    browser.submit(&page, "/account/phones", &[]).await?.expect(409)?;
    Ok(())
});

journey!(a_phone_that_came_with_the_stopped_password_ends_with_it, async |world| {
    let (bakery, ea) = story(world).await?;
    let own = ea.pair_phone("Eas telefon").await?;
    world.settle().await;
    sent(world, &bakery, &ea).await?;
    let mut intruder = chosen(world).await?;
    // The wait is over, and no round has looked yet.
    world.clock.advance(Duration::hours(25));
    intruder.log_in().await?;
    let foreign = intruder.pair_phone("En andens telefon").await?;
    stop(world).await?.expect(200)?;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    let again = ask(&anne, &bakery, &ea.employee).await?;
    anne.http.post(&path(&again, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    let new = chosen(world).await?;
    let phones = new.http.get("/api/v1/phones").await?.expect(200)?.items();
    let of = |name: &str| phones.iter().find(|phone| phone["name"] == name).map(|phone| phone["state"].clone()).context("no such phone");
    ensure!(of("En andens telefon")? == "blocked" && of("Eas telefon")? == "active", "{phones:?}");
    foreign.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    own.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    Ok(())
});

journey!(what_was_agreed_to_for_one_is_nobody_elses_permit_and_lapses_within_a_week, async |world| {
    let (bakery, mut ea) = story(world).await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    appoint(&bakery.administrator, &bakery, &bo.employee).await?;
    let (mut anne, mut bo) = (bakery.administrator.clone(), bo);
    bo.log_in().await?;
    let id = ask(&bo, &bakery, &ea.employee).await?;
    anne.prove().await?;
    anne.http.post(&path(&id, "/approval"), &Value::Null).await?.expect(204)?;
    bo.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    let (link, temporary) = post_for(world, EA, "Ea Eng")?;
    let first = bo.http.get(&path(&id, "")).await?.expect(200)?.string("/certificates_from");
    world.clock.advance(Duration::minutes(2));
    anne.prove().await?;
    let invitation = format!("{}/{}/invitation", bakery.employees(), ea.employee);
    anne.http.post(&invitation, &json!({"vouched": "by_letter"})).await?.refused(409, "conflict")?;
    anne.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.refused(403, "forbidden")?;
    // Sent again by the one who asked, a day later, certificates wait a day from then on.
    world.pass(Duration::hours(23)).await;
    bo.log_in().await?;
    bo.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    Person::try_activate(&world.client(), &link, Some(&temporary), EA_ID).await?.refused(410, "gone")?;
    world.pass(Duration::hours(2)).await;
    bo.log_in().await?;
    let shown = bo.http.get(&path(&id, "")).await?.expect(200)?;
    ensure!(shown.string("/certificates_from") > first && shown.string("/state") == "sent", "{}", shown.text());
    // An address of yesterday gets nothing.
    let person = json!({"given_name": "Ea", "surname": "Eng", "email": "ea.ny@bageri.example.dk"});
    anne.log_in().await?;
    let address = format!("{}/{}/person", bakery.employees(), ea.employee);
    send(anne.http.request(Method::PUT, &address).json(&person)).await?.expect(204)?;
    bo.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.refused(409, "conflict")?;
    // A week after the old password stopped it works again, and nothing is sent any more.
    world.pass(Duration::days(7)).await;
    world.pass(Duration::minutes(2)).await;
    bo.log_in().await?;
    ensure!(state(&bo, &id).await? == "lapsed");
    bo.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.refused(410, "gone")?;
    ea.log_in().await?;
    Ok(())
});

journey!(whoever_suspends_the_other_administrator_waits_nearly_two_days_and_all_are_told, async |world| {
    let (bakery, ea) = story(world).await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let anne = &bakery.administrator;
    appoint(anne, &bakery, &bo.employee).await?;
    suspend(anne, &bakery, &bo.employee).await?;
    let id = ask(anne, &bakery, &ea.employee).await?;
    world.settle().await;
    ensure!(state(anne, &id).await? == "approved", "nobody can agree");
    let told = world.mailbox.mails_to(BO).into_iter().any(|mail| mail.text.contains("Ea Eng") && mail.text.contains("47"));
    ensure!(told, "Bo is suspended, and told");
    anne.http.post(&path(&id, "/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    let mut new = chosen(world).await?;
    world.pass(Duration::hours(46)).await;
    new.log_in().await?;
    ensure!(count(&states(&new).await?, "active") == 0, "a certificate came after a day");
    world.pass(Duration::hours(1)).await;
    world.pass(Duration::minutes(2)).await;
    new.log_in().await?;
    ensure!(count(&states(&new).await?, "active") > 0, "{:?}", states(&new).await?);
    Ok(())
});

journey!(the_person_reads_what_was_done_about_the_password, async |world| {
    let (bakery, ea) = story(world).await?;
    sent(world, &bakery, &ea).await?;
    let new = chosen(world).await?;
    let lines = new.http.get("/api/v1/history?kind=account").await?.expect(200)?.items();
    let seen: Vec<&str> = lines.iter().filter_map(|line| line["action"].as_str()).collect();
    for wanted in ["reissue.asked", "reissue.given", "employee.rests", "account.rests"] {
        ensure!(seen.contains(&wanted), "{wanted} is not shown: {seen:?}");
    }
    Ok(())
});
