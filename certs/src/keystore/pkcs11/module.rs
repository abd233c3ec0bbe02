//! The library and the token in it: loaded once per process, found by label or slot, logged in with the PIN.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use super::TokenError;

/// One context per process and library: initialising twice is undefined in many modules, and finalising would take the token away from
/// whoever else uses it. They live as long as the process.
static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

/// Which token of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenName {
    /// The label given when it was initialised.
    Label(String),
    /// The number of its slot. Some modules renumber their slots: a label is better.
    Slot(u64),
}

impl std::fmt::Display for TokenName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Label(label) => formatter.write_str(label),
            Self::Slot(number) => write!(formatter, "in slot {number}"),
        }
    }
}

pub(super) fn load(path: &Path) -> Result<Pkcs11, TokenError> {
    let real = path.canonicalize().map_err(|_| TokenError::ModuleMissing { path: path.to_owned() })?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(context) = loaded.get(&real) {
        return Ok(context.clone());
    }
    let refused = |error: Error| TokenError::Module { path: path.to_owned(), reason: error.to_string() };
    let context = Pkcs11::new(&real).map_err(refused)?;
    initialise(&context).map_err(refused)?;
    loaded.insert(real, context.clone());
    Ok(context)
}

fn initialise(context: &Pkcs11) -> Result<(), Error> {
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, Function::Initialize)) => Ok(()),
        outcome => outcome,
    }
}

/// The slots, also when somebody else in this process finalised the module.
fn slots(context: &Pkcs11) -> Result<Vec<Slot>, Error> {
    match context.get_slots_with_token() {
        Err(Error::Pkcs11(RvError::CryptokiNotInitialized, _)) => {
            initialise(context)?;
            context.get_slots_with_token()
        }
        outcome => outcome,
    }
}

/// Finds the slot anew each time: a token may come back in another.
pub(super) fn slot(context: &Pkcs11, wanted: &TokenName) -> Result<Slot, TokenError> {
    let mut found = Vec::new();
    for slot in slots(context).map_err(failed)? {
        let Ok(token) = context.get_token_info(slot) else { continue };
        let fits = match wanted {
            TokenName::Label(label) => token.token_initialized() && token.label() == label,
            TokenName::Slot(number) => slot.id() == *number,
        };
        if fits {
            return Ok(slot);
        }
        if token.token_initialized() {
            found.push(format!("{} (slot {})", token.label(), slot.id()));
        }
    }
    Err(TokenError::NoSuchToken { wanted: wanted.to_string(), found })
}

/// A session that logs the whole process in; the caller keeps it, because the login ends with the last session.
pub(super) fn log_in(context: &Pkcs11, slot: Slot, name: &TokenName, pin: &AuthPin) -> Result<Session, TokenError> {
    let session = open(context, slot)?;
    let token = name.to_string();
    let Err(error) = session.login(UserType::User, Some(pin)) else { return Ok(session) };
    if matches!(error, Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) {
        return Ok(session);
    }
    let _the_refusal_counts = session.close();
    Err(if matches!(error, Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) {
        TokenError::WrongPin { token }
    } else if matches!(error, Error::Pkcs11(RvError::PinLocked, _)) {
        TokenError::PinLocked { token }
    } else if matches!(error, Error::Pkcs11(RvError::UserPinNotInitialized, _)) {
        TokenError::NoPin { token }
    } else {
        failed(error)
    })
}

/// Sessions are not closed by being dropped: the handle of a lost one may be another's by then.
pub(super) fn open(context: &Pkcs11, slot: Slot) -> Result<Session, TokenError> {
    context.open_rw_session_no_drop(slot).map_err(failed)
}

pub(super) fn failed(error: Error) -> TokenError {
    let (function, code) = words(&error);
    TokenError::Failed { function, code }
}

/// Function and return code, for people.
pub(super) fn words(error: &Error) -> (String, String) {
    if let Error::Pkcs11(code, function) = error {
        (format!("C_{function:?}"), format!("{code:?}"))
    } else {
        ("the module".to_owned(), error.to_string())
    }
}
