//! Sessions: at most so many, each used by one thread at a time, one more kept logged in; lost ones are replaced once per call.

use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::session::Session;
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use super::module::{self, TokenName, words};
use super::{KeystoreError, TokenError};

/// How long a call waits for a session of the pool.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why one attempt failed.
pub(super) enum Failure {
    /// The module said so: perhaps the session is lost.
    Module(Error),
    /// Our own refusal: never tried again.
    Refused(KeystoreError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Module(error)
    }
}

impl<E: Into<KeystoreError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

pub(super) struct Pool {
    context: Pkcs11,
    token: TokenName,
    pin: AuthPin,
    size: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    /// The login lives as long as this session.
    management: Option<(Session, Slot)>,
    idle: Vec<Session>,
    lent: usize,
    /// Grows when all sessions are given up: older ones are not put back.
    generation: u64,
    /// A PIN that was refused is not tried again.
    refused: bool,
}

impl Pool {
    pub(super) fn open(path: &Path, token: TokenName, pin: AuthPin, size: usize) -> Result<Self, TokenError> {
        let context = module::load(path)?;
        let pool = Self { context, token, pin, size, state: Mutex::default(), freed: Condvar::new() };
        pool.log_in(&mut pool.state())?;
        Ok(pool)
    }

    /// Runs `call` with a session. When the session turns out to be lost, logs in anew, lets `forget` drop what was known of the old login, and
    /// runs it once more.
    pub(super) fn with<T>(&self, forget: impl Fn(), call: impl Fn(&Session) -> Result<T, Failure>) -> Result<T, KeystoreError> {
        let (session, generation) = self.borrow()?;
        let outcome = call(&session);
        let lost = matches!(&outcome, Err(Failure::Module(error)) if is_lost(error));
        self.give_back(session, generation, lost);
        match outcome {
            Ok(value) => return Ok(value),
            Err(Failure::Refused(error)) => return Err(error),
            Err(Failure::Module(error)) if !lost => return Err(failed(error)),
            Err(Failure::Module(_)) => {}
        }
        self.renew(generation)?;
        forget();
        let (session, generation) = self.borrow()?;
        let outcome = call(&session);
        let lost = matches!(&outcome, Err(Failure::Module(error)) if is_lost(error));
        self.give_back(session, generation, lost);
        outcome.map_err(|failure| match failure {
            Failure::Refused(error) => error,
            Failure::Module(error) if lost => {
                let (function, code) = words(&error);
                TokenError::Lost { function, code }.into()
            }
            Failure::Module(error) => failed(error),
        })
    }

    fn borrow(&self) -> Result<(Session, u64), KeystoreError> {
        let mut state = self.state();
        loop {
            if state.management.is_none() {
                self.log_in(&mut state)?;
            }
            if let Some(session) = state.idle.pop() {
                state.lent += 1;
                return Ok((session, state.generation));
            }
            let Some((_, slot)) = state.management.as_ref().filter(|_| state.lent < self.size) else {
                let (woken, wait) = self.freed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
                if wait.timed_out() {
                    return Err(TokenError::Busy { sessions: self.size }.into());
                }
                state = woken;
                continue;
            };
            match module::open(&self.context, *slot) {
                Ok(session) => {
                    state.lent += 1;
                    return Ok((session, state.generation));
                }
                // Not even a session opens: the token went while nobody asked. The next turn looks for it again.
                Err(error) if state.lent == 0 && state.management.is_some() => {
                    give_up(&mut state);
                    self.log_in(&mut state).map_err(|now| if matches!(now, TokenError::Failed { .. }) { error } else { now })?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn give_back(&self, session: Session, generation: u64, lost: bool) {
        let mut state = self.state();
        state.lent -= 1;
        if !lost && generation == state.generation {
            state.idle.push(session);
        }
        drop(state);
        self.freed.notify_one();
    }

    /// Gives up every session of this generation and logs in anew, unless another thread has done it meanwhile.
    fn renew(&self, generation: u64) -> Result<(), TokenError> {
        let mut state = self.state();
        if state.generation == generation {
            give_up(&mut state);
        }
        if state.management.is_none() { self.log_in(&mut state) } else { Ok(()) }
    }

    fn log_in(&self, state: &mut State) -> Result<(), TokenError> {
        if state.refused {
            return Err(TokenError::WrongPin { token: self.token.to_string() });
        }
        let slot = module::slot(&self.context, &self.token)?;
        let session = module::log_in(&self.context, slot, &self.token, &self.pin)
            .inspect_err(|error| state.refused = matches!(error, TokenError::WrongPin { .. }))?;
        state.management = Some((session, slot));
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn give_up(state: &mut State) {
    state.management = None;
    state.idle.clear();
    state.generation += 1;
}

/// The return codes of a session, login or object handle that was valid before (PKCS#11 v2.40 section 5.1).
fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::CryptokiNotInitialized
                | RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::DeviceRemoved
                | RvError::DeviceError
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::SlotIdInvalid
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::WrappingKeyHandleInvalid
                | RvError::UnwrappingKeyHandleInvalid,
            _
        )
    )
}

fn failed(error: Error) -> KeystoreError {
    module::failed(error).into()
}
