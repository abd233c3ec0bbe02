//! How a telephone's system wakes this app: UnifiedPush on Android, or Google's SDK where the app is built with it; Apple's service on iOS. On the
//! desktop nothing wakes it.
//!
//! **Promises.** A wake-up says "look" and nothing else: whatever a message says is read by nobody, neither in Kotlin nor in Swift. Nobody is asked
//! for leave before a pairing is there that wants to be woken. An address is handed to the program and kept nowhere here.
//!
//! **Refusals.** A message that is not encrypted to the phone's own keys (UnifiedPush): it is not from a service that the phone is paired with.
//! Apple's and Google's messages are not encrypted: whoever has the operator's key there can make the phone look.
//!
//! The screens can call nothing of it.

use keycard::wire::{Exact, PlainText};
use keycard::{PhoneId, PublicKey};
use serde::{Deserialize, Serialize};
use tauri::Runtime;
use tauri::plugin::{Builder, TauriPlugin};

#[cfg(mobile)]
mod native;

#[cfg(target_os = "ios")]
tauri::ios_plugin_binding!(init_plugin_wake);

/// Through whom this device is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Apple's service.
    Apns,
    /// Google's service, by its SDK.
    Fcm,
    /// Nobody: a desktop.
    None,
    /// The UnifiedPush distributor that the person has, by Web Push.
    WebPush,
}

/// What the system reports. The words are those that Kotlin and Swift write.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Report {
    /// Where one pairing is reached.
    Endpoint {
        /// Which.
        pairing: PhoneId,
        /// Where to push.
        endpoint: PlainText<1024>,
        /// The phone's key for it.
        public_key: PublicKey,
        /// Its authentication secret.
        secret: Exact<16>,
    },
    /// No address is given.
    Failed {
        /// To which pairing; none: to no pairing.
        #[serde(default)]
        pairing: Option<PhoneId>,
        /// Whether asking once more, later, may help.
        again: bool,
    },
    /// A pairing is not reached any more where it was.
    Gone {
        /// Which.
        pairing: PhoneId,
    },
    /// Where all pairings are reached, at Google's service.
    Registration {
        /// The app's token there.
        token: PlainText<512>,
    },
    /// Where all pairings are reached, at Apple's service.
    Token {
        /// In hexadecimal digits.
        token: PlainText<200>,
    },
    /// A wake-up came, for one pairing or another.
    Woken,
}

impl Report {
    /// Reads what the native half wrote; nothing when it is no report.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Whether other pairings still want to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// None does.
    None,
    /// Some do.
    Remain,
}

/// The system refuses, or is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no address")]
pub struct Unavailable;

/// Hears reports, on any thread, and returns at once.
pub type Hear = Box<dyn Fn(Report) + Send + Sync>;

/// The system's half. Tests stand in for it.
pub trait Platform: Send + Sync {
    /// Through whom this device is woken.
    fn way(&self) -> Way;

    /// From now on reports are heard. Once.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn watch(&self, hear: Hear) -> Result<(), Unavailable>;

    /// Asks for the address of one pairing; `service` is the key that its push server shall know the service by (RFC 8292), where there is one. The
    /// person may be asked for leave, and which distributor to use. The answer is a report.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn register(&self, pairing: PhoneId, service: Option<PublicKey>) -> Result<(), Unavailable>;

    /// Gives up the address of one pairing.
    fn forget(&self, pairing: PhoneId, others: Others);
}

/// A system that wakes nobody.
pub struct Desktop;

impl Platform for Desktop {
    fn way(&self) -> Way {
        Way::None
    }

    fn watch(&self, _: Hear) -> Result<(), Unavailable> {
        Err(Unavailable)
    }

    fn register(&self, _: PhoneId, _: Option<PublicKey>) -> Result<(), Unavailable> {
        Err(Unavailable)
    }

    fn forget(&self, _: PhoneId, _: Others) {}
}

/// The system that this program runs on.
#[must_use]
pub fn platform() -> Box<dyn Platform> {
    #[cfg(mobile)]
    return Box::new(native::Telephone);
    #[cfg(not(mobile))]
    Box::new(Desktop)
}

/// The plugin.
#[must_use]
pub fn init<R: Runtime>() -> TauriPlugin<R> {
    let builder = Builder::new("wake");
    #[cfg(mobile)]
    let builder = builder.setup(|app, api| {
        native::register(app, &api)?;
        Ok(())
    });
    builder.build()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    const PAIRING: &str = "0a0a0a0a-0000-4000-8000-000000000001";

    /// The key and the secret of RFC 8291 appendix A, as the connector of UnifiedPush gives such.
    #[test]
    fn what_kotlin_and_swift_write_is_read() {
        let pairing: PhoneId = PAIRING.parse().unwrap();
        let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let endpoint = format!(
            r#"{{"kind":"endpoint","pairing":"{PAIRING}","endpoint":"https://push.example/abc","publicKey":"{key}","secret":"BTBZMqHH6r4Tts7J_aSIgg"}}"#
        );
        let Some(Report::Endpoint { pairing: found, endpoint, .. }) = Report::read(&endpoint) else { panic!("{endpoint}") };
        assert_eq!((found, endpoint.as_str()), (pairing, "https://push.example/abc"));
        let failed = format!(r#"{{"kind":"failed","pairing":"{PAIRING}","again":true}}"#);
        assert_eq!(Report::read(&failed), Some(Report::Failed { pairing: Some(pairing), again: true }));
        assert_eq!(Report::read(r#"{"kind":"failed","again":false}"#), Some(Report::Failed { pairing: None, again: false }));
        assert_eq!(Report::read(&format!(r#"{{"kind":"gone","pairing":"{PAIRING}"}}"#)), Some(Report::Gone { pairing }));
        let token = PlainText::new("0f74").unwrap();
        assert_eq!(Report::read(r#"{"kind":"token","token":"0f74"}"#), Some(Report::Token { token }));
        let token = PlainText::new("cXyz:APA91b-_").unwrap();
        assert_eq!(Report::read(r#"{"kind":"registration","token":"cXyz:APA91b-_"}"#), Some(Report::Registration { token }));
        assert_eq!(Report::read(r#"{"kind":"woken"}"#), Some(Report::Woken));
    }

    /// Nobody compiles them here: their words at least are those of this half.
    #[test]
    fn kotlin_and_swift_know_every_command_and_write_no_other_report() {
        let reports = include_str!("../android/src/main/java/dk/segl/wake/Reports.kt");
        let kotlin = include_str!("../android/src/main/java/dk/segl/wake/WakePlugin.kt");
        let swift = include_str!("../ios/Sources/WakePlugin.swift");
        let words = |text: &'static str, before: &str| -> std::collections::BTreeSet<&str> {
            text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
        };
        assert_eq!(words(reports, "tell(\"").into_iter().collect::<Vec<_>>(), ["endpoint", "failed", "gone", "registration", "woken"]);
        assert_eq!(words(swift, "Report(kind: \"").into_iter().collect::<Vec<_>>(), ["failed", "token", "woken"]);
        for command in ["watch", "register", "forget"] {
            assert!(kotlin.contains(&format!("@Command\n    fun {command}(invoke: Invoke)")), "Kotlin: {command}");
            assert!(swift.contains(&format!("@objc public func {command}(_ invoke: Invoke) throws")), "Swift: {command}");
        }
        for field in ["publicKey", "secret", "endpoint", "again", "token"] {
            assert!(reports.contains(&format!("put(\"{field}\"")), "{field}");
        }
    }

    /// The two ways of Android have the same names for the rest of it, and one of them is compiled.
    #[test]
    fn googles_sdk_is_in_no_app_that_does_not_ask_for_it_and_both_ways_fit_the_plugin() {
        let build = include_str!("../android/build.gradle.kts");
        let unified = include_str!("../android/src/unifiedpush/java/dk/segl/wake/Push.kt");
        let google = include_str!("../android/src/fcm/java/dk/segl/wake/Push.kt");
        let common = [
            include_str!("../android/src/main/java/dk/segl/wake/WakePlugin.kt"),
            include_str!("../android/src/main/java/dk/segl/wake/Reports.kt"),
            include_str!("../android/src/main/java/dk/segl/wake/Notice.kt"),
        ];
        for push in [unified, google] {
            for part in [
                "internal class Push(private val activity: Activity, private val kept: SharedPreferences)",
                "fun takes(key: String?): Boolean",
                "fun register(pairing: String, key: String?)",
                "fun forget(pairing: String, last: Boolean)",
            ] {
                assert!(push.contains(part), "{part}");
            }
        }
        assert!(common.iter().all(|file| !file.contains("firebase") && !file.contains("unifiedpush.android")));
        let (with, without) = build.split_once("dependencies {").unwrap().1.split_once("} else {").unwrap();
        assert!(with.contains("if (fcm != null) {") && with.contains("firebase-messaging") && !without.contains("firebase"));
        let manifest = include_str!("../android/src/fcm/AndroidManifest.xml");
        assert!(manifest.contains(r#"android:name="firebase_messaging_auto_init_enabled" android:value="false""#));
        for manifest in [manifest, include_str!("../android/src/unifiedpush/AndroidManifest.xml")] {
            assert!(manifest.contains(r#"<service android:name=".WakeService" android:exported="false">"#));
        }
    }

    #[test]
    fn a_notice_has_words_in_both_languages() {
        let names = |text: &str| -> Vec<String> {
            text.lines().filter_map(|line| Some(line.trim().strip_prefix("<string name=\"")?.split('"').next()?.to_owned())).collect()
        };
        let (danish, english) =
            (include_str!("../android/src/main/res/values-da/strings.xml"), include_str!("../android/src/main/res/values/strings.xml"));
        assert_eq!(names(danish), names(english));
        assert_eq!(names(danish).len(), 3);
        // The key that the service names to Apple.
        for strings in
            [include_str!("../ios/strings/da.lproj/Localizable.strings"), include_str!("../ios/strings/en.lproj/Localizable.strings")]
        {
            assert!(strings.starts_with("\"look\" = \"") && strings.trim_end().ends_with("\";"), "{strings}");
        }
    }

    #[test]
    fn what_is_too_long_or_no_key_is_no_report() {
        let long = "x".repeat(201);
        assert_eq!(Report::read(&format!(r#"{{"kind":"token","token":"{long}"}}"#)), None);
        let long = "x".repeat(513);
        assert_eq!(Report::read(&format!(r#"{{"kind":"registration","token":"{long}"}}"#)), None);
        let bad =
            format!(r#"{{"kind":"endpoint","pairing":"{PAIRING}","endpoint":"https://push.example","publicKey":"BA","secret":"AA"}}"#);
        assert_eq!(Report::read(&bad), None);
        assert_eq!(Report::read(r#"{"kind":"woken","says":1"#), None);
    }
}
