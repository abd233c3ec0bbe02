//! Tells Tauri where the Kotlin and the Swift half are, and Xcode's project that Apple's service is used. The screens may call nothing of this
//! plugin: it has no commands.

fn main() {
    tauri_plugin::Builder::new(&[]).android_path("android").ios_path("ios").build();
    #[cfg(target_os = "macos")]
    entitle();
}

/// Xcode makes "production" of it when the app is signed for distribution.
#[cfg(target_os = "macos")]
#[expect(clippy::expect_used, reason = "a build that cannot be entitled would never be woken, and nobody would know")]
fn entitle() {
    println!("cargo:rerun-if-env-changed=TAURI_IOS_PROJECT_PATH");
    tauri_plugin::mobile::update_entitlements(|entitlements| {
        entitlements.insert("aps-environment".into(), "development".into());
    })
    .expect("the project's entitlements can be written");
}
