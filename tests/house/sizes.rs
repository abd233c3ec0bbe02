//! A file that nobody can hold in mind is two files. The length of functions is clippy's to judge (`clippy.toml`).

use crate::source::{self, none};

/// The wall, in lines.
const WALL: usize = 600;

#[test]
fn no_file_is_longer_than_the_wall() {
    let places = ["certs", "mobile/core", "server/src", "server/assets/own", "server/templates", "server/locales", "migrations", "tests"];
    let mut faults = Vec::new();
    for path in places.into_iter().flat_map(source::files) {
        let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
        if !matches!(kind, "rs" | "html" | "js" | "css" | "sql" | "toml" | "py") {
            continue;
        }
        let lines = source::read(&path).lines().count();
        if lines > WALL {
            faults.push(format!("{path}: {lines} lines; the wall is {WALL}"));
        }
    }
    none(&faults);
}
