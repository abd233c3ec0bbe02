//! Key hardware of phones behind `keycard::DeviceKey`: Android's Keystore (StrongBox, else TEE) and Apple's Secure Enclave.
//!
//! On the desktop there is no such hardware: the plugin is there and does nothing, and the app keeps its keys by `keycard::soft`. The screens
//! can call nothing of it.

use tauri::Runtime;
use tauri::plugin::{Builder, TauriPlugin};

#[cfg(mobile)]
mod hardware;

#[cfg(mobile)]
pub use hardware::HardwareKeys;

#[cfg(target_os = "ios")]
tauri::ios_plugin_binding!(init_plugin_device_key);

/// The plugin.
#[must_use]
pub fn init<R: Runtime>() -> TauriPlugin<R> {
    let builder = Builder::new("device-key");
    #[cfg(mobile)]
    let builder = builder.setup(|app, api| {
        hardware::register(app, &api)?;
        Ok(())
    });
    builder.build()
}
