//! One pairing of this phone with one account: its keys, its way to the service, the service's time.
//!
//! Unlocking proves the PIN to the service, which counts wrong ones, and opens the keys with the share that it gives
//! (`keycard::pin`). Locking wipes them. The app lock is raised while a command waits for the service, too: after each answer it is looked
//! at anew, and what came too late is neither shown nor kept. Nothing here shows what is not signed by the identity key that was pinned; what
//! another key signed has the phone ask, once, whether that one has taken over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use keycard::payload::Payload;
use keycard::pin::{Delivery, Pin, PinChange, PinProof, ReplyKey};
use keycard::soft::{SoftKeys, Stretched};
use keycard::wire::{
    AskOffline, AskShare, Bearer, ChangePin, Exact, Identities, OfflineGiven, RemoveItself, ShareAnswer, ShareNonce, TimeQuestion,
    TimeTold, Wake,
};
use keycard::{ApprovalId, DeviceKey as _, KeptOffline, OfflineAsk, Secret, ServiceClock, Signed};
use rand_core::{OsRng, RngCore as _};
use serde::Serialize;

use crate::app::held;
use crate::clock::counted_ms;
use crate::error::AppError;
use crate::files;
use crate::kept::Kept;
use crate::keys::{Keys, Rest};
use crate::link::{Link, Speech};
use crate::lock::{AppLock, Turn};
use crate::requests::Seen;
use crate::wake::{WAKE_FILE, WAKE_PATH};

/// The file beside the keys.
pub const PAIRING_FILE: &str = "pairing.json";

/// One pairing.
pub struct Signature {
    pub(crate) folder: PathBuf,
    pub(crate) kept: Kept,
    pub(crate) keys: Keys,
    pub(crate) link: Link,
    pub(crate) seen: BTreeMap<ApprovalId, Seen>,
    door: Arc<Door>,
    clock: Option<ServiceClock>,
}

/// What is seen of a pairing from outside, without waiting for what it does.
pub struct Door {
    lock: Arc<AppLock>,
    shown: Mutex<Shown>,
}

struct Shown {
    view: Result<SignatureView, AppError>,
    unlocked: Option<Turn>,
}

impl Door {
    /// What is shown.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn view(&self) -> Result<SignatureView, AppError> {
        let unlocked = self.is_unlocked();
        held(&self.shown).view.clone().map(|view| SignatureView { unlocked, ..view })
    }

    /// Whether the keys are open, in this turn of the app lock.
    #[must_use]
    pub fn is_unlocked(&self) -> bool {
        held(&self.shown).unlocked == Some(self.lock.turn())
    }
}

/// Whether the service's identity key is another than before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Identity {
    Followed,
    Same,
}

/// What the screens show of a pairing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    /// Which.
    pub id: String,
    /// The service.
    pub service: String,
    /// Its address.
    pub address: String,
    /// The company.
    pub company: String,
    /// The user id.
    pub account: String,
    /// The person.
    pub name: String,
    /// This phone's name there.
    pub phone_name: String,
    /// Where the keys rest, as the service wrote it down.
    pub protection: &'static str,
    /// From when it may sign, in Unix milliseconds.
    pub usable_ms: u64,
    /// Whether the keys are open.
    pub unlocked: bool,
    /// Whether a PIN opens them; those in hardware have none.
    pub pin: bool,
    /// Whether it has offline codes.
    pub offline: bool,
}

/// Where a pairing that was removed on the phone has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgotten {
    /// Here and at the service.
    Everywhere,
    /// Here only: the service could not be told.
    Here,
}

impl Signature {
    /// The pairing in this folder, if there is a whole one.
    ///
    /// # Errors
    /// [`AppError::Storage`] when what lies there is not readable.
    pub fn open(folder: &Path, rest: &Rest, lock: &Arc<AppLock>, speech: &Speech) -> Result<Option<Self>, AppError> {
        let Some(kept) = files::read::<Kept>(&folder.join(PAIRING_FILE))? else { return Ok(None) };
        let address = kept.address().map_err(|_| AppError::Storage)?;
        kept.bearer().map_err(|_| AppError::Storage)?;
        let link = Link::new(&address, kept.authority.as_deref(), speech)?;
        let keys = Keys::of(kept.phone, folder, rest);
        let shown = Mutex::new(Shown { view: Err(AppError::Storage), unlocked: None });
        let door = Arc::new(Door { lock: Arc::clone(lock), shown });
        let signature = Self { folder: folder.to_owned(), kept, keys, link, seen: BTreeMap::new(), door, clock: None };
        signature.show();
        Ok(Some(signature))
    }

    /// What is seen of it without waiting for it.
    #[must_use]
    pub fn door(&self) -> Arc<Door> {
        Arc::clone(&self.door)
    }

    fn show(&self) {
        let view = self.view();
        held(&self.door.shown).view = view;
    }

    fn view(&self) -> Result<SignatureView, AppError> {
        let record = self.kept.record.open(self.kept.recorded_by.as_ref().unwrap_or(&self.kept.identity))?;
        let kept = &self.kept;
        Ok(SignatureView {
            id: kept.phone.to_string(),
            service: record.service,
            address: kept.address.clone(),
            company: record.company,
            account: record.account,
            name: kept.name.clone(),
            phone_name: kept.phone_name.clone(),
            protection: record.protection.word(),
            usable_ms: record.usable_ms,
            unlocked: self.is_unlocked(),
            pin: self.keys.has_pin(),
            offline: kept.offline,
        })
    }

    pub(crate) fn bearer(&self) -> Result<Bearer, AppError> {
        self.kept.bearer().map_err(|_| AppError::Storage)
    }

    pub(crate) fn is_unlocked(&self) -> bool {
        self.door.is_unlocked()
    }

    /// Looked at before a command begins and after each answer of the service: the app may have been locked meanwhile.
    ///
    /// # Errors
    /// [`AppError::Locked`]: then nothing opened is kept.
    pub(crate) fn still_unlocked(&mut self) -> Result<(), AppError> {
        self.wipe_if_locked();
        if self.is_unlocked() { Ok(()) } else { Err(AppError::Locked) }
    }

    /// Whether opened keys are in memory.
    #[must_use]
    pub fn holds_open_keys(&self) -> bool {
        self.keys.are_open()
    }

    /// Forgets the opened keys, and what was looked at.
    pub fn lock(&mut self) {
        self.keys.lock();
        self.seen.clear();
        held(&self.door.shown).unlocked = None;
    }

    /// The same, unless they were opened since the app was last locked.
    pub fn wipe_if_locked(&mut self) {
        if !self.is_unlocked() {
            self.lock();
        }
    }

    /// Proves the PIN and opens the keys; fetches the offline secret if none is kept yet. Keys in hardware have no PIN, and their system asks
    /// at each use: unlocking them only opens the app, and the first time has the system ask once, for that secret. `asked` is the turn in
    /// which the person asked for it: in a later one nothing opens.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn unlock(&mut self, asked: Turn, pin: Option<&Pin>) -> Result<(), AppError> {
        self.only_in(asked)?;
        if !self.keys.has_pin() {
            self.follow()?;
            self.opened(asked)?;
            return self.fetch_first_offline(None);
        }
        let pin = pin.ok_or(AppError::PinDigits)?;
        let stretched = self.soft()?.stretch(pin)?;
        let share = self.share(&stretched)?;
        self.follow()?;
        self.only_in(asked)?;
        self.soft()?.unlock(&stretched, &share)?;
        self.opened(asked)?;
        self.fetch_first_offline(Some(pin))
    }

    fn fetch_first_offline(&mut self, pin: Option<&Pin>) -> Result<(), AppError> {
        if !self.kept.offline {
            // A service without offline codes, or a person who does not want to be asked now, is no reason not to open.
            let _ = self.fetch_offline(pin);
        }
        self.still_unlocked()
    }

    fn only_in(&mut self, asked: Turn) -> Result<(), AppError> {
        self.wipe_if_locked();
        if self.door.lock.turn() == asked { Ok(()) } else { Err(AppError::Locked) }
    }

    /// A lock that comes in this very moment ends the turn, and with it what is opened here.
    fn opened(&mut self, asked: Turn) -> Result<(), AppError> {
        held(&self.door.shown).unlocked = Some(asked);
        self.still_unlocked()
    }

    fn soft(&mut self) -> Result<&mut SoftKeys, AppError> {
        self.keys.soft()
    }

    fn share(&mut self, stretched: &Stretched) -> Result<Secret, AppError> {
        let (phone, nonce, reply) = (self.kept.phone, self.nonce()?, self.soft()?.reply_key());
        let proof = stretched.prove(&PinProof { phone, nonce, reply_key: reply.public() });
        let answer = self.link.post("share", Some(&self.bearer()?), &AskShare { pin_key: stretched.pin_key(), proof })?;
        let share = given(answer)?;
        reply.open(&share, Delivery::Share, phone, &nonce).map_err(|_| AppError::OtherService)
    }

    /// Sets another PIN. Whenever it breaks off, the old one or the new one works. A lock meanwhile leaves it locked, with the new PIN.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn change_pin(&mut self, asked: Turn, old: &Pin, new: Pin) -> Result<(), AppError> {
        self.only_in(asked)?;
        let stretched = self.soft()?.stretch(old)?;
        let old_share = self.share(&stretched)?;
        let prepared = self.soft()?.prepare_pin(new.clone())?;
        let (phone, nonce, reply) = (self.kept.phone, self.nonce()?, self.soft()?.reply_key());
        let pin_key = prepared.stretched().pin_key();
        let change = stretched.change(&PinChange { phone, nonce, pin_key, reply_key: reply.public() });
        let answer = self.link.post("pin", Some(&self.bearer()?), &ChangePin { pin_key: stretched.pin_key(), change })?;
        let share = reply.open(&given(answer)?, Delivery::Share, phone, &nonce).map_err(|_| AppError::OtherService)?;
        self.soft()?.change_pin((old, &old_share), &prepared, &share)?;
        // The proof of the new PIN has the service forget the old one.
        match self.unlock(asked, Some(&new)) {
            Err(AppError::Locked) => Ok(()),
            unlocked => unlocked,
        }
    }

    /// Asks for the secret of offline codes and keeps it: under the PIN, or sealed to the key in hardware. After a lock nobody is asked for a
    /// signature, and what came is not kept: the service has another secret then, which is fetched anew when the phone is next unlocked.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn fetch_offline(&mut self, pin: Option<&Pin>) -> Result<(), AppError> {
        let (phone, nonce, reply) = (self.kept.phone, self.nonce()?, ReplyKey::draw(&mut OsRng));
        self.still_unlocked()?;
        let ask = OfflineAsk { phone, nonce, reply_key: reply.public() };
        let ask = Signed::sign(&ask, |bytes| self.keys.sign(bytes, self.keys.auth()))?;
        let given: OfflineGiven = self.link.post("offline", Some(&self.bearer()?), &AskOffline { ask })?;
        self.still_unlocked()?;
        let secret = reply.open(&given.secret, Delivery::Offline, phone, &nonce).map_err(|_| AppError::OtherService)?;
        if self.keys.has_pin() {
            self.soft()?.keep_offline(pin.ok_or(AppError::PinDigits)?, &secret)?;
        } else {
            let own = self.keys.public_key()?.agree;
            self.kept.kept_offline = Some(KeptOffline::seal(&own, phone, &secret, &mut OsRng));
        }
        self.kept.offline = true;
        self.keep()
    }

    pub(crate) fn keep(&self) -> Result<(), AppError> {
        self.show();
        files::write(&self.folder.join(PAIRING_FILE), &self.kept)
    }

    /// Destroys keys and pairing on this phone, and has the service end them first, by a signature of the keys. While the service is away, or the keys
    /// are locked, they are destroyed here all the same: then the phone has to be blocked on the page, and is at least not woken any more.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn forget(&mut self) -> Result<Forgotten, AppError> {
        let forgotten = match self.tell_removal() {
            Ok(()) => Forgotten::Everywhere,
            Err(error) => {
                if error == AppError::Locked && self.folder.join(WAKE_FILE).exists() {
                    // It needs no key.
                    let _ = self.bearer().and_then(|bearer| self.link.tell("PUT", WAKE_PATH, Some(&bearer), &Wake::None));
                }
                Forgotten::Here
            }
        };
        self.lock();
        self.keys.destroy()?;
        std::fs::remove_dir_all(&self.folder).map_err(|_| AppError::Storage)?;
        Ok(forgotten)
    }

    fn tell_removal(&mut self) -> Result<(), AppError> {
        if !self.is_unlocked() {
            return Err(AppError::Locked);
        }
        let removal = keycard::Signed::sign(&keycard::Removal { phone: self.kept.phone }, |bytes| self.keys.sign(bytes, self.keys.auth()))?;
        self.link.tell("POST", "self/removal", Some(&self.bearer()?), &RemoveItself { removal })
    }

    /// Follows the service's identity key, step by step, as far as the pinned one vouches for it. A service that is away, or that tells of no
    /// step, changes nothing: its messages then say whether it is the one that was paired.
    fn follow(&mut self) -> Result<Identity, AppError> {
        let Ok(told) = self.link.get::<Identities>("identity", &self.bearer()?) else { return Ok(Identity::Same) };
        let Some((pins, key)) = told.follow(&self.kept.pins())? else { return Ok(Identity::Same) };
        self.kept.succeed(&pins, key);
        self.clock = None;
        // What the key before it asked is looked at anew.
        self.seen.clear();
        self.keep()?;
        Ok(Identity::Followed)
    }

    /// Verifies a request by the pinned key, at the service's time, which is given too. Where another key signed it, the phone asks once
    /// whether that one has taken over.
    ///
    /// # Errors
    /// [`AppError`].
    pub(crate) fn verified(&mut self, payload: &Signed<Payload>) -> Result<(Payload, u64), AppError> {
        let now_ms = self.now_ms()?;
        let verified = payload.verify(&self.kept.identity, now_ms).map_err(AppError::from);
        if verified == Err(AppError::OtherService) && self.follow()? == Identity::Followed {
            let now_ms = self.now_ms()?;
            return Ok((payload.verify(&self.kept.identity, now_ms)?, now_ms));
        }
        Ok((verified?, now_ms))
    }

    fn nonce(&self) -> Result<[u8; 32], AppError> {
        let nonce: ShareNonce = self.link.ask("share/nonce", &self.bearer()?)?;
        Ok(nonce.nonce.0)
    }

    /// The service's time in Unix milliseconds, asked for when the last answer is too old.
    ///
    /// # Errors
    /// [`AppError`].
    pub(crate) fn now_ms(&mut self) -> Result<u64, AppError> {
        if let Some(now_ms) = self.clock.and_then(|clock| clock.now_ms(counted_ms()).ok()) {
            return Ok(now_ms);
        }
        let told = self.ask_time();
        if told == Err(AppError::OtherService) && self.follow()? == Identity::Followed {
            return self.ask_time();
        }
        told
    }

    fn ask_time(&mut self) -> Result<u64, AppError> {
        let mut nonce = [0; 16];
        OsRng.fill_bytes(&mut nonce);
        let asked_ms = counted_ms();
        let told: TimeTold = self.link.post("time", Some(&self.bearer()?), &TimeQuestion { nonce: Exact(nonce) })?;
        let arrived_ms = counted_ms();
        let clock = ServiceClock::learn(&told.time, &self.kept.identity, &nonce, asked_ms, arrived_ms)?;
        self.clock = Some(clock);
        Ok(clock.now_ms(arrived_ms)?)
    }
}

fn given(answer: ShareAnswer) -> Result<keycard::Sealed, AppError> {
    match answer {
        ShareAnswer::Given { share } => Ok(share),
        ShareAnswer::Gone => Err(AppError::Gone),
        ShareAnswer::Wrong { tries_left } => Err(AppError::WrongPin { tries_left: Some(tries_left) }),
    }
}
