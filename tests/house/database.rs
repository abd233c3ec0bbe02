//! What `platform::database` promises, on both engines: all or nothing, nobody's work lost, races decided by the database.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use segl::{
    execute, fetch,
    platform::{
        database::{Database, DatabaseError, Settings, Unit},
        installation,
    },
};
use tokio::sync::Notify;

use crate::engines::{BOTH, Kind, Place};

/// Why a unit of these tests refuses.
#[derive(Debug)]
enum Refusal {
    Database(#[allow(dead_code, reason = "shown by Debug")] DatabaseError),
    Meant,
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

async fn migrated(kind: Kind) -> (Place, Database) {
    let place = Place::new(kind);
    place.migrate().await.unwrap();
    let database = place.open().await;
    (place, database)
}

async fn count(database: &Database, like: &str) -> i64 {
    let mut reader = database.read().await.unwrap();
    fetch!(&mut reader, |c| sqlx::query_scalar("SELECT count(*) FROM installation WHERE name LIKE $1").bind(like).fetch_one(c)).unwrap()
}

async fn add(unit: &mut Unit, name: &str) -> Result<(), DatabaseError> {
    installation::set_once(unit, name, "x").await.map(drop)
}

#[actix_web::test]
async fn a_unit_that_refuses_leaves_nothing() {
    for kind in BOTH {
        let (_place, database) = migrated(kind).await;
        let refused = database.write(async |unit| -> Result<(), Refusal> {
            add(unit, "lost").await?;
            Err(Refusal::Meant)
        });
        assert!(matches!(refused.await, Err(Refusal::Meant)), "{kind:?}");
        assert_eq!(count(&database, "lost").await, 0, "{kind:?}");
        database.write(async |unit| add(unit, "kept").await).await.unwrap();
        assert_eq!(count(&database, "kept").await, 1, "{kind:?}: the next unit works");
    }
}

#[actix_web::test]
async fn a_unit_whose_statement_fails_leaves_nothing_and_spares_the_others() {
    for kind in BOTH {
        let (_place, database) = migrated(kind).await;
        let broken = database.write(async |unit| -> Result<(), DatabaseError> {
            add(unit, "broken").await?;
            execute!(unit, sqlx::query("INSERT INTO installation (name, value) VALUES ('broken', 'twice')")).map(drop)
        });
        let whole = database.write(async |unit| add(unit, "whole").await);
        let (broken, whole) = tokio::join!(broken, whole);
        assert!(broken.is_err() && whole.is_ok(), "{kind:?}: {broken:?} {whole:?}");
        assert_eq!((count(&database, "broken").await, count(&database, "whole").await), (0, 1), "{kind:?}");
    }
}

#[actix_web::test]
async fn units_at_once_are_all_stored() {
    for kind in BOTH {
        let (_place, database) = migrated(kind).await;
        let mut units = tokio::task::JoinSet::new();
        for number in 0..64 {
            let database = database.clone();
            units.spawn_local(async move { database.write(async |unit| add(unit, &format!("at-once-{number}")).await).await });
        }
        for outcome in units.join_all().await {
            outcome.unwrap();
        }
        assert_eq!(count(&database, "at-once-%").await, 64, "{kind:?}");
    }
}

/// The commits in a write-ahead log: frames whose header tells the size of the database after a commit
/// (SQLite file format, section 4.1). Frames of an earlier round have another salt.
fn commits(log: &[u8]) -> usize {
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap()) as usize;
    if log.len() < 32 {
        return 0;
    }
    let (page, salt) = (number(8), &log[16..24]);
    let frames = (32..log.len().saturating_sub(page + 23)).step_by(page + 24);
    frames.filter(|&at| number(at + 4) != 0 && &log[at + 8..at + 16] == salt).count()
}

#[actix_web::test]
async fn units_that_wait_share_a_commit_on_sqlite() {
    let (place, database) = migrated(Kind::Sqlite).await;
    let Settings::Sqlite { file } = &place.settings else { panic!("SQLite was asked for") };
    let log = file.with_extension("db-wal");
    let commits_now = || std::fs::read(&log).map_or(0, |log| commits(&log));
    for number in 0..8 {
        database.write(async |unit| add(unit, &format!("alone-{number}")).await).await.unwrap();
    }
    let alone = commits_now();
    assert!(alone >= 8, "each of 8 units in a row commits; {alone} commits are in the log");
    let mut units = tokio::task::JoinSet::new();
    for number in 0..64 {
        let database = database.clone();
        units.spawn_local(async move { database.write(async |unit| add(unit, &format!("together-{number}")).await).await });
    }
    for outcome in units.join_all().await {
        outcome.unwrap();
    }
    let together = commits_now() - alone;
    assert!((1..=16).contains(&together), "64 units at once took {together} commits");
    assert_eq!(count(&database, "together-%").await, 64);
}

#[actix_web::test]
async fn a_caller_that_goes_away_takes_only_its_own_work_along() {
    for kind in BOTH {
        let (_place, database) = migrated(kind).await;
        let inside = Arc::new(Notify::new());
        let gone = {
            let (database, inside) = (database.clone(), inside.clone());
            tokio::task::spawn_local(async move {
                database
                    .write(async |unit| {
                        add(unit, "gone").await?;
                        inside.notify_one();
                        std::future::pending::<Result<(), DatabaseError>>().await
                    })
                    .await
            })
        };
        inside.notified().await;
        let mut others = tokio::task::JoinSet::new();
        for number in 0..10 {
            let database = database.clone();
            others.spawn_local(async move { database.write(async |unit| add(unit, &format!("other-{number}")).await).await });
        }
        tokio::task::yield_now().await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled(), "{kind:?}");
        for outcome in others.join_all().await {
            outcome.unwrap();
        }
        assert_eq!((count(&database, "gone").await, count(&database, "other-%").await), (0, 10), "{kind:?}");
    }
}

#[actix_web::test]
async fn a_caller_that_goes_away_while_it_waits_leaves_the_others_committed() {
    for kind in BOTH {
        let (place, database) = migrated(kind).await;
        let (inside, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let first = {
            let (database, inside, go_on) = (database.clone(), inside.clone(), go_on.clone());
            tokio::task::spawn_local(async move {
                database
                    .write(async |unit| {
                        inside.notify_one();
                        go_on.notified().await;
                        add(unit, "first").await
                    })
                    .await
            })
        };
        inside.notified().await;
        let waits = {
            let database = database.clone();
            tokio::task::spawn_local(async move { database.write(async |unit| add(unit, "waits").await).await })
        };
        if kind == Kind::Sqlite {
            tokio::task::yield_now().await;
            waits.abort();
            assert!(waits.await.unwrap_err().is_cancelled());
        } else {
            waits.await.unwrap().unwrap();
        }
        go_on.notify_one();
        first.await.unwrap().unwrap();
        // Another process sees it: the commit did not wait for the one that is gone.
        let other = place.open().await;
        assert_eq!(count(&other, "first").await, 1, "{kind:?}");
    }
}

async fn value(unit: &mut Unit, name: &str) -> Result<String, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar("SELECT value FROM installation WHERE name = $1").bind(name).fetch_one(c))
}

async fn set(unit: &mut Unit, name: &str, value: &str) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE installation SET value = $1 WHERE name = $2").bind(value).bind(name)).map(drop)
}

#[actix_web::test]
async fn postgres_runs_a_unit_again_that_it_could_not_serialise() {
    let (_place, database) = migrated(Kind::Postgres).await;
    database.write(async |unit| installation::set_once(unit, "counter", "0").await).await.unwrap();
    let tries = AtomicUsize::new(0);
    database
        .write(async |unit| -> Result<(), DatabaseError> {
            execute!(unit, sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))?;
            let before: u32 = value(unit, "counter").await?.parse().unwrap();
            if tries.fetch_add(1, Ordering::SeqCst) == 0 {
                database.write(async |other| set(other, "counter", "10").await).await?;
            }
            set(unit, "counter", &(before + 1).to_string()).await
        })
        .await
        .unwrap();
    assert_eq!(tries.load(Ordering::SeqCst), 2, "the first try meets the other's change");
    assert_eq!(installation::value(&database, "counter").await.unwrap().as_deref(), Some("11"));
}

#[actix_web::test]
async fn postgres_runs_a_unit_again_that_was_in_a_deadlock() {
    let (_place, database) = migrated(Kind::Postgres).await;
    for name in ["left", "right"] {
        database.write(async |unit| installation::set_once(unit, name, "").await).await.unwrap();
    }
    let meeting = tokio::sync::Barrier::new(2);
    let tries = AtomicUsize::new(0);
    let both = async |first: &str, second: &str, mark: &str| {
        let met = AtomicUsize::new(0);
        database
            .write(async |unit| -> Result<(), DatabaseError> {
                tries.fetch_add(1, Ordering::SeqCst);
                let now = value(unit, first).await?;
                set(unit, first, &(now + mark)).await?;
                if met.fetch_add(1, Ordering::SeqCst) == 0 {
                    meeting.wait().await;
                }
                execute!(unit, sqlx::query("UPDATE installation SET value = value || $1 WHERE name = $2").bind(mark).bind(second)).map(drop)
            })
            .await
    };
    let (one, other) = tokio::join!(both("left", "right", "a"), both("right", "left", "b"));
    one.unwrap();
    other.unwrap();
    assert_eq!(tries.load(Ordering::SeqCst), 3, "one of the two was run again");
    for name in ["left", "right"] {
        let mut marks: Vec<char> = installation::value(&database, name).await.unwrap().unwrap().chars().collect();
        marks.sort_unstable();
        assert_eq!(marks, ['a', 'b'], "{name}");
    }
}

#[actix_web::test]
async fn of_many_claims_at_once_exactly_one_succeeds() {
    for kind in BOTH {
        let (_place, database) = migrated(kind).await;
        database.write(async |unit| installation::set_once(unit, "prize", "free").await).await.unwrap();
        let mut claims = tokio::task::JoinSet::new();
        for number in 0..50 {
            let database = database.clone();
            claims.spawn_local(async move {
                let mine = format!("taken by {number}");
                database
                    .write(async |unit| {
                        execute!(
                            unit,
                            sqlx::query("UPDATE installation SET value = $1 WHERE name = 'prize' AND value = 'free'").bind(&mine)
                        )
                    })
                    .await
                    .map(|changed: u64| (changed, mine))
            });
        }
        let claims: Vec<_> = claims.join_all().await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<_> = claims.iter().filter(|(changed, _)| *changed == 1).collect();
        assert_eq!(winners.len(), 1, "{kind:?}: {winners:?}");
        assert_eq!(installation::value(&database, "prize").await.unwrap().as_ref(), Some(&winners[0].1), "{kind:?}");
    }
}

/// A foreign process: takes the file's write lock 40 times, one row each.
const OTHER_PROCESS: &str = "
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
for number in range(40):
    database.execute('BEGIN IMMEDIATE')
    database.execute('INSERT INTO installation (name, value) VALUES (?, ?)', (f'foreign-{number}', 'x'))
    database.execute('COMMIT')
";

#[actix_web::test]
async fn two_processes_on_one_file_lose_no_write() {
    let (place, database) = migrated(Kind::Sqlite).await;
    let second = place.open().await;
    let Settings::Sqlite { file } = &place.settings else { panic!("SQLite was asked for") };
    let foreign = tokio::process::Command::new("python3")
        .args(["-c", OTHER_PROCESS])
        .arg(file)
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is there: ./dev tools installs it");
    let ours = async |database: &Database, name: &str| {
        for number in 0..40 {
            database.write(async |unit| add(unit, &format!("{name}-{number}")).await).await.unwrap();
        }
    };
    let ((), (), foreign) = tokio::join!(ours(&database, "first"), ours(&second, "second"), foreign.wait_with_output());
    let foreign = foreign.unwrap();
    assert!(foreign.status.success(), "{}", String::from_utf8_lossy(&foreign.stderr));
    for name in ["first", "second", "foreign"] {
        assert_eq!(count(&database, &format!("{name}-%")).await, 40, "{name}");
    }
}
