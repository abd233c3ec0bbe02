//! What whoever starts the program may hand over: `--pair FILE`, an invitation or code with address and authority, as it would be typed.
//!
//! The screens show it, filled in; nothing is begun before the person goes on. The file is removed once it is read: what it invites to is
//! good once.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;

use crate::app::held;
use crate::files;
use crate::pair::Typed;

/// What was handed over, until the screens have asked for it.
#[derive(Default)]
pub struct Given(Mutex<Option<Typed>>);

impl Given {
    /// Reads the words of the command line. A file that is not there, or says something else, hands nothing over.
    #[must_use]
    pub fn of(words: impl IntoIterator<Item = OsString>) -> Self {
        let mut words = words.into_iter().skip_while(|word| word != "--pair").skip(1);
        let file = words.next();
        let typed = file.as_deref().map(Path::new).and_then(|file| {
            let read = files::read(file).ok().flatten();
            // One that cannot be removed is good for ten minutes.
            let _ = files::remove(file);
            read
        });
        Self(Mutex::new(typed))
    }

    /// Hands it over, once.
    pub fn take(&self) -> Option<Typed> {
        held(&self.0).take()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_is_read_once_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pair.json");
        std::fs::write(&file, r#"{"code":"ABC","address":"127.0.0.1:8443","authority":""}"#).unwrap();
        let words = ["segl-phone".into(), "--pair".into(), file.clone().into_os_string()];
        let given = Given::of(words.clone());
        assert_eq!(given.take().unwrap().address, "127.0.0.1:8443");
        assert!(given.take().is_none() && !file.exists());
        assert!(Given::of(words).take().is_none());
        assert!(Given::of(["segl-phone".into()]).take().is_none());
    }
}
