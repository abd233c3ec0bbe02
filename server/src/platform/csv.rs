//! Lines of cells as a file that a spreadsheet in Denmark opens: UTF-8 with a byte order mark, parted by semicolons, no cell a formula.

/// The file. Cells that a spreadsheet would take for a formula begin with an apostrophe.
pub fn file(lines: &[Vec<String>]) -> Vec<u8> {
    ["\u{FEFF}".as_bytes(), &more(lines)].concat()
}

/// Further lines of a file.
pub fn more(lines: &[Vec<String>]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line.iter().map(|cell| quoted(&harmless(cell))).collect();
        text.push_str(&cells.join(";"));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// RFC 4180 section 2: quotes around what holds a separator, a quote or a line's end.
fn quoted(cell: &str) -> String {
    if cell.contains([';', ',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// What makes a formula, also in the wide and small forms that some spreadsheets read alike (Unicode, Halfwidth and Fullwidth Forms; Small Form
/// Variants).
const SIGNS: [char; 12] =
    ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe66}', '\u{fe62}', '\u{fe63}', '\u{fe6b}'];

/// Blanks before a sign are no shelter: some programs drop them, and tabs and line ends part cells.
fn harmless(cell: &str) -> String {
    let is_risky = cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(SIGNS);
    if is_risky { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_stays_one() {
        let wide = ["\u{ff1d}1+1", "\u{ff0b}45", "\u{ff0d}1", "\u{ff20}SUM(A1)", "\u{fe66}1", "\u{fe62}1", "\u{fe63}1", "\u{fe6b}A1"];
        for begins in ["=1+1", "+45", "-1", "@SUM(A1)", "\t=1", "\tx", "\rx", "\nx", "  =1", "\u{a0}=1"].into_iter().chain(wide) {
            assert!(harmless(begins).starts_with('\''), "{begins}");
        }
        assert_eq!(harmless("Åse-Marie"), "Åse-Marie");
        assert_eq!(quoted("a;\"b\""), "\"a;\"\"b\"\"\"");
    }
}
