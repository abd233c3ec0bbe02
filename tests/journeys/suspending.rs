//! An employee is suspended and comes back: meanwhile nothing works, and afterwards everything does.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    papers::fixture,
    roles::{Company, Person},
    world::World,
};
use time::Duration;

const BO: &str = "bo@bageri.example.dk";

fn address(bakery: &Company, employee: &str) -> String {
    format!("{}/{employee}/suspension", bakery.employees())
}

async fn suspend(by: &Person, bakery: &Company, employee: &str, body: &Value) -> anyhow::Result<Answer> {
    send(by.http.request(Method::PUT, &address(bakery, employee)).json(body)).await
}

async fn state(bakery: &Company, employee: &str) -> anyhow::Result<Value> {
    Ok(bakery.administrator.http.get(&format!("{}/{employee}", bakery.employees())).await?.expect(200)?.json())
}

async fn password(person: &Person) -> anyhow::Result<Answer> {
    person.http.without_token().post("/api/v1/logins", &json!({"user_id": person.user_id, "password": person.password})).await
}

fn subjects(world: &World, address: &str) -> Vec<String> {
    world.mailbox.mails_to(address).into_iter().map(|mail| mail.subject).collect()
}

journey!(who_is_suspended_can_do_nothing_and_has_everything_back_when_it_is_lifted, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let phone = bo.pair_phone("Bos telefon").await?;
    bo.prove().await?;
    let key = bo.http.post("/api/v1/tokens", &json!({"name": "Løn", "days": 10})).await?.expect(201)?.string("/token");
    let document = bo.upload("Kontrakt", &fixture("cairo")).await?;
    let question = bo.ask_to_sign(&document).await?;
    let begun = bo.begin_log_in().await?;
    let path = address(&bakery, &bo.employee);

    world.clock.advance(Duration::minutes(6));
    suspend(anne, &bakery, &bo.employee, &json!({"reason": "Orlov"})).await?.refused(403, "prove-again")?;
    anne.prove().await?;
    let wrong = suspend(anne, &bakery, &bo.employee, &json!({"reason": " ", "until": "2020-01-01"})).await?;
    ensure!(wrong.pointers().len() == 2, "{}", wrong.text());
    anne.http.delete(&path).await?.refused(409, "already-done")?;
    suspend(anne, &bakery, &bo.employee, &json!({"reason": "Orlov"})).await?.expect(204)?;
    suspend(anne, &bakery, &bo.employee, &json!({"reason": "Orlov"})).await?.refused(409, "already-done")?;
    let shown = state(&bakery, &bo.employee).await?;
    ensure!(shown["state"] == "suspended" && shown["suspension"]["reason"] == "Orlov", "{shown}");
    world.settle().await;
    let told = world.mailbox.mails_to(BO).into_iter().find(|mail| mail.subject.contains("suspenderet")).context("nobody told him")?;
    ensure!(!told.text.contains("Orlov"), "the reason is the administrators': {}", told.text);

    // Session, API key, phone, the log-in and the signature on their way: nothing goes on.
    bo.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    bo.http.with_token(&key).get("/api/v1/documents").await?.refused(401, "not-logged-in")?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    bo.approve(&document, &question, &bo.card.key(&question.key_number)).await?.refused(401, "not-logged-in")?;
    let answered = bo.answer_log_in(&begun, &bo.card.key(&begun.key_number)).await?;
    ensure!(answered.status != 201, "a log-in went on: {}", answered.text());
    password(&bo).await?.refused(403, "not-right")?;
    let mine = anne.certificates().await?.into_iter().filter(|item| item["employee"] == bo.employee.as_str());
    ensure!(mine.clone().count() > 0 && mine.into_iter().all(|item| item["state"] == "active"), "certificates are kept");

    anne.prove().await?;
    anne.http.delete(&path).await?.expect(204)?;
    anne.http.delete(&path).await?.refused(409, "already-done")?;
    world.settle().await;
    ensure!(subjects(world, BO).iter().any(|subject| subject.contains("virker igen")), "{:?}", subjects(world, BO));
    let mut bo = bo;
    bo.log_in().await?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    bo.http.with_token(&key).get("/api/v1/documents").await?.expect(200)?;
    bo.sign(&document).await?;
    Ok(())
});

journey!(a_suspension_ends_by_itself_on_its_day_and_whoever_is_suspended_can_leave, async |world| {
    let (_, mut bakery) = world.bakery().await?;
    let mut bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    bakery.administrator.prove().await?;
    let until = segl::platform::day::Day::of(world.now()).days_later(2).to_string();
    suspend(&bakery.administrator, &bakery, &bo.employee, &json!({"reason": "Orlov", "until": until})).await?.expect(204)?;
    world.clock.advance(Duration::hours(12));
    world.settle().await;
    password(&bo).await?.refused(403, "not-right")?;
    world.clock.advance(Duration::hours(48));
    world.settle().await;
    bo.log_in().await?;
    ensure!(subjects(world, BO).iter().any(|subject| subject.contains("virker igen")), "{:?}", subjects(world, BO));

    bakery.administrator.log_in().await?;
    bakery.administrator.prove().await?;
    suspend(&bakery.administrator, &bakery, &bo.employee, &json!({"reason": "Opsagt"})).await?.expect(204)?;
    bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(204)?;
    let gone = state(&bakery, &bo.employee).await?;
    ensure!(gone["state"] == "left" && gone["suspension"].is_null(), "{gone}");
    suspend(&bakery.administrator, &bakery, &bo.employee, &json!({"reason": "Igen"})).await?.refused(409, "conflict")?;
    bakery.administrator.http.delete(&address(&bakery, &bo.employee)).await?.refused(409, "already-done")?;
    Ok(())
});

journey!(of_many_at_once_one_suspends_and_two_administrators_do_not_suspend_each_other, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    anne.prove().await?;
    suspend(anne, &bakery, &anne.employee, &json!({"reason": "Ferie"})).await?.refused(409, "conflict")?;
    let reason = json!({"reason": "Orlov"});
    let tries = (0..8).map(|_| suspend(anne, &bakery, &bo.employee, &reason));
    let answers = futures_util::future::try_join_all(tries).await?;
    ensure!(
        answers.iter().filter(|answer| answer.status == 204).count() == 1,
        "{:?}",
        answers.iter().map(|one| one.status).collect::<Vec<_>>()
    );
    let path = address(&bakery, &bo.employee);
    let answers = futures_util::future::try_join_all((0..8).map(|_| anne.http.delete(&path))).await?;
    ensure!(answers.iter().filter(|answer| answer.status == 204).count() == 1);
    world.settle().await;
    ensure!(subjects(world, BO).iter().filter(|subject| subject.contains("virker igen")).count() == 1);

    let path = format!("/api/v1/companies/{}/administrators", bakery.id);
    let appointed = anne.http.post(&path, &json!({"employee": bo.employee})).await?;
    ensure!(appointed.status.is_success(), "{}", appointed.text());
    let mut bo = bo;
    bo.log_in().await?;
    bo.prove().await?;
    let (one, two) =
        futures_util::future::join(suspend(anne, &bakery, &bo.employee, &reason), suspend(&bo, &bakery, &anne.employee, &reason)).await;
    // Neither is suspended by the other alone: one of the two wishes waits, and may be refused.
    let mut statuses = [one?.status.as_u16(), two?.status.as_u16()];
    statuses.sort_unstable();
    ensure!(statuses == [202, 409], "{statuses:?}");
    for person in [anne, &bo] {
        person.http.get(&bakery.employees()).await?.expect(200)?;
    }
    Ok(())
});

journey!(an_administrator_suspends_on_the_page_and_lifts_there, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let anne = bakery.administrator.browser("da").await?;
    let path = format!("/companies/{}/employees/{}", bakery.id, bo.employee);
    bakery.administrator.prove_in(&anne).await?;
    let page = anne.get(&path).await?.expect(200)?;
    ensure!(page.text().contains("Suspendér medarbejderen") && page.text().contains("stadig gyldige"), "{}", page.text());
    let fields = [("reason", "Orlov"), ("until", "i morgen"), ("confirm_suspension", "yes")];
    let wrong = anne.submit(&page, &format!("{path}/suspension"), &fields).await?;
    ensure!(wrong.status == 422 && wrong.text().contains("Skriv en dato"), "{}", wrong.text());
    let fields = [("reason", "Orlov"), ("until", "")];
    let unticked = anne.submit(&page, &format!("{path}/suspension"), &fields).await?;
    ensure!(unticked.status == 422, "{}", unticked.status);
    let fields = [("reason", "Orlov"), ("until", ""), ("confirm_suspension", "yes")];
    anne.submit(&page, &format!("{path}/suspension"), &fields).await?.expect(303)?;
    let page = anne.get(&format!("{path}?told=suspended")).await?.expect(200)?;
    ensure!(page.text().contains("Suspenderet siden") && page.text().contains("Orlov"), "{}", page.text());
    anne.submit(&page, &format!("{path}/suspension/end"), &[]).await?.expect(303)?;
    ensure!(anne.get(&path).await?.expect(200)?.text().contains("Suspendér medarbejderen"));
    Ok(())
});
