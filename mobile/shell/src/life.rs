//! The rest of a pairing's life: its offline code, its history, its name.

use keycard::oath::{Code, Kind, STEP_MS};
use keycard::pin::Pin;
use keycard::wire::{History, PlainText, Rename};
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
    /// The offline code under this PIN, by the phone's own wall clock `now_ms`: no network is there to ask for the time. A wrong PIN gives a
    /// wrong code, and nothing here knows.
    ///
    /// # Errors
    /// [`AppError::NoOffline`].
    pub fn offline_code(&mut self, pin: &Pin, now_ms: u64) -> Result<OfflineView, AppError> {
        if !self.kept.offline {
            return Err(AppError::NoOffline);
        }
        let secret = self.keys.soft()?.offline(pin)?;
        let code = Code::at_time(Kind::PHONE, secret.expose(), now_ms).ok_or(AppError::NoOffline)?;
        Ok(OfflineView { code: code.expose().to_owned(), left_ms: STEP_MS - now_ms % STEP_MS })
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
