//! Jobs as rows: claimed with a lease, retried with backoff, given up loudly. And leases for what only one node may do.

use time::Duration;

use super::{
    database::{BATCH, Database, DatabaseError, Reader, Unit, portions},
    id::JobId,
    moment::Moment,
};
use crate::{build, execute, fetch};

/// How long a worker has a job for itself.
const LEASE: Duration = Duration::minutes(5);
/// After so many attempts a job is given up.
const MOST_ATTEMPTS: i64 = 12;

/// A job's kind, as `notices.send`: the slice that runs it and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(pub &'static str);

/// A claimed job.
#[derive(Debug, sqlx::FromRow)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Its kind's word.
    pub kind: String,
    /// What the slice wrote; JSON.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
}

/// Enqueues a job in the unit of the change that causes it.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(unit: &mut Unit, kind: Kind, payload: &impl serde::Serialize, run_at: Moment) -> Result<JobId, DatabaseError> {
    let id: JobId = unit.id();
    insert(unit, kind, &[(id, written(payload)?)], run_at).await?;
    Ok(id)
}

/// Enqueues a job for each payload, with few statements.
///
/// # Errors
/// When the database fails.
pub async fn enqueue_all(unit: &mut Unit, kind: Kind, payloads: &[impl serde::Serialize], run_at: Moment) -> Result<(), DatabaseError> {
    let jobs =
        payloads.iter().map(|payload| Ok((unit.id(), written(payload)?))).collect::<Result<Vec<(JobId, String)>, DatabaseError>>()?;
    insert(unit, kind, &jobs, run_at).await
}

fn written(payload: &impl serde::Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(payload).map_err(|error| DatabaseError::Corrupt { what: "job payload", value: error.to_string() })
}

async fn insert(unit: &mut Unit, kind: Kind, jobs: &[(JobId, String)], run_at: Moment) -> Result<(), DatabaseError> {
    let now = unit.now();
    if run_at <= now && !jobs.is_empty() {
        unit.note_enqueued();
    }
    for portion in portions(jobs) {
        build!(unit, "INSERT INTO job (id, kind, payload, state, run_at, attempts, created_at) ", |query, c| {
            query.push_values(portion, |mut row, (id, payload)| {
                row.push_bind(*id).push_bind(kind.0).push_bind(payload).push("'waiting'").push_bind(run_at).push("0").push_bind(now);
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// So many kinds of jobs at most have workers of their own.
pub const APART: usize = 2;
/// A kind that no job has.
pub const NONE: Kind = Kind("");

/// Which jobs somebody works on: a kind that waits for strangers' servers has workers of its own, so that the others go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// This kind alone.
    Only(Kind),
    /// All but these kinds.
    Without([Kind; APART]),
}

impl Share {
    /// The word that a job must be, none for any; and those that it must not be.
    const fn words(self) -> (&'static str, [&'static str; APART]) {
        match self {
            Self::Only(kind) => (kind.0, [""; APART]),
            Self::Without([first, second]) => ("", [first.0, second.0]),
        }
    }
}

/// Claims the next job of a share that is due, or whose worker is gone.
///
/// # Errors
/// When the database fails.
pub async fn claim(database: &Database, share: Share, holder: &str) -> Result<Option<Job>, DatabaseError> {
    let (only, [first, second]) = share.words();
    database
        .write(async |unit| {
            let now = unit.now();
            fetch!(unit, |c| sqlx::query_as(
                "UPDATE job SET state = 'running', attempts = attempts + 1, lease_holder = $1, lease_until = $2
                 WHERE id = (SELECT id FROM job
                             WHERE ((state = 'waiting' AND run_at <= $3) OR (state = 'running' AND lease_until < $3))
                               AND ($4 = '' OR kind = $4) AND kind <> $5 AND kind <> $6
                             ORDER BY run_at, id LIMIT 1)
                   AND ((state = 'waiting' AND run_at <= $3) OR (state = 'running' AND lease_until < $3))
                 RETURNING id, kind, payload, attempts"
            )
            .bind(holder)
            .bind(now.plus(LEASE))
            .bind(now)
            .bind(only)
            .bind(first)
            .bind(second)
            .fetch_optional(c))
        })
        .await
}

/// Whether a job of a share that is due waits. Cheaper than a claim: it only reads.
///
/// # Errors
/// When the database fails.
pub async fn is_due(database: &Database, share: Share) -> Result<bool, DatabaseError> {
    let (only, [first, second]) = share.words();
    let now = database.clock().now();
    let mut reader = database.read().await?;
    let waiting: Option<JobId> = fetch!(&mut reader, |c| sqlx::query_scalar(
        "SELECT id FROM job WHERE ((state = 'waiting' AND run_at <= $1) OR (state = 'running' AND lease_until < $1))
           AND ($2 = '' OR kind = $2) AND kind <> $3 AND kind <> $4 LIMIT 1"
    )
    .bind(now)
    .bind(only)
    .bind(first)
    .bind(second)
    .fetch_optional(c))?;
    Ok(waiting.is_some())
}

/// What became of a failed job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// It is given up; somebody must look.
    GivenUp,
    /// It is tried again later.
    TriedAgain,
}

/// Marks a job as done.
///
/// # Errors
/// When the database fails.
pub async fn finish(database: &Database, job: &Job, holder: &str) -> Result<(), DatabaseError> {
    database
        .write(async |unit| {
            let now = unit.now();
            execute!(
                unit,
                sqlx::query("UPDATE job SET state = 'done', finished_at = $1 WHERE id = $2 AND lease_holder = $3 AND state = 'running'")
                    .bind(now)
                    .bind(job.id)
                    .bind(holder)
            )
            .map(drop)
        })
        .await
}

/// Puts a failed job back with exponential backoff (5 s to 1 h), or gives it up.
///
/// # Errors
/// When the database fails.
pub async fn fail(database: &Database, job: &Job, holder: &str, reason: &str) -> Result<AfterFailure, DatabaseError> {
    let after = if job.attempts >= MOST_ATTEMPTS { AfterFailure::GivenUp } else { AfterFailure::TriedAgain };
    let exponent = u32::try_from(job.attempts.clamp(1, 10) - 1).unwrap_or(0);
    let pause = Duration::seconds((5_i64 << exponent).min(3600));
    let state = match after {
        AfterFailure::GivenUp => "given_up",
        AfterFailure::TriedAgain => "waiting",
    };
    database
        .write(async |unit| {
            let next = unit.now().plus(pause);
            execute!(
                unit,
                sqlx::query(
                    "UPDATE job SET state = $1, run_at = $2, last_error = $3 WHERE id = $4 AND lease_holder = $5 AND state = 'running'"
                )
                .bind(state)
                .bind(next)
                .bind(reason)
                .bind(job.id)
                .bind(holder)
            )
        })
        .await?;
    Ok(after)
}

/// Deletes jobs that were done before `before`, a batch of them; what waits, runs or was given up stays, whatever else its row says. The
/// state stands in an expression, so that SQLite goes by the time and not through everything that is done.
/// Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_done(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM job WHERE id IN
             (SELECT id FROM job WHERE finished_at < $1 AND COALESCE(state, '') = 'done' ORDER BY finished_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

/// Takes or renews a named lease: true when this holder has it until `span` from now.
///
/// # Errors
/// When the database fails.
pub async fn hold_lease(database: &Database, name: &str, holder: &str, span: Duration) -> Result<bool, DatabaseError> {
    database
        .write(async |unit| {
            let now = unit.now();
            let taken: Option<String> = fetch!(unit, |c| sqlx::query_scalar(
                "INSERT INTO lease (name, holder, until_at) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
                 WHERE lease.holder = excluded.holder OR lease.until_at < $4
                 RETURNING holder"
            )
            .bind(name)
            .bind(holder)
            .bind(now.plus(span))
            .bind(now)
            .fetch_optional(c))?;
            Ok(taken.is_some())
        })
        .await
}

/// How many jobs of a kind are in a state that is not done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Tally {
    /// The kind's word.
    pub kind: String,
    /// `waiting`, `running` or `given_up`.
    pub state: String,
    /// How many.
    pub jobs: i64,
    /// When the oldest of them was enqueued.
    pub oldest: Moment,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct GivenUp {
    /// Its id.
    pub id: JobId,
    /// Its kind's word.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Moment,
}

/// What is not done yet, by kind and state.
///
/// # Errors
/// When the database fails.
pub async fn tallies(reader: &mut Reader) -> Result<Vec<Tally>, DatabaseError> {
    fetch!(reader, |c| {
        sqlx::query_as(
        "SELECT kind, state, COUNT(*) AS jobs, MIN(created_at) AS oldest FROM job WHERE state IN ('waiting', 'running', 'given_up') GROUP BY kind, state ORDER BY kind, state"
    )
    .fetch_all(c)
    })
}

/// What was given up, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn given_up(reader: &mut Reader, most: i64) -> Result<Vec<GivenUp>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT id, kind, attempts, last_error, created_at FROM job WHERE state = 'given_up' ORDER BY created_at DESC, id DESC LIMIT $1"
    )
    .bind(most)
    .fetch_all(c))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::platform::testing;

    #[actix_web::test]
    async fn jobs_done_long_ago_are_forgotten_and_others_are_not() {
        let world = testing::ground().await.unwrap();
        let kind = Kind("tests.forget");
        for payload in ["done", "waiting"] {
            world.database.write(async |unit| enqueue(unit, kind, &payload, unit.now()).await).await.unwrap();
        }
        let job = claim(&world.database, Share::Without([NONE; APART]), "here").await.unwrap().unwrap();
        finish(&world.database, &job, "here").await.unwrap();
        let forget = async |before: Moment| world.database.write(async |unit| forget_done(unit, before).await).await.unwrap();
        let done_at = world.database.clock().now();
        assert_eq!(forget(done_at).await, 0);
        assert_eq!(forget(done_at.plus(Duration::days(400))).await, 1);
        assert!(claim(&world.database, Share::Without([NONE; APART]), "here").await.unwrap().is_some(), "what waits is still there");
    }

    #[actix_web::test]
    async fn a_job_that_keeps_failing_is_given_up_and_shown_with_its_reason() {
        let world = testing::ground().await.unwrap();
        let kind = Kind("tests.fail");
        world.database.write(async |unit| enqueue(unit, kind, &"x", unit.now()).await).await.unwrap();
        let mut after = AfterFailure::TriedAgain;
        while after == AfterFailure::TriedAgain {
            let waiting = tallies(&mut world.database.read().await.unwrap()).await.unwrap();
            assert_eq!((waiting.len(), waiting[0].state.as_str(), waiting[0].jobs), (1, "waiting", 1));
            world.clock.advance(Duration::hours(2));
            let job = claim(&world.database, Share::Without([NONE; APART]), "here").await.unwrap().unwrap();
            after = fail(&world.database, &job, "here", "no relay").await.unwrap();
        }
        let mut reader = world.database.read().await.unwrap();
        let found = given_up(&mut reader, 10).await.unwrap();
        assert_eq!((found.len(), found[0].attempts, found[0].last_error.as_deref()), (1, MOST_ATTEMPTS, Some("no relay")));
        assert_eq!(tallies(&mut reader).await.unwrap()[0].state, "given_up");
    }
}
