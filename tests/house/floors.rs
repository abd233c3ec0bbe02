//! Who may import what. The order of the slices is that of `server/src/lib.rs`: a slice calls only those above it there.

use crate::source::{self, Named, Source, none};

/// The floor on which the slices stand.
const GROUND: [&str; 3] = ["config", "http", "platform"];
/// What stands upon the slices.
const ROOF: [&str; 4] = ["app", "commands", "main", "router"];
/// What the ground may not have of the slices and the roof, but for these.
const GROUND_MAY: [(&str, &str, &str); 1] =
    [("server/src/platform/testing.rs", "app", "the world of the unit tests opens the ground as the program does")];
/// The slices from the lowest up.
pub fn slices() -> Vec<String> {
    let lib = source::read("server/src/lib.rs");
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned));
    modules.filter(|name| !GROUND.contains(&name.as_str()) && !ROOF.contains(&name.as_str())).collect()
}

fn is_database_crate(named: &Named) -> bool {
    named.is_under(&["sqlx"])
}

/// `store::find(..)` or an imported `store`. A verb of this name (`super::store(..)`) is no store.
fn is_store(slice: &str, named: &Named) -> bool {
    named.is_under(&["crate", slice, "store"]) && (named.imported || named.parts.len() > 3)
}

/// The shape of a row: a derive that does nothing by itself.
fn is_row_shape(named: &Named) -> bool {
    named.parts == ["sqlx", "FromRow"]
}

fn is_web_crate(named: &Named) -> bool {
    named.parts.first().is_some_and(|first| first.starts_with("actix"))
}

#[test]
fn the_slices_are_those_of_the_library() {
    let slices = slices();
    for expected in ["audit", "certificates", "documents"] {
        assert!(slices.iter().any(|slice| slice == expected), "{expected} is missing from server/src/lib.rs: {slices:?}");
    }
}

#[test]
fn calls_between_slices_go_down_only() {
    let slices = slices();
    let floor = |name: &str| slices.iter().position(|slice| slice == name);
    let mut faults = Vec::new();
    for source in source::rust("server/src") {
        let (slice, _) = source.room();
        for named in source.paths() {
            let Some(target) = named.module() else { continue };
            let Some(above) = floor(target) else { continue };
            if floor(slice).is_some_and(|own| above > own) {
                faults.push(format!("{}:{}: {slice} calls up into {target}", source.path, named.line));
            }
        }
    }
    none(&faults);
}

#[test]
fn the_ground_knows_no_slice_and_no_roof() {
    let slices = slices();
    let mut faults = Vec::new();
    for source in source::rust("server/src").iter().filter(|source| GROUND.contains(&source.room().0)) {
        for named in source.paths() {
            let Some(target) = named.module() else { continue };
            let may = GROUND_MAY.iter().any(|(path, module, _)| *path == source.path && *module == target);
            if !may && (slices.iter().any(|slice| slice == target) || ROOF.contains(&target)) {
                faults.push(format!("{}:{}: the ground names {target}", source.path, named.line));
            }
        }
    }
    none(&faults);
}

#[test]
fn no_slice_knows_the_roof() {
    let slices = slices();
    let mut faults = Vec::new();
    for source in source::rust("server/src").iter().filter(|source| slices.iter().any(|slice| slice == source.room().0)) {
        for named in source.paths() {
            if let Some(target) = named.module()
                && ROOF.contains(&target)
            {
                faults.push(format!("{}:{}: a slice names {target}", source.path, named.line));
            }
        }
    }
    none(&faults);
}

#[test]
fn each_room_imports_only_what_its_floor_may() {
    let slices = slices();
    let mut faults = Vec::new();
    for source in source::rust("server/src").iter().filter(|source| slices.iter().any(|slice| slice == source.room().0)) {
        for named in source.paths() {
            if let Some(fault) = trespass(source, &named, &slices) {
                faults.push(format!("{}:{}: {fault}", source.path, named.line));
            }
        }
    }
    none(&faults);
}

fn trespass(source: &Source, named: &Named, slices: &[String]) -> Option<String> {
    let (slice, room) = source.room();
    let what = named.parts.join("::");
    let other = named.module().filter(|module| *module != slice && slices.iter().any(|slice| slice == module));
    // `routes/agreement` and `account_pages` are edges as `routes` and `pages` are.
    let room = room.split('/').next().unwrap_or(room);
    match room.rsplit('_').next().unwrap_or(room) {
        "routes" | "pages" => {
            (is_database_crate(named) || is_store(slice, named)).then(|| format!("an edge names {what}: go through a verb or `read`"))
        }
        // A job that no other edge asks for is its own verb, and may speak to its store.
        "jobs" => is_database_crate(named).then(|| format!("an edge names {what}")),
        "store" => match other {
            Some(_) => Some(format!("rows name another slice: {what}")),
            None => is_web_crate(named).then(|| format!("rows name {what}")),
        },
        "model" => {
            if let Some(other) = other {
                return Some(format!("a noun names the slice {other}: {what}"));
            }
            let crates = is_web_crate(named) || (is_database_crate(named) && !is_row_shape(named));
            crates.then(|| format!("a noun names {what}"))
        }
        _ => (is_web_crate(named) || is_database_crate(named)).then(|| format!("a verb names {what}")),
    }
}

#[test]
fn the_store_of_a_slice_is_private() {
    let mut faults = Vec::new();
    for source in source::rust("server/src") {
        for at in 0..source.tokens.len() {
            if source.is_word(at, "mod") && source.is_word(at + 1, "store") {
                let shown = at > 0 && (source.is_word(at - 1, "pub") || source.is_sign(at - 1, ')'));
                if shown {
                    faults.push(format!("{}:{}: `store` must be private", source.path, source.tokens[at].line));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn the_bedrock_has_no_clock_no_network_no_database_and_never_waits() {
    const CRATES: [&str; 9] = ["actix", "actix_web", "askama", "diesel", "reqwest", "segl", "sqlx", "tokio", "futures_util"];
    let mut faults = Vec::new();
    for source in ["certs/src", "mobile/core/src"].into_iter().flat_map(source::rust) {
        for named in source.paths() {
            let outside = named.parts.first().is_some_and(|first| CRATES.contains(&first.as_str()));
            let holds_files = source.path.starts_with("certs/src/keystore/") || source.path == "mobile/core/src/soft/shelf.rs";
            let files = named.is_under(&["std", "fs"]) && !holds_files;
            let world = ["env", "net", "process", "thread"].iter().any(|part| named.is_under(&["std", part]));
            let clock = named.parts.iter().any(|part| matches!(part.as_str(), "SystemTime" | "Instant" | "now_utc" | "now_local"));
            if outside || files || world || clock {
                faults.push(format!("{}:{}: the bedrock names {}", source.path, named.line, named.parts.join("::")));
            }
        }
        for token in
            source.tokens.iter().filter(|token| matches!(&token.piece, source::Piece::Word(word) if word == "async" || word == "await"))
        {
            faults.push(format!("{}:{}: the bedrock waits", source.path, token.line));
        }
    }
    none(&faults);
}

#[test]
fn the_rules_of_floors_catch_what_they_are_for() {
    let slices = ["audit".to_owned(), "documents".to_owned()];
    let caught = |path: &str, text: &str| {
        let source = Source::of(path, text);
        source.paths().iter().any(|named| trespass(&source, named, &slices).is_some())
    };
    assert!(caught("server/src/documents/sign.rs", "use actix_web::{HttpResponse, web};"));
    assert!(caught("server/src/documents/sign.rs", "async fn sign() { sqlx::query(\"x\"); }"));
    assert!(caught("server/src/documents/routes.rs", "use super::{error::X, store::{self, Row}};"));
    assert!(caught("server/src/documents/routes/list.rs", "use super::super::store::{self, Row};"));
    assert!(!caught("server/src/documents/routes/list.rs", "use actix_web::web;"));
    assert!(caught("server/src/documents/store.rs", "use crate::{audit::record, platform::id::Id};"));
    assert!(caught("server/src/documents/model.rs", "use crate::audit::model::Entry;"));
    assert!(!caught("server/src/documents/sign.rs", "use super::{model::Document, store}; use crate::{audit, platform::id::Id};"));
    assert!(!caught("server/src/documents/sign.rs", "#[cfg(test)] mod tests { use actix_web::web; }"));
    let up = Source::of("server/src/audit/read.rs", "use crate::{documents::read, platform::{id, moment::Moment as Time}};");
    let named: Vec<String> = up.paths().iter().map(|named| named.parts.join("::")).collect();
    assert_eq!(named, ["crate::documents::read", "crate::platform::id", "crate::platform::moment::Moment"]);
}

#[test]
fn every_excuse_is_still_needed() {
    let sources = source::rust("server/src");
    for (path, module, reason) in GROUND_MAY {
        let source = sources.iter().find(|source| source.path == path);
        let needed = source.is_some_and(|source| source.paths().iter().any(|named| named.module() == Some(module)));
        assert!(needed, "{path} needs no excuse any more ({reason})");
    }
}
