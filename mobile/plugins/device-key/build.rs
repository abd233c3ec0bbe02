//! Tells Tauri where the Kotlin and the Swift half are, and Xcode's project that App Attest is used. The screens may call nothing of this plugin: it
//! has no commands.

fn main() {
    tauri_plugin::Builder::new(&[]).android_path("android").ios_path("ios").build();
    #[cfg(target_os = "macos")]
    entitle();
}

/// Production, for an app from Xcode too: the service takes no other.
#[cfg(target_os = "macos")]
#[expect(clippy::expect_used, reason = "a build that cannot be entitled would never be attested, and nobody would know")]
fn entitle() {
    tauri_plugin::mobile::update_entitlements(|entitlements| {
        entitlements.insert("com.apple.developer.devicecheck.appattest-environment".into(), "production".into());
    })
    .expect("the project's entitlements can be written");
}
