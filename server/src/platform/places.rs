//! Roughly where a network is, by the operator's own file (MaxMind DB, as of GeoLite2 City or DB-IP): asked by the network, never by the address.

use std::{collections::BTreeMap, net::IpAddr, path::Path, sync::Arc};

use maxminddb::{MaxMindDbError, Reader};

use super::words::Language;

/// The file, read whole.
#[derive(Clone)]
pub struct Places(Arc<Reader<Vec<u8>>>);

impl std::fmt::Debug for Places {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Places")
    }
}

/// Why a file tells no places.
#[derive(Debug, thiserror::Error)]
pub enum PlacesError {
    /// It is none, or is damaged.
    #[error("it is no MaxMind DB file, or is damaged: {0}")]
    Damaged(#[from] MaxMindDbError),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
}

#[derive(serde::Deserialize)]
struct Found {
    city: Option<Named>,
    country: Option<Named>,
}

#[derive(serde::Deserialize)]
struct Named {
    #[serde(default)]
    names: BTreeMap<String, String>,
}

impl Named {
    fn name(&self, language: Language) -> Option<&str> {
        self.names.get(language.tag()).or_else(|| self.names.get("en")).map(String::as_str)
    }
}

impl Places {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is none of its kind.
    pub fn open(file: &Path) -> Result<Self, PlacesError> {
        Ok(Self(Arc::new(Reader::from_source(std::fs::read(file)?)?)))
    }

    /// City and country of a network such as `192.0.2.0/24`, as far as the file knows them, in this language where the file has it.
    pub fn of(&self, network: &str, language: Language) -> Option<String> {
        let address: IpAddr = network.split_once('/')?.0.parse().ok()?;
        let found: Found = self.0.lookup(address).ok()?.decode().ok()??;
        let names: Vec<&str> = [&found.city, &found.country].into_iter().flatten().filter_map(|named| named.name(language)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}
