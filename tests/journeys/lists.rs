//! The administrator's list: found, narrowed, counted, carried away as a file.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use support::{
    client::{Client, send},
    journey,
    roles::{Company, company, invitation, join},
    world::World,
};
use time::Duration;

async fn names(http: &Client, bakery: &Company, query: &str) -> anyhow::Result<Vec<String>> {
    let page = http.get(&format!("{}?{query}", bakery.employees())).await?.expect(200)?;
    ensure!(page.json()["next"].is_null(), "{query}: more than was thought");
    Ok(page.items().iter().map(|item| item["given_name"].as_str().unwrap_or_default().to_owned()).collect())
}

async fn crowd(world: &World, bakery: &Company, many: usize) -> anyhow::Result<()> {
    for number in 0..many {
        let invited = invitation(&format!("Nr{number:03}"), "Zebra", &format!("nr{number:03}@zoo.example.dk"));
        bakery.invite(&invited).await?.expect(201)?;
    }
    world.settle().await;
    Ok(())
}

journey!(people_are_found_by_surname_address_and_user_id_and_shown_by_what_they_need, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    bakery.invite(&invitation("Ida", "Ibsen", "ida@andre.example.dk")).await?.expect(201)?;
    world.settle().await;
    anne.prove().await?;
    let path = format!("{}/{}/suspension", bakery.employees(), ea.employee);
    send(anne.http.request(Method::PUT, &path).json(&json!({"reason": "Orlov"}))).await?.expect(204)?;

    let expected: [(&str, &[&str]); 11] = [
        ("name=ba", &["Bo"]),
        ("name=BO%40BAGERI&by=email", &["Bo"]),
        ("name=ida%40&by=email&filter=active", &[]),
        ("name=bo.bageri.example.dk&by=user_id", &["Bo"]),
        ("name=bo.bageri&by=user_id", &[]),
        ("filter=active", &["Bo", "Anne"]),
        ("filter=invited", &["Ida"]),
        ("filter=suspended", &["Ea"]),
        ("filter=left", &[]),
        ("filter=administrators", &["Anne"]),
        ("filter=unused", &[]),
    ];
    for (query, people) in expected {
        let found = names(&anne.http, &bakery, query).await?;
        ensure!(found == people, "{query}: {found:?}");
    }
    for query in ["filter=everybody", "by=cpr", "sort=age", "after=x"] {
        anne.http.get(&format!("{}?{query}", bakery.employees())).await?.refused(400, "bad-request")?;
    }
    // A user id of another company finds nobody here.
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let query = format!("name={}&by=user_id", bo.user_id);
    ensure!(names(&dairy.administrator.http, &dairy, &query).await?.is_empty());

    // Unit, title and groups stand in the list, and narrow it; a number is given once.
    let details = format!("{}/{}/details", bakery.employees(), bo.employee);
    let said = json!({"unit": "Ovnen", "title": "Svend", "groups": ["Nathold"], "rid": "42"});
    send(anne.http.request(Method::PUT, &details).json(&said)).await?.expect(204)?;
    ensure!(
        names(&anne.http, &bakery, "unit=ovnen").await? == ["Bo"] && names(&anne.http, &bakery, "unit=ovnen&filter=left").await?.is_empty()
    );
    let shown = anne.http.get(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(200)?;
    ensure!(shown.string("/details/title") == "Svend" && shown.json()["details"]["groups"] == json!(["Nathold"]), "{}", shown.text());
    let mut invited = invitation("Kai", "Krog", "kai@bageri.example.dk");
    invited["details"] = json!({"unit": "Ovnen", "rid": "42"});
    bakery.invite(&invited).await?.refused(422, "invalid")?;
    invited["details"] = json!({"unit": "Disken", "rid": "44"});
    let kai = bakery.invite(&invited).await?.expect(201)?.string("/id");
    ensure!(names(&anne.http, &bakery, "unit=disken").await? == ["Kai"]);
    anne.http.delete(&format!("{}/{kai}", bakery.employees())).await?.expect(204)?;
    // The number finds its one person, of this company alone.
    let expected: [(&str, &[&str]); 8] = [
        ("name=42&by=rid", &["Bo"]),
        ("name=4&by=rid", &[]),
        ("name=42&by=rid&filter=active", &["Bo"]),
        ("name=42&by=rid&filter=invited", &[]),
        ("sort=email&filter=active", &["Anne", "Bo"]),
        ("sort=email&name=ba", &["Bo"]),
        ("sort=email&filter=administrators", &["Anne"]),
        ("sort=email&unit=ovnen", &["Bo"]),
    ];
    for (query, people) in expected {
        let found = names(&anne.http, &bakery, query).await?;
        ensure!(found == people, "{query}: {found:?}");
    }
    ensure!(names(&dairy.administrator.http, &dairy, "name=42&by=rid").await?.is_empty(), "another company's number");
    for rid in ["43", "AB"] {
        send(anne.http.request(Method::PUT, &details).json(&json!({"rid": rid}))).await?.refused(422, "invalid")?;
    }

    world.clock.advance(Duration::days(91));
    let mut anne = anne.clone();
    anne.log_in().await?;
    ensure!(names(&anne.http, &bakery, "filter=unused").await? == ["Bo"], "a suspended one does not count, and Anne has just logged in");
    let page = anne.browser("da").await?.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?;
    for words in ["Ikke brugt i 90 dage: 1", "Venter på aktivering: 1", "Suspenderede: 1"] {
        ensure!(page.text().contains(words), "{words}: {}", page.text());
    }
    ensure!(page.text().contains(&format!("/companies/{}?filter=unused", bakery.id)));
    Ok(())
});

journey!(few_keys_and_certificates_that_end_are_shown_as_what_they_are, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut anne = bakery.administrator.clone();
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    ensure!(names(&anne.http, &bakery, "filter=few_keys").await?.is_empty());
    ensure!(names(&anne.http, &bakery, "filter=expiring").await?.is_empty());
    let body = json!({"order_at": 5, "edition": "print"});
    bo.prove().await?;
    send(bo.http.request(Method::PUT, "/api/v1/keycard-preferences").json(&body)).await?.expect(200)?;
    loop {
        bo.prove().await?;
        let cards = bo.http.get("/api/v1/keycards").await?.items();
        let working = cards.iter().filter(|card| card["state"] == "active");
        let left: i64 = working.filter_map(|card| card["keys_left"].as_i64()).sum();
        let few = names(&anne.http, &bakery, "filter=few_keys").await?;
        ensure!(few.is_empty() == (left > 20), "{left}: {few:?}");
        if left <= 20 {
            break;
        }
    }
    let certificate =
        anne.certificates().await?.into_iter().find(|one| one["employee"] == bo.employee.as_str()).context("a certificate")?;
    let whole =
        anne.http.get(&format!("/api/v1/certificates/{}", certificate["serial"].as_str().unwrap_or_default())).await?.expect(200)?;
    let certificate = openssl::x509::X509::from_pem(whole.string("/pem").as_bytes())?;
    let now = openssl::asn1::Asn1Time::from_unix(world.now().millis() / 1000)?;
    let days = now.diff(certificate.not_after())?.days;
    world.pass(Duration::days(i64::from(days) - 30)).await;
    anne.log_in().await?;
    let ending = names(&anne.http, &bakery, "filter=expiring").await?;
    ensure!(ending.contains(&"Bo".to_owned()), "{ending:?}");
    Ok(())
});

journey!(a_narrowed_list_goes_on_from_page_to_page_and_is_carried_away_whole, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    crowd(world, &bakery, 60).await?;
    let (mut all, mut query) = (Vec::new(), "filter=invited&name=zeb".to_owned());
    loop {
        let page = anne.http.get(&format!("{}?{query}", bakery.employees())).await?.expect(200)?;
        ensure!(page.items().len() <= 50);
        all.extend(page.items().iter().map(|item| item["email"].as_str().unwrap_or_default().to_owned()));
        match page.json()["next"].as_str() {
            Some(next) => query = format!("filter=invited&name=zeb&after={next}"),
            None => break,
        }
    }
    let once: std::collections::BTreeSet<_> = all.iter().collect();
    ensure!(all.len() >= 60 && once.len() == all.len(), "{} of them, {} different", all.len(), once.len());

    let browser = anne.browser("da").await?;
    let first = browser.get(&format!("/companies/{}?filter=invited&name=zeb", bakery.id)).await?.expect(200)?;
    ensure!(first.text().contains("filter=invited&amp;after=") || first.text().contains("filter=invited&#38;after="), "{}", first.text());

    let file = anne.http.request(Method::GET, &format!("/api/v1/companies/{}/employees.csv?filter=invited", bakery.id));
    let file = send(file.header("accept-language", "da")).await?.expect(200)?;
    ensure!(file.header("content-type").starts_with("text/csv") && file.header("link").is_empty());
    let text = file.text();
    ensure!(text.starts_with('\u{FEFF}') && text.contains("Efternavn;Fornavne"), "{text}");
    ensure!(text.lines().count() == all.len() + 1, "{} lines", text.lines().count());
    ensure!(!text.lines().any(|line| line.starts_with('=')), "a formula");
    browser.get(&format!("/companies/{}/employees.csv?filter=invited", bakery.id)).await?.expect(200)?;
    let bo = join(world, "nr000@zoo.example.dk", "Nr000 Zebra").await?;
    bo.http.get(&format!("/api/v1/companies/{}/employees.csv", bakery.id)).await?.refused(403, "forbidden")?;
    Ok(())
});
