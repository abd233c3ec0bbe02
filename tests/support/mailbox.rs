//! What arrived: the mails and letters in the service's spool directory, read as their recipients read them.

use std::path::{Path, PathBuf};

use segl::notices::{
    Channel,
    spool::{self, Spooled},
};

/// More than any story sends.
const MOST: usize = 10_000;

/// The spool of one service.
#[derive(Clone, Debug)]
pub struct Mailbox(PathBuf);

impl Mailbox {
    /// The mailbox of a spool directory.
    pub fn of(spool: &Path) -> Self {
        Self(spool.to_path_buf())
    }

    /// Everything, newest first.
    ///
    /// # Panics
    /// When the spool cannot be read.
    pub fn all(&self) -> Vec<Spooled> {
        spool::list(&self.0, MOST).expect("the spool can be read")
    }

    /// The mails to an address, newest first.
    pub fn mails_to(&self, address: &str) -> Vec<Spooled> {
        self.all().into_iter().filter(|mail| mail.channel == Channel::Mail && mail.to.contains(address)).collect()
    }

    /// The letters to a name, newest first.
    pub fn letters_to(&self, name: &str) -> Vec<Spooled> {
        self.all().into_iter().filter(|letter| letter.channel == Channel::Letter && letter.to.contains(name)).collect()
    }

    /// The text messages to a number, newest first.
    pub fn texts_to(&self, number: &str) -> Vec<Spooled> {
        self.all().into_iter().filter(|text| text.channel == Channel::Text && text.to == number).collect()
    }

    /// The mail files, oldest first.
    pub fn mail_files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut found: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect();
        found.sort();
        found
    }

    /// The newest link to an address whose path begins with a text, as `/activate/`: path only.
    pub fn link_to(&self, address: &str, path: &str) -> Option<String> {
        self.mails_to(address).iter().find_map(|mail| link(&mail.text, path))
    }

    /// The temporary password in the newest letter to a name.
    pub fn temporary_password(&self, name: &str) -> Option<String> {
        let letter = self.letters_to(name).into_iter().next()?;
        letter.text.lines().find_map(|line| line.strip_prefix("    ")).map(|code| code.trim().to_owned())
    }
}

/// The path of the first link in a text that begins so.
fn link(text: &str, path: &str) -> Option<String> {
    let begin = text.find(path)?;
    let rest = &text[begin..];
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '"')).unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches('.').to_owned())
}
