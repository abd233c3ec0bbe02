//! The public directory: who said yes is found by the whole address, and nobody else.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::Value;
use support::{
    client::{Client, send},
    journey,
    peers::tools::run,
    roles::Person,
    visitor::Visitor,
};

const LISTING: &str = "/api/v1/directory/listing";

async fn search(client: &Client, email: &str, company: &str) -> anyhow::Result<Vec<Value>> {
    let request = client.request(Method::GET, "/api/v1/directory").query(&[("email", email)]);
    let request = if company.is_empty() { request } else { request.query(&[("company", company)]) };
    Ok(send(request).await?.expect(200)?.items())
}

async fn enter(person: &Person) -> anyhow::Result<Value> {
    Ok(send(person.http.request(Method::PUT, LISTING)).await?.expect(200)?.json())
}

journey!(who_says_yes_is_found_by_the_whole_address_until_they_take_it_back, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let nobody = world.client();
    ensure!(search(&nobody, "bo@bageri.example.dk", "").await?.is_empty(), "nobody is found unasked");
    bo.http.get(LISTING).await?.refused(404, "not-found")?;
    ensure!(enter(&bo).await?["address"] == "bo@bageri.example.dk", "by the address in the certificate");
    let found = search(&nobody, " BO@bageri.example.dk", "").await?;
    let purposes: Vec<_> = found.iter().filter_map(|one| one["purpose"].as_str()).collect();
    ensure!(purposes == ["encryption", "mail"] && found[0]["name"] == "Bo Bager", "{found:?}");
    ensure!(search(&nobody, "bo@bageri.example.dk", "30808460").await?.len() == 2, "by number");
    ensure!(search(&nobody, "bo@bageri.example.dk", "havnens bageri aps").await?.len() == 2, "by name");
    ensure!(search(&nobody, "bo@bageri.example.dk", "34051178").await?.is_empty(), "another company");
    for part in ["bo@bageri.example.d", "o@bageri.example.dk", "bo@bageri.example.dk.evil.example"] {
        ensure!(search(&nobody, part, "").await?.is_empty(), "{part} is not the address");
    }
    for none in ["bo", "*", "%", "@bageri.example.dk"] {
        send(nobody.request(Method::GET, "/api/v1/directory").query(&[("email", none)])).await?.refused(422, "invalid")?;
    }
    nobody.get("/api/v1/directory").await?.refused(422, "invalid")?;
    bo.http.delete(LISTING).await?.expect(204)?;
    bo.http.delete(LISTING).await?.expect(204)?;
    ensure!(search(&nobody, "bo@bageri.example.dk", "").await?.is_empty(), "taken back");
    Ok(())
});

journey!(a_certificate_store_answers_programs_and_openssl_reads_it, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    enter(&bo).await?;
    let answer = world.client().get("/directory?email=bo%40bageri.example.dk").await?.expect(200)?;
    ensure!(answer.header("content-type") == "application/pkix-cert", "{}", answer.header("content-type"));
    let file = world.file("found.cer");
    std::fs::write(&file, &answer.bytes)?;
    let file = file.display().to_string();
    for (asked, words) in [(&["-email"][..], "bo@bageri.example.dk"), (&["-ext", "keyUsage"], "Key Agreement")] {
        run("openssl", ["x509", "-inform", "DER", "-in", &file, "-noout"].iter().chain(asked)).await.must_say(words);
    }
    world.client().get("/directory?email=nobody%40bageri.example.dk").await?.refused(404, "not-found")?;
    world.client().get("/directory?name=Bo").await?.refused(422, "invalid")?;
    // Whoever leaves is not found: the certificates are revoked.
    bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(204)?;
    world.client().get("/directory?email=bo%40bageri.example.dk").await?.refused(404, "not-found")?;
    Ok(())
});

journey!(nobody_says_yes_for_somebody_else_and_both_answers_stand_in_the_audit, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    // An administrator's yes is their own, whatever they say.
    let request = bakery.administrator.http.request(Method::PUT, LISTING);
    let _own_answer = send(request.json(&serde_json::json!({"employee": bo.employee}))).await?;
    ensure!(search(&world.client(), "bo@bageri.example.dk", "").await?.is_empty(), "said by somebody else");
    send(operator.0.http.request(Method::PUT, LISTING)).await?.refused(403, "forbidden")?;
    send(world.client().request(Method::PUT, LISTING)).await?.refused(401, "not-logged-in")?;
    enter(&bo).await?;
    bo.http.delete(LISTING).await?.expect(204)?;
    world.settle().await;
    for action in ["directory_listing.agreed", "directory_listing.withdrawn"] {
        let found = operator.0.http.get(&format!("/api/v1/audit?action={action}")).await?.expect(200)?.items();
        ensure!(found.len() == 1 && found[0].to_string().contains(&bo.employee), "{action}: {found:?}");
    }
    Ok(())
});

journey!(pages_let_one_say_yes_and_others_search_without_script, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    enter(&bo).await?;
    for (language, none, found) in
        [("da-DK", "Ingen med den adresse", "Modtage krypteret post"), ("en-GB", "Nobody with that address", "Receive encrypted mail")]
    {
        let visitor = Visitor::new(&world.client(), language);
        let page = visitor.get("/directory/search?email=bo%40bageri.example.dk&company=").await?.expect(200)?.text();
        ensure!(page.contains(found) && page.contains("Bo Bager") && !page.contains(">directory."), "{page}");
        let page = visitor.get("/directory/search?email=ea%40bageri.example.dk").await?.expect(200)?.text();
        ensure!(page.contains(none), "{page}");
        let page = visitor.get("/directory/search?email=bo").await?;
        ensure!(page.status == 422 && page.text().contains("email-error"), "{}", page.text());
    }
    Ok(())
});

journey!(a_network_that_asks_too_often_must_wait, async |world| {
    let client = world.client();
    let mut refused = None;
    for number in 0..40 {
        let answer = client.get(&format!("/directory?email=a{number}%40bageri.example.dk")).await?;
        if answer.status == 429 {
            refused = Some(number);
            answer.refused(429, "too-many-tries")?;
            break;
        }
        answer.refused(404, "not-found")?;
    }
    ensure!(refused.context("nobody was refused")? == 30, "{refused:?}");
    client.get("/api/v1/directory?email=bo%40bageri.example.dk").await?.refused(429, "too-many-tries")?;
    Ok(())
});

/// Where several nodes stand on one database, they count together.
#[test]
fn a_network_does_not_ask_more_by_asking_several_nodes() {
    support::world::run(support::world::EngineKind::Postgres, async |world| {
        let client = world.client();
        for number in 0..20 {
            client.get(&format!("/directory?email=a{number}%40bageri.example.dk")).await?.refused(404, "not-found")?;
        }
        let second = world.second_node().await;
        let ask = async || segl::directory::find(&second, "127.0.0.0/24", "bo@bageri.example.dk", None).await;
        for _ in 0..10 {
            ensure!(ask().await?.is_empty(), "nobody is listed");
        }
        ensure!(matches!(ask().await, Err(segl::directory::DirectoryError::TooManyQuestions)), "the second node counts on");
        client.get("/directory?email=bo%40bageri.example.dk").await?.refused(429, "too-many-tries")?;
        world.pass(time::Duration::minutes(1)).await;
        ensure!(ask().await?.is_empty(), "a minute later");
        Ok(())
    });
}
