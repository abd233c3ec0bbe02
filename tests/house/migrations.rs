//! The steps lead up, down and up again on both engines, to the same schema; a schema newer than the program is refused.

use std::collections::BTreeSet;

use segl::platform::database::migrate;

use crate::{
    engines::{BOTH, Kind, Place, Schema},
    source::{self, none},
};

/// The steps of an engine's folder, in order.
fn steps(folder: &str) -> Vec<String> {
    let files = source::files(&format!("migrations/{folder}"));
    let steps: BTreeSet<String> = files.iter().map(|path| path.split('/').nth(2).unwrap().to_owned()).collect();
    steps.into_iter().collect()
}

const fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "sqlite",
        Kind::Postgres => "postgres",
    }
}

/// The SQLite type that stands for a PostgreSQL one.
fn mapped(column: &str) -> Option<String> {
    let (required, kind) = column.split_once(' ')?;
    let kind = match kind {
        "bigint" | "boolean" => "integer",
        "bytea" | "uuid" => "blob",
        "double precision" => "real",
        "text" => "text",
        _ => return None,
    };
    Some(format!("{required} {kind}"))
}

#[test]
fn both_engines_have_the_same_steps_each_with_a_way_back() {
    assert_eq!(steps("sqlite"), steps("postgres"));
    for kind in BOTH {
        for step in steps(folder(kind)) {
            for part in ["up.sql", "down.sql"] {
                let path = format!("migrations/{}/{step}/{part}", folder(kind));
                assert!(!source::read(&path).trim().is_empty(), "{path} does nothing");
            }
        }
    }
}

#[tokio::test]
async fn up_down_and_up_again_gives_the_same_schema() {
    for kind in BOTH {
        let place = Place::new(kind);
        let all = steps(folder(kind)).len();
        assert_eq!(place.migrate().await.unwrap(), all, "{kind:?}");
        assert_eq!(place.migrate().await.unwrap(), 0, "{kind:?}: the second time there is nothing to do");
        let first = place.schema().await;
        assert!(first.columns.len() > 50, "{kind:?}: the schema is not read: {first:?}");
        for step in steps(folder(kind)).iter().rev() {
            place.run(&source::read(&format!("migrations/{}/{step}/down.sql", folder(kind)))).await;
        }
        assert_eq!(place.schema().await, Schema::default(), "{kind:?}: the way back leaves something");
        place.run("DELETE FROM __diesel_schema_migrations").await;
        assert_eq!(place.migrate().await.unwrap(), all, "{kind:?}");
        assert_eq!(place.schema().await, first, "{kind:?}");
    }
}

/// From which on the bytes to be signed are kept only until they are signed.
const SIGNED_ONCE: &str = "20261127000600";

#[tokio::test]
async fn certificates_of_an_earlier_release_are_kept_and_what_is_not_signed_yet_can_still_be() {
    for kind in BOTH {
        let place = Place::new(kind);
        let (settings, known) = (place.settings.clone(), migrate::known().unwrap());
        assert!(known.iter().any(|step| step == SIGNED_ONCE), "{known:?}");
        let before: Vec<String> = known.into_iter().filter(|step| step.as_str() < SIGNED_ONCE).collect();
        tokio::task::spawn_blocking(move || migrate::run_only(&settings, &before)).await.unwrap().unwrap();
        let bytes = |octet: &str| match kind {
            Kind::Sqlite => format!("X'{}'", octet.repeat(16)),
            Kind::Postgres => format!("'\\x{}'", octet.repeat(16)),
        };
        let id = |octet: &str| if kind == Kind::Sqlite { bytes(octet) } else { format!("'{}'", octet.repeat(16)) };
        for (octet, state, der) in [("0a", "intended", "NULL".to_owned()), ("0b", "active", bytes("dd")), ("0c", "revoked", bytes("dd"))] {
            let (row, tbs) = (id(octet), bytes("cc"));
            let serial = bytes(octet);
            place
                .run(&format!(
                    "INSERT INTO certificate (id, authority_id, serial, ordinal, profile, employee_id, subject, state, tbs, certificate, not_before,
                     not_after, intended_at, key_carrier) VALUES ({row}, {}, {serial}, {}, 'signing', {row}, 'CN=Åse', '{state}', {tbs}, {der}, 1, 2, 3,
                     'key_file')",
                    id("01"),
                    u8::from_str_radix(octet, 16).unwrap(),
                ))
                .await;
        }
        place.migrate().await.unwrap();
        let hex = if kind == Kind::Sqlite { ("lower(hex(", "))") } else { ("encode(", ", 'hex')") };
        let columns =
            ["tbs", "certificate"].map(|column| format!("CASE WHEN {column} IS NULL THEN '-' ELSE {}{column}{} END", hex.0, hex.1));
        let sql = format!("SELECT state, subject, key_carrier, {} FROM certificate ORDER BY ordinal", columns.join(", "));
        let (kept, signed) = ("cc".repeat(16), "dd".repeat(16));
        let row = |state: &str, tbs: &str, der: &str| [state, "CN=Åse", "key_file", tbs, der].iter().map(ToString::to_string).collect();
        let wanted: Vec<Vec<String>> = vec![row("intended", &kept, "-"), row("active", "-", &signed), row("revoked", "-", &signed)];
        assert_eq!(place.rows(&sql).await, wanted, "{kind:?}");
    }
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let (sqlite, postgres) = (Place::new(Kind::Sqlite), Place::new(Kind::Postgres));
    sqlite.migrate().await.unwrap();
    postgres.migrate().await.unwrap();
    let (sqlite, postgres) = (sqlite.schema().await, postgres.schema().await);
    let mut faults = Vec::new();
    for name in sqlite.columns.keys().chain(postgres.columns.keys()).collect::<BTreeSet<_>>() {
        match (sqlite.columns.get(name), postgres.columns.get(name)) {
            (Some(ours), Some(theirs)) if mapped(theirs).as_ref() != Some(ours) => {
                faults.push(format!("{name}: {ours} on SQLite, {theirs} on PostgreSQL"));
            }
            (Some(_), Some(_)) => {}
            (ours, _) => faults.push(format!("{name}: only on {}", if ours.is_some() { "SQLite" } else { "PostgreSQL" })),
        }
    }
    none(&faults);
    assert_eq!(sqlite.indexes, postgres.indexes);
}

#[tokio::test]
async fn an_id_is_a_uuid_and_truths_are_booleans_on_postgres() {
    let postgres = Place::new(Kind::Postgres);
    postgres.migrate().await.unwrap();
    let mut faults = Vec::new();
    for (name, column) in postgres.schema().await.columns {
        let is_id = name.ends_with(".id") || name.ends_with("_id");
        let text_by_design = name == "account.user_id";
        if is_id && !text_by_design && !column.ends_with(" uuid") {
            faults.push(format!("{name} is {column}"));
        }
        if name.ends_with("_at") && !column.ends_with(" bigint") {
            faults.push(format!("{name} is {column}, not whole milliseconds"));
        }
    }
    none(&faults);
}

#[tokio::test]
async fn a_schema_newer_than_the_program_is_refused() {
    for kind in BOTH {
        let place = Place::new(kind);
        place.migrate().await.unwrap();
        place.run("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000001')").await;
        let refused = place.migrate().await.unwrap_err().to_string();
        assert!(refused.contains("newer") && refused.contains("update the program"), "{kind:?}: {refused}");
    }
}

#[tokio::test]
async fn several_nodes_may_migrate_at_once() {
    let place = Place::new(Kind::Postgres);
    let taken = tokio::join!(place.migrate(), place.migrate(), place.migrate());
    let taken = [taken.0.unwrap(), taken.1.unwrap(), taken.2.unwrap()];
    assert_eq!(taken.iter().sum::<usize>(), steps("postgres").len(), "{taken:?}");
}
