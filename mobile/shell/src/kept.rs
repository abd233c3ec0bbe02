//! What the phone keeps of one pairing, beside its keys (`keycard::soft`): the device token among it, which reads but decides nothing
//! (`keycard::wire::Bearer` says what a thief of it can do).

use keycard::pairing::{Address, PairingRecord};
use keycard::wire::{Bearer, Exact};
use keycard::{Fault, PhoneId, PublicKey, Signed};
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
    /// Whether a secret of offline codes is kept with the keys.
    pub offline: bool,
}

impl Kept {
    /// Where the service is.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn address(&self) -> Result<Address, Fault> {
        Address::parse(&self.address)
    }

    /// What the phone names itself with.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn bearer(&self) -> Result<Bearer, Fault> {
        self.bearer.parse()
    }
}
