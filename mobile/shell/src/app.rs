//! The app without its window: the pairings of this phone, the one under way, the settings, and the lock.
//!
//! Each pairing has its own lock, so that a slow service holds up only itself. The app lock closes all of them: after five minutes without
//! a touch, and whenever the window is left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keycard::PhoneId;
use keycard::soft::Cost;
use serde::{Deserialize, Serialize};

use crate::clock::counted_ms;
use crate::error::AppError;
use crate::files;
use crate::keys::IN_HARDWARE;
use crate::pair::Pairing;
use crate::signature::{Forgotten, Signature, SignatureView};

/// After so long without a touch everything is locked.
pub const LOCK_MS: u64 = 5 * 60 * 1000;

/// What the person set. No secret is among it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// `da` or `en`; nothing for the system's.
    pub language: Option<Language>,
    /// Nothing for the system's.
    pub theme: Option<Theme>,
}

/// The languages of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Danish.
    Da,
    /// English.
    En,
}

/// The colours of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// All that the first screen needs.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// The pairings.
    pub signatures: Vec<SignatureView>,
    /// The settings.
    pub settings: Settings,
    /// Whether the keys of a new pairing rest in hardware: then no PIN is set.
    pub hardware: bool,
}

/// The app.
pub struct App {
    folder: PathBuf,
    cost: Cost,
    signatures: Mutex<BTreeMap<PhoneId, Arc<Mutex<Signature>>>>,
    pairing: Mutex<Option<Pairing>>,
    settings: Mutex<Settings>,
    touched_ms: AtomicU64,
}

/// A thread that panicked left its data as good as it was: each change is one step.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Opens what lies in `folder`; `cost` is what stretching a new PIN costs.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn open(folder: &Path, cost: Cost) -> Result<Self, AppError> {
        files::folder(folder)?;
        files::folder(&folder.join("phones"))?;
        let mut signatures = BTreeMap::new();
        for path in files::names(&folder.join("phones")) {
            match Signature::open(&path, cost)? {
                Some(signature) => drop(signatures.insert(signature.kept.phone, Arc::new(Mutex::new(signature)))),
                // A pairing that broke off: its keys were never confirmed.
                None => std::fs::remove_dir_all(&path).map_err(|_| AppError::Storage)?,
            }
        }
        let settings = files::read(&folder.join("settings.json")).ok().flatten().unwrap_or_default();
        Ok(Self {
            folder: folder.to_owned(),
            cost,
            signatures: Mutex::new(signatures),
            pairing: Mutex::new(None),
            settings: Mutex::new(settings),
            touched_ms: AtomicU64::new(counted_ms()),
        })
    }

    /// What the first screen shows.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn view(&self) -> Result<View, AppError> {
        let signatures: Vec<_> = held(&self.signatures).values().cloned().collect();
        let signatures = signatures.iter().map(|signature| held(signature).view()).collect::<Result<_, _>>()?;
        Ok(View { signatures, settings: held(&self.settings).clone(), hardware: IN_HARDWARE })
    }

    /// Sets.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn set(&self, settings: Settings) -> Result<(), AppError> {
        files::write(&self.folder.join("settings.json"), &settings)?;
        *held(&self.settings) = settings;
        Ok(())
    }

    /// One pairing.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn signature(&self, id: &str) -> Result<Arc<Mutex<Signature>>, AppError> {
        let id: PhoneId = id.parse().map_err(|_| AppError::NotFound)?;
        held(&self.signatures).get(&id).cloned().ok_or(AppError::NotFound)
    }

    /// All pairings.
    #[must_use]
    pub fn signatures(&self) -> Vec<Arc<Mutex<Signature>>> {
        held(&self.signatures).values().cloned().collect()
    }

    /// Begins a pairing in place of one under way.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn begin(&self, typed: &crate::pair::Typed) -> Result<crate::pair::OfferView, AppError> {
        self.give_up()?;
        let pairing = Pairing::begin(typed)?;
        let view = pairing.view();
        *held(&self.pairing) = Some(pairing);
        Ok(view)
    }

    /// Claims the keys of the pairing under way.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn claim(&self, name: &str, pin: Option<&keycard::pin::Pin>) -> Result<String, AppError> {
        let mut pairing = held(&self.pairing);
        let pairing = pairing.as_mut().ok_or(AppError::NotFound)?;
        pairing.claim(&self.folder.join("phones"), name, pin, self.cost)
    }

    /// How the pairing under way stands; once it is done it is one of the pairings, locked.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn standing(&self) -> Result<crate::pair::Standing, AppError> {
        let mut held_pairing = held(&self.pairing);
        let pairing = held_pairing.as_mut().ok_or(AppError::NotFound)?;
        let standing = pairing.standing()?;
        if standing == crate::pair::Standing::Paired {
            let signature = pairing.folder().map(|folder| Signature::open(folder, self.cost)).transpose()?.flatten();
            let signature = signature.ok_or(AppError::Storage)?;
            held(&self.signatures).insert(signature.kept.phone, Arc::new(Mutex::new(signature)));
        }
        if standing != crate::pair::Standing::Waiting {
            *held_pairing = None;
        }
        Ok(standing)
    }

    /// Gives up the pairing under way.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn give_up(&self) -> Result<(), AppError> {
        held(&self.pairing).take().map_or(Ok(()), |mut pairing| pairing.give_up())
    }

    /// Destroys a pairing on this phone; says whether the service knows.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn forget(&self, id: &str) -> Result<Forgotten, AppError> {
        let signature = self.signature(id)?;
        let phone = held(&signature).kept.phone;
        let forgotten = held(&signature).forget()?;
        held(&self.signatures).remove(&phone);
        Ok(forgotten)
    }

    /// Locks everything.
    pub fn lock(&self) {
        for signature in self.signatures() {
            held(&signature).lock();
        }
    }

    /// The person is there.
    pub fn touch(&self) {
        self.touched_ms.store(counted_ms(), Ordering::Relaxed);
    }

    /// Locks everything if nobody touched anything for [`LOCK_MS`] at `counted_ms`. Says whether anything was locked.
    pub fn lock_if_idle(&self, counted_ms: u64) -> bool {
        let idle = counted_ms.saturating_sub(self.touched_ms.load(Ordering::Relaxed)) >= LOCK_MS;
        let open = idle && self.signatures().iter().any(|signature| held(signature).is_unlocked());
        if open {
            self.lock();
        }
        open
    }
}
