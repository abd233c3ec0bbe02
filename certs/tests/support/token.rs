//! A SoftHSM2 token of a test's own. SoftHSM2 reads its configuration from the environment when it is first initialised, so that each test
//! that needs a token runs once more in a process of its own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use certs::keystore::{KeystoreError, Pkcs11Keystore, TokenName};
use zeroize::Zeroizing;

use super::run;

pub const PIN: &str = "7391-tests";
const MARK: &str = "SEGL_TEST_TOKEN";

/// The token of this process.
pub struct Token {
    directory: PathBuf,
}

/// In the test's own process: its token. Else runs the calling test (named by its thread) in such a process, which must succeed.
#[expect(clippy::disallowed_methods, reason = "the environment is how the second process learns of its token")]
pub fn own() -> Option<Token> {
    if let Some(directory) = env::var_os(MARK) {
        return Some(Token { directory: directory.into() });
    }
    let directory = tempfile::tempdir().unwrap();
    let tokens = directory.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let settings = directory.path().join("softhsm2.conf");
    fs::write(&settings, format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display())).unwrap();
    let mut tool = Command::new("softhsm2-util");
    tool.env("SOFTHSM2_CONF", &settings).args(["--init-token", "--free", "--label", "segl-test", "--so-pin", "12345678", "--pin", PIN]);
    let (made, said) = run(&mut tool);
    assert!(made, "softhsm2-util: {said}");
    let test = std::thread::current().name().unwrap().to_owned();
    let mut again = Command::new(env::current_exe().unwrap());
    again.args([&test, "--exact", "--nocapture"]).env("SOFTHSM2_CONF", &settings).env(MARK, directory.path());
    let (passed, said) = run(&mut again);
    assert!(passed && said.contains("1 passed"), "in a process with a token of its own: {said}");
    None
}

impl Token {
    pub fn store(&self) -> Pkcs11Keystore {
        self.open(module(), "segl-test", PIN, 4).unwrap()
    }

    pub fn open(&self, module: &Path, label: &str, pin: &str, sessions: usize) -> Result<Pkcs11Keystore, KeystoreError> {
        Pkcs11Keystore::open(module, TokenName::Label(label.to_owned()), Zeroizing::new(pin.to_owned()), sessions)
    }

    /// Where SoftHSM2 keeps its tokens.
    pub fn tokens(&self) -> PathBuf {
        self.directory.join("tokens")
    }
}

/// Where Debian and Ubuntu install it.
pub fn module() -> &'static Path {
    Path::new("/usr/lib/softhsm/libsofthsm2.so")
}
