//! The database refuses at every step of issuing: nothing is signed that nobody knows, and the recovering job leaves nothing half done.

use anyhow::{Context as _, ensure};
use sqlx::Connection as _;
use support::{
    journey,
    papers::fixture,
    pki::{Certificate, Surroundings},
    roles::{Company, Person, activation, invitation, post_for},
    world::World,
};
use time::Duration;

/// Where a step of issuing writes: `INSERT` or `UPDATE`, and the table.
const STEPS: [(&str, &str); 12] = [
    ("INSERT", "certificate"),
    ("INSERT", "certified_key"),
    ("INSERT", "signing_key"),
    ("INSERT", "key_opener"),
    ("INSERT", "encryption_key"),
    ("INSERT", "archived_copy"),
    ("INSERT", "revocation_code"),
    ("INSERT", "audit_entry"),
    ("UPDATE", "certificate"),
    ("INSERT", "certificate_status"),
    ("INSERT", "message"),
    ("INSERT", "job"),
];

/// Statements of somebody beside the service, on its database.
pub(crate) async fn run(world: &World, statements: &[String]) -> anyhow::Result<()> {
    match world.plot().postgres() {
        Some(url) => {
            let mut connection = sqlx::PgConnection::connect(&url).await?;
            for statement in statements {
                sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await?;
            }
        }
        None => {
            let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite://{}", world.file("segl.db").display())).await?;
            sqlx::query("PRAGMA busy_timeout = 10000").execute(&mut connection).await?;
            for statement in statements {
                sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await?;
            }
        }
    }
    Ok(())
}

/// One row, as somebody beside the service reads it.
pub(crate) async fn one<T>(world: &World, statement: &'static str, bound: &[u8]) -> anyhow::Result<T>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    Ok(match world.plot().postgres() {
        Some(url) => sqlx::query_as(statement).bind(bound.to_vec()).fetch_one(&mut sqlx::PgConnection::connect(&url).await?).await?,
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            sqlx::query_as(statement).bind(bound.to_vec()).fetch_one(&mut sqlx::SqliteConnection::connect(&url).await?).await?
        }
    })
}

/// How many rows a table has.
pub(crate) async fn count(world: &World, table: &str) -> anyhow::Result<i64> {
    let statement = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    Ok(match world.plot().postgres() {
        Some(url) => sqlx::query_scalar(statement).fetch_one(&mut sqlx::PgConnection::connect(&url).await?).await?,
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            sqlx::query_scalar(statement).fetch_one(&mut sqlx::SqliteConnection::connect(&url).await?).await?
        }
    })
}

pub(crate) async fn break_step(world: &World, (verb, table): (&str, &str)) -> anyhow::Result<()> {
    let statements = match world.plot().postgres() {
        Some(_) => vec![
            "CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
                .to_owned(),
            format!("CREATE TRIGGER fault BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION fault()"),
        ],
        None => vec![format!("CREATE TRIGGER fault BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")],
    };
    run(world, &statements).await
}

pub(crate) async fn mend_step(world: &World, table: &str) -> anyhow::Result<()> {
    let on = if world.plot().postgres().is_some() { format!(" ON {table}") } else { String::new() };
    run(world, &[format!("DROP TRIGGER fault{on}")]).await
}

/// Serial number and state of every employee's certificate, as rows say.
async fn rows(world: &World) -> anyhow::Result<Vec<(Vec<u8>, String)>> {
    let statement = "SELECT serial, state FROM certificate WHERE employee_id IS NOT NULL";
    Ok(match world.plot().postgres() {
        Some(url) => sqlx::query_as(statement).fetch_all(&mut sqlx::PgConnection::connect(&url).await?).await?,
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            sqlx::query_as(statement).fetch_all(&mut sqlx::SqliteConnection::connect(&url).await?).await?
        }
    })
}

async fn known(world: &World, serial: &[u8]) -> anyhow::Result<bool> {
    let authority = segl::authorities::issuing(&world.ground).await?.id;
    let serial = certs::serial::Serial::from_bytes(serial)?;
    let mut reader = world.ground.database.read().await?;
    Ok(segl::status::known(&mut reader, authority, &serial).await?.is_some())
}

/// Somebody activates while a step fails. Afterwards the step works again, and the person can do what they came for.
async fn activate_despite(world: &World, bakery: &Company, step: (&str, &str), number: usize) -> anyhow::Result<()> {
    let (name, email) = (format!("Bo{}", "abcdefghijkl".chars().nth(number).context("a letter")?), format!("bo{number}@bageri.example.dk"));
    bakery.invite(&invitation(&name, "Bager", &email)).await?.expect(201)?;
    world.settle().await;
    let (link, temporary) = post_for(world, &email, &format!("{name} Bager"))?;
    let body = activation(&link, Some(&temporary), &format!("bo.bager{number}"));
    break_step(world, step).await?;
    let first = world.client().post("/api/v1/activations", &body).await?;
    mend_step(world, step.1).await?;
    // What the second commit writes is done by whoever comes by: the person is told that all went well.
    let is_finished_later = step.0 == "UPDATE" || ["certificate_status", "encryption_key"].contains(&step.1);
    ensure!((first.status == 201) == is_finished_later, "{step:?}: {}", first.status);
    for (serial, state) in rows(world).await? {
        let told = known(world, &serial).await?;
        ensure!(told == (state != "intended"), "{step:?}: a certificate is {state}, and the status service knows it: {told}");
    }
    world.pass(Duration::seconds(40)).await;
    world.settle().await;
    let answer = match first.status.as_u16() {
        201 => first,
        500 => world.client().post("/api/v1/activations", &body).await?.expect(201)?,
        other => anyhow::bail!("{step:?}: {other} {}", first.text()),
    };
    let mut bo = Person::of_activation(&world.client(), &answer, &format!("bo.bager{number}")).await?;
    bo.log_in().await?;
    let states: Vec<String> = bo.certificates().await?.iter().map(|one| one["state"].as_str().unwrap_or_default().to_owned()).collect();
    ensure!(states == ["active"; 3], "{step:?}: {states:?}");
    bo.upload_and_sign("Aftale", &fixture("cairo")).await?;
    Ok(())
}

journey!(a_database_that_fails_at_any_step_of_issuing_leaves_nothing_signed_and_unknown, async |world| {
    let (_, mut bakery) = world.bakery().await?;
    for (number, step) in STEPS.into_iter().enumerate() {
        bakery.administrator.log_in().await?;
        activate_despite(world, &bakery, step, number).await.with_context(|| format!("{step:?}"))?;
    }
    for (serial, state) in rows(world).await? {
        ensure!(state == "active" && known(world, &serial).await?, "a certificate is left {state}");
    }
    Ok(())
});

journey!(a_database_that_cannot_store_a_list_publishes_it_when_it_can, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let serial = bo.certificates().await?[0]["serial"].as_str().context("a serial")?.to_owned();
    let whole = bo.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    let certificate = Certificate(openssl::x509::X509::from_pem(whole.string("/pem").as_bytes())?);
    world.settle().await;
    let end = format!("/api/v1/certificates/{serial}/revocation");
    break_step(world, ("UPDATE", "crl")).await?;
    let refused = bo.http.post(&end, &serde_json::json!({"reason": "superseded"})).await?;
    ensure!(refused.status == 500, "a list that cannot be told changes nothing: {}", refused.text());
    mend_step(world, "crl").await?;
    bo.http.post(&end, &serde_json::json!({"reason": "superseded"})).await?.expect(200)?;
    break_step(world, ("UPDATE", "crl")).await?;
    let failed = segl::status::publish::publish_due(&world.ground, segl::status::publish::IN_A_ROUND).await;
    ensure!(failed.is_err(), "{failed:?}");
    ensure!(!Surroundings::of(world, &certificate).await?.lists(&certificate), "the last list is still given out");
    mend_step(world, "crl").await?;
    // What failed rests before it is tried again.
    world.clock.advance(time::Duration::seconds(31));
    world.settle().await;
    ensure!(Surroundings::of(world, &certificate).await?.lists(&certificate), "and the next one now");
    Ok(())
});
