//! Passwords of four digits: only where the company lets people choose them, by NemID's rules, and they open no signing key.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    roles::{BIRTH_DATE, Company, Operator, Person, activation, invitation, post_for},
    world::World,
};
use time::Duration;

const EA: &str = "ea@bageri.example.dk";
const EA_ID: &str = "ea.bageri.example.dk";

async fn allow(bakery: &Company) -> anyhow::Result<()> {
    let path = format!("/api/v1/companies/{}/factors", bakery.id);
    let body = json!({"phone": true, "token": false, "four_digits": true});
    send(bakery.administrator.http.request(Method::PUT, &path).json(&body)).await?.expect(204)?;
    Ok(())
}

fn chosen(world: &World, password: &str) -> anyhow::Result<Value> {
    let (link, temporary) = post_for(world, EA, "Ea Eng")?;
    let mut body = activation(&link, Some(&temporary), EA_ID);
    body["password"] = json!(password);
    Ok(body)
}

async fn try_it(world: &World, password: &str) -> anyhow::Result<Answer> {
    world.client().post("/api/v1/activations", &chosen(world, password)?).await
}

journey!(four_digits_log_in_with_the_card_and_open_no_signing_key, async |world| {
    let (_, bakery) = world.bakery().await?;
    bakery.invite(&invitation("Ea", "Eng", EA)).await?.expect(201)?;
    world.settle().await;
    // Off by default.
    let refused = try_it(world, "2580").await?;
    refused.refused(422, "invalid")?;
    allow(&bakery).await?;
    let born: String = BIRTH_DATE.split('-').rev().take(2).collect();
    for password in ["7777", "1234", "8765", born.as_str()] {
        let refused = try_it(world, password).await?;
        refused.refused(422, "invalid").with_context(|| password.to_owned())?;
        ensure!(refused.pointers() == ["/password"], "{}", refused.text());
    }
    let answer = try_it(world, "2580").await?.expect(201)?;
    ensure!(answer.json()["certificates"] == json!([]) && answer.json()["revocation_code"] == Value::Null, "{}", answer.text());
    let mut ea = Person { password: "2580".to_owned(), ..Person::of_activation(&world.client(), &answer, EA_ID).await? };
    ea.log_in().await?;
    ensure!(ea.certificates().await?.is_empty());
    let renewed = ea.http.post("/api/v1/renewals", &json!({"password": "2580"})).await?;
    renewed.refused(422, "invalid")?;
    // With a longer password the person gets what everybody has.
    let longer = "Havregroed-2026-maane";
    let change = json!({"password": "2580", "new_password": longer});
    ea.http.post("/api/v1/session/password", &change).await?.expect(204)?;
    ea.password = longer.to_owned();
    ea.log_in().await?;
    ea.http.post("/api/v1/renewals", &json!({"password": longer})).await?.expect(201)?;
    ensure!(!ea.certificates().await?.is_empty());
    Ok(())
});

journey!(whoever_administers_and_whoever_changes_a_password_chooses_a_long_one, async |world| {
    let (_, bakery) = world.bakery().await?;
    world.clock.advance(Duration::minutes(6));
    let path = format!("/api/v1/companies/{}/factors", bakery.id);
    let body = json!({"phone": true, "token": false, "four_digits": true});
    send(bakery.administrator.http.request(Method::PUT, &path).json(&body)).await?.refused(403, "prove-again")?;
    let mut bakery = bakery;
    bakery.administrator.log_in().await?;
    allow(&bakery).await?;
    let change = json!({"password": bakery.administrator.password, "new_password": "2580"});
    bakery.administrator.http.post("/api/v1/session/password", &change).await?.refused(422, "invalid")?;
    Ok(())
});

/// Of how many people a key pair of the archive was made.
async fn holders(world: &World, operator: &Operator) -> anyhow::Result<usize> {
    world.settle().await;
    Ok(operator.0.http.get("/api/v1/audit?action=holder_key.made").await?.expect(200)?.items().len())
}

journey!(nothing_rests_under_four_digits_and_nobody_with_them_administers, async |world| {
    let (operator, bakery) = world.bakery().await?;
    allow(&bakery).await?;
    bakery.invite(&invitation("Ea", "Eng", EA)).await?.expect(201)?;
    world.settle().await;
    let answer = try_it(world, "2580").await?.expect(201)?;
    let mut ea = Person { password: "2580".to_owned(), ..Person::of_activation(&world.client(), &answer, EA_ID).await? };
    let before = holders(world, &operator).await?;
    ea.log_in().await?;
    ensure!(holders(world, &operator).await? == before, "a key pair was laid under four digits");
    // A share of the company's key would open to ten thousand guesses.
    let administrators = format!("/api/v1/companies/{}/administrators", bakery.id);
    let appointed = json!({"employee": ea.employee});
    let refused = bakery.administrator.http.post(&administrators, &appointed).await?;
    ensure!(refused.text().contains("four digits"), "{}", refused.text());
    refused.refused(409, "conflict")?;
    let longer = "Havregroed-2026-maane";
    ea.http.post("/api/v1/session/password", &json!({"password": "2580", "new_password": longer})).await?.expect(204)?;
    ea.password = longer.to_owned();
    ea.log_in().await?;
    ensure!(holders(world, &operator).await? == before + 1, "the longer password got none");
    bakery.administrator.http.post(&administrators, &appointed).await?.expect(204)?;
    world.settle().await;
    let shared = ea.http.get("/api/v1/recovery-holders").await?.expect(200)?;
    ensure!(shared.string("/possibility") == "possible", "{}", shared.text());
    Ok(())
});
