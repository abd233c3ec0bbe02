//! The auditor: reads everything, changes nothing, and finds whoever touched the memory.

use anyhow::ensure;
use sqlx::Connection as _;
use support::{
    journey,
    papers::fixture,
    program::segl,
    world::{EngineKind, World},
};

/// Somebody with access to the database, beside the service.
enum Intruder {
    Postgres(sqlx::PgConnection),
    Sqlite(sqlx::SqliteConnection),
}

impl Intruder {
    async fn of(world: &World) -> anyhow::Result<Self> {
        Ok(match world.plot().postgres() {
            Some(url) => Self::Postgres(sqlx::PgConnection::connect(&url).await?),
            None => Self::Sqlite(sqlx::SqliteConnection::connect(&format!("sqlite://{}", world.file("segl.db").display())).await?),
        })
    }

    async fn does(&mut self, statement: &str) -> anyhow::Result<()> {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        let rows = match self {
            Self::Postgres(connection) => sqlx::query(statement).execute(connection).await?.rows_affected(),
            Self::Sqlite(connection) => sqlx::query(statement).execute(connection).await?.rows_affected(),
        };
        ensure!(rows > 0, "nothing was touched");
        Ok(())
    }
}

async fn verified(world: &World, more: &[&str]) -> support::peers::tools::Said {
    let data = world.plot().data().display().to_string();
    segl(["audit", "verify", "--data", &data].iter().chain(more)).await
}

journey!(every_step_of_the_main_job_stands_in_the_audit, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    bo.upload_and_sign("Kontrakt", &fixture("cairo")).await?;
    bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(204)?;
    world.settle().await;
    for action in [
        "operator.invited",
        "operator.activated",
        "company.registered",
        "agreement.accepted",
        "company.activated",
        "employee.invited",
        "employee.activated",
        "keycard.issued",
        "certificate.intended",
        "certificate.activated",
        "keycard.key_used",
        "document.uploaded",
        "signature.asked",
        "signature.approved",
        "document.signed",
        "employee.left",
        "certificate.revoked",
        "crl.published",
    ] {
        let found = operator.0.http.get(&format!("/api/v1/audit?action={action}")).await?.expect(200)?.items();
        ensure!(!found.is_empty(), "{action} stands nowhere");
        ensure!(found.iter().all(|entry| entry["sequence"].is_i64()), "{action} is chained");
    }
    let left = operator.0.http.get("/api/v1/audit?action=employee.left").await?.items();
    ensure!(left[0]["company"] == bakery.id.as_str() && left[0]["subject"] == format!("employee:{}", bo.employee), "{left:?}");
    bakery.administrator.http.get("/api/v1/audit").await?.refused(403, "forbidden")?;
    verified(world, &[]).await.must_say("nothing was changed");
    Ok(())
});

journey!(whoever_edits_removes_or_moves_an_entry_is_found, async |world| {
    let (_, bakery) = world.bakery().await?;
    let kept = world.file("kept.json");
    world.pass(time::Duration::hours(2)).await;
    std::fs::write(&kept, world.client().get("/audit/checkpoints").await?.expect(200)?.bytes)?;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    anne.upload("Kontrakt", &fixture("cairo")).await?;
    world.settle().await;
    verified(world, &[]).await.must_say("nothing was changed");
    let checkpoint = ["--checkpoint", &kept.display().to_string()].map(str::to_owned);
    let checkpoint: Vec<&str> = checkpoint.iter().map(String::as_str).collect();
    verified(world, &checkpoint).await.must_say("nothing was changed");
    let mut intruder = Intruder::of(world).await?;
    // Edited.
    intruder.does("UPDATE audit_entry SET action = 'company.honoured' WHERE sequence = 3").await?;
    verified(world, &[]).await.must_refuse("entry 3");
    // Moved.
    intruder.does("UPDATE audit_entry SET sequence = 100003 WHERE sequence = 4").await?;
    intruder.does("UPDATE audit_entry SET sequence = 4 WHERE sequence = 5").await?;
    intruder.does("UPDATE audit_entry SET sequence = 5 WHERE sequence = 100003").await?;
    verified(world, &[]).await.must_refuse("moved");
    // Removed.
    intruder.does("DELETE FROM audit_entry WHERE sequence = 7").await?;
    verified(world, &[]).await.must_refuse("removed");
    Ok(())
});

journey!(a_tail_that_was_cut_off_is_found_by_a_checkpoint_kept_elsewhere, async |world| {
    world.bakery().await?;
    world.pass(time::Duration::hours(2)).await;
    let kept = world.file("kept.json");
    std::fs::write(&kept, world.client().get("/audit/checkpoints").await?.expect(200)?.bytes)?;
    let mut intruder = Intruder::of(world).await?;
    intruder.does("DELETE FROM audit_checkpoint").await?;
    intruder.does("DELETE FROM audit_entry WHERE sequence > 5").await?;
    verified(world, &["--checkpoint", &kept.display().to_string()]).await.must_refuse("THE AUDIT WAS CHANGED");
    Ok(())
});

#[test]
fn a_checkpoint_of_another_installation_is_refused() {
    support::world::run(EngineKind::Sqlite, async |world| {
        let other = World::new(EngineKind::Sqlite).await;
        for one in [world, &other] {
            one.operator().await?;
            one.pass(time::Duration::hours(2)).await;
        }
        let kept = world.file("kept.json");
        std::fs::write(&kept, other.client().get("/audit/checkpoints").await?.expect(200)?.bytes)?;
        verified(world, &["--checkpoint", &kept.display().to_string()]).await.must_refuse("not signed by this installation's audit key");
        Ok(())
    });
}
