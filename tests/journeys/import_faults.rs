//! Imports and seals that break off: the database refuses at each step, or the process is killed between two. No key stays that no row
//! knows, no row stays active without its key, and whoever was on the way can go on. And how often one may try.

use std::{collections::BTreeSet, time::Instant};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use segl::platform::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};
use sqlx::Connection as _;
use support::{
    client::{Answer, Client},
    elsewhere::{Elsewhere, FILE_PASSPHRASE, SEAL},
    papers::pages,
    program::Service,
    roles::{Company, Person},
    visitor::hidden,
    world::{Begins, EngineKind, Plot, Setup, World, on_runtime},
};
use time::Duration;

use crate::{
    crash::{Holder, LONGEST},
    faults::{break_step, mend_step},
};

/// Both engines, in a world that begins after `Elsewhere` was founded.
macro_rules! story {
    ($name:ident, $policy:expr, $story:expr) => {
        mod $name {
            use super::*;

            fn told_on(engine: EngineKind) {
                let shop = Elsewhere::found();
                shop.certify("seal", "sub", SEAL);
                on_runtime(async {
                    let setup = Setup { begins: Begins::Now, policy: $policy.into(), ..Setup::on(engine) };
                    let world = World::of(setup).await;
                    ($story)(world, &shop).await.unwrap();
                });
            }

            #[test]
            fn on_sqlite() {
                told_on(EngineKind::Sqlite);
            }

            #[test]
            fn on_postgres() {
                told_on(EngineKind::Postgres);
            }
        }
    };
}

fn place(bakery: &Company) -> String {
    format!("/api/v1/companies/{}/imported-certificates", bakery.id)
}

fn wish(file: &[u8], passphrase: &str) -> Value {
    json!({"purpose": "seal", "pkcs12": STANDARD.encode(file), "passphrase": passphrase})
}

async fn import(anne: &Person, bakery: &Company, file: &[u8]) -> anyhow::Result<Answer> {
    anne.prove().await?;
    anne.http.post(&place(bakery), &wish(file, FILE_PASSPHRASE)).await
}

async fn all<T>(plot: &Plot, statement: &'static str) -> anyhow::Result<Vec<T>>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
{
    Ok(match plot.postgres() {
        Some(url) => sqlx::query_as(statement).fetch_all(&mut sqlx::PgConnection::connect(&url).await?).await?,
        None => {
            let url = format!("sqlite://{}", plot.data().join("segl.db").display());
            sqlx::query_as(statement).fetch_all(&mut sqlx::SqliteConnection::connect(&url).await?).await?
        }
    })
}

/// Keys that lie there, and those that rows call active.
async fn keys_and_rows(plot: &Plot) -> anyhow::Result<(BTreeSet<String>, BTreeSet<String>)> {
    let files = std::fs::read_dir(plot.data().join("keys"))?.map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    let names: Vec<String> = files.collect::<std::io::Result<_>>()?;
    let keys = names.iter().filter_map(|name| Some(name.strip_suffix(".key")?.to_owned())).filter(|name| name.starts_with("import-"));
    let rows: Vec<(String,)> = all(plot, "SELECT key_label FROM imported_certificate WHERE state = 'active'").await?;
    Ok((keys.collect(), rows.into_iter().map(|row| row.0).collect()))
}

/// No active row without its key, ever; no key without its active row, once the rounds have run.
async fn holds(world: &World, what: &str) -> anyhow::Result<()> {
    let (keys, rows) = keys_and_rows(world.plot()).await?;
    ensure!(rows.is_subset(&keys), "{what}: active without a key: {rows:?} {keys:?}");
    world.pass(Duration::minutes(3)).await;
    let (keys, rows) = keys_and_rows(world.plot()).await?;
    ensure!(keys == rows, "{what}: keys {keys:?}, rows {rows:?}");
    Ok(())
}

const STEPS: [(&str, &str); 6] = [
    ("INSERT", "import_try"),
    ("INSERT", "certified_key"),
    ("INSERT", "imported_certificate"),
    ("INSERT", "audit_entry"),
    ("UPDATE", "imported_certificate"),
    ("INSERT", "message"),
];

async fn refused_at_each_step(world: World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (_, mut bakery) = world.bakery().await?;
    let file = shop.pack("seal", &[]);
    for step in STEPS {
        bakery.administrator.log_in().await?;
        let anne = &bakery.administrator;
        anne.prove().await?;
        break_step(&world, step).await?;
        let first = anne.http.post(&place(&bakery), &wish(&file, FILE_PASSPHRASE)).await?;
        mend_step(&world, step.1).await?;
        ensure!(first.status == 500, "{step:?}: {} {}", first.status, first.text());
        if matches!(step.1, "message") || step.0 == "UPDATE" {
            // Intended, its key kept or not, and nobody to go on: soon, but not yet.
            let again = anne.http.post(&place(&bakery), &wish(&file, FILE_PASSPHRASE)).await?;
            again.refused(503, "not-ready")?;
            ensure!(again.text().contains("being imported"), "{}", again.text());
        }
        holds(&world, &format!("import, {step:?}")).await?;
        let id = import(anne, &bakery, &file).await?.expect(201)?.string("/id");
        import(anne, &bakery, &file).await?.refused(409, "already-done")?;
        break_step(&world, step).await?;
        let one = format!("{}/{id}", place(&bakery));
        let removed = anne.http.delete(&one).await?;
        mend_step(&world, step.1).await?;
        match removed.status.as_u16() {
            204 => {}
            500 => {
                holds(&world, &format!("removal, {step:?}")).await?;
                anne.prove().await?;
                anne.http.delete(&one).await?.expect(204)?;
            }
            other => anyhow::bail!("{step:?}: {other} {}", removed.text()),
        }
        holds(&world, &format!("removed, {step:?}")).await?;
        ensure!(keys_and_rows(world.plot()).await?.0.is_empty(), "{step:?}: a key is left");
    }
    Ok(())
}

story!(a_database_that_fails_at_any_step_of_an_import_leaves_no_key_unknown, "imports_per_hour = 1000\n", refused_at_each_step);

/// Kills the service while the lock is held at a moment at which `count` is not zero: so long after, or at once. Gives what came of the
/// request where it was faster.
async fn killed_at(
    plot: &Plot,
    count: &'static str,
    linger: u64,
    request: impl AsyncFnOnce(Client) -> anyhow::Result<Answer>,
) -> anyhow::Result<bool> {
    let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await?;
    let client = service.client();
    let mut holder = Holder::of(plot).await?;
    let done = std::cell::Cell::new(false);
    let asking = async {
        // Whatever comes of it: the service is killed meanwhile.
        let _answer = request(client).await;
        done.set(true);
    };
    let killing = async {
        let begun = Instant::now();
        while begun.elapsed() < LONGEST && !done.get() {
            if holder.holds("imported_certificate", count).await? {
                tokio::time::sleep(std::time::Duration::from_millis(linger)).await;
                service.kill();
                holder.lets_go().await?;
                return Ok::<_, anyhow::Error>(true);
            }
            tokio::time::sleep(std::time::Duration::from_micros(100)).await;
        }
        Ok(false)
    };
    let ((), killed) = tokio::join!(asking, killing);
    killed
}

const INTENDED: &str =
    "SELECT count(*) FROM imported_certificate WHERE state = 'intended' AND key_home = 'keystore' AND subject LIKE '%kill%'";
const LEAVING: &str = "SELECT count(*) FROM imported_certificate WHERE state = 'removed' AND key_deleted_at IS NULL";

async fn killed(world: World, shop: &Elsewhere) -> anyhow::Result<()> {
    let names = ["kill0", "kill1", "kill2", "kill3", "kill4", "kill5"];
    let files: Vec<Vec<u8>> = names
        .iter()
        .map(|name| {
            shop.certify(name, "sub", SEAL);
            shop.pack(name, &[])
        })
        .collect();
    // These certificates begin by the machine's clock, which went on meanwhile.
    world.pass(SystemClock.now().since(world.now()).max(Duration::ZERO) + Duration::seconds(5)).await;
    let (_, bakery) = world.bakery().await?;
    let mut here = Vec::new();
    for file in &files[4..] {
        here.push(import(&bakery.administrator, &bakery, file).await?.expect(201)?.string("/id"));
    }
    // Sessions older than the last activation are nobody's, and Anne's activation is a few seconds ahead of the machine's clock.
    while SystemClock.now() <= world.now() {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let plot = world.stop();
    let (mut during_import, mut during_removal) = (0, 0);
    let anne_at = async |client: Client| {
        let mut anne = bakery.administrator.clone();
        anne.http = client;
        anne.log_in().await?;
        anne.prove().await?;
        Ok::<_, anyhow::Error>(anne)
    };
    for (file, linger) in files[..4].iter().zip([0, 0, 60, 120]) {
        let request = async |client: Client| import(&anne_at(client).await?, &bakery, file).await;
        // One that was left intended by an earlier kill would be seen at once: it is put aside first.
        let count = INTENDED;
        during_import += usize::from(killed_at(&plot, count, linger, request).await?);
        set_aside(&plot).await?;
    }
    for (id, linger) in here.iter().zip([0, 60]) {
        let request = async |client: Client| anne_at(client).await?.http.delete(&format!("{}/{id}", place(&bakery))).await;
        during_removal += usize::from(killed_at(&plot, LEAVING, linger, request).await?);
    }
    ensure!(during_import > 0 && during_removal > 0, "killed {during_import} and {during_removal} times between two steps");
    let world = World::resume(plot, Duration::hours(2)).await;
    world.settle().await;
    holds(&world, "after all kills").await?;
    let left: Vec<(String,)> = all(world.plot(), "SELECT state FROM imported_certificate WHERE state = 'intended'").await?;
    ensure!(left.is_empty(), "{left:?}");
    let mut anne = bakery.administrator.clone();
    anne.http = world.client();
    anne.log_in().await?;
    for file in &files {
        let again = import(&anne, &bakery, file).await?;
        ensure!(again.status == 201 || again.problem() == "already-done", "{}", again.text());
    }
    let (keys, rows) = keys_and_rows(world.plot()).await?;
    ensure!(keys == rows && keys.len() == files.len(), "keys {keys:?}, rows {rows:?}");
    Ok(())
}

/// Marks rows that a kill left, so that the next kill does not take them for its own.
async fn set_aside(plot: &Plot) -> anyhow::Result<()> {
    let statement = "UPDATE imported_certificate SET subject = 'CN=left' WHERE state = 'intended'";
    match plot.postgres() {
        Some(url) => sqlx::query(statement).execute(&mut sqlx::PgConnection::connect(&url).await?).await.map(drop)?,
        None => {
            let url = format!("sqlite://{}", plot.data().join("segl.db").display());
            sqlx::query(statement).execute(&mut sqlx::SqliteConnection::connect(&url).await?).await.map(drop)?;
        }
    }
    Ok(())
}

story!(killed_between_the_steps_of_an_import_or_removal_no_key_stays_unknown, "imports_per_hour = 1000\n", killed);

async fn so_many(world: World, shop: &Elsewhere) -> anyhow::Result<()> {
    let (_, mut bakery) = world.bakery().await?;
    let file = shop.pack("seal", &[]);
    for _ in 0..3 {
        bakery.administrator.prove().await?;
        bakery.administrator.http.post(&place(&bakery), &wish(&file, "guessed")).await?.refused(422, "invalid")?;
    }
    let most = import(&bakery.administrator, &bakery, &file).await?;
    most.refused(429, "too-many-tries")?;
    ensure!(most.text().contains("3 files") && !most.header("retry-after").is_empty(), "{}", most.text());
    for (language, words) in [("da", "forsøgt at importere 3 filer"), ("en", "tried to import 3 files")] {
        let browser = bakery.administrator.browser(language).await?;
        bakery.administrator.prove_in(&browser).await?;
        let form = format!("/companies/{}/certificates/import", bakery.id);
        let page = browser.get(&form).await?.expect(200)?;
        let part = reqwest::multipart::Part::bytes(file.clone()).file_name("seal.p12");
        let csrf = hidden(&page.text(), "csrf").context("the form has a token")?;
        let parts = reqwest::multipart::Form::new().text("csrf", csrf).text("purpose", "seal").text("passphrase", FILE_PASSPHRASE);
        let request = browser.request(reqwest::Method::POST, &form).header("Sec-Fetch-Site", "same-origin");
        let refused = browser.send(request.multipart(parts.part("file", part))).await?;
        ensure!(refused.status == 429 && refused.text().contains(words), "{} {}", refused.status, refused.text());
    }
    world.clock.advance(Duration::minutes(61));
    bakery.administrator.log_in().await?;
    import(&bakery.administrator, &bakery, &file).await?.expect(201)?;
    Ok(())
}

story!(a_company_tries_to_import_so_often_in_an_hour, "imports_per_hour = 3\n", so_many);

async fn interrupted_seal(world: World, _: &Elsewhere) -> anyhow::Result<()> {
    let (_, mut bakery) = world.bakery().await?;
    let orders = format!("/api/v1/companies/{}/certificates", bakery.id);
    bakery.administrator.http.post(&orders, &json!({"purpose": "seal"})).await?.expect(201)?;
    let sealing = format!("/api/v1/companies/{}/sealed-documents", bakery.id);
    bakery.administrator.prove().await?;
    break_step(&world, ("UPDATE", "sealed_document")).await?;
    let refused = bakery.administrator.http.post_bytes(&sealing, "application/pdf", &pages(1)).await?;
    mend_step(&world, "sealed_document").await?;
    ensure!(refused.status == 500, "{}", refused.text());
    let states = "SELECT state FROM sealed_document ORDER BY asked_at";
    let asked: Vec<(String,)> = all(world.plot(), states).await?;
    ensure!(asked == [("asked".to_owned(),)], "{asked:?}");
    world.pass(Duration::minutes(14)).await;
    let still: Vec<(String,)> = all(world.plot(), states).await?;
    ensure!(still == asked, "whoever asked may be at work: {still:?}");
    world.pass(Duration::minutes(6)).await;
    bakery.administrator.log_in().await?;
    bakery.administrator.prove().await?;
    bakery.administrator.http.post_bytes(&sealing, "application/pdf", &pages(1)).await?.expect(200)?;
    world.pass(Duration::minutes(30)).await;
    let ended: Vec<(String,)> = all(world.plot(), states).await?;
    ensure!(ended == [("failed".to_owned(),), ("sealed".to_owned(),)], "{ended:?}");
    let told: Vec<(Vec<u8>,)> = all(world.plot(), "SELECT body FROM audit_entry").await?;
    let told = told.iter().filter(|(body,)| String::from_utf8_lossy(body).contains("document.seal_failed")).count();
    ensure!(told == 1, "the audit knows of {told} seals that failed");
    Ok(())
}

story!(a_seal_that_a_crash_interrupted_has_failed, "", interrupted_seal);
