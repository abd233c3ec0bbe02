//! A key card is lost: its owner blocks it without logging in, and the administrator orders another, which comes by letter.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    card::PrintedCard,
    client::send,
    journey,
    roles::{Company, Person},
    visitor::Visitor,
    world::World,
};
use time::Duration;

const BO: &str = "bo@bageri.example.dk";

async fn number(person: &Person) -> anyhow::Result<String> {
    let cards = person.http.get("/api/v1/keycards").await?.expect(200)?.items();
    Ok(cards.first().context("a card")?["number"].as_str().context("its number")?.to_owned())
}

fn lost(user_id: &str, number: &str) -> Value {
    json!({"user_id": user_id, "number": number})
}

fn cards_of(bakery: &Company, person: &Person) -> String {
    format!("/api/v1/companies/{}/employees/{}/keycards", bakery.id, person.employee)
}

/// The keys on the letter that came last.
fn letter(world: &World, name: &str) -> anyhow::Result<PrintedCard> {
    let letter = world.mailbox.letters_to(name).into_iter().find(|letter| letter.subject == "Dit nye nøglekort");
    Ok(PrintedCard::read(&letter.context("no card came by letter")?.text.replace("   ", "\n")))
}

journey!(a_lost_card_is_blocked_without_log_in_and_the_administrator_orders_another, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (anne, mut bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", BO).await?);
    let number = number(&bo).await?;
    let asked = bo.begin_log_in().await?;
    let typed = format!(" {}-{} {} ", number[..4].to_lowercase(), &number[4..7], &number[7..]);
    world.client().post("/api/v1/lost-keycards", &lost(&bo.user_id.to_uppercase(), &typed)).await?.expect(202)?;
    bo.answer_log_in(&asked, &bo.card.key(&asked.key_number)).await?.refused(410, "gone")?;
    let begun = json!({"user_id": bo.user_id, "password": bo.password});
    world.client().post("/api/v1/logins", &begun).await?.refused(403, "not-right")?;
    world.settle().await;
    let told = world.mailbox.mails_to(BO).into_iter().find(|mail| mail.subject == "Dit nøglekort er spærret").context("nobody told him")?;
    ensure!(told.text.contains(&number) && told.text.contains("/account"), "{}", told.text);

    world.clock.advance(Duration::minutes(6));
    let path = cards_of(&bakery, &bo);
    anne.http.post(&path, &json!({"lost": true})).await?.refused(403, "prove-again")?;
    anne.prove().await?;
    let ordered = anne.http.post_once(&path, &json!({"lost": true}), "et-kort").await?.expect(201)?;
    anne.http.post_once(&path, &json!({"lost": true}), "et-kort").await?.expect(201)?;
    anne.http.post(&path, &json!({"lost": true})).await?.refused(409, "conflict")?;
    world.settle().await;
    let mails = world.mailbox.mails_to(BO);
    let told = mails.iter().filter(|mail| mail.subject == "Dine nøglekort er spærret, og et nyt er på vej til dig").count();
    ensure!(told == 1 && mails.iter().any(|mail| mail.text.contains("Anne Ådal") && mail.text.contains(&ordered.string("/number"))));
    bo.card = letter(world, "Bo Bager")?;
    ensure!(bo.card.pairs() == 148 && !bo.card.keys().any(|key| ordered.text().contains(key)), "the administrator saw keys");
    bo.log_in().await?;
    let cards = bo.http.get("/api/v1/keycards").await?.items();
    let states: Vec<_> = cards.iter().map(|card| card["state"].as_str().unwrap_or_default()).collect();
    ensure!(states == ["active", "blocked"], "{states:?}");
    Ok(())
});

journey!(whoever_reports_a_lost_card_learns_nothing_and_does_so_ten_times_an_hour, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let (number, mails) = (number(&bo).await?, world.mailbox.all().len());
    let mut answers = BTreeSet::new();
    let anne = &bakery.administrator.user_id;
    let tried =
        [("nobody", number.as_str()), (anne, &number), (&bo.user_id, "A000000000"), ("<b>\u{0}", &number), (&"x".repeat(3000), &number)];
    for (user_id, number) in tried {
        let answer = world.client().post("/api/v1/lost-keycards", &lost(user_id, number)).await?;
        answers.insert((answer.status.as_u16(), answer.text()));
    }
    ensure!(answers == BTreeSet::from([(202, String::new())]), "{answers:?}");
    for (wrong, rule) in [("750159724", "letter"), ("G75015972", "nine"), ("G75015972X", "digits")] {
        let request = world.client().request(Method::POST, "/api/v1/lost-keycards").header("accept-language", "en");
        let refused = send(request.json(&lost(&bo.user_id, wrong))).await?.expect(422)?;
        ensure!(refused.pointers() == ["/number"] && refused.text().contains(rule), "{wrong}: {}", refused.text());
    }
    world.settle().await;
    ensure!(world.mailbox.all().len() == mails && bo.http.get("/api/v1/keycards").await?.items()[0]["state"] == "active");
    let race = (0..12).map(|_| async { world.client().post("/api/v1/lost-keycards", &lost("nobody", "A000000001")).await });
    let statuses: Vec<_> = futures_util::future::try_join_all(race).await?.iter().map(|answer| answer.status.as_u16()).collect();
    ensure!(statuses.iter().filter(|status| **status == 202).count() == 9, "of ten tries nine were left: {statuses:?}");
    // Who floods for one person keeps no other from blocking a card, up to a hundred tries of a network.
    for _ in 0..9 {
        world.client().post("/api/v1/lost-keycards", &lost(&bo.user_id, "A000000002")).await?.expect(202)?;
    }
    world.client().post("/api/v1/lost-keycards", &lost(&bo.user_id, &number)).await?.refused(429, "too-many-tries")?;
    let mut taken = 0;
    for turn in 0..100 {
        taken +=
            u32::from(world.client().post("/api/v1/lost-keycards", &lost(&format!("nobody{turn}"), "A000000003")).await?.status == 202);
    }
    ensure!((50..90).contains(&taken), "{taken} of a hundred");
    world.clock.advance(Duration::hours(1) + Duration::SECOND);
    world.client().post("/api/v1/lost-keycards", &lost(&bo.user_id, &number)).await?.expect(202)?;
    let begun = json!({"user_id": bo.user_id, "password": bo.password});
    world.client().post("/api/v1/logins", &begun).await?.refused(403, "not-right")
});

journey!(an_administrator_orders_for_her_own_people_who_are_there_and_not_without_end, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (anne, bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", BO).await?);
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let path = cards_of(&bakery, &bo);
    anne.prove().await?;
    ea.http.post(&path, &json!({"lost": false})).await?.refused(403, "forbidden")?;
    anne.http.post(&path, &json!({})).await?.expect(422)?;
    let race = (0..14).map(|_| async { anne.http.post(&path, &json!({"lost": false})).await });
    let answers = futures_util::future::try_join_all(race).await?;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    ensure!(taken == 10, "beside the card in use there are ten at most: {taken}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "conflict")?;
    }
    operator.0.http.post(&path, &json!({"lost": false})).await?.refused(409, "conflict")?;
    anne.http.delete(&format!("/api/v1/companies/{}/employees/{}", bakery.id, ea.employee)).await?.expect(204)?;
    anne.http.post(&cards_of(&bakery, &ea), &json!({"lost": false})).await?.refused(409, "conflict")
});

journey!(no_card_goes_to_a_name_or_address_of_the_last_three_days, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (anne, bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", BO).await?);
    let path = cards_of(&bakery, &bo);
    world.clock.advance(Duration::minutes(6));
    anne.prove().await?;
    let person = json!({"given_name": "Bo", "surname": "Bager", "email": "snyd@bageri.example.dk"});
    let of_bo = format!("/api/v1/companies/{}/employees/{}/person", bakery.id, bo.employee);
    send(anne.http.request(Method::PUT, &of_bo).json(&person)).await?.expect(204)?;
    anne.http.post(&path, &json!({"lost": true})).await?.refused(409, "conflict")?;
    ensure!(bo.http.get("/api/v1/keycards").await?.items()[0]["state"] == "active", "the refused order blocked a card");
    world.clock.advance(Duration::hours(72) + Duration::SECOND);
    let mut anne = anne.clone();
    anne.log_in().await?;
    anne.prove().await?;
    anne.http.post(&path, &json!({"lost": true})).await?.expect(201).map(drop)
});

journey!(on_the_pages_without_script_a_lost_card_is_blocked_and_another_ordered, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (anne, mut bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", BO).await?);
    let number = number(&bo).await?;
    let visitor = Visitor::new(&world.client(), "da");
    ensure!(visitor.get("/login").await?.expect(200)?.text().contains("href=\"/lost-card\""), "nobody finds the page");
    let page = visitor.get("/lost-card").await?.expect(200)?;
    let wrong = visitor.submit(&page, "/lost-card", &[("user_id", &bo.user_id), ("number", "12")]).await?.expect(422)?.text();
    ensure!(wrong.contains("begynder med et bogstav") && wrong.contains(&bo.user_id), "{wrong}");
    let sent = visitor.submit(&page, "/lost-card", &[("user_id", &bo.user_id), ("number", &number)]).await?.expect(200)?.text();
    ensure!(sent.contains("er det spærret nu"), "{sent}");
    ensure!(bo.http.get("/api/v1/keycards").await?.items()[0]["state"] == "blocked");
    world.clock.advance(Duration::minutes(2));
    let browser = anne.browser("da").await?;
    anne.prove_in(&browser).await?;
    let path = format!("/companies/{}/employees/{}", bakery.id, bo.employee);
    let page = browser.get(&path).await?.expect(200)?;
    let done = browser.submit(&page, &format!("{path}/keycards"), &[("lost", "yes")]).await?.expect(303)?;
    ensure!(browser.get(&done.header("location")).await?.expect(200)?.text().contains("Nøglekortet er bestilt"), "nothing says so");
    world.settle().await;
    bo.card = letter(world, "Bo Bager")?;
    bo.log_in().await
});
