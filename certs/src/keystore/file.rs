//! A keystore in a directory: one sealed file per key (`<label>.key`), `keystore.check` beside them.
//!
//! Directory 0700, files 0600, each written beside its place, synced, and then linked into place, so that a key is either there whole
//! or not at all and two processes cannot both make the same label. Opened keys stay in memory. A wrong master key is refused at opening.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::private_key::PrivateKey;
use super::sealed::{self, Sealer, fill_random};
use super::{Destroyed, Digest, KeyKind, KeyLabel, Keystore, KeystoreError, MasterKey, RsaPadding, Secret32};
use crate::archive::EncryptionCertificate;
use crate::key_file::LooseKey;
use crate::public_key::PublicKey;

const CHECK: &str = "keystore.check";
const CHECK_PLAIN: &[u8] = b"segl keystore, format 1";
const LARGEST_FILE_BYTES: u64 = 4096;

/// Keys as sealed files.
pub struct FileKeystore {
    directory: PathBuf,
    sealer: Sealer,
    known: RwLock<Known>,
}

/// Keys that were opened, and how often one was forgotten: who opened a key while another was forgotten keeps it not, since it may be that one.
#[derive(Default)]
struct Known {
    keys: BTreeMap<KeyLabel, Arc<Opened>>,
    forgotten: u64,
}

struct Opened {
    key: PrivateKey,
    public_key: PublicKey,
}

impl FileKeystore {
    /// Opens the keystore in `directory`, making it (and the directory) when there is none.
    ///
    /// # Errors
    /// [`KeystoreError::WrongMasterKey`], [`KeystoreError::DirectoryMode`], [`KeystoreError::MissingCheck`], [`KeystoreError::File`].
    pub fn open(directory: &Path, master: MasterKey) -> Result<Self, KeystoreError> {
        prepare_directory(directory)?;
        let store = Self { directory: directory.to_owned(), sealer: Sealer::new(master), known: RwLock::default() };
        match read_bounded(&directory.join(CHECK))? {
            Some(sealed) => store.recognise(&sealed)?,
            None if holds_keys(directory)? => return Err(KeystoreError::MissingCheck),
            None => store.found()?,
        }
        Ok(store)
    }

    fn recognise(&self, sealed: &[u8]) -> Result<(), KeystoreError> {
        match self.sealer.open(b"check", sealed, b"") {
            Ok(plain) if plain.as_slice() == CHECK_PLAIN => Ok(()),
            Ok(_) | Err(KeystoreError::DoesNotOpen) => Err(KeystoreError::WrongMasterKey),
            Err(error) => Err(error),
        }
    }

    /// Writes the check file; another process may have been first, then that one decides.
    fn found(&self) -> Result<(), KeystoreError> {
        let sealed = self.sealer.seal(b"check", CHECK_PLAIN, b"")?;
        match self.place(CHECK, &sealed)? {
            Placed::New => Ok(()),
            Placed::Taken => {
                let sealed = read_bounded(&self.directory.join(CHECK))?;
                self.recognise(&sealed.ok_or(KeystoreError::MissingCheck)?)
            }
        }
    }

    fn opened(&self, label: &KeyLabel) -> Result<Option<Arc<Opened>>, KeystoreError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = known.keys.get(label) {
            return Ok(Some(Arc::clone(opened)));
        }
        let forgotten = known.forgotten;
        drop(known);
        let Some(sealed) = read_bounded(&self.directory.join(file_name(label)))? else {
            return Ok(None);
        };
        let plain = self.sealer.open(b"file", &sealed, label.as_str().as_bytes())?;
        let key = PrivateKey::from_octets(&plain)?;
        let public_key = key.public_key()?;
        Ok(Some(self.remember(label, Opened { key, public_key }, forgotten)))
    }

    /// Keeps a key in memory, unless one was forgotten since `forgotten` were.
    fn remember(&self, label: &KeyLabel, opened: Opened, forgotten: u64) -> Arc<Opened> {
        let opened = Arc::new(opened);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.forgotten == forgotten {
            known.keys.insert(label.clone(), Arc::clone(&opened));
        }
        opened
    }

    fn existing(&self, label: &KeyLabel) -> Result<Arc<Opened>, KeystoreError> {
        self.opened(label)?.ok_or_else(|| KeystoreError::NoSuchKey { label: label.clone() })
    }

    /// The key in the clear, for [`super::transfer`].
    pub(super) fn octets(&self, label: &KeyLabel) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        self.existing(label)?.key.to_octets()
    }

    /// Keeps a key that was made elsewhere.
    pub(super) fn keep(&self, label: &KeyLabel, octets: &[u8]) -> Result<PublicKey, KeystoreError> {
        self.put(label, PrivateKey::from_octets(octets)?)
    }

    fn put(&self, label: &KeyLabel, key: PrivateKey) -> Result<PublicKey, KeystoreError> {
        let public_key = key.public_key()?;
        let sealed = self.sealer.seal(b"file", &key.to_octets()?, label.as_str().as_bytes())?;
        let forgotten = self.known.read().unwrap_or_else(PoisonError::into_inner).forgotten;
        match self.place(&file_name(label), &sealed)? {
            Placed::New => Ok(self.remember(label, Opened { key, public_key }, forgotten).public_key.clone()),
            Placed::Taken => Err(KeystoreError::LabelTaken { label: label.clone() }),
        }
    }

    /// Removes the key for good.
    ///
    /// # Errors
    /// [`KeystoreError::File`].
    pub fn forget(&self, label: &KeyLabel) -> Result<(), KeystoreError> {
        let removed = fs::remove_file(self.directory.join(file_name(label)));
        // The file first: who finds it until then, finds here that a key was forgotten.
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.keys.remove(label);
        known.forgotten += 1;
        removed.map_err(|source| file_error("remove the key", source))
    }

    /// Writes a whole file under `name` unless one is there.
    fn place(&self, name: &str, octets: &[u8]) -> Result<Placed, KeystoreError> {
        let mut random = [0u8; 8];
        fill_random(&mut random)?;
        let draft = self.directory.join(format!(".draft-{}", hex::encode(random)));
        let placed = write_synced(&draft, octets).and_then(|()| match fs::hard_link(&draft, self.directory.join(name)) {
            Ok(()) => Ok(Placed::New),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Placed::Taken),
            Err(error) => Err(error),
        });
        let removed = fs::remove_file(&draft);
        let placed = placed.map_err(|source| file_error("write", source))?;
        removed.map_err(|source| file_error("remove the draft", source))?;
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|source| file_error("sync the directory", source))?;
        Ok(placed)
    }
}

enum Placed {
    New,
    Taken,
}

impl Keystore for FileKeystore {
    fn generate(&self, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, KeystoreError> {
        self.put(label, PrivateKey::generate(kind)?)
    }

    fn import(&self, label: &KeyLabel, key: &LooseKey) -> Result<PublicKey, KeystoreError> {
        self.put(label, PrivateKey::of_loose(key)?)
    }

    fn destroy(&self, label: &KeyLabel) -> Result<Destroyed, KeystoreError> {
        match self.forget(label) {
            Err(KeystoreError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(Destroyed::Gone),
            other => other.map(|()| Destroyed::Gone),
        }
    }

    fn find(&self, label: &KeyLabel) -> Result<Option<PublicKey>, KeystoreError> {
        Ok(self.opened(label)?.map(|opened| opened.public_key.clone()))
    }

    fn sign_with(&self, label: &KeyLabel, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.existing(label)?.key.sign(padding, digest)
    }

    fn signs_at_once(&self, label: &KeyLabel) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.keys.get(label).is_some_and(|opened| opened.key.signs_at_once())
    }

    fn agree(&self, label: &KeyLabel, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.existing(label)?.key.agree(ephemeral)
    }

    sealed::at_rest!();
}

fn prepare_directory(directory: &Path) -> Result<(), KeystoreError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|source| file_error("make the directory", source))?;
    let metadata = fs::metadata(directory).map_err(|source| file_error("look at the directory", source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeystoreError::DirectoryMode { mode });
    }
    Ok(())
}

fn holds_keys(directory: &Path) -> Result<bool, KeystoreError> {
    let entries = fs::read_dir(directory).map_err(|source| file_error("list", source))?;
    for entry in entries {
        let entry = entry.map_err(|source| file_error("list", source))?;
        if entry.path().extension().is_some_and(|suffix| suffix == "key") {
            return Ok(true);
        }
    }
    Ok(false)
}

fn file_name(label: &KeyLabel) -> String {
    format!("{label}.key")
}

fn write_synced(path: &Path, octets: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, KeystoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file_error("open", error)),
    };
    let mut octets = Vec::new();
    file.take(LARGEST_FILE_BYTES).read_to_end(&mut octets).map_err(|source| file_error("read", source))?;
    Ok(Some(octets))
}

fn file_error(operation: &'static str, source: io::Error) -> KeystoreError {
    KeystoreError::File { operation, source }
}
