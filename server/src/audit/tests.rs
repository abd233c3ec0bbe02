//! Tampering in every way that somebody with the database file can think of, and each named for what it is.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use sqlx::{Executor as _, SqliteConnection};

use super::{checkpoint::NoTimestamps, *};
use crate::platform::{
    actor::Author,
    database::DatabaseError,
    testing::{self, TestGround},
};

async fn recorded(world: &TestGround, count: usize) {
    for number in 0..count {
        let event = Event::new("thing.changed", Author::System("test"), format!("thing:{number}"))
            .fact("number", number)
            .personal("name", format!("Person {number}"));
        world.database.write::<_, DatabaseError, _>(async |unit| record(unit, event.clone()).await).await.unwrap();
        world.clock.advance(time::Duration::milliseconds(5));
    }
    while jobs::round(world, &NoTimestamps).await.unwrap() {}
}

/// A world with entries 1 to 10, a checkpoint at 10.
async fn world() -> (TestGround, SqliteConnection) {
    let world = testing::ground().await.unwrap();
    recorded(&world, 10).await;
    let intruder = world.intruder().await.unwrap();
    (world, intruder)
}

async fn findings(world: &TestGround) -> Vec<Finding> {
    verify(world, None).await.unwrap().findings
}

/// `(sequence, what)` for findings about single entries.
fn said(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| match finding {
            Finding::CheckpointChanged { sequence } => format!("checkpoint {sequence} changed"),
            Finding::CheckpointRemoved { before } => format!("checkpoint before {before} removed"),
            Finding::Edited { sequence, .. } => format!("{sequence} edited"),
            Finding::Inserted { sequence, .. } => format!("{sequence} inserted"),
            Finding::Moved { sequence, belongs_at, .. } => format!("{sequence} belongs at {belongs_at}"),
            Finding::PersonalChanged { sequence, name, .. } => format!("{name} of {sequence} changed"),
            Finding::Removed { first, last } => format!("{first} to {last} removed"),
            Finding::Rewritten { after, sequence } => format!("rewritten between {after} and {sequence}"),
            Finding::RowDiffers { sequence, column, .. } => format!("{column} of {sequence} differs"),
            Finding::Truncated { last, checkpoint } => format!("ends at {last} before {checkpoint}"),
        })
        .collect()
}

#[actix_web::test]
async fn an_untouched_audit_holds() {
    let (world, _) = world().await;
    let verdict = verify(&world, None).await.unwrap();
    assert!(verdict.holds(), "{verdict}");
    assert_eq!((verdict.entries, verdict.checkpoints, verdict.waiting, verdict.erased), (10, 1, 0, 0));
    assert!(verdict.to_string().ends_with("nothing was changed"));
}

#[actix_web::test]
async fn an_edited_body_is_named() {
    let (world, mut intruder) = world().await;
    intruder
        .execute("UPDATE audit_entry SET body = CAST(replace(CAST(body AS TEXT), '\"number\":\"3\"', '\"number\":\"9\"') AS BLOB)")
        .await
        .unwrap();
    assert_eq!(said(&findings(&world).await), ["4 edited"]);
}

#[actix_web::test]
async fn an_edited_body_that_is_no_longer_canonical_is_named() {
    let (world, mut intruder) = world().await;
    intruder.execute("UPDATE audit_entry SET body = CAST('{}' AS BLOB) WHERE sequence = 5").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["body of 5 differs", "5 edited"]);
}

#[actix_web::test]
async fn a_column_that_differs_from_its_body_is_named() {
    let (world, mut intruder) = world().await;
    intruder.execute("UPDATE audit_entry SET actor = 'anyone', recorded_at = 7 WHERE sequence = 6").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["recorded_at of 6 differs", "actor of 6 differs"]);
}

#[actix_web::test]
async fn a_removed_entry_is_named() {
    let (world, mut intruder) = world().await;
    intruder.execute("DELETE FROM audit_entry WHERE sequence IN (1, 6, 7)").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["1 to 1 removed", "6 to 7 removed"]);
}

#[actix_web::test]
async fn a_removed_entry_is_named_though_the_rest_is_numbered_anew() {
    let (world, mut intruder) = world().await;
    intruder.execute("DELETE FROM audit_entry WHERE sequence = 4").await.unwrap();
    for sequence in 5..=10 {
        intruder.execute(sqlx::query("UPDATE audit_entry SET sequence = $1 - 1 WHERE sequence = $1").bind(sequence)).await.unwrap();
    }
    assert_eq!(said(&findings(&world).await), ["4 to 4 removed"]);
}

#[actix_web::test]
async fn exchanged_neighbours_are_named() {
    let (world, mut intruder) = world().await;
    for step in [(4, 99), (5, 4), (99, 5)] {
        let statement = sqlx::query("UPDATE audit_entry SET sequence = $2 WHERE sequence = $1").bind(step.0).bind(step.1);
        intruder.execute(statement).await.unwrap();
    }
    assert_eq!(said(&findings(&world).await), ["4 belongs at 5", "5 belongs at 4"]);
}

#[actix_web::test]
async fn exchanged_distant_entries_are_named() {
    let (world, mut intruder) = world().await;
    for step in [(2, 99), (8, 2), (99, 8)] {
        let statement = sqlx::query("UPDATE audit_entry SET sequence = $2 WHERE sequence = $1").bind(step.0).bind(step.1);
        intruder.execute(statement).await.unwrap();
    }
    assert_eq!(said(&findings(&world).await), ["2 belongs at 8", "8 belongs at 2"]);
}

#[actix_web::test]
async fn entries_exchanged_together_with_their_hashes_places_are_named() {
    let (world, mut intruder) = world().await;
    intruder.execute("CREATE TABLE kept AS SELECT sequence, hash FROM audit_entry").await.unwrap();
    for step in [(3, 99), (7, 3), (99, 7)] {
        let statement = sqlx::query("UPDATE audit_entry SET sequence = $2 WHERE sequence = $1").bind(step.0).bind(step.1);
        intruder.execute(statement).await.unwrap();
    }
    intruder.execute("UPDATE audit_entry SET hash = (SELECT hash FROM kept WHERE kept.sequence = audit_entry.sequence)").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["3 belongs at 7", "7 belongs at 3"]);
}

#[actix_web::test]
async fn an_inserted_entry_is_named_though_the_rest_is_numbered_anew() {
    let (world, mut intruder) = world().await;
    for sequence in (5..=10).rev() {
        intruder.execute(sqlx::query("UPDATE audit_entry SET sequence = $1 + 1 WHERE sequence = $1").bind(sequence)).await.unwrap();
    }
    forge(&mut intruder, 5).await;
    let found = said(&findings(&world).await);
    assert!(found.contains(&"5 inserted".to_owned()), "{found:?}");
    assert!(found.iter().all(|finding| finding == "5 inserted" || finding.ends_with("of 5 differs")), "{found:?}");
}

/// A forged copy of the first entry under another id, with a made-up hash.
async fn forge(intruder: &mut SqliteConnection, sequence: i64) {
    let forged = sqlx::query(
        "INSERT INTO audit_entry (id, recorded_at, action, actor, subject, company_id, body, sequence, hash)
         SELECT randomblob(16), recorded_at, action, actor, subject, company_id, body, $1, randomblob(32)
         FROM audit_entry WHERE sequence = 1",
    );
    intruder.execute(forged.bind(sequence)).await.unwrap();
}

#[actix_web::test]
async fn an_entry_forged_onto_the_end_is_named() {
    let (world, mut intruder) = world().await;
    forge(&mut intruder, 11).await;
    assert!(said(&findings(&world).await).contains(&"11 edited".to_owned()));
}

#[actix_web::test]
async fn a_tail_cut_off_before_the_newest_checkpoint_is_named() {
    let (world, mut intruder) = world().await;
    intruder.execute("DELETE FROM audit_entry WHERE sequence > 8").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["ends at 8 before 10"]);
}

#[actix_web::test]
async fn a_chain_computed_anew_is_betrayed_by_a_signed_checkpoint() {
    let (world, mut intruder) = world().await;
    world.clock.advance(time::Duration::HOUR);
    recorded(&world, 5).await;
    let edit = "UPDATE audit_entry SET body = CAST(replace(CAST(body AS TEXT), '\"number\":\"1\"', '\"number\":\"7\"') AS BLOB) WHERE sequence = 12";
    intruder.execute(edit).await.unwrap();
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT sequence, body FROM audit_entry ORDER BY sequence").fetch_all(&mut intruder).await.unwrap();
    let mut head = chain::BEGINNING;
    for (sequence, body) in rows {
        head = chain::link(&head, sequence, &chain::body_hash(&body));
        let statement = sqlx::query("UPDATE audit_entry SET hash = $1 WHERE sequence = $2").bind(head.to_vec()).bind(sequence);
        intruder.execute(statement).await.unwrap();
    }
    assert_eq!(said(&findings(&world).await), ["rewritten between 10 and 15"]);
}

#[actix_web::test]
async fn a_forged_or_removed_checkpoint_is_named() {
    let (world, mut intruder) = world().await;
    for _ in 0..2 {
        world.clock.advance(time::Duration::HOUR);
        recorded(&world, 1).await;
    }
    intruder.execute("UPDATE audit_checkpoint SET head = randomblob(32) WHERE sequence = 12").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["checkpoint 12 changed"]);
    intruder.execute("DELETE FROM audit_checkpoint WHERE sequence = 11").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["checkpoint 12 changed"]);
    let (world, mut intruder) = self::world().await;
    for _ in 0..2 {
        world.clock.advance(time::Duration::HOUR);
        recorded(&world, 1).await;
    }
    intruder.execute("DELETE FROM audit_checkpoint WHERE sequence = 11").await.unwrap();
    assert_eq!(said(&findings(&world).await), ["checkpoint before 12 removed"]);
}

#[actix_web::test]
async fn a_changed_personal_value_is_named_and_an_erased_one_is_not_tampering() {
    let (world, mut intruder) = world().await;
    intruder.execute("DELETE FROM audit_commitment WHERE entry_id = (SELECT id FROM audit_entry WHERE sequence = 2)").await.unwrap();
    let verdict = verify(&world, None).await.unwrap();
    assert!(verdict.holds() && verdict.erased == 1, "{verdict}");
    intruder
        .execute("UPDATE audit_commitment SET value = 'Somebody' WHERE entry_id = (SELECT id FROM audit_entry WHERE sequence = 3)")
        .await
        .unwrap();
    assert_eq!(said(&findings(&world).await), ["name of 3 changed"]);
}

#[actix_web::test]
async fn a_checkpoint_kept_elsewhere_shows_a_tail_that_was_cut_with_its_checkpoints() {
    let (world, mut intruder) = world().await;
    let kept = read::newest_checkpoint(&mut world.database.read().await.unwrap()).await.unwrap().unwrap();
    let kept = Published::parse(serde_json::to_string(&serde_json::json!({"items": [kept], "next": null})).unwrap().as_bytes()).unwrap();
    assert!(verify(&world, Some(&kept)).await.unwrap().holds());
    intruder.execute("DELETE FROM audit_entry WHERE sequence > 8").await.unwrap();
    intruder.execute("DELETE FROM audit_checkpoint").await.unwrap();
    assert!(findings(&world).await.is_empty(), "nothing inside shows it");
    assert_eq!(said(&verify(&world, Some(&kept)).await.unwrap().findings), ["ends at 8 before 10"]);
    let forged = Published { body: kept.body.replace("\"sequence\":10", "\"sequence\":8"), ..kept };
    assert!(matches!(verify(&world, Some(&forged)).await, Err(AuditError::CheckpointForeign)));
}

#[actix_web::test]
async fn checkpoints_come_hourly_and_every_thousand_entries() {
    let world = testing::ground().await.unwrap();
    recorded(&world, 2).await;
    recorded(&world, 2).await;
    let count = async || verify(&world, None).await.unwrap().checkpoints;
    assert_eq!(count().await, 1);
    world.clock.advance(time::Duration::HOUR);
    recorded(&world, 1).await;
    assert_eq!(count().await, 2);
    recorded(&world, 1000).await;
    assert_eq!(count().await, 3);
    world.clock.advance(time::Duration::HOUR);
    recorded(&world, 0).await;
    assert_eq!(count().await, 3, "nothing happened, so nothing is signed");
    assert!(verify(&world, None).await.unwrap().holds());
}

#[actix_web::test]
async fn auditors_read_entries_page_by_page_with_their_personal_values() {
    let (world, _) = world().await;
    recorded(&world, 60).await;
    let mut reader = world.database.read().await.unwrap();
    let (first, next) = read::entries(&mut reader, &read::Search::default()).await.unwrap();
    assert_eq!((first.len(), first[0].sequence), (50, Some(70)));
    let search = read::Search { after: next, ..read::Search::default() };
    let (second, end) = read::entries(&mut reader, &search).await.unwrap();
    assert_eq!((second.len(), second.last().unwrap().sequence, end), (20, Some(1), None));
    assert_eq!(second.last().unwrap().personal["name"].as_deref(), Some("Person 0"));
    let search = read::Search { subject: Some("thing:3".to_owned()), ..read::Search::default() };
    assert_eq!(read::entries(&mut reader, &search).await.unwrap().0.len(), 2);
    let search = read::Search { action: Some("thing.removed".to_owned()), ..read::Search::default() };
    assert!(read::entries(&mut reader, &search).await.unwrap().0.is_empty());
}

mod at_the_edge {
    //! What auditors and strangers get over HTTP.

    use std::sync::Arc;

    use actix_web::{http::StatusCode, test as actix, web};
    use futures_util::future::LocalBoxFuture;
    use serde_json::Value;

    use super::*;
    use crate::{
        http::guard::{Credential, SharedWhoIs, WhoIs},
        platform::{
            actor::{Actor, Carrier, ProvenBy, Role},
            ground::Ground,
            id::{AccountId, Id as _},
        },
        router,
    };

    /// Whoever shows `auditor` or `employee` is that.
    struct ByToken;

    impl WhoIs for ByToken {
        fn who_is<'a>(
            &'a self,
            ground: &'a Ground,
            credential: &'a Credential,
        ) -> LocalBoxFuture<'a, Result<Option<Actor>, DatabaseError>> {
            let actor = Role::of(&credential.token).map(|role| Actor {
                account: AccountId::fresh(ground.clock().now(), ground.random()),
                session: None,
                name: "Rikke Revisor".to_owned(),
                roles: vec![role],
                company: None,
                employee: None,
                carrier: Carrier::Program,
                proven_at: ground.clock().now(),
                proven_by: ProvenBy::Card,
                key: None,
            });
            Box::pin(async { Ok(actor) })
        }
    }

    /// Status and body of a GET.
    async fn got(world: &TestGround, path: &str, token: &str) -> (StatusCode, String) {
        let who_is: SharedWhoIs = Arc::new(ByToken);
        let app = actix::init_service(router::application(web::Data::new(world.ground.clone()), who_is)).await;
        let request = actix::TestRequest::get().uri(path).insert_header(("authorization", format!("Bearer {token}")));
        let response = actix::call_service(&app, request.to_request()).await;
        let status = response.status();
        (status, String::from_utf8(actix::read_body(response).await.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn only_auditors_read_entries() {
        let (world, _) = world().await;
        for path in ["/api/v1/audit", "/audit"] {
            assert_eq!(got(&world, path, "nobody").await.0, StatusCode::UNAUTHORIZED);
            assert_eq!(got(&world, path, "employee").await.0, StatusCode::FORBIDDEN);
            assert_eq!(got(&world, path, "auditor").await.0, StatusCode::OK);
        }
        let (_, body) = got(&world, "/api/v1/audit?subject=thing:4", "auditor").await;
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["items"][0]["facts"]["number"], "4");
        assert_eq!(answer["items"].as_array().unwrap().len(), 1);
        assert_eq!(got(&world, "/api/v1/audit?subjekt=thing:4", "auditor").await.0, StatusCode::BAD_REQUEST);
    }

    #[actix_web::test]
    async fn the_page_shows_entries_and_keeps_the_search_from_page_to_page() {
        let (world, _) = world().await;
        recorded(&world, 60).await;
        let (_, page) = got(&world, "/audit?action=thing.changed&language=en", "auditor").await;
        assert!(page.contains("<h1>Audit</h1>") && page.contains("thing.changed"), "{page}");
        let next = page.split("href=\"").find(|link| link.starts_with("/audit?action=thing.changed&")).expect("a link to the next page");
        let address = next.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        let (status, second) = got(&world, &format!("{address}&language=en"), "auditor").await;
        assert_eq!(status, StatusCode::OK);
        assert!(second.contains("thing:0") && !second.contains("rel=\"next\""), "{second}");
        let (_, none) = got(&world, "/audit?subject=nothing&language=en", "auditor").await;
        assert!(none.contains("No entry fits the search."), "{none}");
    }

    #[actix_web::test]
    async fn openssl_accepts_a_published_checkpoint() {
        let (world, _) = world().await;
        let (status, body) = got(&world, "/audit/checkpoints", "nobody").await;
        assert_eq!(status, StatusCode::OK);
        let answer: Value = serde_json::from_str(&body).unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = world.directory().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let octets = |value: &Value| {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            STANDARD.decode(value.as_str().unwrap()).unwrap()
        };
        let item = &answer["items"][0];
        let mut command = std::process::Command::new("openssl");
        command.args(["dgst", "-sha256", "-keyform", "DER", "-verify"]).arg(file("key.der", &octets(&answer["public_key"])));
        command.arg("-signature").arg(file("signature", &octets(&item["signature"])));
        let checked = command.arg(file("body", item["body"].as_str().unwrap().as_bytes())).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let pinned: Value = serde_json::from_str(item["body"].as_str().unwrap()).unwrap();
        assert_eq!(pinned["sequence"], 10);
        assert_eq!(pinned["head"].as_str(), verify(&world, None).await.unwrap().head.map(|head| head.1).as_deref());
    }
}
