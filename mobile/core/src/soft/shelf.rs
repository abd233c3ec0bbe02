//! Where the file with the keys lies. The one place of this crate that touches the world.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::device_key::DeviceKeyError;

/// No file of keys is longer.
const LONGEST_BYTES: u64 = 4096;

/// Holds the bytes of one file of keys.
pub trait Shelf: Send + Sync {
    /// The bytes, if there are any.
    ///
    /// # Errors
    /// [`DeviceKeyError::NotAvailable`] when they cannot be read.
    fn read(&self) -> Result<Option<Vec<u8>>, DeviceKeyError>;

    /// Puts these bytes in place of those that are there: afterwards, whatever happens meanwhile, there are the old ones or the new ones,
    /// whole.
    ///
    /// # Errors
    /// [`DeviceKeyError::NotAvailable`] when they cannot be written; the old ones are still there.
    fn replace(&mut self, bytes: &[u8]) -> Result<(), DeviceKeyError>;

    /// Removes them. It is no error if there are none.
    ///
    /// # Errors
    /// [`DeviceKeyError::NotAvailable`] when they cannot be removed.
    fn remove(&mut self) -> Result<(), DeviceKeyError>;
}

/// One file, readable and writable by its owner alone, replaced by renaming.
pub struct FileShelf {
    path: PathBuf,
}

impl FileShelf {
    /// The file at this path, whose folder exists.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn beside(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        name.into()
    }
}

impl Shelf for FileShelf {
    fn read(&self) -> Result<Option<Vec<u8>>, DeviceKeyError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(_) => return Err(DeviceKeyError::NotAvailable),
        };
        let mut bytes = Vec::new();
        file.take(LONGEST_BYTES + 1).read_to_end(&mut bytes).map_err(|_| DeviceKeyError::NotAvailable)?;
        Ok(Some(bytes))
    }

    fn replace(&mut self, bytes: &[u8]) -> Result<(), DeviceKeyError> {
        write(&self.beside(), &self.path, bytes).map_err(|_| DeviceKeyError::NotAvailable)
    }

    fn remove(&mut self) -> Result<(), DeviceKeyError> {
        for path in [self.beside(), self.path.clone()] {
            match fs::remove_file(path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => return Err(DeviceKeyError::NotAvailable),
            }
        }
        Ok(())
    }
}

/// Writes beside, to the disk, and renames: the folder is written out last, so that the name survives too.
fn write(beside: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = create(beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
