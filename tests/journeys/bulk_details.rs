//! What a file says of people beside name and address: birth date, unit, job title, groups, telephone and number (RID).

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use support::{
    client::{Client, send},
    journey,
    roles::{Company, join},
};

const HEAD: &str = "Given name;Surname;E-mail;Telephone;Birth date;Unit;Job title;Groups;RID\r\n";

async fn checked(http: &Client, bakery: &Company, rows: &str) -> anyhow::Result<String> {
    let imports = format!("/api/v1/companies/{}/imports", bakery.id);
    let judged = http.post_bytes(&format!("{imports}?name=by.csv"), "text/csv", format!("{HEAD}{rows}").as_bytes()).await?.expect(201)?;
    Ok(format!("{imports}/{}", judged.string("/id")))
}

/// Line, column and rule of every fault of the rows in this state.
async fn faults(http: &Client, import: &str, state: &str) -> anyhow::Result<Vec<(i64, String, String)>> {
    let rows = http.get(&format!("{import}/rows?state={state}")).await?.expect(200)?.items();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of = |row: &serde_json::Value| {
        let line = row["line"].as_i64().unwrap_or_default();
        row["faults"].as_array().into_iter().flatten().map(|fault| (line, text(&fault["field"]), text(&fault["rule"]))).collect::<Vec<_>>()
    };
    Ok(rows.iter().flat_map(of).collect())
}

fn told(found: &[(i64, String, String)]) -> Vec<(i64, &str, &str)> {
    found.iter().map(|(line, field, rule)| (*line, field.as_str(), rule.as_str())).collect()
}

journey!(a_file_says_birth_date_unit_title_groups_telephone_and_number_and_each_cell_has_its_verdict, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let of_bo = format!("{}/{}/details", bakery.employees(), bo.employee);
    anne.prove().await?;
    send(anne.http.request(Method::PUT, &of_bo).json(&json!({"rid": "7"}))).await?.expect(204)?;
    let file = "Åse;Ødegård;aase@by.example.dk;+298 123456;17-05-1980;Ovnen;Svend;Nathold, Vagt;42\r\n\
                Ib;Is;ib@by.example.dk;;;;;;43\r\n\
                Kai;Krog;kai@by.example.dk;1234;i går;;;;\r\n\
                Eva;Eng;eva@by.example.dk;;01-01-2020;;;;AB\r\n\
                Ea;Eng;ea@by.example.dk;;;;;;42\r\n\
                Per;Post;per@by.example.dk;;;;;;7\r\n";
    let import = checked(&anne.http, &bakery, file).await?;
    let found = faults(&anne.http, &import, "bad").await?;
    let expected = [
        (4, "telephone", "field_telephone"),
        (4, "birth_date", "field_day"),
        (5, "birth_date", "field_proofing_young"),
        (5, "rid", "field_rid"),
        (6, "rid", "field_people_number_twice"),
        (7, "rid", "field_rid_taken"),
    ];
    ensure!(told(&found) == expected, "{found:?}");
    // Somebody is given Ib's number while the import runs: his row is refused, and the other goes on.
    anne.http.post(&format!("{import}/start"), &json!({"way": "good"})).await?.expect(202)?;
    let eng = bakery.invite(&support::roles::invitation("Eng", "Eriksen", "eng@bageri.example.dk")).await?.expect(201)?.string("/id");
    let of_eng = format!("{}/{eng}/details", bakery.employees());
    send(anne.http.request(Method::PUT, &of_eng).json(&json!({"rid": "43"}))).await?.expect(204)?;
    world.settle().await;
    let done = anne.http.get(&import).await?.expect(200)?;
    ensure!(done.string("/state") == "done" && done.json()["invited"] == 1 && done.json()["refused"] == 1, "{}", done.text());
    let refused = faults(&anne.http, &import, "refused").await?;
    ensure!(told(&refused) == [(3, "rid", "field_rid_taken")], "{refused:?}");

    let rows = anne.http.get(&format!("{import}/rows?state=invited")).await?.expect(200)?.items();
    let aase = rows[0]["employee"].as_str().context("she is invited")?;
    let shown = anne.http.get(&format!("{}/{aase}", bakery.employees())).await?.expect(200)?;
    let details = &shown.json()["details"];
    ensure!(details["unit"] == "Ovnen" && details["title"] == "Svend" && details["groups"] == json!(["Nathold", "Vagt"]), "{details}");
    ensure!(anne.http.get(&format!("{}?unit=ovnen", bakery.employees())).await?.expect(200)?.items().len() == 1, "the list is narrowed");
    send(anne.http.request(Method::PUT, &of_bo).json(&json!({"rid": "42"}))).await?.refused(422, "invalid")?;
    // Her birth date is on record: the page behind the link asks for none.
    let link = world.mailbox.link_to("aase@by.example.dk", "/activate/").context("no link")?;
    let page = world.client().get(&link).await?.expect(200)?.text();
    ensure!(!page.contains("name=\"birth_date\""), "{page}");
    let aase = join(world, "aase@by.example.dk", "Åse Ødegård").await?;
    let telephone = aase.http.get("/api/v1/session/telephone").await?.expect(200)?.string("/telephone");
    ensure!(telephone.starts_with("+298") && telephone.ends_with("56"), "{telephone}");
    Ok(())
});
