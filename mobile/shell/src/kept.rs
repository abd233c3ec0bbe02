//! What the phone keeps of one pairing, beside its keys (`keycard::soft`): the device token among it, which reads but decides nothing
//! (`keycard::wire::Bearer` says what a thief of it can do).

use keycard::pairing::{Address, PairingRecord};
use keycard::wire::{Bearer, Exact};
use keycard::{Fault, KeptOffline, PhoneId, Pins, PublicKey, Signed};
use serde::{Deserialize, Serialize};

/// The file `pairing.json`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    /// Host and port.
    pub address: String,
    /// What TLS trusts, if not the system's roots.
    pub authority: Option<String>,
    /// The service's identity key.
    pub identity: PublicKey,
    /// The thumbprint of the one after it.
    pub successor: Option<Exact<32>>,
    /// The identity key that signed the record, where another has taken over since.
    #[serde(default)]
    pub recorded_by: Option<PublicKey>,
    /// The device token with the phone's id, as in the header.
    pub bearer: String,
    /// What this pairing is called.
    pub phone: PhoneId,
    /// What the person calls it.
    pub phone_name: String,
    /// The person's name.
    pub name: String,
    /// The service's record of the pairing.
    pub record: Signed<PairingRecord>,
    /// Whether a secret of offline codes is kept: with the keys in a file, or sealed to those in hardware, below.
    pub offline: bool,
    /// The secret of offline codes, sealed to the key in hardware that agrees. Of no use to whoever copies it.
    #[serde(default)]
    pub kept_offline: Option<KeptOffline>,
    /// The person's phones that the person has seen; nothing before the first look.
    #[serde(default)]
    pub known: Option<Vec<PhoneId>>,
}

impl Kept {
    /// Where the service is.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn address(&self) -> Result<Address, Fault> {
        Address::parse(&self.address)
    }

    /// What is pinned.
    #[must_use]
    pub fn pins(&self) -> Pins {
        Pins { current: self.identity.thumbprint(), successor: self.successor.map(|thumbprint| thumbprint.0) }
    }

    /// Another identity key has taken over, vouched for by the one before it.
    pub fn succeed(&mut self, pins: &Pins, key: PublicKey) {
        self.recorded_by.get_or_insert(self.identity);
        self.identity = key;
        self.successor = pins.successor.map(Exact);
    }

    /// What the phone names itself with.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn bearer(&self) -> Result<Bearer, Fault> {
        self.bearer.parse()
    }
}
