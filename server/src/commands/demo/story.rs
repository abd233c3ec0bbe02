//! Who the demonstration's people are: written once when it is founded, read by its pages.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

const FILE: &str = "demo.json";

/// Somebody to log in as. The password is published on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The company or association; empty for operators.
    pub company: String,
    /// A [`crate::platform::actor::Role`] word, as `administrator`.
    pub role: String,
    /// The user id.
    pub user_id: String,
    /// The password.
    pub password: String,
}

/// A document that lies ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    /// Its title.
    pub title: String,
    /// The path of its URL, as `/documents/0199...`.
    pub path: String,
}

/// The cast and its papers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Whom one can be.
    pub people: Vec<Person>,
    /// What lies ready.
    pub documents: Vec<Exhibit>,
}

/// Whether the demonstration of a data directory is complete.
pub fn is_written(data: &Path) -> bool {
    data.join(FILE).exists()
}

impl Story {
    /// Reads the story of a data directory; an empty one before it is written.
    ///
    /// # Errors
    /// When the file cannot be read or is not ours.
    pub fn read(data: &Path) -> io::Result<Self> {
        match fs::read(data.join(FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes the story of a data directory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        fs::write(data.join(FILE), serde_json::to_vec_pretty(self)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_story_is_read_as_it_was_written_and_is_empty_before() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Story::read(directory.path()).unwrap(), Story::default());
        let person = Person {
            name: "Åse Holm".to_owned(),
            company: "Nordlys ApS".to_owned(),
            role: "administrator".to_owned(),
            user_id: "aase".to_owned(),
            password: "nordlys1".to_owned(),
        };
        let story =
            Story { people: vec![person], documents: vec![Exhibit { title: "Aftale".to_owned(), path: "/documents/1".to_owned() }] };
        story.write(directory.path()).unwrap();
        assert_eq!(Story::read(directory.path()).unwrap(), story);
    }
}
