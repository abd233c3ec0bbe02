//! What the screens may do, word by word: whoever grants more changes this list too.

use serde_json::{Value, json};

fn read(file: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_one_window_may_call_the_commands_and_hear_events_and_nothing_else() {
    let capability = read("capabilities/default.json");
    let commands = "block-phone change-pin decide extend forget history lock look offline-code pair-begin pair-claim pair-give-up pair-given \
                    pair-standing phones phones-seen rename set speak touch unlock waiting wakes";
    let mut expected = vec!["core:event:allow-listen".to_owned(), "core:event:allow-unlisten".to_owned()];
    expected.extend(commands.split_whitespace().map(|command| format!("allow-{command}")));
    assert_eq!(capability["permissions"], json!(expected));
    assert_eq!(capability["windows"], json!(["main"]));
    for wider in ["remote", "webviews", "platforms", "local"] {
        assert_eq!(capability.get(wider), None, "{wider}");
    }
}

#[test]
fn telephones_may_scan_besides_and_nothing_else() {
    let capability = read("capabilities/mobile.json");
    let expected = ["barcode-scanner:allow-cancel", "barcode-scanner:allow-request-permissions", "barcode-scanner:allow-scan"];
    assert_eq!(capability["permissions"], json!(expected));
    assert_eq!(capability["platforms"], json!(["android", "iOS"]));
    assert_eq!(capability["windows"], json!(["main"]));
    assert_eq!(capability.get("remote"), None);
}

#[test]
fn no_other_capability_is_there_and_the_page_has_no_network() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["default.json", "mobile.json"]);
    let config = read("tauri.conf.json");
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src ipc: http://ipc.localhost; \
                  base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    assert_eq!(config["app"]["security"]["csp"], json!(policy));
    assert_eq!(config["app"]["security"]["freezePrototype"], json!(true));
    for wider in ["capabilities", "dangerousDisableAssetCspModification", "assetProtocol", "devCsp"] {
        assert_eq!(config["app"]["security"].get(wider), None, "{wider}");
    }
    assert_eq!((config["app"].get("withGlobalTauri"), config["build"].get("devUrl")), (None, None));
}
