//! Reads the spool again: what was mailed and what was printed, for whoever looks after an installation without a relay.
//!
//! Reads only what this program writes; a file that it does not understand is left out.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use time::{PrimitiveDateTime, macros::format_description};

use super::{
    deliver::{LETTERS, TEXTS},
    model::Channel,
};
use crate::platform::moment::Moment;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// A mail or letter in the spool.
#[derive(Clone, Debug)]
pub struct Spooled {
    /// The file's name without its ending: time and message id.
    pub name: String,
    /// When it was told.
    pub time: Moment,
    /// Mail, letter or text message.
    pub channel: Channel,
    /// The `To` header, the lines of the postal address, or the number.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text, lines parted by `\n`.
    pub text: String,
    /// Whether the mail carries a signature.
    pub signed: bool,
}

impl Spooled {
    /// The file itself: the mail as it would have left, or the letter's PDF.
    pub fn path(&self, spool: &Path) -> PathBuf {
        match self.channel {
            Channel::Letter => spool.join(LETTERS).join(format!("{}.pdf", self.name)),
            Channel::Mail => spool.join(format!("{}.eml", self.name)),
            Channel::Text => spool.join(TEXTS).join(format!("{}.txt", self.name)),
        }
    }
}

/// What is in the spool, newest first, at most so many. Blocks: call it on a blocking thread.
///
/// # Errors
/// When a directory or file cannot be read. A spool that is not there yet is empty.
pub fn list(spool: &Path, most: usize) -> io::Result<Vec<Spooled>> {
    let mut files = named(spool, "eml")?;
    files.extend(named(&spool.join(LETTERS), "txt")?);
    files.extend(named(&spool.join(TEXTS), "txt")?);
    files.sort_by(|left, right| right.0.cmp(&left.0));
    let mut found = Vec::new();
    for (name, path) in files.into_iter().take(most) {
        if fs::metadata(&path)?.len() > MOST_BYTES {
            continue;
        }
        let bytes = fs::read(&path)?;
        let read = match path.parent().and_then(Path::file_name).and_then(|name| name.to_str()) {
            _ if path.extension().is_some_and(|ending| ending == "eml") => mail(&bytes),
            Some(TEXTS) => text(&bytes),
            Some(_) | None => letter(&bytes),
        };
        if let (Some(spooled), Some(time)) = (read, time_of(&name)) {
            found.push(Spooled { name, time, ..spooled });
        }
    }
    Ok(found)
}

/// The files with this ending, by name without it.
fn named(directory: &Path, ending: &str) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| !stem.starts_with('.')).map(str::to_owned);
        if let Some(stem) = stem.filter(|_| path.extension().is_some_and(|found| found == ending)) {
            files.push((stem, path));
        }
    }
    Ok(files)
}

fn time_of(name: &str) -> Option<Moment> {
    let format = format_description!("[year][month][day]T[hour][minute][second][subsecond digits:3]Z");
    let at = PrimitiveDateTime::parse(name.get(..19)?, format).ok()?;
    Some(Moment::from_datetime(at.assume_utc()))
}

fn blank(channel: Channel) -> Spooled {
    Spooled {
        name: String::new(),
        time: Moment::from_millis(0),
        channel,
        to: String::new(),
        subject: String::new(),
        text: String::new(),
        signed: false,
    }
}

/// Sender, address, date, subject and body, parted by empty lines.
fn letter(bytes: &[u8]) -> Option<Spooled> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut parts = text.splitn(5, "\n\n");
    let (_sender, to, _date, subject, body) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(Spooled { to: to.to_owned(), subject: subject.to_owned(), text: body.to_owned(), ..blank(Channel::Letter) })
}

/// The number, an empty line, the text.
fn text(bytes: &[u8]) -> Option<Spooled> {
    let (to, text) = std::str::from_utf8(bytes).ok()?.split_once("\n\n")?;
    Some(Spooled { to: to.to_owned(), subject: text.lines().next()?.to_owned(), text: text.to_owned(), ..blank(Channel::Text) })
}

fn mail(bytes: &[u8]) -> Option<Spooled> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let content_type = header(head, "Content-Type").unwrap_or_default();
    let signed = content_type.starts_with("multipart/signed");
    let (part_head, part) = if signed { first_part(&content_type, body)? } else { (head, body) };
    let text = match header(part_head, "Content-Transfer-Encoding").as_deref() {
        Some("quoted-printable") => String::from_utf8(quoted_printable::decode(part, quoted_printable::ParseMode::Robust).ok()?).ok()?,
        _ => part.to_owned(),
    };
    Some(Spooled {
        to: decoded(&header(head, "To")?),
        subject: decoded(&header(head, "Subject").unwrap_or_default()),
        text: text.replace("\r\n", "\n"),
        signed,
        ..blank(Channel::Mail)
    })
}

/// Head and body of the first part.
fn first_part<'a>(content_type: &str, body: &'a str) -> Option<(&'a str, &'a str)> {
    let boundary = content_type.split("boundary=").nth(1)?.split(';').next()?.trim().trim_matches('"');
    let after = body.split_once(&format!("--{boundary}\r\n"))?.1;
    after.split_once(&format!("\r\n--{boundary}"))?.0.split_once("\r\n\r\n")
}

/// A header's value, unfolded (RFC 5322 section 2.2.3).
fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.split("\r\n").skip_while(|line| !line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name)));
    let mut value = lines.next()?.split_once(':')?.1.trim().to_owned();
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        value.push(' ');
        value.push_str(line.trim());
    }
    Some(value)
}

/// Decodes encoded words (RFC 2047); white space between two of them does not count (section 6.2).
fn decoded(value: &str) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in value.split(' ') {
        let found = encoded_word(word);
        if !(text.is_empty() || after_encoded && found.is_some()) {
            text.push(' ');
        }
        after_encoded = found.is_some();
        text.push_str(found.as_deref().unwrap_or(word));
    }
    text.replace('"', "")
}

fn encoded_word(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?utf-8?")?.strip_suffix("?=")?;
    let bytes = match inner.split_once('?')? {
        ("b" | "B", text) => STANDARD.decode(text).ok()?,
        ("q" | "Q", text) => quoted_printable::decode(text.replace('_', " "), quoted_printable::ParseMode::Robust).ok()?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}
