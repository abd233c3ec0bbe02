//! The Rust half on phones: asks Kotlin or Swift, and hears what they report.

use std::sync::OnceLock;

use keycard::{PhoneId, PublicKey};
use serde::{Deserialize, Serialize};
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::plugin::{PluginApi, PluginHandle};
use tauri::{AppHandle, Runtime, Wry};

use crate::{Hear, Others, Platform, Report, Unavailable, Way};

#[cfg(target_os = "android")]
const ANDROID_PACKAGE: &str = "dk.segl.wake";
static NATIVE: OnceLock<PluginHandle<Wry>> = OnceLock::new();

/// Registers the native half. The app runs on Wry alone.
pub(crate) fn register<R: Runtime>(app: &AppHandle<R>, api: &PluginApi<R, ()>) -> Result<(), Box<dyn std::error::Error>> {
    let _ = app;
    #[cfg(target_os = "android")]
    let handle = api.register_android_plugin(ANDROID_PACKAGE, "WakePlugin")?;
    #[cfg(target_os = "ios")]
    let handle = api.register_ios_plugin(crate::init_plugin_wake)?;
    let handle: Box<dyn std::any::Any> = Box::new(handle);
    if let Ok(handle) = handle.downcast::<PluginHandle<Wry>>() {
        let _ = NATIVE.set(*handle);
    }
    Ok(())
}

/// The telephone that this program runs on.
pub(crate) struct Telephone;

#[derive(Serialize)]
struct Watch {
    handler: Channel<serde_json::Value>,
}

#[derive(Serialize)]
struct Register {
    pairing: PhoneId,
    key: Option<PublicKey>,
}

#[derive(Serialize)]
struct Forget {
    pairing: PhoneId,
    last: bool,
}

#[derive(Deserialize)]
struct Nothing {}

fn call(command: &str, question: impl Serialize) -> Result<(), Unavailable> {
    let native = NATIVE.get().ok_or(Unavailable)?;
    native.run_mobile_plugin::<Nothing>(command, question).map(|_| ()).map_err(|_| Unavailable)
}

impl Platform for Telephone {
    fn way(&self) -> Way {
        match (cfg!(target_os = "ios"), cfg!(feature = "fcm")) {
            (true, _) => Way::Apns,
            (false, true) => Way::Fcm,
            (false, false) => Way::WebPush,
        }
    }

    fn watch(&self, hear: Hear) -> Result<(), Unavailable> {
        let handler = Channel::new(move |body| {
            let report = match &body {
                InvokeResponseBody::Json(text) => Report::read(text),
                InvokeResponseBody::Raw(_) => None,
            };
            if let Some(report) = report {
                hear(report);
            }
            Ok(())
        });
        call("watch", Watch { handler })
    }

    fn register(&self, pairing: PhoneId, service: Option<PublicKey>) -> Result<(), Unavailable> {
        call("register", Register { pairing, key: service })
    }

    fn forget(&self, pairing: PhoneId, others: Others) {
        // A system that is not there has nothing to give up.
        let _ = call("forget", Forget { pairing, last: others == Others::None });
    }
}
