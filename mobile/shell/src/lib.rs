//! The phone that is the key card: the app around the crate `keycard`.
//!
//! | room | what |
//! |---|---|
//! | `app.rs`, `lock.rs` | the pairings, the one under way, settings; the lock |
//! | `pair.rs` | a pairing, step by step |
//! | `signature.rs` | one pairing: unlocking by PIN and share, another PIN, the service's time |
//! | `requests.rs` | what waits, what is shown, the decision that is made once |
//! | `phones.rs` | the person's other phones |
//! | `life.rs` | offline code, history, name |
//! | `link.rs`, `tls.rs`, `watch.rs` | HTTPS to the service, whom it trusts, and its events |
//! | `wake.rs` | how each service wakes this phone |
//! | `keys.rs` | where the keys rest |
//! | `kept.rs`, `files.rs` | what rests on the phone |
//! | `given.rs` | what was handed over on the command line |
//! | `commands.rs` | what the screens may call |
//!
//! The screens (`mobile/ui`) have no network and no disk: they call the commands, and show codes of errors in the person's language.

pub mod app;
pub mod clock;
mod commands;
pub mod error;
mod files;
pub mod given;
pub mod kept;
pub mod keys;
pub mod life;
pub mod link;
pub mod lock;
pub mod pair;
pub mod phones;
pub mod requests;
pub mod signature;
mod tls;
pub mod wake;
pub mod watch;

use std::sync::Arc;

use tauri::{Emitter as _, Manager as _};

use crate::app::App;
use crate::given::Given;
use crate::keys::Rest;
use crate::wake::Waking;
use crate::watch::Told;

/// Opens the window and runs until it is closed.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
#[expect(clippy::expect_used, reason = "without a window, or a folder of its own, there is no app and nobody to tell")]
pub fn run() {
    let builder = tauri::Builder::default().plugin(tauri_plugin_device_key::init()).plugin(tauri_plugin_wake::init()).setup(|setup| {
        let folder = setup.path().app_data_dir()?;
        let app = Arc::new(App::open(&folder, Rest::of_this_device())?);
        let waking = Arc::new(Waking::new(Arc::clone(&app), tauri_plugin_wake::platform()));
        setup.manage(Arc::clone(&app));
        setup.manage(Arc::clone(&waking));
        setup.manage(Given::of(std::env::args_os()));
        let handle = setup.handle().clone();
        let tell = move |told| {
            let name = match told {
                Told::Locked => "locked",
                Told::Look => "look",
                Told::Phones => "phones",
                Told::Woken => "woken",
            };
            // A window that is gone need not look.
            let _ = handle.emit(name, ());
        };
        wake::watch(&waking, tell.clone());
        watch::watch(app, tell);
        Ok(())
    });
    // Telephones alone scan; `capabilities/mobile.json` grants it to the screens.
    #[cfg(mobile)]
    let builder = builder.plugin(tauri_plugin_barcode_scanner::init());
    let builder = builder.invoke_handler(tauri::generate_handler![
        commands::block_phone,
        commands::change_pin,
        commands::decide,
        commands::extend,
        commands::forget,
        commands::history,
        commands::lock,
        commands::look,
        commands::offline_code,
        commands::pair_begin,
        commands::pair_claim,
        commands::pair_give_up,
        commands::pair_given,
        commands::pair_standing,
        commands::phones,
        commands::phones_seen,
        commands::rename,
        commands::set,
        commands::speak,
        commands::touch,
        commands::unlock,
        commands::waiting,
        commands::wakes,
    ]);
    builder.run(tauri::generate_context!()).expect("the window opens");
}
