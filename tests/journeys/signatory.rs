//! The signatory: reads and accepts the agreement, appoints the administrator.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use support::{
    journey,
    roles::{accept_agreement, company, nominee},
    visitor::Visitor,
    world::World,
};
use time::Duration;

const SIGRID: &str = "sigrid@30808460.example.dk";

fn token(link: &str) -> &str {
    link.rsplit('/').next().unwrap_or_default()
}

async fn registered(world: &World) -> anyhow::Result<(support::roles::Operator, String, String)> {
    let operator = world.operator().await?;
    let id = operator.register(&company("Havnens Bageri ApS", "30808460")).await?;
    world.settle().await;
    let link = world.mailbox.link_to(SIGRID, "/agreement/").context("no link came")?;
    Ok((operator, id, link))
}

async fn state_of(operator: &support::roles::Operator, id: &str) -> anyhow::Result<String> {
    Ok(operator.0.http.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?.string("/state"))
}

journey!(accepting_makes_the_company_active_and_invites_its_administrator, async |world| {
    let (operator, id, link) = registered(world).await?;
    let read = world.client().post("/api/v1/agreements", &json!({"link": token(&link)})).await?.expect(200)?;
    ensure!(read.string("/company") == "Havnens Bageri ApS" && read.string("/text").contains("30808460"), "{}", read.text());
    ensure!(state_of(&operator, &id).await? == "registered", "reading changes nothing");
    let accepted = accept_agreement(&world.client(), &world.mailbox, SIGRID, &nominee("anne@bageri.example.dk")).await?.expect(200)?;
    ensure!(accepted.string("/state") == "active", "{}", accepted.text());
    world.settle().await;
    ensure!(world.mailbox.link_to("anne@bageri.example.dk", "/activate/").is_some(), "the administrator got no link");
    let letter = world.mailbox.letters_to("Anne Ådal").into_iter().next().context("the temporary password goes by letter")?;
    ensure!(letter.to.contains("Havnegade 1"), "{}", letter.to);
    for mail in world.mailbox.mails_to("anne@bageri.example.dk") {
        let code = world.mailbox.temporary_password("Anne Ådal").context("a code")?;
        ensure!(!mail.text.contains(&code), "link and temporary password travel apart");
    }
    Ok(())
});

journey!(a_company_waits_for_all_of_its_signatories, async |world| {
    let operator = world.operator().await?;
    let mut havn = company("Havnens Bageri ApS", "30808460");
    havn["signatories"].as_array_mut().unwrap().push(json!({"name": "Søren Signatar", "email": "soren@bageri.example.dk"}));
    let id = operator.register(&havn).await?;
    world.settle().await;
    let anne = nominee("anne@bageri.example.dk");
    let first = accept_agreement(&world.client(), &world.mailbox, SIGRID, &anne).await?.expect(200)?;
    ensure!(first.string("/state") == "registered" && first.json()["pending"] == 1, "{}", first.text());
    let other = json!({"given_name": "Ole", "surname": "Olsen", "email": "ole@bageri.example.dk"});
    accept_agreement(&world.client(), &world.mailbox, "soren@bageri.example.dk", &other).await?.refused(409, "conflict")?;
    ensure!(state_of(&operator, &id).await? == "registered", "the refused acceptance changed nothing");
    let last = accept_agreement(&world.client(), &world.mailbox, "soren@bageri.example.dk", &Value::Null).await?.expect(200)?;
    ensure!(last.string("/state") == "active", "{}", last.text());
    Ok(())
});

journey!(a_link_is_refused_when_it_is_used_unknown_or_too_old, async |world| {
    let (operator, id, link) = registered(world).await?;
    let unknown = json!({"link": "AAAAAAAAAAAAAAAAAAAAAA"});
    world.client().post("/api/v1/agreements", &unknown).await?.refused(404, "not-found")?;
    let no = json!({"link": token(&link), "accept": false, "administrator": nominee("anne@bageri.example.dk")});
    let refused = world.client().post("/api/v1/agreements/acceptance", &no).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/accept"], "{:?}", refused.pointers());
    world.clock.advance(Duration::days(15));
    let late = accept_agreement(&world.client(), &world.mailbox, SIGRID, &nominee("anne@bageri.example.dk")).await?;
    late.refused(410, "gone")?;
    let mut olga = operator.clone();
    olga.0.log_in().await?;
    ensure!(state_of(&olga, &id).await? == "registered", "nothing changed");
    let company = olga.0.http.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?;
    let signatory = company.string("/signatories/0/id");
    olga.0.http.post(&format!("/api/v1/companies/{id}/signatories/{signatory}/link"), &json!({})).await?.expect(204)?;
    world.settle().await;
    accept_agreement(&world.client(), &world.mailbox, SIGRID, &nominee("anne@bageri.example.dk")).await?.expect(200)?;
    let again = accept_agreement(&world.client(), &world.mailbox, SIGRID, &nominee("bo@bageri.example.dk")).await?;
    again.refused(409, "already-done")?;
    let old = json!({"link": token(&link)});
    world.client().post("/api/v1/agreements", &old).await?.refused(404, "not-found")
});

journey!(a_name_of_65_characters_is_refused_by_its_field, async |world| {
    let (operator, id, link) = registered(world).await?;
    let long = "Å".repeat(65);
    for (field, person) in [
        ("/administrator/given_name", json!({"given_name": long, "surname": "Ådal", "email": "anne@bageri.example.dk"})),
        ("/administrator/surname", json!({"given_name": "Anne", "surname": long, "email": "anne@bageri.example.dk"})),
    ] {
        let body = json!({"link": token(&link), "accept": true, "administrator": person});
        let refused = world.client().post("/api/v1/agreements/acceptance", &body).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == [field], "{:?}", refused.pointers());
        ensure!(refused.text().contains("64"), "the limit is told: {}", refused.text());
    }
    ensure!(state_of(&operator, &id).await? == "registered", "nothing changed");
    Ok(())
});

journey!(the_agreement_is_accepted_on_its_page_without_script, async |world| {
    let (operator, id, link) = registered(world).await?;
    let visitor = Visitor::new(&world.client(), "da");
    let page = visitor.get(&link).await?.expect(200)?;
    ensure!(page.text().contains("Havnens Bageri ApS") && page.text().contains("<html lang=\"da\">"), "not the agreement");
    ensure!(state_of(&operator, &id).await? == "registered", "opening the link changes nothing");
    let hash = support::visitor::hidden(&page.text(), "hash").context("the page names the text")?;
    let person =
        [("administrator/given_name", "Anne"), ("administrator/surname", "Ådal"), ("administrator/email", "anne@bageri.example.dk")];
    let mut fields = vec![("hash", hash.as_str())];
    fields.extend(person);
    let refused = visitor.submit(&page, &link, &fields).await?;
    ensure!(refused.status == 422 && refused.text().contains("error-summary"), "{}: {}", refused.status, refused.text());
    fields.push(("accept", "yes"));
    let done = visitor.submit(&page, &link, &fields).await?.expect(200)?;
    ensure!(done.text().contains("Havnens Bageri ApS er nu aktiv"), "{}", done.text());
    ensure!(state_of(&operator, &id).await? == "active", "accepted");
    Ok(())
});
