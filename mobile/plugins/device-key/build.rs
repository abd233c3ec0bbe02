//! Tells Tauri where the Kotlin and the Swift half are. The screens may call nothing of this plugin: it has no commands.
//!
//! No environment of App Attest is named in the project's entitlements: Apple's own default is then the production environment for apps that it signed
//! for distribution, and the one for development for apps from Xcode, which the service does not take.

fn main() {
    tauri_plugin::Builder::new(&[]).android_path("android").ios_path("ios").build();
}
