//! The Rust half on phones: one pairing's keys by name, asked of Kotlin or Swift. Every use asks the person, by the system's own prompt.

use std::sync::OnceLock;

use keycard::pairing::ClientData;
use keycard::wire::{Base64, Exact};
use keycard::{Canonical as _, CreatedKey, DeviceKey, DeviceKeyError, PhoneKeys, Protection, PublicKey, SharedSecret, Signature, UserAuth};
use serde::{Deserialize, Serialize};
use tauri::plugin::{PluginApi, PluginHandle};
use tauri::{AppHandle, Runtime, Wry};

#[cfg(target_os = "android")]
const ANDROID_PACKAGE: &str = "dk.segl.devicekey";
static NATIVE: OnceLock<PluginHandle<Wry>> = OnceLock::new();

/// Registers the native half. The app runs on Wry alone.
pub(crate) fn register<R: Runtime>(app: &AppHandle<R>, api: &PluginApi<R, ()>) -> Result<(), Box<dyn std::error::Error>> {
    let _ = app;
    #[cfg(target_os = "android")]
    let handle = api.register_android_plugin(ANDROID_PACKAGE, "DeviceKeyPlugin")?;
    #[cfg(target_os = "ios")]
    let handle = api.register_ios_plugin(crate::init_plugin_device_key)?;
    let handle: Box<dyn std::any::Any> = Box::new(handle);
    if let Ok(handle) = handle.downcast::<PluginHandle<Wry>>() {
        let _ = NATIVE.set(*handle);
    }
    Ok(())
}

/// The keys of one pairing in the phone's key hardware.
pub struct HardwareKeys {
    alias: String,
    protection: Protection,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Create<'a> {
    alias: &'a str,
    challenge: Base64<64>,
}

#[derive(Serialize)]
struct Named<'a> {
    alias: &'a str,
}

#[derive(Serialize)]
struct Sign<'a> {
    alias: &'a str,
    message: Base64<{ 128 * 1024 }>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Agree<'a> {
    alias: &'a str,
    peer: PublicKey,
    reason: &'a str,
}

#[derive(Deserialize)]
struct Keys {
    sign: PublicKey,
    agree: PublicKey,
    protection: String,
    #[serde(default)]
    attestation: Vec<Base64<8192>>,
}

#[derive(Deserialize)]
struct Signed {
    signature: Signature,
}

#[derive(Deserialize)]
struct Agreed {
    secret: Exact<32>,
}

#[derive(Serialize)]
struct Attest {
    hash: Exact<32>,
}

#[derive(Deserialize)]
struct Attested {
    object: Base64<8192>,
}

#[derive(Deserialize)]
struct Nothing {}

impl HardwareKeys {
    /// The keys with this name, there already or to be made.
    #[must_use]
    pub fn new(alias: &str, protection: Protection) -> Self {
        Self { alias: alias.to_owned(), protection }
    }

    /// What Apple says of this app, and the app of its keys: none where Apple says nothing, or is not reached. The service's policy decides then.
    fn vouched(challenge: &[u8], keys: PhoneKeys) -> Option<Vec<Vec<u8>>> {
        let said = ClientData { challenge: challenge.try_into().ok()?, keys };
        let attested: Attested = Self::call("attest", Attest { hash: Exact(said.hash()) }).ok()?;
        Some(vec![attested.object.0, said.encode()])
    }

    fn call<T: serde::de::DeserializeOwned>(command: &str, question: impl Serialize) -> Result<T, DeviceKeyError> {
        let native = NATIVE.get().ok_or(DeviceKeyError::NotAvailable)?;
        native.run_mobile_plugin(command, question).map_err(|error| crate::refusal(&error.to_string()))
    }
}

fn prompt(auth: UserAuth<'_>) -> Result<&str, DeviceKeyError> {
    match auth {
        UserAuth::Prompt { reason } => Ok(reason),
        UserAuth::Pin { .. } | UserAuth::Unlocked => Err(DeviceKeyError::NotAvailable),
    }
}

impl DeviceKey for HardwareKeys {
    fn create(&mut self, _label: &str, challenge: &[u8], auth: UserAuth<'_>) -> Result<CreatedKey, DeviceKeyError> {
        prompt(auth)?;
        let keys: Keys = Self::call("create", Create { alias: &self.alias, challenge: Base64(challenge.to_vec()) })?;
        self.protection = Protection::from_word(&keys.protection).ok_or(DeviceKeyError::NotAvailable)?;
        let public_key = PhoneKeys { sign: keys.sign, agree: keys.agree };
        let chain: Vec<Vec<u8>> = keys.attestation.into_iter().map(|certificate| certificate.0).collect();
        let attestation =
            if cfg!(target_os = "ios") { Self::vouched(challenge, public_key) } else { Some(chain).filter(|chain| !chain.is_empty()) };
        Ok(CreatedKey { public_key, attestation })
    }

    fn public_key(&self) -> Result<PhoneKeys, DeviceKeyError> {
        let keys: Keys = Self::call("publicKey", Named { alias: &self.alias })?;
        Ok(PhoneKeys { sign: keys.sign, agree: keys.agree })
    }

    fn sign(&self, message: &[u8], auth: UserAuth<'_>) -> Result<Signature, DeviceKeyError> {
        let question = Sign { alias: &self.alias, message: Base64(message.to_vec()), reason: prompt(auth)? };
        Ok(Self::call::<Signed>("sign", question)?.signature)
    }

    fn agree(&self, peer: &PublicKey, auth: UserAuth<'_>) -> Result<SharedSecret, DeviceKeyError> {
        let agreed: Agreed = Self::call("agree", Agree { alias: &self.alias, peer: *peer, reason: prompt(auth)? })?;
        Ok(SharedSecret::new(agreed.secret.0))
    }

    fn destroy(&mut self) -> Result<(), DeviceKeyError> {
        Self::call::<Nothing>("destroy", Named { alias: &self.alias }).map(|_| ())
    }

    fn protection(&self) -> Protection {
        self.protection
    }
}
