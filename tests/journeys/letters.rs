//! Letters rest sealed in the print queue; an operator prints, posts, and notes what came back. What is on paper is all that its recipients get.

use std::path::Path;

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use support::{
    card::PrintedCard,
    peers::poppler::{page_count, text_of},
    roles::{Operator, Person, accept_agreement, company, invitation, nominee},
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

use crate::program::{rows, stands_in};

const BATCHES: &str = "/api/v1/letter-batches";

fn queued(engine: EngineKind) -> Setup {
    Setup { mail: "letters = \"queue\"".to_owned(), ..Setup::on(engine) }
}

#[test]
fn letters_are_printed_in_batches_of_one_class_and_posted_sqlite() {
    run_in(queued(EngineKind::Sqlite), async |world| story(world).await);
}

#[test]
fn letters_are_printed_in_batches_of_one_class_and_posted_postgres() {
    run_in(queued(EngineKind::Postgres), async |world| story(world).await);
}

/// How many letters of a class wait.
async fn waiting(olga: &Person, class: &str) -> anyhow::Result<i64> {
    let queue = olga.http.get(BATCHES).await?.expect(200)?.json();
    let found = queue["waiting"].as_array().into_iter().flatten().find(|one| one["class"] == class);
    found.and_then(|one| one["letters"].as_i64()).context("a count")
}

/// Makes a batch and prints it into a file. Gives its address.
pub async fn printed(olga: &Person, class: &str, file: &Path) -> anyhow::Result<String> {
    let made = olga.http.post(BATCHES, &json!({"class": class})).await?.expect(201)?;
    let address = made.header("location");
    let pdf = olga.http.get(&format!("{address}/letters.pdf")).await?.expect(200)?;
    ensure!(pdf.header("cache-control") == "no-store" && pdf.header("content-type") == "application/pdf");
    std::fs::write(file, &pdf.bytes)?;
    Ok(address)
}

/// The temporary password on a page.
pub fn code(page: &str) -> anyhow::Result<String> {
    let alone = |line: &&str| line.len() >= 8 && line.contains('-') && line.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    Ok(page.lines().map(str::trim).find(alone).with_context(|| format!("no code on {page}"))?.to_owned())
}

/// Whoever opens the mailed link with what stood on paper.
pub async fn join(world: &World, email: &str, code: &str) -> anyhow::Result<Person> {
    let link = world.mailbox.link_to(email, "/activate/").context("no link")?;
    let person = Person::activate(&world.client(), &link, Some(code), &email.replace('@', ".")).await?;
    world.settle().await;
    Ok(person)
}

async fn story(world: &World) -> anyhow::Result<()> {
    let operator = world.operator().await?;
    let olga = &operator.0;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("breve.pdf");
    let registration = company("Havnens Bageri ApS", "30808460");
    let bakery = operator.register(&registration).await?;
    world.settle().await;
    accept_agreement(&world.client(), &world.mailbox, "sigrid@30808460.example.dk", &nominee("anne@30808460.example.dk"))
        .await?
        .expect(200)?;
    world.settle().await;
    ensure!(world.mailbox.letters_to("Anne").is_empty() && waiting(olga, "password").await? == 1, "a letter lies readable in the spool");
    let address = printed(olga, "password", &file).await?;
    let anne = join(world, "anne@30808460.example.dk", &code(&text_of(&file, 1, 1).await)?).await?;
    posting(world, &operator, &address).await?;
    // Two of one class and one of another: they come into two batches, whoever prints at once.
    anne.prove().await?;
    let employees = format!("/api/v1/companies/{bakery}/employees");
    anne.http.post(&employees, &invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    anne.http.post(&employees, &invitation("Ea", "Eng", "ea@bageri.example.dk")).await?.expect(201)?;
    let path = format!("{employees}/{}/keycards", anne.employee);
    anne.http.post(&path, &json!({"lost": false})).await?.expect(201)?;
    // The first of Ea's two letters carries what works no more.
    let ea = anne.http.get(&format!("{employees}?name=Eng")).await?.items()[0]["id"].as_str().unwrap_or_default().to_owned();
    anne.http.post(&format!("{employees}/{ea}/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    ensure!(waiting(olga, "password").await? == 3 && waiting(olga, "card").await? == 1 && waiting(olga, "other").await? == 0);
    let resting = at_rest(world).await?;
    olga.prove().await?;
    let wanted = json!({"class": "password"});
    let race = (0..4).map(|_| olga.http.post(BATCHES, &wanted));
    let answers = try_join_all(race).await?;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    ensure!(made.len() == 1 && made[0].json()["letters"] == 3, "each letter is in one batch");
    let passwords = made[0].header("location");
    let pdf = olga.http.get(&format!("{passwords}/letters.pdf")).await?.expect(200)?.bytes;
    std::fs::write(&file, &pdf)?;
    ensure!(page_count(&file).await == 2, "a page for each letter that is worth one");
    let left_out = olga.http.get(&passwords).await?.expect(200)?.text().matches("\"left_out\"").count();
    ensure!(left_out == 1, "{left_out} letters were left out");
    ensure!(olga.http.get(&format!("{passwords}/letters.pdf")).await?.expect(200)?.bytes == pdf, "the same paper again");
    let pages = [text_of(&file, 1, 1).await, text_of(&file, 2, 2).await];
    let of_bo = pages.iter().find(|page| page.contains("Bo Bager")).context("Bo's letter")?;
    ensure!(!of_bo.contains("Ea Eng") && PrintedCard::read(of_bo).pairs() == 0);
    let codes = pages.iter().map(|page| code(page)).collect::<anyhow::Result<Vec<_>>>()?;
    ensure!(!codes.iter().any(|code| stands_in(&resting, &("temporary password", code.clone()))), "a temporary password rests readable");
    let bo = join(world, "bo@bageri.example.dk", &code(of_bo)?).await?;
    cards(world, &operator, (&anne, &bo), &employees, &resting).await?;
    pages_without_script(world, olga, &passwords).await?;
    refusals(&operator, &passwords).await?;
    forgotten(world, &operator, &passwords).await
}

/// A card on paper is its owner's second factor; a card that the operator ordered waits for another.
async fn cards(world: &World, operator: &Operator, (anne, bo): (&Person, &Person), employees: &str, resting: &[u8]) -> anyhow::Result<()> {
    let olga = &operator.0;
    let file = world.file("cards.pdf");
    // What Olga orders she does not print.
    olga.prove().await?;
    olga.http.post(&format!("{employees}/{}/keycards", bo.employee), &json!({"lost": false})).await?.expect(201)?;
    world.settle().await;
    ensure!(waiting(olga, "card").await? == 2);
    let cards = printed(olga, "card", &file).await?;
    ensure!(page_count(&file).await == 2 && text_of(&file, 1, 1).await.contains("Anne Ådal"));
    let keys = four_columns(&text_of(&file, 2, 2).await);
    ensure!(keys.pairs() == 148, "{} pairs", keys.pairs());
    ensure!(!keys.keys().any(|key| stands_in(resting, &("key", key.to_owned()))), "a card rests readable");
    let own = olga.http.post(BATCHES, &json!({"class": "card"})).await?;
    own.refused(403, "forbidden")?;
    ensure!(own.text().contains("You ordered a letter"), "{}", own.text());
    let number = anne.http.get("/api/v1/keycards").await?.items()[0]["number"].clone();
    let begun = anne.begin_log_in().await?;
    let asked = world.client().post("/api/v1/logins/card", &json!({"login": begun.about, "card_number": number})).await?.expect(200)?;
    anne.answer_log_in(&begun, &keys.key(&asked.string("/key_number"))).await?.expect(201)?;
    olga.http.post(&format!("{cards}/posting"), &Value::Null).await?.expect(204)?;
    Ok(())
}

/// The list goes on behind any batch, and a month later nobody's name stands on a posted letter.
async fn forgotten(world: &World, operator: &Operator, passwords: &str) -> anyhow::Result<()> {
    let mut olga = operator.0.clone();
    let all = olga.http.get(BATCHES).await?.expect(200)?;
    let newest = all.string("/items/0/id");
    let rest = olga.http.get(&format!("{BATCHES}?after={newest}")).await?.expect(200)?.items();
    ensure!(all.json()["next"].is_null() && rest == all.items()[1..], "{rest:?}");
    world.pass(Duration::days(29)).await;
    olga.log_in().await?;
    ensure!(olga.http.get(passwords).await?.expect(200)?.text().contains("Bo Bager"));
    world.pass(Duration::days(2)).await;
    olga.log_in().await?;
    let shown = olga.http.get(passwords).await?.expect(200)?;
    ensure!(shown.json()["letters"] == json!([]), "{}", shown.text());
    Ok(())
}

/// A card of four columns, as poppler lays it out: three words a pair.
fn four_columns(page: &str) -> PrintedCard {
    let mut lines = String::new();
    for line in page.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.chunks(3).filter(|_| words.len().is_multiple_of(3)) {
            lines.push_str(&format!("{}: {}\n", pair[0], pair[1..].concat()));
        }
    }
    PrintedCard::read(&lines)
}

/// What rests before anything is printed: every row of the database, and every file of the spool.
async fn at_rest(world: &World) -> anyhow::Result<Vec<u8>> {
    let spool = world.plot().data().join("spool");
    ensure!(!spool.join("letters").exists(), "letters lie in the spool");
    let mut all = rows(world).await?;
    for file in std::fs::read_dir(&spool)? {
        all.extend(std::fs::read(file?.path())?);
    }
    ensure!(all.len() > 10_000, "little rests: {} bytes", all.len());
    Ok(all)
}

/// A batch is posted once, and cannot be printed any more; a letter comes back once.
async fn posting(world: &World, operator: &Operator, address: &str) -> anyhow::Result<()> {
    let olga = &operator.0;
    let shown = olga.http.get(address).await?.expect(200)?;
    let letter = shown.string("/letters/0/id");
    let back = format!("{address}/letters/{letter}/return");
    olga.http.post(&back, &Value::Null).await?.refused(404, "not-found")?;
    olga.http.post(&format!("{address}/posting"), &Value::Null).await?.expect(204)?;
    olga.http.post(&format!("{address}/posting"), &Value::Null).await?.refused(409, "conflict")?;
    olga.http.get(&format!("{address}/letters.pdf")).await?.refused(409, "conflict")?;
    olga.http.post(&back, &Value::Null).await?.expect(204)?;
    olga.http.post(&back, &Value::Null).await?.refused(404, "not-found")?;
    let shown = olga.http.get(address).await?.expect(200)?;
    ensure!(shown.string("/letters/0/state") == "returned" && shown.string("/letters/0/name") == "Anne Ådal", "{}", shown.text());
    ensure!(world.mailbox.letters_to("Anne").is_empty());
    Ok(())
}

/// The operator's pages.
async fn pages_without_script(world: &World, olga: &Person, passwords: &str) -> anyhow::Result<()> {
    let browser = olga.browser("da").await?;
    ensure!(browser.get("/").await?.expect(200)?.text().contains("href=\"/operations/letters\""), "nobody finds the page");
    let page = browser.get("/operations/letters").await?.expect(200)?;
    ensure!(page.text().contains("Breve, der skal udskrives"), "{}", page.text());
    let none = browser.submit(&page, "/operations/letters", &[("class", "other")]).await?.expect(409)?.text();
    ensure!(none.contains("Der venter ingen breve af den slags."), "{none}");
    let address = passwords.replace("/api/v1/letter-batches", "/operations/letters");
    let page = browser.get(&address).await?.expect(200)?;
    ensure!(page.text().contains("Bo Bager") && page.text().contains("letters.pdf"), "{}", page.text());
    browser.get(&format!("{address}/letters.pdf")).await?.expect(200)?;
    browser.submit(&page, &format!("{address}/posting"), &[]).await?.expect(303)?;
    let page = browser.get(&address).await?.expect(200)?;
    let (before, _) = page
        .text()
        .split_once("/return\"")
        .map(|(before, after)| (before.to_owned(), after.to_owned()))
        .context("no letter can come back")?;
    let back = before.rsplit('"').next().context("an address")?.to_owned();
    browser.submit(&page, &format!("{back}/return"), &[]).await?.expect(303)?;
    ensure!(browser.get(&address).await?.expect(200)?.text().contains("Kommet retur"));
    world.clock.advance(Duration::minutes(6));
    let led = browser.get(&format!("{address}/letters.pdf")).await?.expect(303)?.header("location");
    ensure!(led.starts_with("/account/prove"), "{led}");
    Ok(())
}

/// Who has not just proven himself prints nothing, and each refusal says why.
async fn refusals(operator: &Operator, passwords: &str) -> anyhow::Result<()> {
    let olga = &operator.0;
    olga.http.post(BATCHES, &json!({"class": "card"})).await?.refused(403, "prove-again")?;
    olga.http.get(&format!("{passwords}/letters.pdf")).await?.refused(403, "prove-again")?;
    olga.prove().await?;
    olga.http.post(BATCHES, &json!({"class": "money"})).await?.refused(422, "invalid")?;
    olga.http.get(&format!("{BATCHES}/{}/letters.pdf", uuid::Uuid::nil())).await?.refused(404, "not-found")?;
    let none = olga.http.post(BATCHES, &json!({"class": "other"})).await?;
    none.refused(409, "conflict")?;
    ensure!(none.text().contains("No letter of this class waits"), "{}", none.text());
    let posted = olga.http.get(&format!("{passwords}/letters.pdf")).await?;
    posted.refused(409, "conflict")?;
    ensure!(posted.text().contains("What it says is deleted"), "{}", posted.text());
    Ok(())
}

support::journey!(what_could_not_be_delivered_stands_beside_the_person_and_is_sent_again, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (anne, email) = (&bakery.administrator, "bo@bageri.example.dk");
    let invited = bakery.invite(&invitation("Bo", "Bager", email)).await?.expect(201)?;
    let employee = invited.header("location").rsplit('/').next().unwrap_or_default().to_owned();
    let recipient: segl::platform::id::RecipientId = serde_json::from_value(json!(employee))?;
    // The invitation waits; its recipient has no address at all when it is sent.
    move_away(world, recipient, None).await?;
    world.settle().await;
    let path = format!("/api/v1/companies/{}/employees/{employee}/undelivered", bakery.id);
    let list = anne.http.get(&path).await?.expect(200)?.items();
    let subjects: Vec<_> = list.iter().map(|one| one["subject"].as_str().unwrap_or_default()).collect();
    ensure!(subjects == ["Aktivér din medarbejdersignatur fra …"], "{subjects:?}");
    ensure!(world.mailbox.mails_to(email).is_empty());
    let browser = anne.browser("da").await?;
    let address = format!("/companies/{}/employees/{employee}", bakery.id);
    let page = browser.get(&address).await?.expect(200)?;
    ensure!(page.text().contains("Kunne ikke leveres"), "{}", page.text());
    move_away(world, recipient, Some(email)).await?;
    let again = format!("{address}/undelivered/{}/resending", list[0]["id"].as_str().unwrap_or_default());
    let done = browser.submit(&page, &again, &[]).await?.expect(303)?;
    ensure!(browser.get(&done.header("location")).await?.expect(200)?.text().contains("Beskeden sendes igen."));
    world.settle().await;
    ensure!(world.mailbox.mails_to(email).len() == 1, "it did not come");
    ensure!(anne.http.get(&path).await?.expect(200)?.items().is_empty());
    let id = list[0]["id"].as_str().unwrap_or_default();
    anne.http.post(&format!("{path}/{id}/resending"), &Value::Null).await?.refused(404, "not-found")
});

support::journey!(the_list_of_employees_shows_whom_something_could_not_be_delivered_to_until_it_is, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let shown = async |query: &str| {
        let items = anne.http.get(&format!("{}?{query}", bakery.employees())).await?.expect(200)?.items();
        Ok::<_, anyhow::Error>(items.iter().map(|item| item["given_name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>())
    };
    let (mut people, mut recipients) = (Vec::new(), Vec::new());
    for (given_name, surname) in [("Bo", "Bager"), ("Ea", "Eng"), ("Ib", "Is")] {
        let email = format!("{}@bageri.example.dk", given_name.to_lowercase());
        let id = bakery.invite(&invitation(given_name, surname, &email)).await?.expect(201)?.string("/id");
        recipients.push(serde_json::from_value(json!(id))?);
        people.push((id, email));
    }
    // Bo's and Ea's invitations find no address when they are sent.
    for recipient in &recipients[..2] {
        move_away(world, *recipient, None).await?;
    }
    world.settle().await;
    ensure!(shown("filter=undelivered").await? == ["Bo", "Ea"], "{:?}", shown("filter=undelivered").await?);
    ensure!(shown("filter=undelivered&name=en").await? == ["Ea"] && shown("filter=undelivered&name=is").await?.is_empty());
    ensure!(shown("filter=undelivered&by=email&name=bo%40").await? == ["Bo"]);
    let file = anne.http.get(&format!("{}.csv?filter=undelivered", bakery.employees())).await?.expect(200)?.text();
    ensure!(file.contains("ea@bageri.example.dk") && !file.contains("ib@bageri.example.dk"), "{file}");
    for (language, words) in [("da", "Mail, der ikke kunne leveres: 2"), ("en", "Mail that could not be delivered: 2")] {
        let browser = anne.browser(language).await?;
        let front = browser.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?.text();
        let href = format!("/companies/{}?filter=undelivered", bakery.id);
        ensure!(front.contains(words) && front.contains(&href), "{front}");
        let list = browser.get(&href).await?.expect(200)?.text();
        ensure!(list.contains("Bo Bager") && list.contains("Ea Eng") && !list.contains("Ib Is"), "{list}");
    }
    // Delivered, and left: neither needs anything.
    let (bo, email) = &people[0];
    move_away(world, recipients[0], Some(email)).await?;
    let path = format!("{}/{bo}/undelivered", bakery.employees());
    for message in anne.http.get(&path).await?.expect(200)?.items() {
        let again = format!("{path}/{}/resending", message["id"].as_str().unwrap_or_default());
        anne.http.post(&again, &Value::Null).await?.expect(202)?;
        // A letter may find no address still.
        world.settle().await;
    }
    let of_bo = anne.http.get(&path).await?.expect(200)?.items().len();
    ensure!(shown("filter=undelivered").await?.contains(&"Bo".to_owned()) == (of_bo > 0), "{of_bo} of Bo's are left");
    anne.prove().await?;
    anne.http.delete(&format!("{}/{}", bakery.employees(), people[1].0)).await?.expect(204)?;
    world.settle().await;
    ensure!(!shown("filter=undelivered").await?.contains(&"Ea".to_owned()), "whoever left needs nothing");
    Ok(())
});

/// Gives somebody another address, or none, as a row.
async fn move_away(world: &World, recipient: segl::platform::id::RecipientId, email: Option<&str>) -> anyhow::Result<()> {
    let mut reader = world.ground.database.read().await?;
    let found = segl::notices::contact(&mut reader, recipient).await?.context("a contact")?;
    drop(reader);
    let moved = segl::notices::Contact { email: email.map(str::to_owned), postal_address: None, ..found };
    let written = async |unit: &mut segl::platform::database::Unit| segl::notices::keep_contact(unit, &moved).await;
    world.ground.database.write::<_, segl::platform::database::DatabaseError, _>(written).await?;
    Ok(())
}
