//! Reads a whole backup before anything is changed: a file that is cut off, altered, sealed to another key or too new is refused here.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};

use crate::{
    commands::backup::{CONFIG, DEMO, KEYS},
    platform::{
        backup::{
            BackupError,
            archive::{End, Head, Reader, Record},
            key::PrivateKey,
            seal::Opener,
        },
        database::migrate,
    },
};

/// The records of a sealed file.
pub type Records = Reader<Opener<BufReader<File>>>;

/// Small files are kept while reading: the configuration, and what recognises the master key.
const MOST_KEPT_BYTES: usize = 1024 * 1024;

/// A backup that was read to its end.
pub struct Found {
    path: PathBuf,
    key: PrivateKey,
    /// What it says of itself.
    pub head: Head,
    /// How much is in it.
    pub end: End,
    /// The configuration in it.
    pub config: Option<String>,
    /// What the keystore recognises its master key by: name and content.
    pub recognition: Vec<(String, Vec<u8>)>,
    /// Whether it is a demonstration's.
    pub is_demonstration: bool,
}

impl Found {
    /// Reads all of it.
    ///
    /// # Errors
    /// In the words of [`BackupError`].
    pub fn read(path: &Path, identity: &Path) -> anyhow::Result<Self> {
        let text = zeroize::Zeroizing::new(
            std::fs::read_to_string(identity).with_context(|| format!("--identity {} cannot be read", identity.display()))?,
        );
        let key = PrivateKey::parse(&text).with_context(|| format!("--identity {}", identity.display()))?;
        let named = || path.display().to_string();
        let (mut reader, head) = open(path, &key).with_context(named)?;
        if let Some(step) = migrate::first_unknown(&head.schema)? {
            return Err(BackupError::NewerSchema { step }).with_context(named);
        }
        let (mut end, mut file, mut content) = (End::default(), None::<String>, Vec::new());
        let mut kept: Vec<(String, Vec<u8>)> = Vec::new();
        while let Some(record) = reader.next_record().with_context(named)? {
            if let (Some(name), false) = (&file, matches!(record, Record::Data(_))) {
                kept.push((name.clone(), std::mem::take(&mut content)));
                file = None;
            }
            match record {
                Record::File(name) => file = Some(name).filter(|name| is_kept(name)),
                Record::Data(octets) if file.is_some() => {
                    content.extend_from_slice(&octets);
                    ensure!(content.len() <= MOST_KEPT_BYTES, "{}: a small file in it is too large", path.display());
                }
                Record::End(counted) => end = counted,
                Record::Data(_) | Record::Head(_) | Record::Row(_) | Record::Table(_) => {}
            }
        }
        let config = kept.iter().find(|(name, _)| name == CONFIG).map(|(_, octets)| String::from_utf8_lossy(octets).into_owned());
        let is_demonstration = kept.iter().any(|(name, _)| name == DEMO);
        kept.retain(|(name, _)| name.starts_with(KEYS));
        Ok(Self { path: path.to_owned(), key, head, end, config, recognition: kept, is_demonstration })
    }

    /// Begins to read it again.
    ///
    /// # Errors
    /// As [`Found::read`].
    pub fn open(&self) -> Result<Records, BackupError> {
        open(&self.path, &self.key).map(|(reader, _)| reader)
    }
}

fn is_kept(name: &str) -> bool {
    name == CONFIG || name == DEMO || matches!(name.strip_prefix(KEYS), Some("/keystore.check" | "/salt"))
}

fn open(path: &Path, key: &PrivateKey) -> Result<(Records, Head), BackupError> {
    Reader::new(Opener::new(BufReader::new(File::open(path)?), key)?)
}
