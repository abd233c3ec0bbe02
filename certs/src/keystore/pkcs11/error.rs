//! Why a token refuses, each with what to do about it.

use std::path::PathBuf;

/// Why a PKCS#11 token cannot be used. No variant carries a PIN.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Every session of the pool is in use and stays so.
    #[error("the token's {sessions} sessions are all in use; raise `sessions` if the token allows more")]
    Busy {
        /// Size of the pool.
        sessions: usize,
    },
    /// The device answered, but with an error that has nothing to do with the request.
    #[error("the token failed in {function}: {code}")]
    Failed {
        /// The PKCS#11 function.
        function: String,
        /// Its return code.
        code: String,
    },
    /// The key under a label is of a kind that we do not use, or its public half is missing.
    #[error("the key under {label} in the token is not one that we can use: P-256, P-384 or RSA, with its public key beside it")]
    KeyNotUsable {
        /// The label asked for.
        label: String,
    },
    /// The session was lost, and again after logging in anew.
    #[error("the token was lost and did not come back ({function}: {code}); look at the device and its module")]
    Lost {
        /// The PKCS#11 function.
        function: String,
        /// Its return code.
        code: String,
    },
    /// The module cannot do what the keystore needs.
    #[error("the token cannot do {mechanism}; use it for authorities' keys only, and the file keystore for the rest")]
    MechanismMissing {
        /// The mechanism.
        mechanism: &'static str,
    },
    /// The library cannot be loaded or does not speak PKCS#11.
    #[error("the PKCS#11 module {path} cannot be loaded: {reason}; check the path and that the library is installed")]
    Module {
        /// Which.
        path: PathBuf,
        /// What the loader says.
        reason: String,
    },
    /// The library is not there.
    #[error("there is no PKCS#11 module at {path}; install it or correct `module`")]
    ModuleMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The user's PIN was never set.
    #[error("the token {token} has no user PIN yet; initialise it with the vendor's tool")]
    NoPin {
        /// Which token.
        token: String,
    },
    /// No slot holds the token.
    #[error("no slot holds the token {wanted}; there are: {}", if .found.is_empty() { "none".to_owned() } else { .found.join(", ") })]
    NoSuchToken {
        /// Asked for.
        wanted: String,
        /// The labels of the tokens that are there.
        found: Vec<String>,
    },
    /// Too many wrong PINs.
    #[error("the PIN of the token {token} is locked; its security officer must set a new one")]
    PinLocked {
        /// Which token.
        token: String,
    },
    /// The PIN is wrong. It is not tried again by this process, so that a restart loop alone can lock the token.
    #[error("the PIN of the token {token} is wrong; correct the PIN file and start again (it is not tried twice, tokens lock themselves)")]
    WrongPin {
        /// Which token.
        token: String,
    },
}
