//! Key hardware of phones behind `keycard::DeviceKey`: Android's Keystore (StrongBox, else TEE) and Apple's Secure Enclave.
//!
//! On the desktop there is no such hardware: the plugin is there and does nothing, and the app keeps its keys by `keycard::soft`. The screens
//! can call nothing of it.

use keycard::DeviceKeyError;
use tauri::Runtime;
use tauri::plugin::{Builder, TauriPlugin};

#[cfg(mobile)]
mod hardware;

#[cfg(mobile)]
pub use hardware::HardwareKeys;

#[cfg(target_os = "ios")]
tauri::ios_plugin_binding!(init_plugin_device_key);

/// What the native half rejects with: one of these words. Another text, from Tauri itself, is a half that is not there.
const REFUSALS: [(&str, DeviceKeyError); 6] = [
    ("already-there", DeviceKeyError::AlreadyThere),
    ("cancelled", DeviceKeyError::Cancelled),
    ("gone", DeviceKeyError::Gone),
    ("locked", DeviceKeyError::Locked),
    ("not-available", DeviceKeyError::NotAvailable),
    ("not-enrolled", DeviceKeyError::NotEnrolled),
];

#[cfg_attr(not(any(mobile, test)), expect(dead_code, reason = "the desktop has no native half"))]
fn refusal(text: &str) -> DeviceKeyError {
    REFUSALS.into_iter().find(|(word, _)| text.contains(word)).map_or(DeviceKeyError::NotAvailable, |(_, error)| error)
}

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KOTLIN: &str = include_str!("../android/src/main/java/dk/segl/devicekey/DeviceKeyPlugin.kt");
    const SWIFT: &str = include_str!("../ios/Sources/DeviceKeyPlugin.swift");
    const RUST: &str = include_str!("hardware.rs");

    /// What stands in quotes right after `before`.
    fn quoted(text: &'static str, before: &str) -> BTreeSet<&'static str> {
        text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    /// Nobody compiles them here: their words at least are those of this half.
    #[test]
    fn kotlin_and_swift_know_every_command_and_its_fields() {
        for command in ["create", "publicKey", "sign", "agree", "destroy", "attest"] {
            assert!(RUST.contains(&format!("(\"{command}\", ")), "Rust: {command}");
            assert!(SWIFT.contains(&format!("@objc public func {command}(_ invoke: Invoke) throws")), "Swift: {command}");
            // Android's hardware attests its keys when they are made.
            let kotlin = KOTLIN.contains(&format!("@Command\n    fun {command}(invoke: Invoke)"));
            assert_eq!(kotlin, command != "attest", "Kotlin: {command}");
        }
        for field in ["alias", "challenge", "message", "reason", "peer"] {
            assert!(KOTLIN.contains(&format!("lateinit var {field}: String")), "Kotlin: {field}");
            assert!(SWIFT.contains(&format!("let {field}: String")), "Swift: {field}");
            assert!(RUST.contains(&format!("    {field}: ")), "Rust: {field}");
        }
        assert_eq!(quoted(KOTLIN, "put(\""), BTreeSet::from(["sign", "agree", "protection", "attestation", "signature", "secret"]));
        for field in ["\"signature\":", "\"secret\":", "\"object\":", "\"protection\":", "case sign, agree"] {
            assert!(SWIFT.contains(field), "Swift: {field}");
        }
    }

    #[test]
    fn kotlin_and_swift_refuse_with_the_words_of_this_half_alone() {
        let known: BTreeSet<&str> = REFUSALS.into_iter().map(|(word, _)| word).collect();
        let (_, cases) = SWIFT.split_once("private enum Refusal: String, Error {").unwrap_or_default();
        let cases = cases.split('}').next().unwrap_or_default().split("case ").skip(1).flat_map(|case| case.split(", "));
        let swift: BTreeSet<&str> = cases.map(|case| case.split('"').nth(1).unwrap_or(case).trim()).collect();
        assert_eq!(swift, known);
        // On Android the phone's own code does where no finger is enrolled.
        let mut kotlin: BTreeSet<&str> = KOTLIN.split("reject(").skip(1).flat_map(|call| call.split(')').next()).flat_map(words).collect();
        let (_, reject) = KOTLIN.split_once("private fun reject(").unwrap_or_default();
        kotlin.extend(reject.split("decode").next().into_iter().flat_map(words));
        kotlin.insert("not-enrolled");
        assert_eq!(kotlin, known);
    }

    fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
        text.split('"').skip(1).step_by(2)
    }

    #[test]
    fn a_refusal_is_read_by_its_word_and_another_text_is_no_hardware() {
        for (word, error) in REFUSALS {
            assert_eq!(refusal(&format!("failed to run: {word}")), error, "{word}");
        }
        assert_eq!(refusal("command create not found"), DeviceKeyError::NotAvailable);
    }

    /// A prompt that a window on its way out would swallow is answered; slow work leaves the screens' thread alone.
    #[test]
    fn kotlin_answers_for_a_window_that_goes_away_and_makes_keys_beside_the_screens() {
        let (_, prompt) = KOTLIN.split_once("private fun prompt(").unwrap_or_default();
        let (before, _) = prompt.split_once("BiometricPrompt.AuthenticationCallback()").unwrap_or_default();
        assert!(before.contains("isFinishing") && before.contains("isStateSaved") && before.contains("invoke.reject(\"cancelled\")"));
        for command in ["create", "agree"] {
            let (_, body) = KOTLIN.split_once(&format!("fun {command}(invoke: Invoke) {{")).unwrap_or_default();
            assert!(body.split("@Command").next().unwrap_or_default().contains("thread {"), "{command}");
        }
    }
}
