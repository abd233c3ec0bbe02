//! CPR numbers: taken where the company said on what ground, kept by nobody, compared by one question.

use anyhow::ensure;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use support::{
    client::{Answer, Client, send},
    journey,
    roles::{Company, Person, company},
    world::{EngineKind, World},
};
use time::Duration;

/// Everybody is born on 17 May 1980.
const BOS: &str = "1705801234";
const ANOTHER: &str = "170580-2222";
const BO: &str = "bo@bageri.example.dk";
const LAW: &str = "Databeskyttelsesloven § 11, stk. 2, nr. 1";

async fn put(client: &Client, path: &str, body: &serde_json::Value) -> anyhow::Result<Answer> {
    send(client.request(Method::PUT, path).json(body)).await
}

fn subscription(company: &Company) -> String {
    format!("/api/v1/companies/{}/cpr-subscription", company.id)
}

async fn subscribe(company: &Company) -> anyhow::Result<()> {
    company.administrator.prove().await?;
    put(&company.administrator.http, &subscription(company), &json!({"ground": LAW})).await?.expect(204)?;
    Ok(())
}

async fn note(company: &Company, person: &Person, cpr: &str) -> anyhow::Result<Answer> {
    let path = format!("{}/{}/cpr-number", company.employees(), person.employee);
    put(&company.administrator.http, &path, &json!({"cpr": cpr})).await
}

async fn known(company: &Company, person: &Person) -> anyhow::Result<serde_json::Value> {
    let path = format!("{}/{}/cpr-number", company.employees(), person.employee);
    Ok(company.administrator.http.get(&path).await?.expect(200)?.json()["cpr"].clone())
}

async fn ask(client: &Client, company: &Company, person: &Person, cpr: &str) -> anyhow::Result<Answer> {
    client.post(&format!("{}/{}/cpr-match", company.employees(), person.employee), &json!({"cpr": cpr})).await
}

/// A program of the company's with one scope.
async fn program(world: &World, company: &Company, scope: &str) -> anyhow::Result<Client> {
    company.administrator.prove().await?;
    let body = json!({"name": "Journalsystemet", "scopes": [scope]});
    let made = company.administrator.http.post(&format!("/api/v1/companies/{}/api-keys", company.id), &body).await?.expect(201)?;
    Ok(world.client().with_token(&made.string("/key")))
}

journey!(without_a_subscription_no_number_is_taken_or_compared, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let anne = &bakery.administrator;
    anne.prove().await?;
    ensure!(anne.http.get(&subscription(&bakery)).await?.expect(200)?.json()["subscription"].is_null());
    for typed in [BOS, "nonsense"] {
        note(&bakery, &bo, typed).await?.refused(409, "conflict")?;
        ask(&anne.http, &bakery, &bo, typed).await?.refused(409, "conflict")?;
    }
    ensure!(known(&bakery, &bo).await?.is_null());
    // A file of people that names them is refused whole.
    let file = format!("Fornavn;Efternavn;E-mail;CPR\nEa;Eng;ea@bageri.example.dk;{BOS}\n");
    let sent = anne.http.post_bytes(&format!("/api/v1/companies/{}/imports?name=folk.csv", bakery.id), "text/csv", file.as_bytes()).await?;
    ensure!(sent.status == 422 && !sent.text().contains(BOS), "{} {}", sent.status, sent.text());

    for ground in ["", "   ", &"x".repeat(301)] {
        put(&anne.http, &subscription(&bakery), &json!({"ground": ground})).await?.refused(422, "invalid")?;
    }
    subscribe(&bakery).await?;
    put(&anne.http, &subscription(&bakery), &json!({"ground": LAW})).await?.refused(409, "already-done")?;
    ensure!(anne.http.get(&subscription(&bakery)).await?.expect(200)?.json()["subscription"]["ground"] == LAW);
    ask(&anne.http, &bakery, &bo, BOS).await?.refused(409, "conflict")?;
    note(&bakery, &bo, BOS).await?.expect(204)?;
    Ok(())
});

journey!(a_number_is_recognised_and_stands_nowhere, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    subscribe(&bakery).await?;
    note(&bakery, &bo, "170580-1234").await?.expect(204)?;
    world.settle().await;
    ensure!(known(&bakery, &bo).await? == "170580-xxxx", "by the day of birth alone");
    let journal = program(world, &bakery, "cpr:match").await?;
    for (typed, matches) in [(BOS, true), ("170580 1234", true), (ANOTHER, false)] {
        let answer = ask(&journal, &bakery, &bo, typed).await?.expect(200)?;
        ensure!(answer.json()["matches"] == matches, "{typed}: {}", answer.text());
        let answer = ask(&bakery.administrator.http, &bakery, &bo, typed).await?.expect(200)?;
        ensure!(answer.json()["matches"] == matches, "{typed}: {}", answer.text());
    }
    world.settle().await;

    let told = world.mailbox.mails_to(BO);
    ensure!(told.iter().any(|mail| mail.subject.contains("CPR")), "Bo is told");
    let mut texts: Vec<String> = told.into_iter().map(|mail| mail.text).collect();
    for action in ["cpr.noted", "cpr.asked", "cpr.subscribed"] {
        let found = operator.0.http.get(&format!("/api/v1/audit?action={action}")).await?.expect(200)?;
        ensure!(!found.items().is_empty(), "{action} stands in no audit");
        texts.push(found.text());
    }
    texts.push(bo.http.get("/api/v1/history").await?.expect(200)?.text());
    ensure!(texts.last().is_some_and(|log| log.contains("cpr.noted") && log.contains("cpr.asked")), "Bo reads who asked");
    texts.push(bakery.administrator.http.get(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(200)?.text());
    for text in &texts {
        ensure!(!text.contains(BOS) && !text.contains("170580-1234"), "{text}");
    }
    if world.engine == EngineKind::Sqlite {
        for file in ["segl.db", "segl.db-wal"] {
            let bytes = std::fs::read(world.file(file)).unwrap_or_default();
            for form in [BOS, "170580-1234", "170580 1234"] {
                ensure!(!bytes.windows(form.len()).any(|window| window == form.as_bytes()), "{form} stands in {file}");
            }
        }
    }
    Ok(())
});

journey!(what_is_no_number_of_this_person_is_refused_without_repeating_it, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    subscribe(&bakery).await?;
    let long = "1".repeat(500);
    let bad = ["", "170580", "170580-xxxx", "3113801234", "17058012345", "170580--234", "1805801234", "0101204123", "17058０1234", &long];
    for typed in bad {
        let answer = note(&bakery, &bo, typed).await?;
        ensure!(answer.status == 422 && answer.pointers() == ["/cpr"], "{typed}: {}", answer.text());
        ensure!(typed.is_empty() || !answer.text().contains(typed), "it is repeated: {}", answer.text());
    }
    let unread = json!({"cpr": 1_705_801_234});
    put(&bakery.administrator.http, &format!("{}/{}/cpr-number", bakery.employees(), bo.employee), &unread)
        .await?
        .refused(422, "invalid")?;

    // One person is one employee of a company; another company is another matter, and learns nothing.
    note(&bakery, &bo, BOS).await?.expect(204)?;
    note(&bakery, &bo, BOS).await?.expect(204)?;
    let twice = note(&bakery, &ea, BOS).await?;
    ensure!(twice.status == 422 && twice.pointers() == ["/cpr"], "{}", twice.text());
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let elsewhere = dairy.hire(world, "Bo", "Bager", "bo@mejeri.example.dk").await?;
    subscribe(&dairy).await?;
    note(&dairy, &elsewhere, BOS).await?.expect(204)?;

    // Who leaves is forgotten at once: the number is free for who comes back.
    bakery.administrator.prove().await?;
    bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(204)?;
    ensure!(known(&bakery, &bo).await?.is_null());
    note(&bakery, &bo, BOS).await?.refused(409, "already-done")?;
    note(&bakery, &ea, BOS).await?.expect(204)?;
    Ok(())
});

journey!(of_two_who_are_given_one_number_at_once_one_has_it, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    subscribe(&bakery).await?;
    let answers = join_all([&bo, &ea, &bo, &ea].map(|person| note(&bakery, person, BOS))).await;
    let answers = answers.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    ensure!(statuses.iter().all(|status| [204, 422].contains(status)), "{statuses:?}");
    let has = [known(&bakery, &bo).await?, known(&bakery, &ea).await?];
    ensure!(has.iter().filter(|one| !one.is_null()).count() == 1, "{has:?}");
    Ok(())
});

journey!(five_wrong_questions_a_day_are_answered, async |world| {
    let (_, mut bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    subscribe(&bakery).await?;
    note(&bakery, &bo, BOS).await?.expect(204)?;
    let journal = program(world, &bakery, "cpr:match").await?;
    for _ in 0..7 {
        ensure!(ask(&journal, &bakery, &bo, BOS).await?.expect(200)?.json()["matches"] == true, "right ones do not count");
    }
    let answers = join_all((0..12).map(|_| ask(&journal, &bakery, &bo, ANOTHER))).await;
    let answers = answers.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let answered = answers.iter().filter(|answer| answer.status == 200).count();
    ensure!(answered == 5 && answers.iter().all(|answer| [200, 429].contains(&answer.status.as_u16())), "{answered} were answered");
    ask(&journal, &bakery, &bo, BOS).await?.refused(429, "too-many-tries")?;
    ask(&bakery.administrator.http, &bakery, &bo, BOS).await?.refused(429, "too-many-tries")?;
    world.pass(Duration::hours(25)).await;
    bakery.administrator.log_in().await?;
    ensure!(ask(&journal, &bakery, &bo, BOS).await?.expect(200)?.json()["matches"] == true, "the day is over");
    Ok(())
});

journey!(numbers_are_the_administrators_and_go_with_the_subscription, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    subscribe(&bakery).await?;
    note(&bakery, &bo, BOS).await?.expect(204)?;
    let number = format!("{}/{}/cpr-number", bakery.employees(), bo.employee);
    // Bo himself, another company's administrator, a key with another scope, a key that only asks.
    put(&bo.http, &number, &json!({"cpr": BOS})).await?.refused(403, "forbidden")?;
    ask(&bo.http, &bakery, &bo, BOS).await?.refused(403, "forbidden")?;
    put(&dairy.administrator.http, &number, &json!({"cpr": BOS})).await?.refused(404, "not-found")?;
    ask(&dairy.administrator.http, &bakery, &bo, BOS).await?.refused(404, "not-found")?;
    let other = program(world, &bakery, "employees:write").await?;
    ask(&other, &bakery, &bo, BOS).await?.refused(403, "forbidden")?;
    let asks = program(world, &bakery, "cpr:match").await?;
    put(&asks, &number, &json!({"cpr": ANOTHER})).await?.refused(403, "forbidden")?;
    asks.get(&number).await?.refused(403, "forbidden")?;
    put(&asks, &subscription(&bakery), &json!({"ground": LAW})).await?.refused(403, "forbidden")?;

    world.clock.advance(Duration::minutes(6));
    note(&bakery, &bo, ANOTHER).await?.refused(403, "prove-again")?;
    let anne = &bakery.administrator;
    anne.http.delete(&number).await?.refused(403, "prove-again")?;
    anne.http.delete(&subscription(&bakery)).await?.refused(403, "prove-again")?;
    anne.prove().await?;
    anne.http.delete(&number).await?.expect(204)?;
    ask(&asks, &bakery, &bo, BOS).await?.refused(409, "conflict")?;
    note(&bakery, &bo, BOS).await?.expect(204)?;

    anne.http.delete(&subscription(&bakery)).await?.expect(204)?;
    anne.http.delete(&subscription(&bakery)).await?.refused(409, "already-done")?;
    ask(&asks, &bakery, &bo, BOS).await?.refused(409, "conflict")?;
    subscribe(&bakery).await?;
    ensure!(known(&bakery, &bo).await?.is_null(), "what was forgotten does not come back");
    Ok(())
});

journey!(on_the_pages_a_company_subscribes_and_an_administrator_notes_a_number, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let browser = bakery.administrator.browser("da").await?;
    let here = format!("/companies/{}/cpr-numbers", bakery.id);
    let number = format!("/companies/{}/employees/{}/cpr-number", bakery.id, bo.employee);
    ensure!(browser.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?.text().contains(&here));
    ensure!(browser.get(&number).await?.expect(200)?.text().contains("Virksomheden tager ikke imod CPR-numre"));
    let page = browser.get(&here).await?.expect(200)?;
    let again = browser.submit(&page, &here, &[("ground", "")]).await?;
    ensure!(again.status == 422 && again.text().contains("ground-error"), "{}", again.status);
    browser.submit(&page, &here, &[("ground", LAW)]).await?.expect(303)?;
    let page = browser.get(&number).await?.expect(200)?;
    let wrong = browser.submit(&page, &number, &[("cpr", "1805801234")]).await?;
    ensure!(wrong.status == 422 && wrong.text().contains("passer ikke med den fødselsdato"), "{}", wrong.status);
    ensure!(!wrong.text().contains("1805801234"), "what was typed is not shown again");
    let done = browser.submit(&page, &number, &[("cpr", BOS)]).await?.expect(303)?;
    ensure!(!done.header("location").contains("1705"), "{}", done.header("location"));
    let shown = browser.get(&number).await?.expect(200)?;
    ensure!(shown.text().contains("170580-xxxx") && !shown.text().contains(BOS));
    browser.submit(&shown, &format!("{number}/forget"), &[]).await?.expect(303)?;
    ensure!(!browser.get(&number).await?.expect(200)?.text().contains("170580-xxxx"));
    let page = browser.get(&here).await?.expect(200)?;
    browser.submit(&page, &format!("{here}/end"), &[]).await?.expect(303)?;
    ensure!(browser.get(&here).await?.expect(200)?.text().contains("Virksomheden tager ikke imod CPR-numre"));
    Ok(())
});
