//! Weighty things by a yes on the phone, in place of password and key: the phone shows the very thing, and the yes serves for that one, once.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use keycard::payload::Purpose;
use serde_json::{Value, json};
use support::{
    journey,
    roles::{Company, Person},
    visitor::between,
    world::World,
};
use time::Duration;

/// Anne asks for Ea's keys; Bo, whose phone has waited its time and whose last proof is old, is to approve.
struct Story {
    bo: Person,
    phone: support::phone::SoftPhone,
    recovery: String,
}

async fn appointed(world: &World, company: &Company, name: &str, email: &str) -> anyhow::Result<Person> {
    let person = company.hire(world, name, "Bager", email).await?;
    let path = format!("/api/v1/companies/{}/administrators", company.id);
    company.administrator.http.post(&path, &json!({"employee": person.employee})).await?.expect(204)?;
    world.settle().await;
    Ok(person)
}

async fn story(world: &World) -> anyhow::Result<Story> {
    let (_, company) = world.bakery().await?;
    let mut bo = appointed(world, &company, "Bo", "bo@bageri.example.dk").await?;
    let ea = company.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let mut anne = company.administrator.clone();
    bo.log_in().await?;
    let phone = bo.pair_phone("Bos telefon").await?;
    world.clock.advance(Duration::hours(24));
    anne.log_in().await?;
    bo.log_in().await?;
    let body = json!({"employee": ea.employee, "reason": "Ea er syg, og kunden venter"});
    let recovery = anne.http.post("/api/v1/recoveries", &body).await?.expect(201)?.string("/id");
    world.clock.advance(Duration::minutes(6));
    Ok(Story { bo, phone, recovery })
}

journey!(the_second_person_of_a_recovery_says_yes_on_the_phone_which_shows_whose_keys_who_asked_and_why, async |world| {
    let Story { bo, phone, recovery } = story(world).await?;
    let path = |step: &str| format!("/api/v1/recoveries/{recovery}/{step}");
    bo.http.post(&path("approval"), &json!({"password": bo.password})).await?.refused(403, "prove-again")?;
    let asked = bo.ask_phone(&path("phone-question"), &Value::Null).await?;
    let approve =
        async |password: &str| bo.http.post(&path("phone-approval"), &json!({"approval": asked.approval, "password": password})).await;
    approve(&bo.password).await?.refused(409, "conflict")?;
    let shown = phone.says_yes(&asked.number).await?;
    let parts = shown.payload.parts();
    ensure!(parts.purpose == Purpose::RecoverKey && parts.company == "Havnens Bageri ApS" && parts.release_key.is_none(), "{parts:?}");
    let lines = parts.lines.join("\n");
    ensure!(["Ea Eng", "Anne Ådal", "Ea er syg, og kunden venter"].iter().all(|said| lines.contains(said)), "{lines}");
    // Neither another session nor another thing has anything of this yes.
    let mut elsewhere = bo.clone();
    elsewhere.log_in().await?;
    elsewhere.http.get(&format!("/api/v1/phone-questions/{}", asked.approval)).await?.refused(404, "not-found")?;
    let body = json!({"approval": asked.approval, "password": bo.password});
    elsewhere.http.post(&path("phone-approval"), &body).await?.refused(404, "not-found")?;
    bo.http.post("/api/v1/phone-questions/keycard/order", &json!({"approval": asked.approval})).await?.refused(410, "gone")?;
    approve("Forkert-2026-sol").await?.refused(403, "not-right")?;
    let tries = join_all((0..4).map(|_| approve(&bo.password))).await;
    let statuses: Vec<_> = tries.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect::<Result<_, _>>()?;
    ensure!(statuses.iter().filter(|status| **status == 204).count() == 1, "{statuses:?}");
    let shown = bo.http.get(&format!("/api/v1/recoveries/{recovery}")).await?.expect(200)?;
    ensure!(shown.string("/state") == "approved" && shown.string("/approved_by") == "Bo Bager", "{}", shown.text());
    let evidence = bo.http.get(&format!("/api/v1/approvals/{}/evidence", asked.approval)).await?.expect(200)?.bytes;
    ensure!(keycard::evidence::Evidence::from_json(&evidence)?.verify(&[phone.identity]).shows_approval());
    Ok(())
});

journey!(who_asked_for_a_recovery_is_not_asked_on_the_phone_and_a_no_approves_nothing, async |world| {
    let Story { bo, phone, recovery } = story(world).await?;
    let asked = bo.ask_phone(&format!("/api/v1/recoveries/{recovery}/phone-question"), &Value::Null).await?;
    let shown = phone.sole_request().await?;
    ensure!(phone.decide(&shown, keycard::Verdict::Reject).await? == keycard::wire::Decided::Taken);
    let body = json!({"approval": asked.approval, "password": bo.password});
    let refused = bo.http.post(&format!("/api/v1/recoveries/{recovery}/phone-approval"), &body).await?;
    refused.refused(410, "gone")?;
    ensure!(bo.http.get(&format!("/api/v1/recoveries/{recovery}")).await?.string("/state") == "asked");
    Ok(())
});

journey!(a_key_card_is_ordered_by_a_yes_on_the_phone_and_one_yes_orders_one, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    person.http.post("/api/v1/phone-questions/keycard", &Value::Null).await?.refused(409, "conflict")?;
    let phone = person.pair_phone("Annes telefon").await?;
    let early = person.http.post("/api/v1/phone-questions/keycard", &Value::Null).await?;
    early.refused(409, "conflict")?;
    world.clock.advance(Duration::hours(24));
    person.log_in().await?;
    world.clock.advance(Duration::minutes(6));
    person.http.post("/api/v1/keycards", &Value::Null).await?.refused(403, "prove-again")?;
    let asked = person.ask_phone("/api/v1/phone-questions/keycard", &Value::Null).await?;
    let shown = phone.says_yes(&asked.number).await?;
    ensure!(shown.payload.parts().purpose == Purpose::OrderCard && shown.payload.parts().title == "Bestil et nøglekort mere");
    let body = json!({"approval": asked.approval});
    let tries = join_all((0..8).map(|_| person.http.post("/api/v1/phone-questions/keycard/order", &body))).await;
    let ordered = tries.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().filter(|answer| answer.status == 201).count();
    ensure!(ordered == 1, "ordered {ordered} times");
    ensure!(person.http.get("/api/v1/keycards").await?.expect(200)?.items().len() == 2);
    world.settle().await;
    ensure!(world.mailbox.all().iter().filter(|mail| mail.subject == "Der er bestilt et nyt nøglekort til dig").count() == 1);
    // A yes is good for five minutes.
    let asked = person.ask_phone("/api/v1/phone-questions/keycard", &Value::Null).await?;
    phone.says_yes(&asked.number).await?;
    world.clock.advance(Duration::minutes(6));
    person.http.post("/api/v1/phone-questions/keycard/order", &json!({"approval": asked.approval})).await?.refused(410, "gone")?;
    Ok(())
});

journey!(on_the_pages_without_script_the_second_person_says_yes_on_the_phone, async |world| {
    let Story { bo, phone, recovery } = story(world).await?;
    let browser = bo.browser("da").await?;
    let path = format!("/recoveries/{recovery}");
    let page = browser.get(&path).await?.expect(200)?;
    ensure!(page.text().contains("Godkend på din telefon"), "the page does not offer the phone");
    let waiting = browser.submit(&page, &format!("{path}/phone"), &[]).await?.expect(303)?.header("location");
    let page = browser.get(&waiting).await?.expect(200)?;
    let number = between(&page.text(), "id=\"phone-number\" aria-hidden=\"true\">", "<").context("no number")?;
    // Too early: the page is shown again.
    browser.submit(&page, &waiting, &[("password", &bo.password)]).await?.expect(303)?;
    phone.says_yes(&number).await?;
    let page = browser.get(&waiting).await?.expect(200)?;
    browser.submit(&page, &waiting, &[("password", "Forkert-2026-sol")]).await?.expect(403)?;
    browser.submit(&page, &waiting, &[("password", &bo.password)]).await?.expect(303)?;
    ensure!(bo.http.get(&format!("/api/v1/recoveries/{recovery}")).await?.string("/state") == "approved");
    // And one more key card, in the same way.
    let page = browser.get("/account").await?.expect(200)?;
    let waiting = browser.submit(&page, "/account/card-order", &[]).await?.expect(303)?.header("location");
    let page = browser.get(&waiting).await?.expect(200)?;
    let number = between(&page.text(), "id=\"phone-number\" aria-hidden=\"true\">", "<").context("no number")?;
    phone.says_yes(&number).await?;
    browser.submit(&page, &waiting, &[]).await?.expect(303)?;
    ensure!(bo.http.get("/api/v1/keycards").await?.expect(200)?.items().len() == 2);
    Ok(())
});
