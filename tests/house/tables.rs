//! A table's row becomes a block on a narrow screen: each cell then says itself what it is, and what its column is called.

use crate::source::{self, none};

#[test]
fn every_cell_of_a_list_says_its_role_and_the_head_of_its_column() {
    let mut faults = Vec::new();
    for path in source::files("server/templates").iter().filter(|path| path.ends_with(".html")) {
        let text = source::read(path);
        // Cards show their cells side by side, and label those alone that do not speak for themselves.
        let cell = if text.contains("class=\"segl-cards\") %}") { " role=\"cell\"" } else { " role=\"cell\" data-label=\"" };
        for (begins, ways) in
            [("<tr", [" role=\"row\"", ""]), ("<td", [cell, ""]), ("<th", [" role=\"rowheader\"", " role=\"columnheader\""])]
        {
            for piece in text.split(begins).skip(1).filter(|piece| piece.starts_with([' ', '>'])) {
                if !ways.iter().any(|way| !way.is_empty() && piece.starts_with(way)) {
                    faults.push(format!("{path}: {begins}{}", piece.chars().take(60).collect::<String>()));
                }
            }
        }
    }
    none(&faults);
}
