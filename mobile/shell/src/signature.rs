//! One pairing of this phone with one account: its keys, its way to the service, the service's time.
//!
//! Unlocking proves the PIN to the service, which counts wrong ones, and opens the keys with the share that it gives
//! (`keycard::pin`). Locking wipes them. Nothing here shows what is not signed by the identity key that was pinned.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keycard::pin::{Delivery, Pin, PinChange, PinProof};
use keycard::soft::{Cost, SoftKeys, Stretched};
use keycard::wire::{
    AskOffline, AskShare, Bearer, ChangePin, Exact, Identities, OfflineGiven, RemoveItself, ShareAnswer, ShareNonce, TimeQuestion, TimeTold,
};
use keycard::{ApprovalId, DeviceKey as _, OfflineAsk, Secret, ServiceClock};
use rand_core::{OsRng, RngCore as _};
use serde::Serialize;

use crate::clock::counted_ms;
use crate::error::AppError;
use crate::files;
use crate::kept::Kept;
use crate::keys::Keys;
use crate::link::Link;
use crate::requests::Seen;

/// The file beside the keys.
pub const PAIRING_FILE: &str = "pairing.json";

/// One pairing.
pub struct Signature {
    pub(crate) folder: PathBuf,
    pub(crate) kept: Kept,
    pub(crate) keys: Keys,
    pub(crate) link: Link,
    pub(crate) seen: BTreeMap<ApprovalId, Seen>,
    unlocked: bool,
    clock: Option<ServiceClock>,
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
    pub fn open(folder: &Path, cost: Cost) -> Result<Option<Self>, AppError> {
        let Some(kept) = files::read::<Kept>(&folder.join(PAIRING_FILE))? else { return Ok(None) };
        let address = kept.address().map_err(|_| AppError::Storage)?;
        kept.bearer().map_err(|_| AppError::Storage)?;
        let link = Link::new(&address, kept.authority.as_deref())?;
        let keys = Keys::of(kept.phone, folder, cost);
        Ok(Some(Self { folder: folder.to_owned(), kept, keys, link, seen: BTreeMap::new(), unlocked: false, clock: None }))
    }

    /// What is shown.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn view(&self) -> Result<SignatureView, AppError> {
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
            unlocked: self.unlocked,
            pin: self.keys.has_pin(),
            offline: kept.offline,
        })
    }

    pub(crate) fn bearer(&self) -> Result<Bearer, AppError> {
        self.kept.bearer().map_err(|_| AppError::Storage)
    }

    pub(crate) fn is_unlocked(&self) -> bool {
        self.unlocked
    }

    /// Forgets the opened keys, and what was looked at.
    pub fn lock(&mut self) {
        self.keys.lock();
        self.seen.clear();
        self.unlocked = false;
    }

    /// Proves the PIN and opens the keys; fetches the offline secret if none is kept yet. Keys in hardware have no PIN, and their system asks
    /// at each use: unlocking them only opens the app.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn unlock(&mut self, pin: Option<&Pin>) -> Result<(), AppError> {
        if !self.keys.has_pin() {
            self.follow()?;
            self.unlocked = true;
            return Ok(());
        }
        let pin = pin.ok_or(AppError::PinDigits)?;
        let stretched = self.soft()?.stretch(pin)?;
        let share = self.share(&stretched)?;
        self.soft()?.unlock(&stretched, &share)?;
        self.follow()?;
        self.unlocked = true;
        if !self.kept.offline {
            // A service without offline codes is no reason not to open.
            let _ = self.fetch_offline(pin);
        }
        Ok(())
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

    /// Sets another PIN. Whenever it breaks off, the old one or the new one works.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn change_pin(&mut self, old: &Pin, new: Pin) -> Result<(), AppError> {
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
        self.unlock(Some(&new))
    }

    /// Asks for the secret of offline codes and keeps it under the PIN.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn fetch_offline(&mut self, pin: &Pin) -> Result<(), AppError> {
        let (phone, nonce, reply) = (self.kept.phone, self.nonce()?, self.soft()?.reply_key());
        let ask = OfflineAsk { phone, nonce, reply_key: reply.public() };
        let ask = keycard::Signed::sign(&ask, |bytes| self.keys.sign(bytes, self.keys.auth()))?;
        let given: OfflineGiven = self.link.post("offline", Some(&self.bearer()?), &AskOffline { ask })?;
        let secret = reply.open(&given.secret, Delivery::Offline, phone, &nonce).map_err(|_| AppError::OtherService)?;
        self.soft()?.keep_offline(pin, &secret)?;
        self.kept.offline = true;
        self.keep()
    }

    pub(crate) fn keep(&self) -> Result<(), AppError> {
        files::write(&self.folder.join(PAIRING_FILE), &self.kept)
    }

    /// Destroys keys and pairing on this phone, and has the service end them first, by a signature of the keys. While the service is away, or the keys
    /// are locked, they are destroyed here all the same: then the phone has to be blocked on the page.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn forget(&mut self) -> Result<Forgotten, AppError> {
        let forgotten = if self.tell_removal().is_ok() { Forgotten::Everywhere } else { Forgotten::Here };
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
    fn follow(&mut self) -> Result<(), AppError> {
        let Ok(told) = self.link.get::<Identities>("identity", &self.bearer()?) else { return Ok(()) };
        if let Some((pins, key)) = told.follow(&self.kept.pins())? {
            self.kept.succeed(&pins, key);
            self.clock = None;
            self.keep()?;
        }
        Ok(())
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
