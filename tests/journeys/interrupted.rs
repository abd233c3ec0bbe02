//! What stands between the phone's yes and what comes of it: another node, a process that is gone, `kill -9`.

use anyhow::{Context as _, ensure};
use keycard::wire::Decided;
use segl::platform::clock::{Clock as _, SystemClock};
use sqlx::Connection as _;
use support::{
    approver::Shown,
    client::Client,
    journey,
    papers::fixture,
    phone::SoftPhone,
    program::Service,
    roles::Person,
    visitor::{Visitor, between},
    world::{Begins, EngineKind, Node, Plot, Setup, World, on_runtime},
};
use time::Duration;

use crate::{
    crash::{Holder, LONGEST},
    forgotten::{self, NEW, Reset, approve, bo_with_phone, choose, ends, link, unchanged},
};

/// So often something is looked for that takes its time.
const LOOKS: usize = 600;

/// The same browser, that reads this language, at this node.
fn browser_at(node: &Client, browser: &Visitor, language: &'static str) -> anyhow::Result<Visitor> {
    let there = Visitor::new(node, language);
    there.set_cookie("__Host-segl", &browser.cookie("__Host-segl").context("nobody is logged in")?);
    Ok(there)
}

fn number_on(page: &str) -> anyhow::Result<String> {
    between(page, "id=\"phone-number\" aria-hidden=\"true\">", "<").with_context(|| format!("no number: {page}"))
}

journey!(the_page_says_that_nothing_is_signed_where_the_node_that_asked_is_gone_and_a_second_try_signs, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Min telefon").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    let original = fixture("cairo");
    let document = person.upload("Kontrakt", &original).await?;
    let browser = person.browser("da").await?;
    let (place, fields) = (format!("/documents/{document}"), [("reason", "Aftalt"), ("place", "Korsør")]);
    // Asked at one node, whose page shows the number; then it is gone.
    let gone = world.second_service().await;
    let there = browser_at(&gone.client, &browser, "da")?;
    let page = there.get(&place).await?.expect(200)?;
    let waiting = there.submit(&page, &format!("{place}/signatures"), &fields).await?.expect(303)?.header("location");
    let number = number_on(&there.get(&waiting).await?.expect(200)?.text())?;
    drop(gone);
    // The phone's yes comes to another one, which cannot open what came with it.
    let shown = phone.sole_request().await?;
    ensure!(phone.approve_signing(&shown, &number).await? == Decided::Taken);
    ensure!(browser.get(&waiting).await?.expect(200)?.text().contains("Dokumentet bliver underskrevet"));
    world.clock.advance(Duration::seconds(61));
    let told = [
        ("da", "Intet er underskrevet: telefonen svarede ikke i tide, eller tjenesten blev afbrudt.", "Begynd forfra"),
        ("en", "Nothing was signed: the phone did not answer in time, or the service was interrupted.", "Begin again"),
    ];
    for (language, said, again) in told {
        let page = browser_at(&world.client(), &browser, language)?.get(&waiting).await?.expect(200)?.text();
        ensure!(page.contains(said) && page.contains(again) && page.contains(&format!("href=\"{place}#sign\"")), "{language}: {page}");
    }
    ensure!(person.content(&document).await? == original, "something was signed");
    let page = browser.get(&place).await?.expect(200)?;
    let waiting = browser.submit(&page, &format!("{place}/signatures"), &fields).await?.expect(303)?.header("location");
    let number = number_on(&browser.get(&waiting).await?.expect(200)?.text())?;
    ensure!(phone.approve_signing(&phone.sole_request().await?, &number).await? == Decided::Taken);
    for _ in 0..LOOKS {
        if browser.get(&waiting).await?.status == 303 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    ensure!(browser.get(&waiting).await?.expect(303)?.header("location") == format!("{place}?signed=yes"));
    let signed = person.content(&document).await?;
    ensure!(signed.len() > original.len() && signed.starts_with(&original));
    Ok(())
});

/// More time, twice, given at another node than the one that holds the new password: what waits then, and that node.
async fn more_time_elsewhere(world: &World, phone: &mut SoftPhone) -> anyhow::Result<(Shown, Node)> {
    let other = world.second_service().await;
    let mut shown = phone.sole_request().await?;
    let there = phone.http.at(other.client.base());
    let home = std::mem::replace(&mut phone.http, there);
    for _ in 0..2 {
        world.clock.advance(Duration::seconds(100));
        shown = phone.extend(&shown).await?;
    }
    phone.http = home;
    world.clock.advance(Duration::seconds(100));
    Ok((shown, other))
}

async fn new_password_works(bo: &mut Person) -> anyhow::Result<()> {
    bo.password = NEW.to_owned();
    bo.log_in().await?;
    bo.upload_and_sign("Kontrakt", &fixture("cairo")).await.map(drop)
}

journey!(more_time_from_another_node_does_not_keep_a_new_password_from_its_yes, async |world| {
    let (_, mut bo, mut phone) = bo_with_phone(world).await?;
    let reset = choose(world, &link(world).await?).await?;
    let (shown, _other) = more_time_elsewhere(world, &mut phone).await?;
    ensure!(approve(&phone, &shown, &reset.number).await? == Decided::Taken);
    ensure!(ends(world, &reset).await? == "done");
    new_password_works(&mut bo).await
});

journey!(a_yes_that_comes_to_the_node_that_gave_more_time_is_used_where_the_password_waits, async |world| {
    let (_, mut bo, mut phone) = bo_with_phone(world).await?;
    let reset = choose(world, &link(world).await?).await?;
    let (shown, other) = more_time_elsewhere(world, &mut phone).await?;
    phone.http = phone.http.at(other.client.base());
    ensure!(approve(&phone, &shown, &reset.number).await? == Decided::Taken);
    ensure!(ends(world, &reset).await? == "done");
    new_password_works(&mut bo).await
});

journey!(a_new_password_that_waits_beyond_a_release_keys_hour_is_released_to_the_next_key, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let document = bo.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = bo.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let first = shown.payload.parts().release_key.context("nothing to release to")?;
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    ensure!(bo.signing_ends(&asked).await? == "signed");
    // Asked when the key has three minutes of its hour left, and answered when the five minutes after it are over too.
    world.clock.advance(Duration::minutes(57));
    let reset = choose(world, &link(world).await?).await?;
    let mut shown = phone.sole_request().await?;
    ensure!(shown.payload.parts().release_key == Some(first), "the hour is not over");
    for _ in 0..5 {
        world.clock.advance(Duration::seconds(100));
        shown = phone.extend(&shown).await?;
    }
    let named = shown.payload.parts().release_key.context("nothing to release to")?;
    ensure!(named != first, "a key of more than an hour and five minutes is named");
    ensure!(approve(&phone, &shown, &reset.number).await? == Decided::Taken);
    ensure!(ends(world, &reset).await? == "done");
    new_password_works(&mut bo).await
});

journey!(more_time_from_another_node_still_has_a_document_signed_after_the_node_that_asked_is_gone, async |world| {
    let (_, bo, mut phone) = bo_with_phone(world).await?;
    let document = bo.upload("Kontrakt", &fixture("cairo")).await?;
    let gone = world.second_service().await;
    let there = Person { http: bo.http.at(gone.client.base()), ..bo.clone() };
    let asked = there.ask_phone_to_sign(&document).await?;
    drop(gone);
    let (shown, _other) = more_time_elsewhere(world, &mut phone).await?;
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    let ended = bo.signing_ends(&asked).await?;
    ensure!(ended == "signed", "{ended}");
    Ok(())
});

/// Somebody beside the service who has the store of a new password take its time: by a lock, or on SQLite, where a lock would keep the phone's yes
/// out as well, by a trigger that counts for minutes.
enum Slow {
    Postgres(Holder),
    Sqlite(String),
}

const COUNTS: [&str; 2] = [
    "CREATE VIEW counting AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 4000000000) SELECT count(*) AS n FROM n",
    "CREATE TRIGGER slow BEFORE UPDATE ON password_reset WHEN NEW.state = 'done' BEGIN SELECT n FROM counting; END",
];

impl Slow {
    async fn begin(plot: &Plot) -> anyhow::Result<Self> {
        if plot.postgres().is_some() {
            let mut holder = Holder::of(plot).await?;
            ensure!(holder.holds("password_reset", "SELECT count(*) FROM password_reset WHERE state = 'asked'").await?, "nothing is asked");
            return Ok(Self::Postgres(holder));
        }
        let url = format!("sqlite://{}", plot.data().join("segl.db").display());
        beside(&url, &COUNTS).await?;
        Ok(Self::Sqlite(url))
    }

    /// Whether the store of the new password stands in it: it waits for the lock, or it has kept all others from writing for longer than any of them
    /// writes.
    async fn has_hold(&mut self) -> anyhow::Result<bool> {
        match self {
            Self::Postgres(Holder::Postgres(connection)) => {
                let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'password_reset'::regclass";
                let waiting: i64 = sqlx::query_scalar(waits).fetch_one(connection).await?;
                Ok(waiting > 0)
            }
            Self::Postgres(Holder::Sqlite(_)) => Ok(false),
            Self::Sqlite(url) => {
                let mut connection = sqlx::SqliteConnection::connect(url).await?;
                sqlx::query("PRAGMA busy_timeout = 3000").execute(&mut connection).await?;
                let kept_out = sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.is_err();
                if !kept_out {
                    sqlx::query("ROLLBACK").execute(&mut connection).await?;
                }
                Ok(kept_out)
            }
        }
    }

    async fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Postgres(mut holder) => holder.lets_go().await,
            Self::Sqlite(url) => beside(&url, &["DROP TRIGGER slow", "DROP VIEW counting"]).await,
        }
    }
}

async fn beside(url: &str, statements: &[&'static str]) -> anyhow::Result<()> {
    let mut connection = sqlx::SqliteConnection::connect(url).await?;
    sqlx::query("PRAGMA busy_timeout = 60000").execute(&mut connection).await?;
    for statement in statements {
        sqlx::query(*statement).execute(&mut connection).await?;
    }
    Ok(())
}

async fn state_at(client: &Client, reset: &Reset) -> anyhow::Result<String> {
    let body = serde_json::json!({"reset": reset.token});
    Ok(client.post("/api/v1/password-resets/state", &body).await?.expect(200)?.string("/state"))
}

async fn killed(engine: EngineKind) -> anyhow::Result<()> {
    let policy = "[phones]\nwait_hours = 0".to_owned();
    let world = World::of(Setup { begins: Begins::Now, policy, ..Setup::on(engine) }).await;
    let (_, bakery) = world.bakery().await?;
    let mut bo = bakery.hire(&world, "Bo", "Bager", forgotten::BO).await?;
    let phone = bo.pair_phone("Bos telefon").await?;
    let link = link(&world).await?;
    let made = world.now();
    let plot = world.stop();
    // The world's clock ran ahead of the machine's, which the service goes by.
    while SystemClock.now() <= made {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await?;
    let asked = service.client().post("/api/v1/password-resets/question", &forgotten::by_link(&link)).await?.expect(201)?;
    let reset = Reset { token: asked.string("/reset"), number: asked.string("/number") };
    let shown = phone.sole_request().await?;
    let mut slow = Slow::begin(&plot).await?;
    ensure!(approve(&phone, &shown, &reset.number).await? == Decided::Taken);
    // The yes is taken, and the new password is on its way to the rows.
    let begun = std::time::Instant::now();
    while state_at(&service.client(), &reset).await? != "making" {
        ensure!(begun.elapsed() < LONGEST, "the yes is not taken");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    while !slow.has_hold().await? {
        ensure!(begun.elapsed() < LONGEST, "the new password is not stored");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    service.kill();
    slow.end().await?;
    let world = World::resume(plot, Duration::minutes(2)).await;
    ensure!(state_at(&world.client(), &reset).await? == "lapsed");
    unchanged(&mut bo).await?;
    let document = bo.upload("Aftale", &fixture("cairo")).await?;
    bo.sign_by_phone(&document, &phone).await.context("the phone opens the key no more")?;
    let asked = forgotten::again(&world, &reset).await?.expect(201)?;
    let request = phone.waiting().await?.into_iter().find(|one| one.payload.parts().purpose == keycard::payload::Purpose::NewPassword);
    ensure!(approve(&phone, &request.context("nothing is asked")?, &asked.string("/number")).await? == Decided::Taken);
    ensure!(ends(&world, &reset).await? == "done");
    new_password_works(&mut bo).await
}

mod killed_between_the_yes_and_the_new_password_the_old_one_works_and_a_new_asking_does {
    use super::*;

    #[test]
    fn on_sqlite() {
        on_runtime(async { killed(EngineKind::Sqlite).await.unwrap() });
    }

    #[test]
    fn on_postgres() {
        on_runtime(async { killed(EngineKind::Postgres).await.unwrap() });
    }
}
