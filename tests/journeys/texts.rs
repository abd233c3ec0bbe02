//! Temporary passwords as text messages: through a gateway, or into the spool; never with the link, never to a number of yesterday; and the number
//! itself, in self-service and in files of people.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::send,
    journey,
    roles::{Company, Person, activation, invitation, post_for},
    texts::{TextGateway, Texted},
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

const EA: &str = "ea@bageri.example.dk";
const EA_ID: &str = "ea.bageri.example.dk";

/// A story on both engines, in a world whose gateway is the stand-in.
fn texting(story: impl AsyncFn(&World, &TextGateway) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let gateway = Arc::new(TextGateway::start());
        let setup = Setup { policy: gateway.settings(), ..Setup::on(engine) };
        run_in(setup, async |world| story(world, &gateway).await);
    }
}

fn by_text(telephone: &str) -> Value {
    let mut body = invitation("Ea", "Eng", EA);
    body["vouched"] = json!("by_text");
    body["telephone"] = json!(telephone);
    body
}

/// The temporary password in a text message.
fn code(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_owned()
}

async fn invited(world: &World, bakery: &Company, telephone: &str) -> anyhow::Result<String> {
    let answer = bakery.invite(&by_text(telephone)).await?.expect(201)?;
    world.settle().await;
    Ok(answer.string("/id"))
}

#[test]
fn a_temporary_password_goes_as_a_text_message_alone_and_works_with_the_mailed_link() {
    texting(async |world, gateway| {
        let (_, bakery) = world.bakery().await?;
        invited(world, &bakery, "12 34 56 78").await?;
        let texted = gateway.texted();
        let [Texted { from, to, text, .. }] = texted.as_slice() else { anyhow::bail!("{texted:?}") };
        ensure!(from == "Segl" && to == "+4512345678" && !text.contains("http") && !text.contains("Ea"), "{texted:?}");
        let link = world.mailbox.link_to(EA, "/activate/").context("no link")?;
        ensure!(world.mailbox.mails_to(EA).iter().all(|mail| !mail.text.contains(&code(text))), "the mail holds the temporary password");
        ensure!(world.mailbox.letters_to("Ea Eng").is_empty(), "a letter was sent too");
        Person::activate(&world.client(), &link, Some(&code(text)), EA_ID).await?;
        ensure!(gateway.faults().is_empty(), "{:?}", gateway.faults());
        Ok(())
    });
}

#[test]
fn what_the_gateway_refuses_stands_beside_the_person_and_is_sent_again() {
    texting(async |world, gateway| {
        let (_, bakery) = world.bakery().await?;
        gateway.instead(422);
        let id = invited(world, &bakery, "12 34 56 78").await?;
        ensure!(gateway.texted().is_empty());
        let undelivered = format!("{}/{id}/undelivered", bakery.employees());
        let listed = bakery.administrator.http.get(&undelivered).await?.expect(200)?.items();
        ensure!(listed.len() == 1, "{listed:?}");
        let again = format!("{undelivered}/{}/resending", listed[0]["id"].as_str().unwrap_or_default());
        bakery.administrator.http.post(&again, &Value::Null).await?.expect(202)?;
        world.settle().await;
        ensure!(gateway.texted().len() == 1);
        ensure!(bakery.administrator.http.get(&undelivered).await?.expect(200)?.items().is_empty());
        Ok(())
    });
}

#[test]
fn a_gateway_that_is_away_is_asked_again_and_the_message_comes_once() {
    texting(async |world, gateway| {
        let (_, bakery) = world.bakery().await?;
        gateway.instead(503);
        bakery.invite(&by_text("+45 87 65 43 21")).await?.expect(201)?;
        let tried = segl::commands::work::run_until_idle(&world.ground, &segl::app::work()).await;
        ensure!(tried.is_err() && gateway.texted().is_empty(), "{tried:?}");
        ensure!(!format!("{tried:?}").contains("8765"), "the number stands in the error: {tried:?}");
        world.pass(Duration::hours(1)).await;
        ensure!(gateway.texted().len() == 1 && gateway.texted()[0].to == "+4587654321");
        Ok(())
    });
}

#[test]
fn text_messages_go_to_the_named_countries_alone() {
    texting(async |world, gateway| {
        let (_, bakery) = world.bakery().await?;
        // A number of the kind that earns money for whoever has it texted, and a neighbour that nobody named.
        for telephone in ["+882 13 555 444 33", "+46 70 123 45 67"] {
            let refused = bakery.invite(&by_text(telephone)).await?;
            refused.refused(422, "invalid")?;
            ensure!(refused.pointers() == ["/telephone"], "{}", refused.text());
        }
        invited(world, &bakery, "+298 123456").await?;
        ensure!(gateway.texted().len() == 1 && gateway.texted()[0].to == "+298123456");
        Ok(())
    });
    for (engine, named) in [(EngineKind::Sqlite, true), (EngineKind::Postgres, false)] {
        let gateway = Arc::new(TextGateway::start());
        let countries = if named { "countries = [\"+46\"]\n" } else { "countries = [\"+45\"]\n" };
        let setup = Setup { policy: format!("{}{countries}", gateway.settings()), ..Setup::on(engine) };
        run_in(setup, async |world| {
            let (_, bakery) = world.bakery().await?;
            let status = bakery.invite(&by_text("+46 70 123 45 67")).await?.status.as_u16();
            ensure!(status == if named { 201 } else { 422 }, "{status}");
            // One that can be called, and not be texted where its country is not named.
            let status = bakery.invite(&by_text("12 34 56 78")).await?.status.as_u16();
            ensure!(status == if named { 422 } else { 201 }, "{status}");
            Ok(())
        });
    }
}

#[test]
fn so_many_text_messages_leave_within_a_day_and_no_more() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let gateway = Arc::new(TextGateway::start());
        let limits = "company_per_day = 3\nnumber_per_day = 2\n";
        let setup = Setup { policy: format!("{}{limits}", gateway.settings()), ..Setup::on(engine) };
        run_in(setup, async |world| {
            let (_, bakery) = world.bakery().await?;
            let id = invited(world, &bakery, "12 34 56 78").await?;
            let again = format!("{}/{id}/invitation", bakery.employees());
            let anne = &bakery.administrator.http;
            anne.post(&again, &json!({"vouched": "by_text"})).await?.expect(200)?;
            anne.post(&again, &json!({"vouched": "by_text"})).await?.refused(429, "too-many-tries")?;
            bakery.invite(&by_text("12 34 56 78")).await?.refused(429, "too-many-tries")?;
            // What was refused counts for nothing: another number gets the company's third.
            bakery.invite(&by_text("+45 87 65 43 21")).await?.expect(201)?;
            bakery.invite(&by_text("+45 87 65 43 22")).await?.refused(429, "too-many-tries")?;
            bakery.invite(&invitation("Ib", "Is", "ib@bageri.example.dk")).await?.expect(201)?;
            world.settle().await;
            ensure!(gateway.texted().len() == 3, "{:?}", gateway.texted());
            world.pass(Duration::hours(25)).await;
            let mut anne = bakery.administrator.clone();
            anne.log_in().await?;
            anne.http.post(&again, &json!({"vouched": "by_text"})).await?.expect(200)?;
            Ok(())
        });
    }
}

journey!(nobody_has_a_temporary_password_texted_without_a_fresh_proof, async |world| {
    let (_, bakery) = world.bakery().await?;
    let id = invited(world, &bakery, "12 34 56 78").await?;
    let again = format!("{}/{id}/invitation", bakery.employees());
    let texts = world.mailbox.texts_to("+4512345678").len();
    world.pass(Duration::minutes(6)).await;
    // A session that somebody took over: link and code would both go where they like.
    bakery.invite(&by_text("+45 87 65 43 21")).await?.refused(403, "prove-again")?;
    bakery.administrator.http.post(&again, &json!({"vouched": "by_text"})).await?.refused(403, "prove-again")?;
    world.settle().await;
    ensure!(world.mailbox.texts_to("+4587654321").is_empty() && world.mailbox.texts_to("+4512345678").len() == texts);
    bakery.administrator.prove().await?;
    bakery.administrator.http.post(&again, &json!({"vouched": "by_text"})).await?.expect(200)?;
    Ok(())
});

journey!(without_a_gateway_the_spool_takes_its_place_and_only_numbers_that_can_be_called_are_taken, async |world| {
    let (_, bakery) = world.bakery().await?;
    for (telephone, field) in [("", "/telephone"), ("1234", "/telephone"), ("+46 70 123 45 67", "/telephone")] {
        let refused = bakery.invite(&by_text(telephone)).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == [field], "{}", refused.text());
    }
    invited(world, &bakery, "+299 12 34 56").await?;
    let texts = world.mailbox.texts_to("+299123456");
    let [text] = texts.as_slice() else { anyhow::bail!("{texts:?}") };
    let link = world.mailbox.link_to(EA, "/activate/").context("no link")?;
    Person::activate(&world.client(), &link, Some(&code(&text.text)), EA_ID).await?;
    Ok(())
});

journey!(a_person_changes_the_number_after_a_proof_and_it_receives_no_secret_for_three_days, async |world| {
    let (_, bakery) = world.bakery().await?;
    invited(world, &bakery, "12345678").await?;
    let text = world.mailbox.texts_to("+4512345678").into_iter().next().context("no text")?;
    let link = world.mailbox.link_to(EA, "/activate/").context("no link")?;
    let mut ea = Person::activate(&world.client(), &link, Some(&code(&text.text)), EA_ID).await?;
    let change = async |ea: &Person, telephone: &str| {
        send(ea.http.request(Method::PUT, "/api/v1/session/telephone").json(&json!({"telephone": telephone}))).await
    };
    world.clock.advance(Duration::minutes(6));
    change(&ea, "87654321").await?.refused(403, "prove-again")?;
    ea.log_in().await?;
    change(&ea, "hemmeligt").await?.refused(422, "invalid")?;
    change(&ea, "87 65 43 21").await?.expect(204)?;
    world.settle().await;
    let shown = ea.http.get("/api/v1/session/telephone").await?.expect(200)?;
    ensure!(shown.string("/telephone").ends_with("21") && !shown.text().contains("8765"), "{}", shown.text());
    for number in ["+4512345678", "+4587654321"] {
        let told = world.mailbox.texts_to(number);
        ensure!(told.iter().any(|text| text.text.contains("21") && !text.text.contains("8765")), "{number}: {told:?}");
    }
    ensure!(world.mailbox.mails_to(EA).iter().any(|mail| mail.subject == "Dit telefonnummer er ændret"));
    // A new password by text message waits until the number is old enough.
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    let body = json!({"company": bakery.id, "employee": ea.employee});
    let id = anne.http.post("/api/v1/reissues", &body).await?.expect(201)?.string("/id");
    let send_it = format!("/api/v1/reissues/{id}/invitation");
    anne.http.post(&send_it, &json!({"vouched": "by_text"})).await?.refused(409, "conflict")?;
    world.clock.advance(Duration::hours(73));
    anne.log_in().await?;
    anne.http.post(&send_it, &json!({"vouched": "by_text"})).await?.expect(200)?;
    world.settle().await;
    let new = world.mailbox.texts_to("+4587654321").into_iter().next().context("no text")?;
    let link = world.mailbox.link_to(EA, "/activate/").context("no link")?;
    Person::activate(&world.client(), &link, Some(&code(&new.text)), EA_ID).await?;
    Ok(())
});

journey!(whoever_activates_says_the_number_and_another_than_the_company_said_is_told_to_both, async |world| {
    let (_, bakery) = world.bakery().await?;
    let activate = async |email: &str, name: &str, typed: &str| {
        let (link, temporary) = post_for(world, email, name)?;
        let user_id = email.replace('@', ".");
        let mut body = activation(link.rsplit('/').next().unwrap_or_default(), Some(&temporary), &user_id);
        body["telephone"] = json!(typed);
        world.client().post("/api/v1/activations", &body).await
    };
    bakery.invite(&invitation("Ib", "Is", "ib@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    for wrong in ["1234", "+46 70 123 45 67"] {
        let refused = activate("ib@bageri.example.dk", "Ib Is", wrong).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/telephone"], "{}", refused.text());
    }
    activate("ib@bageri.example.dk", "Ib Is", "+298 123456").await?.expect(201)?;
    world.settle().await;
    ensure!(
        world.mailbox.mails_to("ib@bageri.example.dk").iter().all(|mail| mail.subject != "Dit telefonnummer er ændret"),
        "it is the first"
    );

    // The company said another number: both are told of the change, and the mail address.
    let mut body = invitation("Ea", "Eng", EA);
    body["telephone"] = json!("12345678");
    bakery.invite(&body).await?.expect(201)?;
    world.settle().await;
    let link = world.mailbox.link_to(EA, "/activate/").context("no link")?;
    let page = world.client().get(&link).await?.expect(200)?.text();
    ensure!(page.contains("name=\"telephone\"") && page.contains("78") && !page.contains("12345678"), "{page}");
    activate(EA, "Ea Eng", "87 65 43 21").await?.expect(201)?;
    world.settle().await;
    for number in ["+4512345678", "+4587654321"] {
        ensure!(world.mailbox.texts_to(number).iter().any(|text| text.text.contains("21")), "{number}");
    }
    ensure!(world.mailbox.mails_to(EA).iter().any(|mail| mail.subject == "Dit telefonnummer er ændret"));
    let found = bakery.administrator.http.get(&bakery.employees()).await?.expect(200)?.items();
    let id = found.iter().find(|one| one["email"] == EA).and_then(|one| one["id"].as_str()).context("Ea is there")?.to_owned();
    let page =
        bakery.administrator.browser("en").await?.get(&format!("/companies/{}/employees/{id}", bakery.id)).await?.expect(200)?.text();
    ensure!(page.contains("\u{2022}21") && !page.contains("8765"), "{page}");
    Ok(())
});

journey!(an_administrator_changes_an_employees_number_after_a_proof_and_everybody_is_told, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut anne = bakery.administrator.clone();
    invited(world, &bakery, "12345678").await?;
    let text = world.mailbox.texts_to("+4512345678").into_iter().next().context("no text")?;
    let link = world.mailbox.link_to(EA, "/activate/").context("no link")?;
    let ea = Person::activate(&world.client(), &link, Some(&code(&text.text)), EA_ID).await?;
    let path = format!("{}/{}/telephone", bakery.employees(), ea.employee);
    let change =
        async |person: &Person, telephone: &str| send(person.http.request(Method::PUT, &path).json(&json!({"telephone": telephone}))).await;
    world.clock.advance(Duration::minutes(6));
    change(&anne, "87654321").await?.refused(403, "prove-again")?;
    anne.prove().await?;
    change(&anne, "hemmeligt").await?.refused(422, "invalid")?;
    change(&anne, "87 65 43 21").await?.expect(204)?;
    world.settle().await;
    ensure!(ea.http.get("/api/v1/session/telephone").await?.expect(200)?.string("/telephone").ends_with("21"));
    for number in ["+4512345678", "+4587654321"] {
        ensure!(world.mailbox.texts_to(number).iter().any(|text| text.text.contains("21") && !text.text.contains("8765")), "{number}");
    }
    ensure!(world.mailbox.mails_to(EA).iter().any(|mail| mail.subject == "Dit telefonnummer er ændret"));
    // The new number gets no secret until it is three days old.
    let body = json!({"company": bakery.id, "employee": ea.employee});
    let id = anne.http.post("/api/v1/reissues", &body).await?.expect(201)?.string("/id");
    anne.http.post(&format!("/api/v1/reissues/{id}/invitation"), &json!({"vouched": "by_text"})).await?.refused(409, "conflict")?;
    // On the page, by whoever administers this company alone.
    let browser = anne.browser("da").await?;
    anne.prove_in(&browser).await?;
    let form = format!("/companies/{}/employees/{}/telephone", bakery.id, ea.employee);
    let page = browser.get(&form).await?.expect(200)?;
    ensure!(page.text().contains("Skift telefonnummer") && !page.text().contains("8765"), "{}", page.text());
    let wrong = browser.submit(&page, &form, &[("telephone", "1234")]).await?.expect(422)?.text();
    ensure!(wrong.contains("id=\"telephone-error\""), "{wrong}");
    let done = browser.submit(&page, &form, &[("telephone", "+299 12 34 56")]).await?.expect(303)?.header("location");
    ensure!(browser.get(&done).await?.expect(200)?.text().contains("Telefonnummeret er gemt"));
    ea.prove().await?;
    change(&ea, "11 11 11 11").await?.refused(403, "forbidden")?;
    anne.log_in().await?;
    anne.http.delete(&format!("{}/{}", bakery.employees(), ea.employee)).await?.expect(204)?;
    change(&anne, "11 11 11 11").await?.refused(409, "already-done")?;
    Ok(())
});
