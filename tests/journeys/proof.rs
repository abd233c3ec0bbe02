//! What a session may do hangs on what its person has shown, and on which session asked: what an attacker tried.

use anyhow::ensure;
use keycard::wire::Decided;
use serde_json::{Value, json};
use support::{approver::typed, journey, papers::fixture};
use time::Duration;

journey!(a_code_and_a_new_phone_log_in_and_prove_no_more, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let mut phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
    let new_phone = person.finish_by_phone(&begun).await?.expect(201)?.string("/token");
    phone.fetch_offline().await?;
    let code = phone.offline_code(u64::try_from(world.now().millis())?)?;
    let body = json!({"login": person.begin_by_phone().await?.login, "code": code, "carrier": "program"});
    let by_code = person.http.without_token().post("/api/v1/logins/answer", &body).await?.expect(201)?.string("/token");
    for token in [new_phone, by_code] {
        let session = person.http.with_token(&token);
        session.get("/api/v1/session").await?.expect(200)?;
        session.post("/api/v1/keycards", &Value::Null).await?.refused(403, "prove-again")?;
        session.post("/api/v1/phones", &Value::Null).await?.refused(403, "prove-again")?;
    }
    world.clock.advance(Duration::hours(25));
    let begun = person.begin_by_phone().await?;
    phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
    let waited = person.http.with_token(&person.finish_by_phone(&begun).await?.expect(201)?.string("/token"));
    waited.post("/api/v1/keycards", &Value::Null).await?.expect(201).map(drop)
});

journey!(the_yes_of_a_phone_that_was_blocked_since_serves_nobody, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    person.prove().await?;
    let listed = person.http.get("/api/v1/phones").await?.expect(200)?.items();
    let id = listed[0]["id"].as_str().unwrap_or_default().to_owned();
    let begun = person.begin_by_phone().await?;
    ensure!(phone.decide(&phone.sole_request().await?, typed(&begun.number)).await? == Decided::Taken);
    let late = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    let invited = person.invite_phone().await?;
    person.http.post(&format!("/api/v1/phones/{id}/block"), &Value::Null).await?.expect(204)?;
    person.finish_by_phone(&begun).await?.refused(410, "gone")?;
    ensure!(phone.decide(&shown, typed(&late.number)).await.is_err(), "a blocked phone answered");
    let pairing = person.http.get(&format!("/api/v1/phones/{}/pairing", invited.id)).await?;
    ensure!(pairing.expect(200)?.string("/state") == "over", "what was on its way goes on");
    Ok(())
});

journey!(a_new_card_and_a_number_are_for_the_session_that_asked, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(25));
    let mut stolen = person.clone();
    stolen.log_in().await?;
    world.clock.advance(Duration::minutes(6));
    person.log_in().await?;
    let card = person.http.post("/api/v1/keycards", &Value::Null).await?.expect(201)?.string("/id");
    let sheet = format!("/api/v1/keycards/{card}/card.txt");
    stolen.http.get(&sheet).await?.refused(403, "prove-again")?;
    world.clock.advance(Duration::minutes(6));
    person.http.get(&sheet).await?.expect(200)?;
    let document = person.upload("Aftale", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    for path in [asked.path.clone(), format!("{}/extension", asked.path)] {
        let answer = if path == asked.path { stolen.http.get(&path).await? } else { stolen.http.post(&path, &Value::Null).await? };
        answer.refused(404, "not-found")?;
    }
    stolen.http.delete(&asked.path).await?.refused(404, "not-found")?;
    ensure!(phone.approve_signing(&phone.sole_request().await?, &asked.number).await? == Decided::Taken);
    ensure!(person.signing_ends(&asked).await? == "signed");
    let told = stolen.http.get(&asked.path).await?.expect(200)?;
    ensure!(told.string("/state") == "signed" && told.string("/number").is_empty() && told.string("/scan").is_empty(), "{}", told.text());
    Ok(())
});
