//! Small files of the app, each replaced as a whole and readable by its owner alone. Secrets that rest here are named in `kept.rs`.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use keycard::soft::{FileShelf, Shelf as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AppError;

/// No file of the app is longer.
const LONGEST_BYTES: u64 = 64 * 1024;

/// Reads a file, if it is there.
///
/// # Errors
/// [`AppError::Storage`] when it cannot be read or is none of ours.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, AppError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(AppError::Storage),
    };
    let mut bytes = Vec::new();
    file.take(LONGEST_BYTES + 1).read_to_end(&mut bytes).map_err(|_| AppError::Storage)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|_| AppError::Storage)
}

/// Writes a file in place of the one that is there: afterwards there is the old one or the new one, whole.
///
/// # Errors
/// [`AppError::Storage`].
pub fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), AppError> {
    let bytes = serde_json::to_vec(value).map_err(|_| AppError::Storage)?;
    FileShelf::new(path.to_owned()).replace(&bytes).map_err(|_| AppError::Storage)
}

/// Removes a file. It is no error if there is none.
///
/// # Errors
/// [`AppError::Storage`].
pub fn remove(path: &Path) -> Result<(), AppError> {
    FileShelf::new(path.to_owned()).remove().map_err(|_| AppError::Storage)
}

/// Makes a folder that its owner alone may enter.
///
/// # Errors
/// [`AppError::Storage`].
pub fn folder(path: &Path) -> Result<(), AppError> {
    fs::create_dir_all(path).map_err(|_| AppError::Storage)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|_| AppError::Storage)?;
    }
    Ok(())
}

/// What lies in a folder, by name; nothing if there is no such folder.
#[must_use]
pub fn names(path: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
