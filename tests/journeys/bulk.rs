//! Many employees from one file: looked through first, then invited, all or the good ones, through whatever stops in the midst.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use support::{
    client::{Answer, Client, send},
    journey,
    papers::tests_folder,
    program::Service,
    roles::{Company, Person, invitation, join},
    visitor::{Visitor, hidden},
    world::{Begins, EngineKind, Setup, World, on_runtime},
};

const HEAD: &str = "Fornavn;Efternavn;E-mail;E-mail i certifikat;Sprog\r\n";
const PEOPLE: &str = "Åse;Ødegård;aase@by.example.dk;ja;\r\nJohn;Smith;john@by.example.dk;;engelsk\r\n";

fn imports(bakery: &Company) -> String {
    format!("/api/v1/companies/{}/imports", bakery.id)
}

async fn sent(http: &Client, bakery: &Company, name: &str, file: &[u8]) -> anyhow::Result<Answer> {
    http.post_bytes(&format!("{}?name={name}", imports(bakery)), "text/csv", file).await
}

async fn checked(http: &Client, bakery: &Company, file: &str) -> anyhow::Result<String> {
    Ok(format!("{}/{}", imports(bakery), sent(http, bakery, "by.csv", file.as_bytes()).await?.expect(201)?.string("/id")))
}

async fn start(http: &Client, import: &str, way: &str) -> anyhow::Result<Answer> {
    http.post(&format!("{import}/start"), &json!({"way": way})).await
}

async fn employees(http: &Client, bakery: &Company) -> anyhow::Result<Vec<String>> {
    let (mut all, mut query) = (Vec::new(), String::new());
    loop {
        let page = http.get(&format!("{}{query}", bakery.employees())).await?.expect(200)?;
        all.extend(page.items().iter().map(|item| item["email"].as_str().unwrap_or_default().to_owned()));
        match page.json()["next"].as_str() {
            Some(next) => query = format!("?after={next}"),
            None => return Ok(all),
        }
    }
}

fn numbers(import: &Value) -> [i64; 5] {
    ["people", "good", "bad", "invited", "refused"].map(|name| import[name].as_i64().unwrap_or(-1))
}

/// The file as Excel in Denmark saves it when it is not asked for UTF-8.
fn in_windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("a letter of Windows-1252")).collect()
}

journey!(a_file_is_looked_through_without_any_change_and_then_its_good_rows_are_invited, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let (before, mails) = (employees(&anne.http, &bakery).await?, world.mailbox.all().len());
    let file = format!("\u{FEFF}{HEAD}{PEOPLE}=Bo;Bager;intet;;\r\nÅse;Ø.;AASE@by.example.dk;;\r\nAnne;Ådal;{};;\r\n", before[0]);
    let judged = anne.http.post_bytes(&format!("{}?name=by.csv", imports(&bakery)), "text/csv", file.as_bytes()).await?.expect(201)?;
    ensure!(numbers(&judged.json()) == [5, 2, 3, 0, 0] && judged.string("/state") == "checked", "{}", judged.text());
    let import = judged.header("location");
    let rows = anne.http.get(&format!("{import}/rows?state=bad")).await?.expect(200)?.items();
    let verdicts: Vec<_> =
        rows.iter().map(|row| (row["line"].as_i64(), row["faults"][0]["field"].as_str(), row["faults"][0]["rule"].as_str())).collect();
    let expected = [(4, "field_email"), (5, "field_people_row_twice"), (6, "field_people_there")];
    ensure!(verdicts == expected.map(|(line, rule)| (Some(line), Some("email"), Some(rule))), "{rows:?}");
    world.settle().await;
    ensure!(employees(&anne.http, &bakery).await? == before && world.mailbox.all().len() == mails, "the dry run invited somebody");

    world.clock.advance(time::Duration::minutes(6));
    start(&anne.http, &import, "good").await?.refused(403, "prove-again")?;
    anne.prove().await?;
    start(&anne.http, &import, "all").await?.refused(409, "conflict")?;
    ensure!(start(&anne.http, &import, "good").await?.expect(202)?.string("/state") == "running");
    world.settle().await;
    let done = anne.http.get(&import).await?.expect(200)?;
    ensure!(numbers(&done.json()) == [5, 2, 3, 2, 0] && done.string("/state") == "done", "{}", done.text());
    let aase = join(world, "aase@by.example.dk", "Åse Ødegård").await?;
    ensure!(aase.certificates().await?.len() == 3, "her address was to stand in the certificate");
    let english = world.mailbox.mails_to("john@by.example.dk");
    ensure!(english.len() == 1 && !english[0].subject.contains('ø') && english[0].text.contains("/activate/"), "{english:?}");

    let result = anne.http.request(Method::GET, &format!("{import}/result")).header("accept-language", "en");
    let result = send(result).await?.expect(200)?.text();
    let lines: Vec<&str> = result.trim_start_matches('\u{FEFF}').lines().collect();
    ensure!(lines[0] == "Line;Given name;Surname;E-mail;Verdict;Why;The employee's id", "{result}");
    ensure!(lines[1].starts_with("2;Åse;Ødegård;aase@by.example.dk;Invited;;") && lines[1].ends_with(&aase.employee), "{result}");
    ensure!(lines[3].starts_with("4;'=Bo;Bager;intet;Has faults;"), "a formula: {result}");
    start(&anne.http, &import, "good").await?.refused(409, "already-done")?;
    anne.http.delete(&import).await?.refused(409, "already-done")?;
    let mut anne = anne.clone();
    world.clock.advance(time::Duration::days(31));
    world.settle().await;
    anne.log_in().await?;
    anne.http.get(&import).await?.refused(404, "not-found")?;
    ensure!(employees(&anne.http, &bakery).await?.len() == before.len() + 2, "whoever was imported stays");
    Ok(())
});

journey!(the_same_people_come_from_every_encoding_and_from_excel_and_what_cannot_be_read_leaves_nothing, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let text = format!("{HEAD}{PEOPLE}");
    let names = async |import: &str, state: &str| -> anyhow::Result<Vec<String>> {
        let rows = anne.http.get(&format!("{import}/rows?state={state}")).await?.expect(200)?.items();
        Ok(rows.iter().map(|row| format!("{} {} {}", row["line"], row["given_name"], row["surname"]).replace('"', "")).collect())
    };
    for file in [text.clone().into_bytes(), in_windows_1252(&text), text.replace(';', "\t").into_bytes()] {
        let import = sent(&anne.http, &bakery, "by", &file).await?.expect(201)?.header("location");
        ensure!(names(&import, "good").await? == ["2 Åse Ødegård", "3 John Smith"], "{:?}", names(&import, "good").await?);
    }
    // A formula counts as the value that stands beside it: XlsxWriter writes one, openpyxl none.
    let books = [("openpyxl", "bad", ["5 Bo "].as_slice()), ("xlsxwriter", "good", &["2 Åse Ødegård", "3 John Smith", "4 Bo Bager"])];
    for (name, state, expected) in books {
        let book = std::fs::read(tests_folder().join(format!("fixtures/xlsx/{name}.xlsx")))?;
        let import = sent(&anne.http, &bakery, name, &book).await?.expect(201)?.header("location");
        ensure!(names(&import, state).await? == expected, "{name}: {:?}", names(&import, state).await?);
        ensure!(names(&import, "good").await?.starts_with(&["2 Åse Ødegård".to_owned(), "3 John Smith".to_owned()]), "{name}");
    }
    let kept = anne.http.get(&imports(&bakery)).await?.expect(200)?.items().len();
    let many = format!("Fornavn;Efternavn;E-mail\n{}", "A;B;a@b.dk\n".repeat(100_000));
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused: [(&[u8], &str); 4] =
        [(many.as_bytes(), "20000"), (&utf16, "CSV UTF-8"), (b"Fornavn;CPR\nA;1\n", "CPR"), (b"Fornavn;E-mail\nA;a@b.dk\n", "Efternavn")];
    for (file, said) in refused {
        let answer = sent(&anne.http, &bakery, "by", file).await?;
        answer.refused(422, "invalid")?;
        ensure!(answer.pointers() == ["/file"] && answer.text().contains(said), "{}", answer.text());
    }
    sent(&anne.http, &bakery, "by", &vec![b'x'; 4 * 1024 * 1024 + 1]).await?.refused(413, "too-large")?;
    anne.http.post(&imports(&bakery), &json!({})).await?.refused(415, "unsupported-media-type")?;
    ensure!(anne.http.get(&imports(&bakery)).await?.items().len() == kept, "something is stored of what was refused");
    let once = |http: &Client| {
        http.request(Method::POST, &imports(&bakery)).header("idempotency-key", "by").header("content-type", "text/csv").body(text.clone())
    };
    let (first, again) = (send(once(&anne.http)).await?.expect(201)?, send(once(&anne.http)).await?.expect(201)?);
    ensure!(first.header("location") == again.header("location") && again.header("idempotency-replayed") == "true");
    Ok(())
});

journey!(all_are_imported_or_nobody_and_of_two_starts_at_once_one_counts, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let before = employees(&anne.http, &bakery).await?.len();
    let last_bad = checked(&anne.http, &bakery, &format!("{HEAD}{PEOPLE}Bo;Bager;;;\r\n")).await?;
    start(&anne.http, &last_bad, "all").await?.refused(409, "conflict")?;
    let late = checked(&anne.http, &bakery, &format!("{HEAD}{PEOPLE}")).await?;
    let run = checked(&anne.http, &bakery, &format!("{HEAD}Bo;Bager;bo@by.example.dk\r\nEa;Eng;ea@by.example.dk\r\n")).await?;
    bakery.invite(&invitation("Åse", "Ødegård", "Aase@by.example.dk")).await?.expect(201)?;
    let found = start(&anne.http, &late, "all").await?;
    found.refused(409, "conflict")?;
    ensure!(numbers(&anne.http.get(&late).await?.json()) == [2, 1, 1, 0, 0], "whoever was invited meanwhile is a bad row now");
    world.settle().await;
    ensure!(employees(&anne.http, &bakery).await?.len() == before + 1, "a refused import invited somebody");

    let race = (0..8).map(|_| async { start(&anne.http, &run, "all").await });
    let answers = futures_util::future::try_join_all(race).await?;
    ensure!(
        answers.iter().filter(|answer| answer.status == 202).count() == 1,
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    start(&anne.http, &late, "good").await?.refused(409, "conflict")?;
    // Somebody is invited while it runs: the row is refused, the others go on.
    bakery.invite(&invitation("Ea", "Eng", "ea@by.example.dk")).await?.expect(201)?;
    world.settle().await;
    let done = anne.http.get(&run).await?;
    ensure!(numbers(&done.json()) == [2, 2, 0, 1, 1] && done.string("/state") == "done", "{}", done.text());
    let all = employees(&anne.http, &bakery).await?;
    ensure!(all.len() == before + 3 && all.iter().collect::<BTreeSet<_>>().len() == all.len(), "somebody is there twice: {all:?}");

    start(&anne.http, &late, "good").await?.expect(202)?;
    anne.http.delete(&late).await?.expect(204)?;
    let closed = checked(&anne.http, &bakery, &format!("{HEAD}Ib;Is;ib@by.example.dk\r\n")).await?;
    start(&anne.http, &closed, "good").await?.expect(202)?;
    operator.0.prove().await?;
    let number = operator.0.http.get(&format!("/api/v1/companies/{}", bakery.id)).await?.string("/number");
    operator.0.http.post(&format!("/api/v1/companies/{}/closing", bakery.id), &json!({"number": number})).await?.expect(200)?;
    world.settle().await;
    ensure!(world.mailbox.mails_to("john@by.example.dk").is_empty(), "cancelled, and somebody was invited");
    ensure!(world.mailbox.mails_to("ib@by.example.dk").is_empty(), "a closed company invited somebody");
    Ok(())
});

/// A file of so many people of a street.
fn street(name: &str, people: usize) -> String {
    let rows: String = (0..people).map(|number| format!("Bo;Bager;{name}{number}@by.example.dk\r\n")).collect();
    format!("{HEAD}{rows}")
}

async fn stopped_and_bounded(world: &World) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let administrators = format!("/api/v1/companies/{}/administrators", bakery.id);
    let appointed = json!({"employee": bo.employee, "post": "administrator"});
    anne.prove().await?;
    anne.http.post(&administrators, &appointed).await?.expect(204)?;
    // Bo starts one, and is no administrator any more before it begins.
    let of_bo = checked(&bo.http, &bakery, &street("havnen", 2)).await?;
    bo.prove().await?;
    start(&bo.http, &of_bo, "all").await?.expect(202)?;
    anne.http.delete(&format!("{administrators}/{}", bo.employee)).await?.expect(204)?;
    world.settle().await;
    let ended = anne.http.get(&of_bo).await?.expect(200)?;
    ensure!(ended.string("/state") == "stopped" && numbers(&ended.json()) == [2, 2, 0, 0, 0], "{}", ended.text());
    let browser = anne.browser("da").await?;
    let page = browser.get(&of_bo.replace("/api/v1", "")).await?.expect(200)?.text();
    ensure!(page.contains("Standset: den, der startede importen"), "{page}");
    // Anne starts one, of all its rows, and any other administrator ends it. It counts for nobody.
    anne.http.post(&administrators, &appointed).await?.expect(204)?;
    let of_anne = checked(&anne.http, &bakery, &street("torvet", 3)).await?;
    start(&anne.http, &of_anne, "all").await?.expect(202)?;
    bo.http.delete(&of_anne).await?.expect(204)?;
    world.settle().await;
    let ended = anne.http.get(&of_anne).await?.expect(200)?;
    ensure!(ended.string("/state") == "cancelled" && numbers(&ended.json())[3] == 0, "{}", ended.text());
    // Three people within a day.
    let two = checked(&anne.http, &bakery, &street("gaden", 2)).await?;
    start(&anne.http, &two, "all").await?.expect(202)?;
    world.settle().await;
    let more = checked(&anne.http, &bakery, &street("pladsen", 2)).await?;
    let refused = start(&anne.http, &more, "good").await?;
    refused.refused(429, "too-many-tries")?;
    ensure!(refused.text().contains("3 people"), "{}", refused.text());
    world.clock.advance(time::Duration::hours(25));
    let mut anne = anne.clone();
    anne.log_in().await?;
    anne.prove().await?;
    start(&anne.http, &more, "good").await?.expect(202)?;
    world.settle().await;
    ensure!(numbers(&anne.http.get(&more).await?.expect(200)?.json())[3] == 2, "the next day is another");
    Ok(())
}

fn bounded_on(engine: EngineKind) {
    let policy = "imported_people_per_day = 3\n".to_owned();
    support::world::run_in(Setup { policy, ..Setup::on(engine) }, async |world| stopped_and_bounded(world).await);
}

mod an_import_ends_with_its_administrators_post_and_by_any_other_and_a_day_has_so_many_people {
    use super::*;

    #[test]
    fn on_sqlite() {
        bounded_on(EngineKind::Sqlite);
    }

    #[test]
    fn on_postgres() {
        bounded_on(EngineKind::Postgres);
    }
}

async fn sent_by_page(browser: &Visitor, path: &str, file: &[u8]) -> anyhow::Result<Answer> {
    let page = browser.get(path).await?.expect(200)?.text();
    let part = multipart::Part::bytes(file.to_vec()).file_name("by.csv");
    let form = multipart::Form::new().text("csrf", hidden(&page, "csrf").context("no token")?).text("language", "da").part("file", part);
    browser.send(browser.request(Method::POST, path).header("Sec-Fetch-Site", "same-origin").multipart(form)).await
}

journey!(on_the_pages_without_script_a_file_is_sent_looked_at_started_and_watched, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let browser = anne.browser("da").await?;
    let all = format!("/companies/{}/imports", bakery.id);
    ensure!(browser.get(&format!("/companies/{}", bakery.id)).await?.text().contains(&format!("href=\"{all}\"")), "nobody finds the page");
    let wrong = sent_by_page(&browser, &all, b"Fornavn;E-mail\nA;a@b.dk\n").await?.expect(422)?.text();
    ensure!(wrong.contains("Filen mangler kolonner: Efternavn (Surname)") && wrong.contains("Gennemse filen"), "{wrong}");
    let example = browser.get(&format!("{all}/example.csv")).await?.expect(200)?;
    ensure!(example.header("content-disposition").contains("medarbejdere.csv"), "{}", example.header("content-disposition"));
    let file = [example.bytes, b"Bo;Bager;intet;;\r\n".to_vec()].concat();
    let import = sent_by_page(&browser, &all, &file).await?.expect(303)?.header("location");
    let page = browser.get(&import).await?.expect(200)?;
    ensure!(page.text().contains("E-mail: Skriv en e-mailadresse") && page.text().contains("Åse Ødegård"), "{}", page.text());
    ensure!(!browser.get(&format!("{import}?state=bad")).await?.expect(200)?.text().contains("Åse Ødegård"), "only what is wrong");
    let begin = format!("{import}/start");
    world.clock.advance(time::Duration::minutes(6));
    let proof = browser.submit(&page, &begin, &[("way", "good")]).await?.expect(303)?.header("location");
    ensure!(proof.starts_with("/account/prove?next="), "{proof}");
    anne.prove_in(&browser).await?;
    let page = browser.get(&import).await?.expect(200)?;
    ensure!(browser.submit(&page, &begin, &[]).await?.expect(422)?.text().contains("Vælg en af mulighederne"));
    let bad = browser.submit(&page, &begin, &[("way", "all")]).await?.expect(409)?.text();
    ensure!(bad.contains("Rækker med fejl: 1."), "{bad}");
    browser.submit(&page, &begin, &[("way", "good")]).await?.expect(303)?;
    let running = browser.get(&import).await?.expect(200)?.text();
    ensure!(running.contains("http-equiv=\"refresh\"") && running.contains("<p role=\"status\">0 af 2 er behandlet.</p>"), "{running}");
    ensure!(browser.get(&format!("{import}/state")).await?.expect(200)?.string("/words") == "0 af 2 er behandlet.");
    world.settle().await;
    let done = browser.get(&import).await?.expect(200)?.text();
    ensure!(done.contains("2 af 2 er inviteret") && !done.contains("http-equiv=\"refresh\""), "{done}");
    ensure!(browser.get(&format!("{import}/result.csv")).await?.expect(200)?.text().contains(";Bo;Bager;intet;Har fejl;"));
    let english = anne.browser("en").await?;
    ensure!(english.get(&all).await?.expect(200)?.text().contains("Look through the file"));
    ensure!(english.get(&import).await?.expect(200)?.text().contains("E-mail: Write an e-mail address"), "the reason in English");
    Ok(())
});

const TOWN: usize = 400;

/// How many of an import are invited, as the service says.
async fn invited(http: &Client, import: &str) -> anyhow::Result<(i64, String)> {
    let stands = http.get(import).await?.expect(200)?;
    Ok((numbers(&stands.json())[3], stands.string("/state")))
}

async fn killed(world: World) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    let rows: String = (0..TOWN).map(|number| format!("Bo;Bager{number};bo{number}@by.example.dk;;\r\n")).collect();
    let import = checked(&bakery.administrator.http, &bakery, &format!("{HEAD}{rows}")).await?;
    bakery.administrator.prove().await?;
    start(&bakery.administrator.http, &import, "all").await?.expect(202)?;
    let plot = world.stop();
    let mut seen = Vec::new();
    let begun = Instant::now();
    while seen.len() < 3 && begun.elapsed() < Duration::from_secs(120) {
        let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await?;
        let anne = bakery.administrator.http_at(&service.client());
        let before = seen.last().copied().unwrap_or_default();
        while begun.elapsed() < Duration::from_secs(120) {
            let (now, state) = invited(&anne, &import).await?;
            if now > before || state == "done" {
                seen.push(now);
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        service.kill();
    }
    ensure!(seen.first().is_some_and(|first| *first > 0 && *first < TOWN as i64), "it was not killed in the midst: {seen:?}");
    let world = World::resume(plot, time::Duration::hours(1)).await;
    world.settle().await;
    let mut anne: Person = bakery.administrator.clone();
    anne.http = world.client();
    anne.log_in().await?;
    ensure!(invited(&anne.http, &import).await? == (TOWN as i64, "done".to_owned()), "{seen:?}");
    let all = employees(&anne.http, &bakery).await?;
    ensure!(all.len() == TOWN + 1 && all.iter().collect::<BTreeSet<_>>().len() == all.len(), "{} people", all.len());
    join(&world, "bo0@by.example.dk", "Bo Bager0").await?;
    join(&world, &format!("bo{}@by.example.dk", TOWN - 1), &format!("Bo Bager{}", TOWN - 1)).await?;
    Ok(())
}

fn killed_on(engine: EngineKind) {
    on_runtime(async {
        killed(World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await).await.unwrap();
    });
}

mod killed_in_the_midst_an_import_goes_on_and_nobody_is_invited_twice {
    use super::*;

    #[test]
    fn on_sqlite() {
        killed_on(EngineKind::Sqlite);
    }

    #[test]
    fn on_postgres() {
        killed_on(EngineKind::Postgres);
    }
}
