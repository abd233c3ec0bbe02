//! What lies in the spool: mails (`.eml`) and letters (text or PDF), newest first.

use std::{fs, io, path::Path, time::UNIX_EPOCH};

use super::mime;
use crate::platform::moment::Moment;

/// The most files that are listed.
const MOST: usize = 500;
/// The largest file that is shown, bytes.
const LARGEST: u64 = 1024 * 1024;

/// One mail or letter.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its file name.
    pub name: String,
    /// When it was put there.
    pub at: Moment,
    /// Whether it is on paper.
    pub letter: bool,
    /// To whom; empty for letters.
    pub to: String,
    /// About what: the subject, or a letter's first line.
    pub subject: String,
    /// What it says; none for a PDF.
    pub text: Option<String>,
}

/// Everything in the spool, newest first; nothing before its first message.
///
/// # Errors
/// When the directory cannot be read.
pub fn list(spool: &Path) -> io::Result<Vec<Item>> {
    let entries = match fs::read_dir(spool) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if metadata.is_file() && metadata.len() <= LARGEST && !name.starts_with('.') {
            let millis = metadata.modified()?.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis());
            found.push((Moment::from_millis(i64::try_from(millis).unwrap_or(0)), name));
        }
    }
    found.sort_by(|left, right| right.cmp(left));
    found.truncate(MOST);
    found.into_iter().filter_map(|(at, name)| item(spool, name, at).transpose()).collect()
}

/// One of [`list`], by its name, with its bytes.
///
/// # Errors
/// When the directory or the file cannot be read.
pub fn find(spool: &Path, name: &str) -> io::Result<Option<(Item, Vec<u8>)>> {
    match list(spool)?.into_iter().find(|item| item.name == name) {
        Some(item) => Ok(Some((item, fs::read(spool.join(name))?))),
        None => Ok(None),
    }
}

fn item(spool: &Path, name: String, at: Moment) -> io::Result<Option<Item>> {
    let ending = Path::new(&name).extension().and_then(|ending| ending.to_str()).unwrap_or("");
    let item = match ending {
        "eml" => {
            let message = mime::read(&fs::read(spool.join(&name))?);
            Item { at, letter: false, to: message.to, subject: message.subject, text: Some(message.text), name }
        }
        "txt" => {
            let text = String::from_utf8_lossy(&fs::read(spool.join(&name))?).into_owned();
            let subject = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(&name).to_owned();
            Item { at, letter: true, to: String::new(), subject, text: Some(text), name }
        }
        "pdf" => Item { at, letter: true, to: String::new(), subject: name.clone(), text: None, name },
        _ => return Ok(None),
    };
    Ok(Some(item))
}

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A web address, to click.
    Link(String),
    /// Anything else.
    Words(String),
}

/// A text with its web addresses told apart.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = [rest.find("http://"), rest.find("https://")].into_iter().flatten().min() {
        let (before, from) = rest.split_at(at);
        let end = from.find(|character: char| character.is_whitespace() || matches!(character, '<' | '>' | '"')).unwrap_or(from.len());
        let (link, after) = from.split_at(end);
        let link_only = link.trim_end_matches(['.', ',', ')', ';']);
        found.push(Piece::Words(before.to_owned()));
        found.push(Piece::Link(link_only.to_owned()));
        found.push(Piece::Words(link[link_only.len()..].to_owned()));
        rest = after;
    }
    found.push(Piece::Words(rest.to_owned()));
    found.retain(|piece| !matches!(piece, Piece::Words(words) if words.is_empty()));
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn an_empty_or_missing_spool_lists_nothing() {
        let directory = tempfile::tempdir().unwrap();
        assert!(list(directory.path()).unwrap().is_empty());
        assert!(list(&directory.path().join("none")).unwrap().is_empty());
    }

    #[test]
    fn mails_and_letters_are_listed_and_found_by_name_only() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("1.eml"), "To: a@example.dk\nSubject: Hej\n\nGo to http://localhost/x.").unwrap();
        fs::write(directory.path().join("2.txt"), "\nDin midlertidige adgangskode\n123456").unwrap();
        fs::write(directory.path().join("3.key"), "secret").unwrap();
        let names: Vec<_> = list(directory.path()).unwrap().into_iter().map(|item| (item.name, item.subject)).collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&("1.eml".to_owned(), "Hej".to_owned())));
        assert!(names.contains(&("2.txt".to_owned(), "Din midlertidige adgangskode".to_owned())));
        assert!(find(directory.path(), "../1.eml").unwrap().is_none() && find(directory.path(), "3.key").unwrap().is_none());
        assert!(find(directory.path(), "1.eml").unwrap().is_some());
    }

    #[test]
    fn a_link_ends_before_the_full_stop() {
        let expected = [
            Piece::Words("See ".to_owned()),
            Piece::Link("https://segl.dk/a?b=1".to_owned()),
            Piece::Words(".".to_owned()),
            Piece::Words("\nBye".to_owned()),
        ];
        assert_eq!(pieces("See https://segl.dk/a?b=1.\nBye"), expected);
    }
}
