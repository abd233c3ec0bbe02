//! A new key card: ordered by itself in good time, as its owner wants it, taken into use with its first key; and so many extra ones.

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    card::PrintedCard,
    client::{Answer, send},
    journey,
    peers::poppler::page_count,
    roles::Person,
    visitor::{Visitor, between, hidden},
    world::World,
};
use time::Duration;

const BO: &str = "bo@bageri.example.dk";
const PREFERENCES: &str = "/api/v1/keycard-preferences";

/// Orders an extra card and reads its sheet, as its owner does.
async fn extra(person: &Person) -> anyhow::Result<(Value, PrintedCard)> {
    let card = person.http.post("/api/v1/keycards", &Value::Null).await?.expect(201)?.json();
    let id = card["id"].as_str().context("an id")?;
    let sheet = person.http.get(&format!("/api/v1/keycards/{id}/card.txt")).await?.expect(200)?;
    Ok((card, PrintedCard::read(&sheet.text())))
}

/// Has the card with this number asked instead.
async fn switch(world: &World, login: &str, number: &str) -> anyhow::Result<Answer> {
    world.client().post("/api/v1/logins/card", &json!({"login": login, "card_number": number})).await
}

/// How each card stands, newest first.
async fn states(person: &Person) -> anyhow::Result<Vec<(String, String)>> {
    let cards = person.http.get("/api/v1/keycards").await?.expect(200)?.items();
    let word = |card: &Value, name: &str| card[name].as_str().unwrap_or_default().to_owned();
    Ok(cards.iter().map(|card| (word(card, "number"), word(card, "state"))).collect())
}

async fn state_of(person: &Person, number: &str) -> anyhow::Result<String> {
    Ok(states(person).await?.into_iter().find(|(found, _)| found == number).context("no such card")?.1)
}

async fn prefer(person: &Person, order_at: i64, edition: &str) -> anyhow::Result<Answer> {
    send(person.http.request(Method::PUT, PREFERENCES).json(&json!({"order_at": order_at, "edition": edition}))).await
}

fn number(card: &Value) -> &str {
    card["number"].as_str().unwrap_or_default()
}

journey!(the_old_card_dies_with_the_first_key_of_the_new_one_and_extra_ones_stay, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let old = states(&bo).await?[0].0.clone();
    bo.prove().await?;
    let ((first, _), (second, printed)) = (extra(&bo).await?, extra(&bo).await?);
    // Until a key of another is used, the card in use is asked, and a question that is only put to another changes nothing.
    let (waiting, begun) = (bo.begin_log_in().await?, bo.begin_log_in().await?);
    let asked = switch(world, &begun.about, &format!(" {} ", number(&second).to_lowercase())).await?.expect(200)?;
    ensure!(asked.string("/card_number") == number(&second), "{}", asked.text());
    ensure!(state_of(&bo, &old).await? == "active");
    let same = switch(world, &begun.about, number(&second)).await?.expect(200)?;
    ensure!(same.string("/key_number") == asked.string("/key_number"), "each card keeps to its number");
    switch(world, &begun.about, number(&first)).await?.expect(200)?;
    let asked = switch(world, &begun.about, number(&second)).await?.expect(200)?;
    bo.answer_log_in(&begun, &bo.card.key(&begun.key_number)).await?.refused(403, "not-right")?;
    bo.answer_log_in(&begun, &printed.key(&asked.string("/key_number"))).await?.expect(201)?;
    ensure!(state_of(&bo, &old).await? == "replaced" && state_of(&bo, number(&first)).await? == "active", "{:?}", states(&bo).await?);
    bo.answer_log_in(&waiting, &bo.card.key(&waiting.key_number)).await?.refused(410, "gone")?;
    world.settle().await;
    let told: Vec<_> = world.mailbox.mails_to(BO).into_iter().filter(|mail| mail.subject == "Et nyt nøglekort er taget i brug").collect();
    ensure!(told.len() == 1 && told[0].text.contains(&old) && told[0].text.contains(number(&second)), "{told:?}");
    // From now on the new one is asked, and the dead one can be asked no more.
    bo.card = printed;
    bo.log_in().await?;
    let begun = bo.begin_log_in().await?;
    switch(world, &begun.about, &old).await?.refused(404, "not-found")?;
    let of_anne = states(&bakery.administrator).await?[0].0.clone();
    switch(world, &begun.about, &of_anne).await?.refused(404, "not-found")?;
    ensure!(switch(world, &begun.about, "A12").await?.expect(422)?.pointers() == ["/card_number"]);
    switch(world, "nothing", &of_anne).await?.refused(410, "gone")?;
    world.clock.advance(Duration::minutes(6));
    switch(world, &begun.about, number(&first)).await?.refused(410, "gone")
});

/// How the cards stand of which a key was used, and whose keys can be asked for.
async fn in_use(person: &Person) -> anyhow::Result<Vec<String>> {
    let cards = person.http.get("/api/v1/keycards").await?.expect(200)?.items();
    let used = cards.iter().filter(|card| card["state"] == "active" && !card["first_used_at"].is_null());
    Ok(used.map(|card| number(card).to_owned()).collect())
}

journey!(of_keys_of_two_cards_at_once_one_card_stays_in_use, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    bo.prove().await?;
    for round in 0..3 {
        // A log-in and a proof are two questions, here of two cards.
        let used = in_use(&bo).await?;
        let ((left, left_keys), (right, right_keys)) = (extra(&bo).await?, extra(&bo).await?);
        let begun = bo.begin_log_in().await?;
        let asked = switch(world, &begun.about, number(&left)).await?.expect(200)?.string("/key_number");
        let proof = bo.http.post("/api/v1/session/proof", &json!({"password": bo.password})).await?.expect(201)?.string("/challenge");
        let other = switch(world, &proof, number(&right)).await?.expect(200)?.string("/key_number");
        let answer = json!({"challenge": proof, "key": right_keys.key(&other)});
        let left_key = left_keys.key(&asked);
        let answers = (bo.answer_log_in(&begun, &left_key), bo.http.post("/api/v1/session/proof/answer", &answer));
        let (by_left, by_right) = tokio::try_join!(answers.0, answers.1)?;
        ensure!(by_left.status == 201 && by_right.status == 204, "{round}: {} {}", by_left.text(), by_right.text());
        let now = in_use(&bo).await?;
        ensure!(now.len() == 1 && (now[0] == number(&left) || now[0] == number(&right)), "{round}: {now:?}");
        ensure!(state_of(&bo, &used[0]).await? == "replaced", "{round}");
        let lost = if now[0] == number(&left) { number(&right) } else { number(&left) };
        ensure!(state_of(&bo, lost).await? == "replaced", "{round}: of two taken into use the first is dead");
    }
    Ok(())
});

journey!(the_next_card_comes_by_letter_when_its_owner_wants_it_in_the_print_its_owner_wants, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    world.clock.advance(Duration::minutes(6));
    ensure!(bo.http.get(PREFERENCES).await?.expect(200)?.json() == json!({"order_at": 20, "edition": "print"}));
    // Large print is for anybody; the number of keys needs a proof.
    prefer(&bo, 20, "large_print").await?.expect(200)?;
    prefer(&bo, 100, "large_print").await?.refused(403, "prove-again")?;
    bo.prove().await?;
    for (order_at, edition) in [(4, "print"), (101, "print"), (20, "enormous")] {
        prefer(&bo, order_at, edition).await?.refused(422, "invalid")?;
    }
    prefer(&bo, 100, "large_print").await?.expect(200)?;
    let coming = "Dit næste nøglekort er på vej til dig";
    loop {
        bo.prove().await?;
        let left = bo.http.get("/api/v1/keycards").await?.items()[0]["keys_left"].as_i64().context("a count")?;
        world.settle().await;
        let told = world.mailbox.mails_to(BO).iter().filter(|mail| mail.subject == coming).count();
        ensure!(told == usize::from(left <= 100), "at {left} left: {told}");
        if left <= 100 {
            break;
        }
    }
    bo.prove().await?;
    world.settle().await;
    ensure!(states(&bo).await?.len() == 2, "one is ordered, not one with every key");
    let letter =
        world.mailbox.letters_to("Bo Bager").into_iter().find(|letter| letter.subject == "Dit næste nøglekort").context("no letter")?;
    let printed = PrintedCard::read(&letter.text.replace("   ", "\n"));
    ensure!(printed.pairs() == 148, "{} pairs", printed.pairs());
    let spool = world.plot().data().join("spool");
    let pages = page_count(&letter.path(&spool)).await;
    ensure!(pages == 4, "a page for the window, three in large print: {pages}");
    let (new, old) = (states(&bo).await?[0].0.clone(), states(&bo).await?[1].0.clone());
    let begun = bo.begin_log_in().await?;
    let asked = switch(world, &begun.about, &new).await?.expect(200)?;
    bo.answer_log_in(&begun, &printed.key(&asked.string("/key_number"))).await?.expect(201)?;
    ensure!(state_of(&bo, &old).await? == "replaced");
    // Whoever wants it at 100 while fewer are left has it ordered at once, and large print stays at an order by the administrator.
    bakery.administrator.prove().await?;
    let path = format!("/api/v1/companies/{}/employees/{}/keycards", bakery.id, bo.employee);
    bakery.administrator.http.post(&path, &json!({"lost": false})).await?.expect(201)?;
    world.settle().await;
    let letter =
        world.mailbox.letters_to("Bo Bager").into_iter().find(|letter| letter.subject == "Dit nye nøglekort").context("no letter")?;
    ensure!(page_count(&letter.path(&spool)).await == 4, "large print");
    Ok(())
});

journey!(three_extra_cards_in_self_service_ten_in_person_and_the_next_is_refused_in_words, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (anne, bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", BO).await?);
    bo.prove().await?;
    let race = (0..6).map(|_| bo.http.post("/api/v1/keycards", &Value::Null));
    let taken = try_join_all(race).await?.iter().filter(|answer| answer.status == 201).count();
    ensure!(taken == 3, "three beside the card in use: {taken}");
    let refused = bo.http.post("/api/v1/keycards", &Value::Null).await?;
    refused.refused(409, "conflict")?;
    ensure!(refused.text().contains("3 extra cards"), "{}", refused.text());
    anne.prove().await?;
    let path = format!("/api/v1/companies/{}/employees/{}/keycards", bakery.id, bo.employee);
    operator.0.prove().await?;
    operator.0.http.post(&path, &json!({"lost": false})).await?.expect(201)?;
    let wanted = json!({"lost": false});
    let race = (0..9).map(|_| anne.http.post(&path, &wanted));
    let taken = try_join_all(race).await?.iter().filter(|answer| answer.status == 201).count();
    ensure!(taken == 6, "ten in all beside the card in use: {taken}");
    let refused = anne.http.post(&path, &wanted).await?;
    refused.refused(409, "conflict")?;
    ensure!(refused.text().contains("10 extra cards"), "{}", refused.text());
    // With no usable card at all the limit holds too: the first becomes the card in use.
    let gone = bo.http.get("/api/v1/keycards").await?.items();
    for card in gone.iter().filter(|card| card["state"] == "active") {
        bo.http.delete(&format!("/api/v1/keycards/{}", card["id"].as_str().unwrap_or_default())).await?.expect(204)?;
    }
    let race = (0..8).map(|_| bo.http.post("/api/v1/keycards", &Value::Null));
    let taken = try_join_all(race).await?.iter().filter(|answer| answer.status == 201).count();
    ensure!(taken == 4, "one to be used and three extra: {taken}");
    // Blocked and ordered in a loop: ten that he ordered himself are enough for a day.
    for status in [201, 201, 201, 429] {
        let cards = bo.http.get("/api/v1/keycards").await?.items();
        let active = cards.iter().find(|card| card["state"] == "active").context("a card")?;
        bo.http.delete(&format!("/api/v1/keycards/{}", active["id"].as_str().unwrap_or_default())).await?.expect(204)?;
        let ordered = bo.http.post("/api/v1/keycards", &Value::Null).await?;
        ensure!(ordered.status == status, "{} {}", ordered.status, ordered.text());
        ensure!(status == 201 || ordered.text().contains("10 key cards within the last day"), "{}", ordered.text());
    }
    Ok(())
});

journey!(on_the_pages_without_script_a_person_says_how_cards_shall_be_and_answers_from_the_new_one, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    bo.prove().await?;
    let (card, printed) = extra(&bo).await?;
    let browser = bo.browser("da").await?;
    let path = "/account/keycards/preferences";
    ensure!(browser.get("/account").await?.expect(200)?.text().contains(path), "nobody finds the page");
    world.clock.advance(Duration::minutes(6));
    let page = browser.get(path).await?.expect(200)?;
    let kept = browser.submit(&page, path, &[("order_at", "20"), ("edition", "large_print")]).await?.expect(200)?.text();
    ensure!(kept.contains("Dine ønsker er gemt") && kept.contains("value=\"large_print\" checked"), "{kept}");
    let wrong = browser.submit(&page, path, &[("order_at", "200"), ("edition", "print")]).await?.expect(422)?.text();
    ensure!(wrong.contains("Skriv et tal fra 5 til 100."), "{wrong}");
    browser.submit(&page, path, &[("order_at", "20")]).await?.expect(422)?;
    let led = browser.submit(&page, path, &[("order_at", "30"), ("edition", "print")]).await?.expect(303)?.header("location");
    ensure!(led.starts_with("/account/prove"), "{led}");
    // The proof is shown from the new card: it is taken into use.
    let page = browser.get("/account/prove").await?.expect(200)?;
    browser.submit(&page, "/account/prove", &[("password", &bo.password), ("next", path)]).await?.expect(303)?;
    let page = browser.get("/account/prove/key").await?.expect(200)?;
    ensure!(page.text().contains("Har du fået et nyt nøglekort?"), "{}", page.text());
    let id = hidden(&page.text(), "card").context("no card is offered")?;
    ensure!(id == card["id"].as_str().unwrap_or_default());
    browser.submit(&page, "/account/prove/card", &[("card", &id), ("next", path)]).await?.expect(303)?;
    let page = browser.get("/account/prove/key").await?.expect(200)?;
    ensure!(between(&page.text(), "id=\"card-number\">", "<").as_deref() == Some(number(&card)));
    let asked = between(&page.text(), "id=\"key-number\">", "<").context("no key is asked")?;
    browser.submit(&page, "/account/prove/key", &[("key", &printed.key(&asked)), ("next", path)]).await?.expect(303)?;
    let page = browser.get(path).await?.expect(200)?;
    browser.submit(&page, path, &[("order_at", "30"), ("edition", "print")]).await?.expect(200)?;
    let account = browser.get("/account").await?.expect(200)?.text();
    ensure!(account.contains("Afløst af et nyere kort"), "{account}");
    // And on the way in, where the old one is offered no more.
    let visitor = Visitor::new(&world.client(), "da");
    let page = visitor.get("/login").await?.expect(200)?;
    visitor.submit(&page, "/login", &[("user_id", &bo.user_id), ("password", &bo.password)]).await?.expect(303)?;
    let page = visitor.get("/login/key").await?.expect(200)?;
    ensure!(!page.text().contains("/login/card"), "{}", page.text());
    let gone = visitor.submit(&page, "/login/card", &[("card", &bo.keycard), ("next", "")]).await?;
    gone.expect(404).map(drop)
});
