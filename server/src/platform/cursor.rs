//! Where a list goes on: the sort key and id of the last row shown, as one opaque word in `?after=`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::{id::Id, limits};

/// The longest word that is looked at, characters.
const LONGEST: usize = 2048;

/// The last row shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its sort key.
    pub key: String,
    /// Its id.
    pub id: Uuid,
}

impl Cursor {
    /// Before the first row.
    pub const fn start() -> Self {
        Self { key: String::new(), id: Uuid::nil() }
    }

    /// At a row.
    pub fn at(key: &str, id: impl Id) -> Self {
        Self { key: key.to_owned(), id: id.uuid() }
    }

    /// Whether it lies after another, in the order of key and id.
    pub fn is_after(&self, other: &Self) -> bool {
        (&self.key, self.id) > (&other.key, other.id)
    }

    /// The word for the address.
    pub fn word(&self) -> String {
        let mut bytes = self.id.into_bytes().to_vec();
        bytes.extend_from_slice(self.key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor of a word, if it is one of ours.
    pub fn of(word: &str) -> Option<Self> {
        if word.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(word).ok()?;
        let (id, key) = bytes.split_first_chunk::<16>()?;
        // PostgreSQL holds no NUL in text and would fail; no key of ours has one.
        let key = String::from_utf8(key.to_vec()).ok().filter(|key| !key.contains('\0'))?;
        Some(Self { key, id: Uuid::from_bytes(*id) })
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where it goes on; none at the end.
    pub next: Option<Cursor>,
}

impl<T> Listing<T> {
    /// A page of rows with their sort keys, of which one more than a page may have been read.
    pub fn cut<I: Id>(mut rows: Vec<(String, T)>, id: impl Fn(&T) -> I) -> Self {
        let most = usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| more).map(|(key, row)| Cursor::at(key, id(row)));
        Self { items: rows.into_iter().map(|(_, row)| row).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_word() {
        let cursor = Cursor { key: "havnens b{ger".to_owned(), id: Uuid::from_u128(7) };
        assert_eq!(Cursor::of(&cursor.word()), Some(cursor));
    }

    #[test]
    fn a_foreign_word_is_no_cursor() {
        assert_eq!(Cursor::of("!!"), None);
        assert_eq!(Cursor::of("AAAA"), None);
        assert_eq!(Cursor::of(&Cursor { key: "a\0".to_owned(), id: Uuid::nil() }.word()), None);
    }
}
