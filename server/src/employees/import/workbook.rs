//! Reads the first sheet of an Excel workbook (.xlsx). A formula counts as the value that was last computed and stands in the file.
//!
//! A workbook is a ZIP archive: it is measured by unpacking before anything is made of it, and refused when it unpacks to too much.

use std::io::{Cursor, Read as _, copy, sink};

use calamine::{DataRef, Reader as _, Xlsx};

use super::{
    model::{FILE_BYTES, MOST_PEOPLE},
    read::{Line, Unreadable},
};

/// So many octets a workbook may unpack to.
const UNPACKED_BYTES: u64 = 24 * 1024 * 1024;
/// So many files may be in it.
const FILES: usize = 500;
/// Cells beyond these columns are put into one, which makes their row a bad one.
const COLUMNS: usize = 16;
/// So much of a cell is read, characters: a workbook says a long text once and names it in every cell.
const CELL_CHARACTERS: usize = 700;
/// So many texts its cells may name: one for each cell that is looked at.
const TEXTS: usize = (MOST_PEOPLE + 1) * (COLUMNS + 1);
/// So many octets of text its cells may have in all.
const TEXT_BYTES: usize = 2 * FILE_BYTES;

/// Whether it is a ZIP archive, by its first octets.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The rows of the first sheet that hold anything.
pub(super) fn lines(bytes: &[u8]) -> Result<Vec<Line>, Unreadable> {
    measure(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| Unreadable::Workbook)?;
    let sheet = book.sheet_names().first().cloned().ok_or(Unreadable::Empty)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| Unreadable::Workbook)?;
    let (mut lines, mut left): (Vec<Line>, usize) = (Vec::new(), TEXT_BYTES);
    while let Some(cell) = cells.next_cell().map_err(|_| Unreadable::Workbook)? {
        let (row, column) = cell.get_position();
        let words = words(cell.get_value());
        if words.trim().is_empty() {
            continue;
        }
        left = left.checked_sub(words.len()).ok_or(Unreadable::Workbook)?;
        let line = i64::from(row) + 1;
        if lines.last().is_none_or(|(last, _)| *last != line) {
            // Rows out of their order are nothing that Excel writes.
            if lines.last().is_some_and(|(last, _)| *last > line) {
                return Err(Unreadable::Workbook);
            }
            if lines.len() > MOST_PEOPLE {
                return Err(Unreadable::TooMany);
            }
            lines.push((line, Vec::new()));
        }
        if let Some((_, texts)) = lines.last_mut() {
            let place = usize::try_from(column).unwrap_or(usize::MAX).min(COLUMNS);
            texts.resize(texts.len().max(place + 1), String::new());
            texts[place] = words;
        }
    }
    Ok(lines)
}

/// Unpacks everything and counts: what an archive says of its own size may be a lie, and so may what its texts say of their number.
fn measure(bytes: &[u8]) -> Result<(), Unreadable> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::Workbook)?;
    if archive.len() > FILES {
        return Err(Unreadable::Workbook);
    }
    let mut left = UNPACKED_BYTES;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|_| Unreadable::Workbook)?;
        let name = file.name().map_err(|_| Unreadable::Workbook)?.to_ascii_lowercase();
        let has_texts = name.ends_with("sharedstrings.xml");
        let mut texts = Vec::new();
        let mut file = file.take(left + 1);
        let unpacked = if has_texts { copy(&mut file, &mut texts) } else { copy(&mut file, &mut sink()) };
        left = left.checked_sub(unpacked.map_err(|_| Unreadable::Workbook)?).ok_or(Unreadable::Workbook)?;
        if !has_few_texts(&texts) {
            return Err(Unreadable::Workbook);
        }
    }
    Ok(())
}

/// Whether it has few texts, and says that it has fewer than a million: the reader of workbooks takes room for as many, and a process without room
/// ends. Octets that would hide the words in another encoding are refused.
fn has_few_texts(texts: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(texts) else { return false };
    let is_hidden = text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
    let digits = |rest: &str| rest.chars().skip_while(|one| !one.is_ascii_digit()).take_while(char::is_ascii_digit).count();
    let is_text = |rest: &&str| rest.starts_with(['>', '/']) || rest.starts_with(char::is_whitespace);
    // Under whatever name of its space: `<si>` or `<x:si>`.
    let texts = ["<si", ":si"].map(|begins| text.split(begins).skip(1).filter(is_text).count());
    !is_hidden && texts.iter().sum::<usize>() <= TEXTS && text.split("uniqueCount").skip(1).all(|rest| digits(rest) <= 6)
}

fn words(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTimeIso(text) => text.chars().take_while(|character| *character != 'T').take(CELL_CHARACTERS).collect(),
        DataRef::String(text) | DataRef::DurationIso(text) => text.chars().take(CELL_CHARACTERS).collect(),
        DataRef::SharedString(text) => text.chars().take(CELL_CHARACTERS).collect(),
        DataRef::Bool(truth) => truth.to_string(),
        // Excel keeps a day as a number, and shows it in whatever manner: it is read as programs write it.
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::DateTime(moment) => moment.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}
