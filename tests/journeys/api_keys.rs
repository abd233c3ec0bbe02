//! A company's own user management: by API keys that may do what their scopes say, from where they may come, until they end.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, Client, send},
    journey,
    roles::{Company, Person, company, invitation},
    visitor::between,
    world::{EngineKind, World},
};
use time::Duration;

const BO: &str = "bo@bageri.example.dk";

fn keys_of(bakery: &Company) -> String {
    format!("/api/v1/companies/{}/api-keys", bakery.id)
}

/// A key with these scopes: the answer, and a program that shows it.
async fn made(world: &World, bakery: &Company, scopes: &[&str], more: Value) -> anyhow::Result<(Answer, Client)> {
    let mut body = json!({"name": "Lønsystemet", "scopes": scopes});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let made = bakery.administrator.http.post(&keys_of(bakery), &body).await?.expect(201)?;
    let program = world.client().with_token(&made.string("/key"));
    Ok((made, program))
}

async fn put(client: &Client, path: &str, body: &Value) -> anyhow::Result<Answer> {
    send(client.request(Method::PUT, path).json(body)).await
}

/// The program asks for the company's employees.
async fn list(program: &Client, bakery: &Company) -> anyhow::Result<Answer> {
    program.get(&bakery.employees()).await
}

const BOTH: [&str; 2] = ["employees:read", "employees:write"];

journey!(a_key_invites_changes_and_dismisses_and_the_audit_names_it, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (made, program) = made(world, &bakery, &BOTH, json!({})).await?;
    ensure!(made.header("cache-control") == "no-store" && made.string("/key").starts_with(&made.string("/prefix")), "{:?}", made.headers);
    // Long after the proof: the scope stands in its place.
    world.pass(Duration::minutes(10)).await;
    let invited = program.post_once(&bakery.employees(), &invitation("Bo", "Bager", BO), "bo-4711").await?.expect(201)?;
    ensure!(invited.json()["temporary_password"].is_null(), "{}", invited.text());
    let again = program.post_once(&bakery.employees(), &invitation("Bo", "Bager", BO), "bo-4711").await?.expect(201)?;
    ensure!(again.header("location") == invited.header("location") && !again.header("location").is_empty(), "the same person");
    let bo = invited.header("location");
    ensure!(list(&program, &bakery).await?.expect(200)?.items().len() == 2);
    program.post(&format!("{bo}/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    let changed = json!({"given_name": "Bo", "surname": "Brød", "email": BO});
    put(&program, &format!("{bo}/person"), &changed).await?.expect(204)?;
    ensure!(program.get(&bo).await?.expect(200)?.json()["surname"] == "Brød");
    program.delete(&bo).await?.expect(204)?;
    program.delete(&bo).await?.refused(409, "already-done")?;
    ensure!(program.get(&bo).await?.expect(200)?.json()["state"] == "left");
    world.settle().await;
    let key = made.string("/id");
    for action in ["employee.invited", "employee.changed", "employee.left"] {
        let found = operator.0.http.get(&format!("/api/v1/audit?action={action}")).await?.expect(200)?.items();
        let by_key = |entry: &Value| entry["author"].as_str().is_some_and(|author| author.starts_with(&format!("api_key:{key} made_by:")));
        ensure!(found.iter().any(by_key), "{action}: {found:?}");
    }
    let audit = operator.0.http.get("/api/v1/audit?action=api_key.created").await?.expect(200)?.text();
    ensure!(audit.contains(&key) && !audit.contains(&made.string("/key")), "{audit}");
    Ok(())
});

journey!(a_key_reads_that_somebody_is_suspended_and_not_why, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let (_, program) = made(world, &bakery, &["employees:read"], json!({})).await?;
    let path = format!("{}/{}", bakery.employees(), bo.employee);
    put(&bakery.administrator.http, &format!("{path}/suspension"), &json!({"reason": "Langvarig sygdom"})).await?.expect(204)?;
    ensure!(bakery.administrator.http.get(&path).await?.expect(200)?.json()["suspension"]["reason"] == "Langvarig sygdom");
    for shown in [program.get(&path).await?, list(&program, &bakery).await?] {
        let text = shown.expect(200)?.text();
        ensure!(text.contains("\"since\"") && !text.contains("sygdom"), "{text}");
    }
    Ok(())
});

journey!(a_key_orders_a_card_for_an_employee_who_is_told, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let (_, cards) = made(world, &bakery, &["cards:write"], json!({})).await?;
    let (_, others) = made(world, &bakery, &BOTH, json!({})).await?;
    let path = format!("{}/{}/keycards", bakery.employees(), bo.employee);
    let refused = others.post(&path, &json!({"lost": false})).await?;
    ensure!(refused.string("/scope") == "cards:write", "{}", refused.text());
    refused.refused(403, "forbidden")?;
    world.pass(Duration::minutes(6)).await;
    let ordered = cards.post(&path, &json!({"lost": false})).await?.expect(201)?;
    world.settle().await;
    let number = ordered.string("/number");
    ensure!(world.mailbox.mails_to(BO).iter().any(|mail| mail.text.contains(&number) && mail.text.contains("Lønsystemet")));
    Ok(())
});

journey!(what_no_scope_names_is_closed_pages_first_of_all, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let (_, reader) = made(world, &bakery, &["employees:read"], json!({})).await?;
    let (_, all) = made(world, &bakery, &["employees:read", "employees:write", "cards:write"], json!({})).await?;
    list(&reader, &bakery).await?.expect(200)?;
    reader.get(&format!("/api/v1/companies/{}", bakery.id)).await?.expect(200)?;
    let refused = reader.post(&bakery.employees(), &invitation("Bo", "Bager", BO)).await?;
    ensure!(refused.text().contains("employees:write") && refused.string("/scope") == "employees:write", "{}", refused.text());
    refused.refused(403, "forbidden")?;
    let own = format!("{}/{}", bakery.employees(), anne.employee);
    for path in [
        "/api/v1/session".to_owned(),
        "/api/v1/certificates".to_owned(),
        "/api/v1/documents".to_owned(),
        "/api/v1/tokens".to_owned(),
        "/api/v1/recoveries".to_owned(),
        keys_of(&bakery),
        format!("/api/v1/companies/{}/webhooks", bakery.id),
        format!("/api/v1/companies/{}/imports", bakery.id),
        format!("{own}/proofings"),
    ] {
        all.get(&path).await?.refused(403, "forbidden").context(path)?;
    }
    let posts = [
        (format!("/api/v1/companies/{}/administrators", bakery.id), json!({"employee": anne.employee})),
        (format!("/api/v1/companies/{}/certificates", bakery.id), json!({"purpose": "seal"})),
        (keys_of(&bakery), json!({"name": "Mere", "scopes": ["employees:read"]})),
        ("/api/v1/recoveries".to_owned(), json!({"employee": anne.employee, "reason": "Sygdom"})),
    ];
    for (path, body) in posts {
        all.post(&path, &body).await?.refused(403, "forbidden").context(path)?;
    }
    for page in ["/", "/documents", "/account", &format!("/companies/{}", bakery.id)] {
        let answer = send(all.request(Method::GET, page).header("Accept", "text/html")).await?;
        ensure!(answer.status == 403, "{page}: {}", answer.status);
    }
    Ok(())
});

journey!(a_key_vouches_for_nobody_and_touches_no_administrator, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (_, program) = made(world, &bakery, &["employees:read", "employees:write", "cards:write"], json!({})).await?;
    let anne = format!("{}/{}", bakery.employees(), bakery.administrator.employee);
    let stolen = json!({"given_name": "Anne", "surname": "Ådal", "email": "tyv@snyd.example.dk"});
    put(&program, &format!("{anne}/person"), &stolen).await?.refused(403, "forbidden")?;
    program.delete(&anne).await?.refused(403, "forbidden")?;
    program.post(&format!("{anne}/keycards"), &json!({"lost": true})).await?.refused(403, "forbidden")?;
    program.post(&format!("{anne}/invitation"), &json!({"vouched": "by_letter"})).await?.refused(403, "forbidden")?;
    let mut seen = invitation("Bo", "Bager", BO);
    seen["vouched"] = json!("in_person");
    seen["documents"] = json!([support::roles::passport()]);
    program.post(&bakery.employees(), &seen).await?.refused(403, "forbidden")?;
    // Link and temporary password would both go where whoever has the key likes.
    let mut texted = invitation("Bo", "Bager", BO);
    texted["vouched"] = json!("by_text");
    texted["telephone"] = json!("+45 87 65 43 21");
    program.post(&bakery.employees(), &texted).await?.refused(403, "forbidden")?;
    ensure!(list(&program, &bakery).await?.items().len() == 1, "nobody was invited");
    texted["vouched"] = json!("by_letter");
    let bo = program.post(&bakery.employees(), &texted).await?.expect(201)?.header("location");
    program.post(&format!("{bo}/invitation"), &json!({"vouched": "by_text"})).await?.refused(403, "forbidden")?;
    world.settle().await;
    ensure!(world.mailbox.texts_to("+4587654321").is_empty(), "a key had a temporary password texted");
    Ok(())
});

journey!(a_key_that_ended_or_grew_old_or_comes_from_elsewhere_opens_nothing, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let (ended, ending) = made(world, &bakery, &BOTH, json!({})).await?;
    list(&ending, &bakery).await?.expect(200)?;
    list(&ending, &dairy).await?.refused(404, "not-found")?;
    ending.get(&format!("{}/{}", dairy.employees(), dairy.administrator.employee)).await?.refused(404, "not-found")?;
    let path = format!("{}/{}", keys_of(&bakery), ended.string("/id"));
    dairy.administrator.http.delete(&path).await?.refused(404, "not-found")?;
    bakery.administrator.http.delete(&path).await?.expect(204)?;
    list(&ending, &bakery).await?.refused(401, "not-logged-in")?;
    bakery.administrator.http.delete(&path).await?.refused(404, "not-found")?;
    let (_, foreign) = made(world, &bakery, &BOTH, json!({"networks": ["192.0.2.0/24", "2001:db8::/32"]})).await?;
    list(&foreign, &bakery).await?.refused(403, "forbidden")?;
    let (_, near) = made(world, &bakery, &BOTH, json!({"networks": ["127.0.0.0/8"]})).await?;
    list(&near, &bakery).await?.expect(200)?;
    let (_, old) = made(world, &bakery, &BOTH, json!({"days": 1})).await?;
    list(&old, &bakery).await?.expect(200)?;
    world.pass(Duration::hours(25)).await;
    list(&old, &bakery).await?.refused(401, "not-logged-in")?;
    list(&near, &bakery).await?.expect(200)?;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    let shown = anne.http.get(&keys_of(&bakery)).await?.expect(200)?;
    let used = shown.items().iter().filter(|one| one["last_used_at"].is_string()).count();
    ensure!(shown.items().len() == 2 && used == 1, "{}", shown.text());
    ensure!(shown.items()[0]["made_by_name"] == "Anne Ådal" && shown.items()[0]["maker_administers"] == true, "{}", shown.text());
    let faults = json!({"name": "", "scopes": [], "days": 732, "networks": ["192.0.2.1/24"]});
    let refused = anne.http.post(&keys_of(&bakery), &faults).await?;
    ensure!(refused.pointers() == ["/name", "/scopes", "/days", "/networks"], "{}", refused.text());
    Ok(())
});

journey!(a_closed_company_has_no_keys, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (_, program) = made(world, &bakery, &BOTH, json!({})).await?;
    list(&program, &bakery).await?.expect(200)?;
    let path = format!("/api/v1/companies/{}/closing", bakery.id);
    operator.0.prove().await?;
    operator.0.http.post(&path, &json!({"number": "30808460"})).await?.expect(200)?;
    list(&program, &bakery).await?.refused(401, "not-logged-in")
});

journey!(a_key_is_the_companys_and_outlives_its_makers_post, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (_, program) = made(world, &bakery, &BOTH, json!({})).await?;
    let (anne, bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", BO).await?);
    let administrators = format!("/api/v1/companies/{}/administrators", bakery.id);
    anne.prove().await?;
    anne.http.post(&administrators, &json!({"employee": bo.employee, "transfer": true})).await?.expect(204)?;
    bo.prove().await?;
    list(&program, &bakery).await?.expect(200)?;
    let shown = bo.http.get(&keys_of(&bakery)).await?.expect(200)?.items();
    ensure!(shown[0]["maker_administers"] == false, "{shown:?}");
    anne.http.get(&keys_of(&bakery)).await?.refused(403, "forbidden")?;
    // What Anne may not administer any more, the key may: also her.
    program.delete(&format!("{}/{}", bakery.employees(), anne.employee)).await?.expect(204)?;
    Ok(())
});

journey!(making_a_key_needs_a_proof_and_all_administrators_are_told_of_it_and_of_its_end, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    world.pass(Duration::minutes(6)).await;
    let body = json!({"name": "Lønsystemet", "scopes": BOTH});
    anne.http.post(&keys_of(&bakery), &body).await?.refused(403, "prove-again")?;
    anne.prove().await?;
    let (made, _) = made(world, &bakery, &BOTH, json!({})).await?;
    let replayed = anne.http.post_once(&keys_of(&bakery), &body, "en-gang").await?.expect(201)?;
    let again = anne.http.post_once(&keys_of(&bakery), &body, "en-gang").await?.expect(201)?;
    ensure!(again.header("location") == replayed.header("location") && again.string("/key").is_empty(), "the secret is shown once");
    world.settle().await;
    let told = world.mailbox.mails_to("anne@30808460.example.dk");
    let mail = told.iter().find(|mail| mail.subject.contains("Ny API-nøgle")).context("nobody was told")?;
    ensure!(mail.text.contains("Lønsystemet") && mail.text.contains("employees:write"), "{}", mail.text);
    ensure!(told.iter().all(|mail| !mail.text.contains(&made.string("/key"))), "the mail shows the key");
    anne.http.delete(&format!("{}/{}", keys_of(&bakery), made.string("/id"))).await?.expect(204)?;
    world.settle().await;
    let told = world.mailbox.mails_to("anne@30808460.example.dk");
    ensure!(told.iter().any(|mail| mail.subject.contains("API-nøgle afsluttet")), "nobody was told of the end");
    Ok(())
});

journey!(wrong_keys_are_refused_alike_and_soon_told_to_wait_while_a_right_one_works, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (made, program) = made(world, &bakery, &BOTH, json!({})).await?;
    let right = made.string("/key");
    let turned = format!("{}{}", &right[..right.len() - 1], if right.ends_with('0') { '1' } else { '0' });
    let made_up = format!("segl_org_{}", "0".repeat(48));
    let mut waits = 0;
    for shown in [&turned, &made_up].into_iter().cycle().take(40) {
        let answer = list(&world.client().with_token(shown), &bakery).await?;
        match answer.status.as_u16() {
            401 => ensure!(waits == 0, "let in again"),
            429 => waits += 1,
            other => anyhow::bail!("{other}: {}", answer.text()),
        }
        ensure!(!answer.text().contains(&shown[9..]), "the refusal repeats the key");
    }
    ensure!(waits == 10, "{waits} were told to wait");
    list(&program, &bakery).await?.expect(200)?;
    world.settle().await;
    let guessed = operator.0.http.get("/api/v1/audit?action=api_key.guessed").await?.expect(200)?.items();
    ensure!(guessed.len() == 1, "{guessed:?}");
    Ok(())
});

journey!(a_key_asks_six_hundred_times_a_minute_and_no_more, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (_, program) = made(world, &bakery, &BOTH, json!({})).await?;
    let (_, other) = made(world, &bakery, &BOTH, json!({})).await?;
    let path = format!("{}/{}", bakery.employees(), bakery.administrator.employee);
    for _ in 0..600 {
        program.get(&path).await?.expect(200)?;
    }
    let refused = program.get(&path).await?;
    ensure!(!refused.header("retry-after").is_empty(), "{:?}", refused.headers);
    refused.refused(429, "too-many-tries")?;
    other.get(&path).await?.expect(200).map(drop)
});

journey!(a_key_rests_as_a_keyed_hash_alone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (made, program) = made(world, &bakery, &BOTH, json!({})).await?;
    list(&program, &bakery).await?.expect(200)?;
    world.settle().await;
    let key = made.string("/key");
    let plain = openssl::sha::sha256(key.as_bytes());
    let secret = &key[17..];
    ensure!(world.mailbox.all().iter().all(|mail| !mail.text.contains(secret)));
    if world.engine == EngineKind::Sqlite {
        for name in ["segl.db", "segl.db-wal"] {
            let rows = std::fs::read(world.file(name)).unwrap_or_default();
            let stands = |wanted: &[u8]| rows.windows(wanted.len()).any(|window| window == wanted);
            ensure!(!stands(secret.as_bytes()) && !stands(&plain), "{name} holds the key or its bare hash");
        }
    }
    Ok(())
});

/// The administrator's way on the pages.
async fn on_the_pages(world: &World, bakery: &Company, anne: &Person) -> anyhow::Result<()> {
    let browser = anne.browser("da").await?;
    let path = format!("/companies/{}/api-keys", bakery.id);
    ensure!(browser.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?.text().contains(&path), "the company's page leads there");
    let page = browser.get(&path).await?.expect(200)?;
    let refused = browser.submit(&page, &path, &[("name", "Lønsystemet"), ("days", "365"), ("networks", "her")]).await?.expect(422)?;
    ensure!(refused.text().contains("Vælg mindst én") && refused.text().contains("her er ikke et netværk"), "{}", refused.text());
    let fields = [("name", "Lønsystemet"), ("days", "30"), ("networks", "127.0.0.0/8"), ("scope_employees_read", "yes")];
    let shown = browser.submit(&page, &path, &fields).await?.expect(201)?;
    ensure!(shown.header("cache-control") == "no-store");
    let key = between(&shown.text(), "id=\"shown-key\">", "<").context("no key is shown")?;
    list(&world.client().with_token(&key), bakery).await?.expect(200)?;
    let page = browser.get(&path).await?.expect(200)?;
    ensure!(page.text().contains("Lønsystemet") && !page.text().contains(&key), "it is shown once");
    let end = between(&page.text(), &format!("action=\"{path}/"), "\"").context("no button ends it")?;
    browser.submit(&page, &format!("{path}/{end}"), &[]).await?.expect(303)?;
    list(&world.client().with_token(&key), bakery).await?.refused(401, "not-logged-in")?;
    world.pass(Duration::minutes(6)).await;
    let page = browser.get(&path).await?.expect(200)?;
    ensure!(page.text().contains("/account/prove?next=") && !page.text().contains("name=\"days\""), "first prove it");
    Ok(())
}

journey!(an_administrator_makes_and_ends_a_key_on_the_pages, async |world| {
    let (_, bakery) = world.bakery().await?;
    on_the_pages(world, &bakery, &bakery.administrator).await
});
