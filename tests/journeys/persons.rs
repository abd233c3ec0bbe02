//! One person with signatures in several companies: linked by the person's own proof of both, seen by the person alone.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{
    client::Answer,
    journey,
    roles::{Company, Operator, Person, association, company, post_for},
    visitor::Visitor,
    world::World,
};
use time::Duration;

const AT_BAKERY: &str = "bo@bageri.example.dk";
const AT_DAIRY: &str = "bo@mejeri.example.dk";
const LIST: &str = "/api/v1/signatures";
const LINKS: &str = "/api/v1/signature-links";

/// Two companies, and Bo, who works for both.
struct Story {
    operator: Operator,
    bakery: Company,
    dairy: Company,
    baker: Person,
    dairyman: Person,
}

async fn story(world: &World) -> anyhow::Result<Story> {
    let (operator, bakery) = world.bakery().await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let baker = bakery.hire(world, "Bo", "Bager", AT_BAKERY).await?;
    let dairyman = dairy.hire(world, "Bo", "Bager", AT_DAIRY).await?;
    Ok(Story { operator, bakery, dairy, baker, dairyman })
}

async fn begin(person: &Person) -> anyhow::Result<String> {
    person.prove().await?;
    Ok(person.http.post(LINKS, &json!({})).await?.expect(200)?.string("/token"))
}

async fn take_up(person: &Person, token: &str) -> anyhow::Result<Answer> {
    person.prove().await?;
    person.http.post(LIST, &json!({"token": token})).await
}

async fn linked(first: &Person, second: &Person) -> anyhow::Result<()> {
    let token = begin(first).await?;
    take_up(second, &token).await?.expect(200)?;
    Ok(())
}

async fn list(person: &Person) -> anyhow::Result<Vec<Value>> {
    Ok(person.http.get(LIST).await?.expect(200)?.items())
}

fn word<'a>(one: &'a Value, member: &str) -> &'a str {
    one[member].as_str().unwrap_or_default()
}

async fn log(person: &Person) -> anyhow::Result<Vec<Value>> {
    Ok(person.http.get("/api/v1/history?kind=account").await?.expect(200)?.items())
}

journey!(a_person_who_proves_both_signatures_sees_them_together_and_no_company_learns_of_it, async |world| {
    let bo = story(world).await?;
    let alone = list(&bo.baker).await?;
    ensure!(alone.len() == 1 && alone[0]["this"] == true && alone[0]["linked_at"].is_null(), "{alone:?}");
    linked(&bo.baker, &bo.dairyman).await?;
    world.settle().await;

    for (person, other, company) in [(&bo.baker, &bo.dairyman, "Andelsmejeriet A/S"), (&bo.dairyman, &bo.baker, "Havnens Bageri ApS")] {
        let found = list(person).await?;
        ensure!(found.len() == 2 && found[0]["this"] == true && word(&found[0], "employee") == person.employee, "{found:?}");
        ensure!(word(&found[1], "company") == company && word(&found[1], "user_id") == other.user_id, "{found:?}");
        ensure!(word(&found[1], "state") == "active" && found[1]["valid_until"].is_string() && found[1]["this"] == false, "{found:?}");
        let log = log(person).await?;
        let line = log.iter().find(|line| line["action"] == "account.linked").context("the log says so")?;
        ensure!(line["by"] == "oneself" && !line.to_string().contains(&other.employee), "{line}");
    }
    // Both are told, and neither mail names the other company: the address belongs to an employer.
    for (address, other) in [(AT_BAKERY, ["Andelsmejeri", "34051178", AT_DAIRY]), (AT_DAIRY, ["Havnens", "30808460", AT_BAKERY])] {
        let mails = world.mailbox.mails_to(address);
        let told = mails.iter().find(|mail| mail.text.contains("/account/signatures")).context("nobody was told")?;
        for name in other {
            ensure!(!told.text.contains(name) && !told.subject.contains(name), "{name} stands in {}", told.text);
        }
    }
    // Whoever administers one company finds nothing of the other.
    for (company, own, other) in [(&bo.bakery, &bo.baker, &bo.dairyman), (&bo.dairy, &bo.dairyman, &bo.baker)] {
        let http = &company.administrator.http;
        for path in [company.employees(), format!("{}/{}", company.employees(), own.employee), LIST.to_owned()] {
            let text = http.get(&path).await?.expect(200)?.text();
            ensure!(
                !text.contains(&other.employee) && !text.contains(&other.user_id) && !text.contains("linked_at\":\""),
                "{path}: {text}"
            );
        }
        http.delete(&format!("{LIST}/{}", own.employee)).await?.refused(404, "not-found")?;
    }
    // A session stays one signature's: nothing of the other company opens to it.
    bo.baker.http.get(&format!("/api/v1/companies/{}", bo.dairy.id)).await?.refused(404, "not-found")?;
    Ok(())
});

journey!(leaving_one_company_leaves_the_other_signature_as_it_is, async |world| {
    let bo = story(world).await?;
    linked(&bo.dairyman, &bo.baker).await?;
    bo.dairy.administrator.prove().await?;
    bo.dairy.administrator.http.delete(&format!("{}/{}", bo.dairy.employees(), bo.dairyman.employee)).await?.expect(204)?;
    world.settle().await;
    bo.dairyman.http.get(LIST).await?.refused(401, "not-logged-in")?;
    let found = list(&bo.baker).await?;
    ensure!(found.len() == 2 && word(&found[1], "state") == "ended" && found[1]["user_id"].is_null(), "{found:?}");
    ensure!(found[1]["valid_until"].is_null() && word(&found[0], "state") == "active", "{found:?}");
    ensure!(bo.baker.certificates().await?.iter().all(|one| one["state"] == "active"), "the baker's certificates stay");
    let mails = world.mailbox.mails_to(AT_DAIRY).len();
    bo.baker.http.delete(&format!("{LIST}/{}", bo.dairyman.employee)).await?.expect(204)?;
    bo.baker.http.delete(&format!("{LIST}/{}", bo.dairyman.employee)).await?.refused(404, "not-found")?;
    world.settle().await;
    ensure!(list(&bo.baker).await?.len() == 1);
    ensure!(world.mailbox.mails_to(AT_DAIRY).len() == mails, "an address of a company that was left is told no more");
    Ok(())
});

journey!(signatures_are_unlinked_from_either_side_and_each_is_told, async |world| {
    let bo = story(world).await?;
    linked(&bo.baker, &bo.dairyman).await?;
    bo.dairyman.http.delete(&format!("{LIST}/{}", bo.dairyman.employee)).await?.expect(204)?;
    world.settle().await;
    for person in [&bo.baker, &bo.dairyman] {
        let found = list(person).await?;
        ensure!(found.len() == 1 && found[0]["linked_at"].is_null(), "one alone is linked with nobody: {found:?}");
        ensure!(log(person).await?.iter().any(|line| line["action"] == "account.unlinked" && line["by"] == "oneself"));
    }
    for address in [AT_BAKERY, AT_DAIRY] {
        let told = world.mailbox.mails_to(address).into_iter().filter(|mail| mail.text.contains("/account/signatures")).count();
        ensure!(told == 2, "{address} was told {told} times");
    }
    // And they can be linked again.
    linked(&bo.dairyman, &bo.baker).await?;
    ensure!(list(&bo.baker).await?.len() == 2);
    Ok(())
});

journey!(nothing_is_linked_without_the_proof_of_both, async |world| {
    let bo = story(world).await?;
    let token = begin(&bo.baker).await?;
    take_up(&bo.baker, &token).await?.refused(409, "conflict")?;
    take_up(&bo.dairyman, "somebody-else").await?.refused(410, "gone")?;
    take_up(&bo.dairyman, "").await?.refused(410, "gone")?;
    take_up(&bo.dairyman, &"a\u{0}b".repeat(300)).await?.refused(410, "gone")?;
    bo.dairyman.http.post(LIST, &json!({"token": 1})).await?.refused(422, "invalid")?;
    bo.dairyman.http.post(LIST, &json!({})).await?.refused(422, "invalid")?;

    // A proof that is older than five minutes is none, on either side; a link that is older than fifteen is none.
    world.clock.advance(Duration::minutes(6));
    bo.baker.http.post(LINKS, &json!({})).await?.refused(403, "prove-again")?;
    bo.dairyman.http.post(LIST, &json!({"token": token})).await?.refused(403, "prove-again")?;
    world.clock.advance(Duration::minutes(10));
    take_up(&bo.dairyman, &token).await?.refused(410, "gone")?;
    // Beginning again ends what was begun.
    let former = begin(&bo.baker).await?;
    let token = begin(&bo.baker).await?;
    take_up(&bo.dairyman, &former).await?.refused(410, "gone")?;
    take_up(&bo.dairyman, &token).await?.expect(200)?;
    take_up(&bo.dairyman, &token).await?.refused(410, "gone")?;
    let again = begin(&bo.dairyman).await?;
    take_up(&bo.baker, &again).await?.refused(409, "already-done")?;
    ensure!(list(&bo.baker).await?.len() == 2);

    // No program of others' sees it, no operator has any, and nobody undoes what is another person's.
    bo.baker.prove().await?;
    let key = bo.baker.http.post("/api/v1/tokens", &json!({"name": "Lønsystem", "days": 30})).await?.expect(201)?.string("/token");
    let program = world.client().with_token(&key);
    program.get(LIST).await?.refused(403, "forbidden")?;
    program.post(LINKS, &json!({})).await?.refused(403, "forbidden")?;
    program.delete(&format!("{LIST}/{}", bo.dairyman.employee)).await?.refused(403, "forbidden")?;
    bo.operator.0.http.get(LIST).await?.refused(403, "forbidden")?;
    bo.bakery.administrator.http.delete(&format!("{LIST}/{}", bo.dairyman.employee)).await?.refused(404, "not-found")?;
    world.client().get(LIST).await?.refused(401, "not-logged-in")?;
    ensure!(list(&bo.baker).await?.len() == 2);
    Ok(())
});

journey!(one_person_is_one_employee_of_a_company, async |world| {
    let bo = story(world).await?;
    let colleague = bo.bakery.hire(world, "Bo", "Bager Olsen", "bo.olsen@bageri.example.dk").await?;
    let token = begin(&bo.baker).await?;
    take_up(&colleague, &token).await?.refused(409, "conflict")?;
    // Not by way of a third one either.
    linked(&bo.baker, &bo.dairyman).await?;
    let token = begin(&bo.dairyman).await?;
    take_up(&colleague, &token).await?.refused(409, "conflict")?;
    ensure!(list(&colleague).await?.len() == 1 && list(&bo.baker).await?.len() == 2);
    Ok(())
});

journey!(of_two_who_take_up_a_link_at_once_one_is_linked, async |world| {
    let bo = story(world).await?;
    let club = Company::enrolled(world, &bo.operator, &association("Roklubben", "roklub.example.dk")).await?;
    let rower = club.hire(world, "Bo", "Bager", "bo@roklub.example.dk").await?;
    let token = begin(&bo.baker).await?;
    for person in [&bo.dairyman, &rower] {
        person.prove().await?;
    }
    let body = json!({"token": token});
    let tries = [&bo.dairyman, &rower, &bo.dairyman, &rower].map(|person| person.http.post(LIST, &body));
    let answers = join_all(tries).await.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    ensure!(won == 1, "{won} were linked");
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        ensure!([409, 410].contains(&lost.status.as_u16()), "{} {}", lost.status, lost.text());
    }
    ensure!(list(&bo.baker).await?.len() == 2);

    // Two links at once that meet in one person: every signature ends in one set, whichever was first.
    let first = if list(&bo.dairyman).await?.len() == 2 { &rower } else { &bo.dairyman };
    linked(first, &bo.baker).await?;
    for person in [&bo.baker, &bo.dairyman, &rower] {
        ensure!(list(person).await?.len() == 3, "{}", person.user_id);
    }
    let unlink = |person: &Person| (person.http.clone(), format!("{LIST}/{}", person.employee));
    let gone = [&bo.baker, &bo.dairyman, &rower].map(unlink).map(async |(http, path)| http.delete(&path).await);
    for answer in join_all(gone).await {
        let status = answer?.status.as_u16();
        ensure!([204, 404, 409].contains(&status), "{status}");
    }
    Ok(())
});

journey!(a_person_has_ten_signatures_at_most, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    for number in 1..=10 {
        let domain = format!("klub{number}.example.dk");
        let club = Company::enrolled(world, &operator, &association(&format!("Klub {number}"), &domain)).await?;
        let token = begin(anne).await?;
        let answer = take_up(&club.administrator, &token).await?;
        if number < 10 {
            ensure!(answer.expect(200)?.items().len() == number + 1);
        } else {
            answer.refused(409, "conflict")?;
        }
    }
    ensure!(list(anne).await?.len() == 10);
    Ok(())
});

journey!(a_signature_that_is_activated_anew_shows_no_other, async |world| {
    let bo = story(world).await?;
    linked(&bo.baker, &bo.dairyman).await?;
    world.pass(Duration::minutes(1)).await;
    let anne = &bo.bakery.administrator;
    anne.prove().await?;
    let body = json!({"company": bo.bakery.id, "employee": bo.baker.employee});
    let id = anne.http.post("/api/v1/reissues", &body).await?.expect(201)?.string("/id");
    anne.http.post(&format!("/api/v1/reissues/{id}/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    world.settle().await;
    let waits = list(&bo.dairyman).await?;
    ensure!(waits.len() == 2 && word(&waits[1], "state") == "waiting", "{waits:?}");
    let (link, temporary) = post_for(world, AT_BAKERY, "Bo Bager")?;
    let anew = Person::activate(&world.client(), &link, Some(&temporary), &bo.baker.user_id).await?;
    ensure!(list(&anew).await?.len() == 1, "an administrator's word opened it");
    ensure!(list(&bo.dairyman).await?.len() == 1, "and the other one does not show it either");
    // Nor does it bring the others along by a link with a third.
    let club = Company::enrolled(world, &bo.operator, &association("Roklubben", "roklub.example.dk")).await?;
    let rower = club.hire(world, "Bo", "Bager", "bo@roklub.example.dk").await?;
    linked(&anew, &rower).await?;
    ensure!(list(&anew).await?.len() == 2 && list(&rower).await?.len() == 2 && list(&bo.dairyman).await?.len() == 1);
    linked(&bo.dairyman, &anew).await?;
    ensure!(list(&anew).await?.len() == 3, "until its owner has shown both again");
    Ok(())
});

journey!(a_restore_undoes_every_link, async |world| {
    let bo = story(world).await?;
    linked(&bo.baker, &bo.dairyman).await?;
    let token = begin(&bo.baker).await?;
    let undone = world.ground.database.write(async |unit| segl::persons::epoch::begin_epoch(unit).await).await?;
    ensure!(undone == 2, "{undone} were undone");
    take_up(&bo.dairyman, &token).await?.refused(410, "gone")?;
    for person in [&bo.baker, &bo.dairyman] {
        ensure!(list(person).await?.len() == 1);
    }
    Ok(())
});

async fn page(browser: &Visitor, path: &str) -> anyhow::Result<Answer> {
    browser.get(path).await?.expect(200)
}

journey!(on_the_pages_one_links_switches_and_unlinks, async |world| {
    let bo = story(world).await?;
    let browser = bo.baker.browser("da").await?;
    ensure!(page(&browser, "/account").await?.text().contains("href=\"/account/signatures\""));
    let shown = page(&browser, "/account/signatures").await?;
    ensure!(shown.text().contains("Dine medarbejdersignaturer") && shown.text().contains("Havnens Bageri ApS"));
    ensure!(!shown.text().contains("/unlink"), "one alone cannot be unlinked");
    let begun = browser.submit(&shown, "/account/signatures/link", &[]).await?.expect(303)?;
    ensure!(begun.header("location") == "/account/signatures/link", "{}", begun.header("location"));
    let waits = page(&browser, "/account/signatures/link").await?;
    ensure!(waits.text().contains("Log på med din anden signatur") && waits.text().contains("/login?next=/account/signatures/link"));

    // The log-in with the other one, in the same browser.
    browser.log_in(&bo.dairyman).await?;
    let asked = page(&browser, "/account/signatures/link").await?;
    ensure!(asked.text().contains("Er begge signaturer dine?") && asked.text().contains("Havnens Bageri ApS"));
    let done = browser.submit(&asked, "/account/signatures/confirm", &[]).await?.expect(303)?;
    ensure!(browser.cookie("__Host-segl-link").is_none(), "the link is used");
    let both = page(&browser, &done.header("location")).await?;
    ensure!(both.text().contains("Signaturerne er kædet sammen") && both.text().contains("Havnens Bageri ApS"));
    ensure!(both.text().contains("Andelsmejeriet A/S"));

    // To the other one by its own log-in, with the user id filled in, and in no address.
    let switch = format!("/account/signatures/{}/login", bo.baker.employee);
    let away = browser.submit(&both, &switch, &[]).await?.expect(303)?;
    ensure!(away.header("location") == "/login" && browser.cookie("__Host-segl").is_none(), "logged out");
    ensure!(page(&browser, "/login").await?.text().contains(&format!("value=\"{}\"", bo.baker.user_id)));
    browser.log_in(&bo.baker).await?;
    let both = page(&browser, "/account/signatures").await?;
    let own = format!("/account/signatures/{}/login", bo.baker.employee);
    ensure!(browser.submit(&both, &own, &[]).await?.status == 404, "to oneself there is nothing to switch");
    let unlink = format!("/account/signatures/{}/unlink", bo.dairyman.employee);
    browser.submit(&both, &unlink, &[]).await?.expect(303)?;
    ensure!(!page(&browser, "/account/signatures").await?.text().contains("Andelsmejeriet"));
    // Without a link on its way that page leads back; after five minutes the proof comes first.
    browser.get("/account/signatures/link").await?.expect(303)?;
    world.clock.advance(Duration::minutes(6));
    let shown = page(&browser, "/account/signatures").await?;
    let prove = browser.submit(&shown, "/account/signatures/link", &[]).await?.expect(303)?;
    ensure!(prove.header("location").starts_with("/account/prove?"), "{}", prove.header("location"));
    Ok(())
});
