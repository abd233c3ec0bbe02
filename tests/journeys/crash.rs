//! `kill -9` while certificates are issued: whatever was signed is known, and whoever was on the way can go on.
//!
//! Two ways to kill: at fixed pauses after the requests were sent; and between the two commits of an issuing, where somebody beside the
//! service holds the write lock, so that the service stands still with an intention stored and nothing active.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use support::{
    client::Client,
    program::Service,
    roles::{Company, Person, activation, invitation, post_for},
    world::{Begins, EngineKind, Plot, Setup, World},
};

/// Somebody who can stop all writing.
pub(crate) enum Holder {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Holder {
    pub(crate) async fn of(plot: &Plot) -> anyhow::Result<Self> {
        Ok(match plot.postgres() {
            Some(url) => Self::Postgres(PgConnection::connect(&url).await?),
            None => {
                let url = format!("sqlite://{}", plot.data().join("segl.db").display());
                let mut connection = SqliteConnection::connect(&url).await?;
                // The moment between two commits is short: whoever sleeps while the service writes, misses it.
                sqlx::query("PRAGMA busy_timeout = 0").execute(&mut connection).await?;
                Self::Sqlite(connection)
            }
        })
    }

    /// Holds the write lock at a moment at which some intention is stored and not signed; false when there is none now.
    async fn holds_an_intention(&mut self) -> anyhow::Result<bool> {
        self.holds("certificate", "SELECT count(*) FROM certificate WHERE state = 'intended'").await
    }

    /// Holds the write lock of a table at a moment at which `count` is not zero; false when it is now.
    pub(crate) async fn holds(&mut self, table: &str, count: &'static str) -> anyhow::Result<bool> {
        let waiting: i64 = match self {
            Self::Postgres(connection) => {
                sqlx::query("BEGIN").execute(&mut *connection).await?;
                sqlx::query(sqlx::AssertSqlSafe(format!("LOCK TABLE {table} IN EXCLUSIVE MODE"))).execute(&mut *connection).await?;
                sqlx::query_scalar(count).fetch_one(&mut *connection).await?
            }
            Self::Sqlite(connection) => {
                if sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await.is_err() {
                    return Ok(false);
                }
                sqlx::query_scalar(count).fetch_one(&mut *connection).await?
            }
        };
        if waiting == 0 {
            self.lets_go().await?;
        }
        Ok(waiting > 0)
    }

    pub(crate) async fn lets_go(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Postgres(connection) => sqlx::query("ROLLBACK").execute(connection).await.map(drop)?,
            Self::Sqlite(connection) => sqlx::query("ROLLBACK").execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    /// Certificates by state, and how many of them the public truth does not know.
    async fn count(&mut self) -> anyhow::Result<(Vec<(String, i64)>, i64)> {
        let states = "SELECT state, count(*) FROM certificate GROUP BY state ORDER BY state";
        let unknown = "SELECT count(*) FROM certificate LEFT JOIN certificate_status ON certificate_status.serial = certificate.serial \
                       AND certificate_status.authority_id = certificate.authority_id WHERE certificate_status.serial IS NULL";
        Ok(match self {
            Self::Postgres(connection) => {
                (sqlx::query_as(states).fetch_all(&mut *connection).await?, sqlx::query_scalar(unknown).fetch_one(&mut *connection).await?)
            }
            Self::Sqlite(connection) => {
                (sqlx::query_as(states).fetch_all(&mut *connection).await?, sqlx::query_scalar(unknown).fetch_one(&mut *connection).await?)
            }
        })
    }
}

/// Somebody who was invited: link, temporary password, user id.
type Invited = (String, String, String);

const PAUSES: [u64; 6] = [15, 40, 80, 130, 200, 300];
const HELD: usize = 4;
/// So long an intention is waited for.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);

async fn invited(world: &World, bakery: &Company) -> anyhow::Result<Vec<Invited>> {
    let mut all = Vec::new();
    for number in 0..PAUSES.len() * 2 + HELD {
        let (surname, email) = (format!("Bager{number}"), format!("bo{number}@bageri.example.dk"));
        bakery.invite(&invitation("Bo", &surname, &email)).await?.expect(201)?;
        world.settle().await;
        let (link, code) = post_for(world, &email, &format!("Bo {surname}"))?;
        all.push((link, code, format!("bo.bager.{number}")));
    }
    Ok(all)
}

async fn activate(client: &Client, (link, code, id): &Invited) {
    // Whatever comes of it: the service is killed meanwhile.
    let _answer = client.post("/api/v1/activations", &activation(link, Some(code), id)).await;
}

async fn killed_after(plot: &Plot, pause: u64, people: &[Invited]) -> anyhow::Result<()> {
    let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await?;
    let client = service.client();
    let requests = join_all(people.iter().map(|person| activate(&client, person)));
    let kill = async {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        service.kill();
    };
    tokio::join!(requests, kill);
    Ok(())
}

async fn killed_between_the_commits(plot: &Plot, person: &Invited) -> anyhow::Result<()> {
    let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await?;
    let client = service.client();
    let mut holder = Holder::of(plot).await?;
    let kill = async {
        let begun = Instant::now();
        // The moment is short: whoever missed it tries the next person, and one must be left between the steps in the end.
        while begun.elapsed() < LONGEST / 6 {
            if holder.holds_an_intention().await? {
                // Long enough to sign; the second commit waits for the lock.
                tokio::time::sleep(Duration::from_millis(60)).await;
                service.kill();
                return holder.lets_go().await;
            }
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
        service.kill();
        Ok(())
    };
    let (_, killed) = tokio::join!(activate(&client, person), kill);
    killed
}

async fn story(world: World) -> anyhow::Result<()> {
    let (_, bakery) = world.bakery().await?;
    let people = invited(&world, &bakery).await?;
    let (pairs, held) = people.split_at(PAUSES.len() * 2);
    let plot = world.stop();
    for (pause, pair) in PAUSES.iter().zip(pairs.chunks(2)) {
        killed_after(&plot, *pause, pair).await?;
    }
    for person in held {
        killed_between_the_commits(&plot, person).await?;
    }
    let (before, _) = Holder::of(&plot).await?.count().await?;
    ensure!(before.iter().any(|(state, count)| state == "intended" && *count > 0), "something was left between the steps: {before:?}");
    let world = World::resume(plot, time::Duration::hours(1)).await;
    world.settle().await;
    let (after, unknown) = Holder::of(world.plot()).await?.count().await?;
    ensure!(after.iter().all(|(state, _)| state == "active" || state == "abandoned"), "nothing is left between: {after:?}");
    ensure!(unknown == 0, "{unknown} certificate(s) that OCSP does not know");
    let mut anne = bakery.administrator.clone();
    anne.http = world.client();
    anne.log_in().await?;
    everybody_can_go_on(&world, &anne, &bakery, &people).await
}

/// Whoever was not activated still can be; whoever was, has every certificate, and it is good.
async fn everybody_can_go_on(world: &World, anne: &Person, bakery: &Company, people: &[Invited]) -> anyhow::Result<()> {
    let mut activated = 0;
    for person in people {
        let answer = Person::try_activate(&world.client(), &person.0, Some(&person.1), &person.2).await?;
        match answer.status.as_u16() {
            201 => activated += 1,
            410 => {}
            other => anyhow::bail!("{}: {other} {}", person.2, answer.text()),
        }
    }
    world.settle().await;
    ensure!(activated < people.len(), "somebody was activated before a kill");
    let certificates = anne.certificates().await?;
    for employee in anne.http.get(&bakery.employees()).await?.items() {
        let id = employee["id"].as_str().context("an id")?;
        ensure!(employee["state"] == "active", "{employee}");
        let own: Vec<_> = certificates.iter().filter(|item| item["employee"] == id && item["state"] == "active").collect();
        let expected = if id == anne.employee { 1 } else { 3 };
        ensure!(own.len() == expected, "{employee} has {own:?}");
    }
    Ok(())
}

fn on(engine: EngineKind) {
    support::world::on_runtime(async {
        let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
        story(world).await.unwrap();
    });
}

mod killed_at_any_moment_of_issuing_nothing_signed_is_unknown {
    use super::*;

    #[test]
    fn on_sqlite() {
        on(EngineKind::Sqlite);
    }

    #[test]
    fn on_postgres() {
        on(EngineKind::Postgres);
    }
}
