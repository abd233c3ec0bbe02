//! The app without its window: the pairings of this phone, the one under way, the settings, and the lock.
//!
//! Each pairing has its own mutex, so that a slow service holds up only itself. The app lock closes all of them: after five minutes without
//! a touch, and whenever the window is left. It waits for none: it is raised at once (`lock.rs`), and a pairing that a service keeps busy
//! is wiped when that answers or is given up, with nothing done meanwhile. What the first screen shows waits for none either ([`Door`]).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};

use keycard::{DeviceKey as _, PhoneId};
use serde::{Deserialize, Serialize};

use crate::clock::counted_ms;
use crate::error::AppError;
use crate::files;
use crate::keys::{Asks, Keys, Rest};
use crate::link::Speech;
use crate::lock::{AppLock, Turn};
use crate::pair::Pairing;
use crate::signature::{Door, Forgotten, Signature, SignatureView};

/// Whether there is a scanner for what stands on the other screen: on telephones alone.
const SCANS: bool = cfg!(mobile);

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
    /// Whether services may wake this phone.
    #[serde(default)]
    pub wakes: Wakes,
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

/// Whether services may wake this phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wakes {
    /// None may: the person opens the app.
    Off,
    /// Those that offer it.
    #[default]
    On,
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
    /// What the system asks for where they do.
    pub asks: Asks,
    /// Whether what stands on the other screen can be scanned. It can always be typed.
    pub scans: bool,
}

/// One pairing, and what is seen of it without waiting for it.
#[derive(Clone)]
struct Entry {
    signature: Arc<Mutex<Signature>>,
    door: Arc<Door>,
}

impl Entry {
    fn new(signature: Signature) -> Self {
        let door = signature.door();
        Self { signature: Arc::new(Mutex::new(signature)), door }
    }
}

/// The app.
pub struct App {
    folder: PathBuf,
    rest: Rest,
    lock: Arc<AppLock>,
    speech: Speech,
    signatures: Mutex<BTreeMap<PhoneId, Entry>>,
    pairing: Mutex<Option<Pairing>>,
    /// Destroys keys of pairings that broke off before the program began: no new pairing makes any meanwhile.
    clearing: Mutex<Option<JoinHandle<()>>>,
    settings: Mutex<Settings>,
    touched_ms: AtomicU64,
}

/// A thread that panicked left its data as good as it was: each change is one step.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Clears pairings away that broke off: their keys were never confirmed. A telephone's system answers by the thread that the program begins on, so
/// there it is asked on another.
fn clear(unfinished: Vec<PathBuf>, rest: &Rest) -> Result<Option<JoinHandle<()>>, AppError> {
    if !rest.is_hardware() {
        unfinished.iter().try_for_each(std::fs::remove_dir_all).map_err(|_| AppError::Storage)?;
        return Ok(None);
    }
    if unfinished.is_empty() {
        return Ok(None);
    }
    let rest = rest.clone();
    Ok(Some(thread::spawn(move || {
        for path in unfinished {
            let phone = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<PhoneId>().ok());
            let destroyed = phone.is_none_or(|phone| Keys::of(phone, &path, &rest).destroy().is_ok());
            // Where they are not destroyed, the folder has the next start try again.
            if destroyed {
                let _ = std::fs::remove_dir_all(&path);
            }
        }
    })))
}

impl App {
    /// Opens what lies in `folder`; `rest` is where the keys rest, or what stretching a new PIN costs.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn open(folder: &Path, rest: impl Into<Rest>) -> Result<Self, AppError> {
        let rest = rest.into();
        files::folder(folder)?;
        files::folder(&folder.join("phones"))?;
        let (mut signatures, mut unfinished) = (BTreeMap::new(), Vec::new());
        let (lock, speech) = (Arc::new(AppLock::default()), Speech::default());
        for path in files::names(&folder.join("phones")) {
            match Signature::open(&path, &rest, &lock, &speech)? {
                Some(signature) => drop(signatures.insert(signature.kept.phone, Entry::new(signature))),
                None => unfinished.push(path),
            }
        }
        let clearing = clear(unfinished, &rest)?;
        let settings = files::read(&folder.join("settings.json")).ok().flatten().unwrap_or_default();
        Ok(Self {
            folder: folder.to_owned(),
            rest,
            lock,
            speech,
            signatures: Mutex::new(signatures),
            pairing: Mutex::new(None),
            clearing: Mutex::new(clearing),
            settings: Mutex::new(settings),
            touched_ms: AtomicU64::new(counted_ms()),
        })
    }

    /// What the first screen shows.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn view(&self) -> Result<View, AppError> {
        let signatures = self.entries().iter().map(|entry| entry.door.view()).collect::<Result<_, _>>()?;
        Ok(View { signatures, settings: held(&self.settings).clone(), hardware: self.rest.is_hardware(), asks: Asks::HERE, scans: SCANS })
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

    /// The screens are in this language: what was set, or the system's, which the screens alone know.
    pub fn speak(&self, language: Language) {
        self.speech.speak(language);
    }

    /// Whether services may wake this phone.
    #[must_use]
    pub fn wakes(&self) -> Wakes {
        held(&self.settings).wakes
    }

    /// One pairing.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn signature(&self, id: &str) -> Result<Arc<Mutex<Signature>>, AppError> {
        let id: PhoneId = id.parse().map_err(|_| AppError::NotFound)?;
        held(&self.signatures).get(&id).map(|entry| Arc::clone(&entry.signature)).ok_or(AppError::NotFound)
    }

    /// All pairings.
    #[must_use]
    pub fn signatures(&self) -> Vec<(PhoneId, Arc<Mutex<Signature>>)> {
        held(&self.signatures).iter().map(|(id, entry)| (*id, Arc::clone(&entry.signature))).collect()
    }

    fn entries(&self) -> Vec<Entry> {
        held(&self.signatures).values().cloned().collect()
    }

    /// Begins a pairing in place of one under way.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn begin(&self, typed: &crate::pair::Typed) -> Result<crate::pair::OfferView, AppError> {
        self.give_up()?;
        let pairing = Pairing::begin(typed, &self.speech)?;
        let view = pairing.view();
        *held(&self.pairing) = Some(pairing);
        Ok(view)
    }

    /// Claims the keys of the pairing under way.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn claim(&self, name: &str, pin: Option<&keycard::pin::Pin>) -> Result<String, AppError> {
        if let Some(clearing) = held(&self.clearing).take() {
            let _ = clearing.join();
        }
        let mut pairing = held(&self.pairing);
        let pairing = pairing.as_mut().ok_or(AppError::NotFound)?;
        pairing.claim(&self.folder.join("phones"), name, pin, &self.rest)
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
            let signature =
                pairing.folder().map(|folder| Signature::open(folder, &self.rest, &self.lock, &self.speech)).transpose()?.flatten();
            let signature = signature.ok_or(AppError::Storage)?;
            held(&self.signatures).insert(signature.kept.phone, Entry::new(signature));
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

    /// The present turn of the app lock. Whoever is to unlock something asks for it before waiting for anything.
    #[must_use]
    pub fn turn(&self) -> Turn {
        self.lock.turn()
    }

    /// Locks everything, and waits for nothing: what a service keeps busy is locked from now on, and wiped once it is let go.
    pub fn lock(&self) {
        self.lock.raise();
        for Entry { signature, .. } in self.entries() {
            match signature.try_lock() {
                Ok(mut signature) => signature.wipe_if_locked(),
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().wipe_if_locked(),
                Err(TryLockError::WouldBlock) => {
                    let busy = Arc::clone(&signature);
                    drop(thread::spawn(move || held(&busy).wipe_if_locked()));
                }
            }
        }
    }

    /// The person is there.
    pub fn touch(&self) {
        self.touched_ms.store(counted_ms(), Ordering::Relaxed);
    }

    /// Locks everything if nobody touched anything for [`LOCK_MS`] at `counted_ms`. Says whether anything was locked.
    pub fn lock_if_idle(&self, counted_ms: u64) -> bool {
        let idle = counted_ms.saturating_sub(self.touched_ms.load(Ordering::Relaxed)) >= LOCK_MS;
        let open = idle && self.entries().iter().any(|entry| entry.door.is_unlocked());
        if open {
            self.lock();
        }
        open
    }
}
