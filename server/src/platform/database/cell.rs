//! What a row of any table holds, in the four kinds that both engines share: how rows leave one database and enter another.

/// A table and its columns, in the order of its rows' cells.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns' names.
    pub columns: Vec<String>,
}

/// One value. Truths are 0 and 1, UUIDs their 16 octets.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Octets.
    Bytes(Vec<u8>),
    /// A whole number.
    Integer(i64),
    /// Nothing.
    Null,
    /// A number with a fraction.
    Real(f64),
    /// Text.
    Text(String),
}

impl Cell {
    /// How many octets it takes, roughly.
    pub(super) fn size_bytes(&self) -> usize {
        match self {
            Self::Bytes(octets) => octets.len(),
            Self::Integer(_) | Self::Null | Self::Real(_) => 8,
            Self::Text(text) => text.len(),
        }
    }
}
