//! SoftHSM2: a PKCS#11 token in files, each test with one of its own.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::tools::{self, Said};

/// Where Debian and Ubuntu install it.
pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// The PIN of every token here.
pub const PIN: &str = "7391-tests";

/// A token; the folder given to it must outlive it.
#[derive(Debug)]
pub struct Token {
    settings: PathBuf,
}

impl Token {
    /// Makes a token labelled `segl-test` in a folder.
    ///
    /// # Panics
    /// When SoftHSM2 is missing: `./dev test` installs it.
    pub async fn make(folder: &Path) -> Self {
        let tokens = folder.join("tokens");
        std::fs::create_dir_all(&tokens).unwrap();
        let settings = folder.join("softhsm2.conf");
        std::fs::write(&settings, format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display())).unwrap();
        let token = Self { settings };
        let arguments = ["--init-token", "--free", "--label", "segl-test", "--so-pin", "12345678", "--pin", PIN];
        let said = tools::run_under(&token.environment(), "softhsm2-util", arguments).await;
        assert!(said.is_content(), "softhsm2-util: {}", said.words);
        token
    }

    /// What a program needs in its environment to find it.
    pub fn environment(&self) -> [(&'static str, &OsStr); 1] {
        [("SOFTHSM2_CONF", self.settings.as_os_str())]
    }

    /// Lets `pkcs11-tool` look into it or change it.
    pub async fn tool(&self, arguments: &[&str]) -> Said {
        let whole = ["--module", MODULE, "--token-label", "segl-test", "--login", "--pin", PIN].iter().chain(arguments);
        tools::run_under(&self.environment(), "pkcs11-tool", whole).await
    }

    /// The `[keystores.hsm]` of a configuration, and the PIN's file.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn configuration(&self, pin_file: &Path) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(pin_file, format!("{PIN}\n")).unwrap();
        std::fs::set_permissions(pin_file, std::fs::Permissions::from_mode(0o600)).unwrap();
        format!("[keystores.hsm]\nmodule = {MODULE:?}\ntoken_label = \"segl-test\"\npin_file = {:?}\n", pin_file.display().to_string())
    }
}
