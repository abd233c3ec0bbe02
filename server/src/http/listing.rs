//! Where a list goes on: the words behind the question mark of lists that are read in portions, on pages and for programs alike.

use super::problem::{Kind, Problem};
use crate::platform::cursor::Cursor;

/// Where a list goes on.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    after: Option<String>,
    /// The language link of the pages.
    #[serde(rename = "language")]
    _language: Option<String>,
}

impl After {
    /// The cursor, if one was given.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for a word that is none of ours.
    pub fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        cursor(self.after.as_deref())
    }
}

/// The same, of pages that also say what was just done.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AfterTold {
    after: Option<String>,
    /// What was just done.
    pub told: Option<String>,
    /// The language link of the pages.
    #[serde(rename = "language")]
    _language: Option<String>,
}

impl AfterTold {
    /// The cursor, if one was given.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for a word that is none of ours.
    pub fn cursor(&self) -> Result<Option<Cursor>, Problem> {
        cursor(self.after.as_deref())
    }
}

fn cursor(word: Option<&str>) -> Result<Option<Cursor>, Problem> {
    word.map(|word| Cursor::of(word).ok_or(Problem::of(Kind::BadRequest))).transpose()
}
