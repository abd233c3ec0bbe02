//! What was done in my name: each sees their own, and nothing of anybody else.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};
use support::{client::send, journey, papers::fixture, roles::Person};

async fn log(person: &Person, query: &str) -> anyhow::Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = person.http.get(&format!("/api/v1/history?{query}{after}")).await?.expect(200)?;
        all.extend(page.items());
        match page.json()["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(all),
        }
    }
}

fn actions(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["action"].as_str()).collect()
}

journey!(a_person_reads_log_ins_refusals_signatures_and_changes_newest_first, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let mut bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let wrong = json!({"user_id": bo.user_id, "password": "Forkert-2026-sol"});
    bo.http.without_token().post("/api/v1/logins", &wrong).await?.refused(403, "not-right")?;
    bo.log_in().await?;
    bo.upload_and_sign("Lejekontrakt", &fixture("cairo")).await?;
    bo.pair_phone("Bos telefon").await?;
    anne.prove().await?;
    let path = format!("{}/{}/suspension", bakery.employees(), bo.employee);
    send(anne.http.request(Method::PUT, &path).json(&json!({"reason": "Hemmelig grund"}))).await?.expect(204)?;
    anne.http.delete(&path).await?.expect(204)?;

    let lines = log(&bo, "").await?;
    let seen = actions(&lines);
    let wanted = [
        "employee.invited",
        "employee.activated",
        "keycard.issued",
        "password.refused",
        "login.succeeded",
        "document.signed",
        "phone.paired",
        "employee.suspended",
        "employee.reinstated",
    ];
    for action in wanted {
        ensure!(seen.contains(&action), "{action} is missing: {seen:?}");
    }
    let times: Vec<_> = lines.iter().map(|line| line["id"].as_str().unwrap_or_default()).collect();
    ensure!(times.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
    let one = |action: &str| lines.iter().find(|line| line["action"] == action).cloned().unwrap_or_default();
    ensure!(one("employee.suspended")["by"] == "administrator" && one("login.succeeded")["by"] == "oneself");
    ensure!(one("password.refused")["by"] == "somebody" && one("password.refused")["network"].is_string());
    ensure!(one("document.signed")["title"] == "Lejekontrakt", "{}", one("document.signed"));
    let text = serde_json::to_string(&lines)?;
    for others in ["Hemmelig grund", "Anne", anne.employee.as_str(), "Ådal"] {
        ensure!(!text.contains(others), "{others} is nobody else's business");
    }
    let logins = log(&bo, "kind=logins").await?;
    ensure!(!logins.is_empty() && logins.iter().all(|line| line["kind"] == "logins"), "{logins:?}");
    bo.http.get("/api/v1/history?kind=gossip").await?.refused(400, "bad-request")?;

    // What an administrator does to others is not in the administrator's own log.
    let own = log(anne, "").await?;
    ensure!(!actions(&own).contains(&"employee.suspended") && !serde_json::to_string(&own)?.contains(&bo.employee));
    Ok(())
});

journey!(what_a_program_of_the_company_did_is_told_apart_by_the_name_of_its_key, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    anne.prove().await?;
    let keys = format!("/api/v1/companies/{}/api-keys", bakery.id);
    let wanted = json!({"name": "Lønsystemet", "scopes": ["employees:read", "employees:write", "cards:write"]});
    let made = anne.http.post(&keys, &wanted).await?.expect(201)?;
    let program = world.client().with_token(&made.string("/key"));
    let of_bo = format!("{}/{}", bakery.employees(), bo.employee);
    program.post(&format!("{of_bo}/keycards"), &json!({"lost": false})).await?.expect(201)?;
    anne.http.post(&format!("{of_bo}/keycards"), &json!({"lost": false})).await?.expect(201)?;
    // An ended key keeps its name here.
    anne.http.delete(&format!("{keys}/{}", made.string("/id"))).await?.expect(204)?;
    let lines = log(&bo, "kind=account").await?;
    let ordered: Vec<_> = lines.iter().filter(|line| line["action"] == "employee.card_ordered").collect();
    ensure!(ordered.len() == 2, "{lines:?}");
    // The world's clock stands still: both came at the same moment.
    let by = |who: &str| ordered.iter().find(|line| line["by"] == who).map(|line| line["key"].clone());
    ensure!(by("administrator") == Some(Value::Null) && by("api_key") == Some(json!("Lønsystemet")), "{ordered:?}");
    for (language, words) in [("da", "Via API med nøglen Lønsystemet"), ("en", "By API, with the key Lønsystemet")] {
        let browser = bo.browser(language).await?;
        let page = browser.get("/account/history?kind=account").await?.expect(200)?.text();
        ensure!(page.contains(words) && !page.contains("Anne"), "{page}");
        ensure!(browser.get("/account/history.csv").await?.expect(200)?.text().contains(words));
    }
    Ok(())
});

journey!(a_new_password_that_somebody_asks_for_stands_in_the_persons_log_until_it_is_stopped, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    anne.prove().await?;
    let body = json!({"company": bakery.id, "employee": bo.employee});
    let id = anne.http.post("/api/v1/reissues", &body).await?.expect(201)?.string("/id");
    let lines = log(&bo, "kind=account").await?;
    let asked = lines.iter().find(|line| line["action"] == "reissue.asked").cloned().unwrap_or_default();
    ensure!(asked["by"] == "administrator", "{lines:?}");
    let page = bo.browser("da").await?.get("/account/history").await?.expect(200)?.text();
    ensure!(page.contains("Nogen bad om en ny adgangskode til dig"), "{page}");
    anne.http.delete(&format!("/api/v1/reissues/{id}")).await?.expect(204)?;
    ensure!(actions(&log(&bo, "kind=account").await?).contains(&"reissue.cancelled"));
    ensure!(!actions(&log(anne, "").await?).contains(&"reissue.asked"), "it is not about the one who asked");
    Ok(())
});

journey!(the_page_says_it_in_words_and_gives_a_file, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let browser = bo.browser("da").await?;
    ensure!(browser.get("/account").await?.expect(200)?.text().contains("/account/history"));
    let page = browser.get("/account/history").await?.expect(200)?;
    ensure!(
        page.text().contains("scope=\"row\">Logget på") && page.text().contains("Nyt nøglekort") && page.text().contains("/revoke"),
        "{}",
        page.text()
    );
    let only = browser.get("/account/history?kind=signatures").await?.expect(200)?;
    ensure!(!only.text().contains("scope=\"row\">Logget på"));
    let file = browser.get("/account/history.csv?kind=logins").await?.expect(200)?;
    ensure!(file.text().starts_with('\u{FEFF}') && file.text().contains("Logget på"), "{}", file.text());
    world.client().get("/api/v1/history").await?.refused(401, "not-logged-in")?;
    Ok(())
});
