//! Generates the permissions, one for each command, and embeds the screens. `capabilities/default.json` grants them to the one window.

const COMMANDS: &[&str] = &[
    "block_phone",
    "change_pin",
    "decide",
    "extend",
    "forget",
    "history",
    "lock",
    "look",
    "offline_code",
    "pair_begin",
    "pair_claim",
    "pair_give_up",
    "pair_given",
    "pair_standing",
    "phones",
    "phones_seen",
    "rename",
    "set",
    "speak",
    "touch",
    "unlock",
    "waiting",
    "wakes",
];

#[expect(clippy::expect_used, reason = "a build that cannot generate the permissions must end")]
fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)).expect("the configuration is whole");
}
