//! Tells Tauri where the Kotlin and the Swift half are. The screens may call nothing of this plugin: it has no commands.

fn main() {
    tauri_plugin::Builder::new(&[]).android_path("android").ios_path("ios").build();
}
