//! The person's other phones: which there are, which came since the person last looked, and blocking one that is lost.

use keycard::wire::{BlockPhone, PhoneEntry, Phones};
use keycard::{Block, DeviceKey as _, PhoneId, Signed};
use serde::Serialize;

use crate::error::AppError;
use crate::signature::Signature;

/// One phone of the person, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneView {
    /// Which.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// How it stands, in a word.
    pub state: String,
    /// Where its keys rest, in a word.
    pub protection: String,
    /// When it was paired, in Unix milliseconds.
    pub paired_ms: u64,
    /// Whether it is this phone.
    pub own: bool,
    /// Whether it was paired since the person last looked.
    pub fresh: bool,
}

impl Signature {
    /// All phones of the person, newest first. Those of the first look are no news.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn phones(&mut self) -> Result<Vec<PhoneView>, AppError> {
        self.still_unlocked()?;
        let told: Phones = self.link.get("phones", &self.bearer()?)?;
        self.still_unlocked()?;
        if self.kept.known.is_none() {
            self.kept.known = Some(told.phones.items().iter().map(|phone| phone.id).collect());
            self.keep()?;
        }
        Ok(told.phones.items().iter().map(|phone| self.phone(phone)).collect())
    }

    fn phone(&self, phone: &PhoneEntry) -> PhoneView {
        let own = phone.id == self.kept.phone;
        PhoneView {
            id: phone.id.to_string(),
            name: phone.name.as_str().to_owned(),
            state: phone.state.as_str().to_owned(),
            protection: phone.protection.as_str().to_owned(),
            paired_ms: phone.paired_ms,
            own,
            fresh: !own && self.kept.known.as_ref().is_some_and(|known| !known.contains(&phone.id)),
        }
    }

    /// The person has seen these phones: they are no news any more.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn phones_seen(&mut self, ids: &[String]) -> Result<(), AppError> {
        // None but those seen now: what the service no longer tells of is forgotten.
        self.kept.known = Some(ids.iter().filter_map(|id| id.parse().ok()).collect());
        self.keep()
    }

    /// Blocks another phone of the person, for good.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn block(&mut self, id: &str) -> Result<(), AppError> {
        self.still_unlocked()?;
        let lost: PhoneId = id.parse().map_err(|_| AppError::NotFound)?;
        let block = Block { phone: self.kept.phone, lost };
        let block = Signed::sign(&block, |bytes| self.keys.sign(bytes, self.keys.auth()))?;
        self.link.tell("POST", &format!("phones/{lost}/block"), Some(&self.bearer()?), &BlockPhone { block })
    }
}
