//! The rest of a pairing's life: its offline code, its history, its name.

use keycard::oath::{Code, Kind, STEP_MS};
use keycard::pin::Pin;
use keycard::wire::{History, PlainText, Rename};
use keycard::{DeviceKey as _, OpenError, PublicKey, Secret};
use serde::Serialize;

use crate::error::AppError;
use crate::signature::Signature;

/// A code for where no network reaches.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfflineView {
    /// Six digits.
    pub code: String,
    /// How long it is the present one.
    pub left_ms: u64,
}

impl Signature {
    /// The offline code, by the phone's own wall clock `now_ms`: no network is there to ask for the time. The clock is looked at when the
    /// secret is open, however long the person took. Under a PIN: a wrong one gives a wrong code, and nothing here knows. With keys in hardware
    /// the system asks the person, and nothing of the secret stays behind.
    ///
    /// # Errors
    /// [`AppError::NoOffline`]; [`AppError::Locked`] when the person broke off; [`AppError::Gone`] when the system has made the keys useless.
    pub fn offline_code(&mut self, pin: Option<&Pin>, now_ms: impl FnOnce() -> u64) -> Result<OfflineView, AppError> {
        if !self.kept.offline {
            return Err(AppError::NoOffline);
        }
        let secret =
            if self.keys.has_pin() { self.keys.soft()?.offline(pin.ok_or(AppError::PinDigits)?)? } else { self.offline_of_hardware()? };
        let now_ms = now_ms();
        let code = Code::at_time(Kind::PHONE, secret.expose(), now_ms).ok_or(AppError::NoOffline)?;
        Ok(OfflineView { code: code.expose().to_owned(), left_ms: STEP_MS - now_ms % STEP_MS })
    }

    fn offline_of_hardware(&mut self) -> Result<Secret, AppError> {
        let kept = self.kept.kept_offline.clone().ok_or(AppError::NoOffline)?;
        let own = self.keys.public_key()?.agree;
        match kept.open(&own, self.kept.phone, |peer: &PublicKey| self.keys.agree(peer, self.keys.auth())) {
            Ok(secret) => Ok(secret),
            Err(OpenError::Key(refused)) => Err(refused.into()),
            // What lies there is not what was sealed: another secret is fetched when the phone is next unlocked.
            Err(OpenError::Unopened(_)) => {
                (self.kept.offline, self.kept.kept_offline) = (false, None);
                self.keep()?;
                Err(AppError::NoOffline)
            }
        }
    }

    /// A page of what was.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn history(&mut self, after: Option<keycard::ApprovalId>) -> Result<History, AppError> {
        self.still_unlocked()?;
        let path = after.map_or_else(|| "history".to_owned(), |id| format!("history?after={id}"));
        let told = self.link.get(&path, &self.bearer()?)?;
        self.still_unlocked()?;
        Ok(told)
    }

    /// Gives the phone another name.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn rename(&mut self, name: &str) -> Result<(), AppError> {
        self.still_unlocked()?;
        let name = PlainText::new(name).map_err(|_| AppError::BadName)?;
        self.link.tell("PATCH", "self", Some(&self.bearer()?), &Rename { name: name.clone() })?;
        self.kept.phone_name = name.as_str().to_owned();
        self.keep()
    }
}
