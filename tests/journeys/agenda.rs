//! What waits for an administrator stands in one list: for the one who can do it, and for nobody else.

use anyhow::ensure;
use serde_json::{Value, json};
use support::{
    client::Client,
    journey,
    roles::{Company, Person, company},
};
use time::Duration;

/// The kinds of what waits for somebody, in the list's order, each with whom it is about.
async fn agenda(http: &Client, bakery: &Company) -> anyhow::Result<Vec<(String, String)>> {
    let items = http.get(&format!("/api/v1/companies/{}/agenda", bakery.id)).await?.expect(200)?.items();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(items.iter().map(|item| (text(&item["kind"]), text(&item["about"]))).collect())
}

fn is(found: &[(String, String)], expected: &[(&str, &str)]) -> bool {
    found.iter().map(|(kind, about)| (kind.as_str(), about.as_str())).eq(expected.iter().copied())
}

journey!(a_change_of_posts_stands_in_the_list_of_whoever_can_consent_and_of_nobody_else, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let administrators = format!("/api/v1/companies/{}/administrators", bakery.id);
    anne.http.post(&administrators, &json!({"employee": bo.employee, "post": "administrator"})).await?.expect(204)?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let id = anne.http.post(&administrators, &json!({"employee": ea.employee})).await?.expect(202)?.string("/id");
    ensure!(is(&agenda(&bo.http, &bakery).await?, &[("decide_post", "Ea Eng")]), "{:?}", agenda(&bo.http, &bakery).await?);
    ensure!(agenda(&anne.http, &bakery).await?.is_empty(), "whoever asked waits");
    for (language, words) in
        [("da", "Ændringer af roller, der venter på dit svar: 1"), ("en", "Changes of posts that wait for your answer: 1")]
    {
        ensure!(front(&bo, &bakery, language).await?.contains(words), "{}", front(&bo, &bakery, language).await?);
        let list = bo.browser(language).await?.get(&format!("/companies/{}/agenda", bakery.id)).await?.expect(200)?.text();
        ensure!(list.contains(&format!("href=\"/mandates/{id}\"")) && list.contains("Ea Eng"), "{list}");
    }
    bo.http.delete(&format!("/api/v1/mandates/{id}")).await?.expect(204)?;
    ensure!(agenda(&bo.http, &bakery).await?.is_empty(), "it is over");
    let agreement = json!({
        "street": "Kajen 7", "postal_code": "4220", "city": "Korsør",
        "signatories": [{"name": "Sigrid Signatar", "email": "sigrid@30808460.example.dk"}],
    });
    anne.http.post(&format!("/api/v1/companies/{}/agreement-change", bakery.id), &agreement).await?.expect(202)?;
    let wish = json!({"kind": "takeover", "successor": {"given_name": "Bodil", "surname": "Bager", "email": "bodil@bageri.example.dk"},
                      "ends": [anne.employee], "reason": "Anne er rejst"});
    let taken = operator.0.http.post(&format!("/api/v1/companies/{}/successions", bakery.id), &wish).await?.expect(201)?.string("/id");
    let of_bo = agenda(&bo.http, &bakery).await?;
    ensure!(is(&of_bo, &[("decide_agreement", "Havnens Bageri ApS"), ("see_succession", "Havnens Bageri ApS")]), "{of_bo:?}");
    let list = bo.browser("da").await?.get(&format!("/companies/{}/agenda", bakery.id)).await?.expect(200)?.text();
    ensure!(list.contains(&format!("href=\"/successions/{taken}\"")), "{list}");
    Ok(())
});

/// The company's own page, as somebody sees it.
async fn front(person: &Person, bakery: &Company, language: &'static str) -> anyhow::Result<String> {
    Ok(person.browser(language).await?.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?.text())
}

journey!(what_waits_for_an_administrator_is_listed_for_whoever_can_do_it_and_counted_on_the_companys_page, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let mut bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let administrators = format!("/api/v1/companies/{}/administrators", bakery.id);
    anne.http.post(&administrators, &json!({"employee": bo.employee})).await?.expect(204)?;
    bo.log_in().await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    ensure!(agenda(&anne.http, &bakery).await?.is_empty() && agenda(&bo.http, &bakery).await?.is_empty());
    ensure!(!front(&bo, &bakery, "da").await?.contains("venter på din godkendelse"));

    let body = json!({"company": bakery.id, "employee": ea.employee});
    let reissue = anne.http.post("/api/v1/reissues", &body).await?.expect(201)?.string("/id");
    let asked = json!({"employee": ea.employee, "reason": "Kunden venter på svar"});
    let recovery = anne.http.post("/api/v1/recoveries", &asked).await?.expect(201)?.string("/id");
    let file = "Fornavn;Efternavn;E-mail\r\nIb;Is;ib@by.example.dk\r\n";
    let imports = format!("/api/v1/companies/{}/imports?name=by.csv", bakery.id);
    anne.http.post_bytes(&imports, "text/csv", file.as_bytes()).await?.expect(201)?;

    // Bo can approve; Anne, who asked, can not.
    let of_bo = agenda(&bo.http, &bakery).await?;
    ensure!(is(&of_bo, &[("approve_reissue", "Ea Eng"), ("approve_recovery", "Ea Eng"), ("start_import", "by.csv")]), "{of_bo:?}");
    let of_anne = agenda(&anne.http, &bakery).await?;
    ensure!(is(&of_anne, &[("start_import", "by.csv")]), "{of_anne:?}");
    for (language, words) in [
        ("da", ["Nye adgangskoder, der venter på din godkendelse: 1", "Importer, der ikke er startet: 1"]),
        ("en", ["New passwords that wait for your approval: 1", "Imports that are not started: 1"]),
    ] {
        let page = front(&bo, &bakery, language).await?;
        ensure!(words.iter().all(|words| page.contains(words)), "{page}");
        let list = bo.browser(language).await?.get(&format!("/companies/{}/agenda", bakery.id)).await?.expect(200)?.text();
        ensure!(
            list.contains(&format!("href=\"/reissues/{reissue}\"")) && list.contains(&format!("href=\"/recoveries/{recovery}\"")),
            "{list}"
        );
        ensure!(list.contains("Ea Eng") && list.contains("by.csv") && list.contains("Anne"), "{list}");
    }

    // Approved, each goes on with the one who asked; the recovery only when nobody can object any more.
    bo.http.post(&format!("/api/v1/reissues/{reissue}/approval"), &Value::Null).await?.expect(204)?;
    bo.http.post(&format!("/api/v1/recoveries/{recovery}/approval"), &json!({"password": bo.password})).await?.expect(204)?;
    ensure!(is(&agenda(&bo.http, &bakery).await?, &[("start_import", "by.csv")]), "{:?}", agenda(&bo.http, &bakery).await?);
    let of_anne = agenda(&anne.http, &bakery).await?;
    ensure!(is(&of_anne, &[("send_reissue", "Ea Eng"), ("start_import", "by.csv")]), "{of_anne:?}");
    world.clock.advance(Duration::hours(49));
    let mut anne = anne.clone();
    anne.log_in().await?;
    let of_anne = agenda(&anne.http, &bakery).await?;
    ensure!(is(&of_anne, &[("send_reissue", "Ea Eng"), ("collect_recovery", "Ea Eng"), ("start_import", "by.csv")]), "{of_anne:?}");
    // What is over waits for nobody.
    world.clock.advance(Duration::days(15));
    anne.log_in().await?;
    let of_anne = agenda(&anne.http, &bakery).await?;
    ensure!(is(&of_anne, &[("start_import", "by.csv")]), "{of_anne:?}");

    // No employee, no operator and no other company's administrator sees it.
    let mut ea = ea;
    ea.log_in().await?;
    let path = format!("/api/v1/companies/{}/agenda", bakery.id);
    ea.http.get(&path).await?.refused(403, "forbidden")?;
    let mut operator = operator;
    operator.0.log_in().await?;
    operator.0.http.get(&path).await?.refused(403, "forbidden")?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    dairy.administrator.http.get(&path).await?.refused(404, "not-found")?;
    Ok(())
});
