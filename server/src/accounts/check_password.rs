//! Checks a password: the same cost and the same refusal whatever is wrong, the true reason in the audit.
//!
//! The count is kept where the decision falls, under the account's row lock: of many tries at once only the first five of a place
//! are looked at, right ones among the later ones are refused like the rest. What counts where, says `place`.

use subtle::ConstantTimeEq as _;
use time::Duration;

use super::{
    AccountError, Met, Password, Proven, Why,
    meet::of_account,
    password::fold,
    place::{Place, Tries, count, hold, refuse_closed},
    protect::verifier,
    store,
};
use crate::platform::{actor::Actor, database::Unit, ground::Ground, password::Strength, secret::Secret};

/// Over so long wrong tries of all networks are summed.
pub(super) const DAY: Duration = Duration::hours(24);

/// Why a password was not accepted: [`AccountError::Refused`], [`AccountError::TooManyTries`] or [`AccountError::AnswerFirst`], or that something failed.
pub type Refused = AccountError;

/// Whose password it is said to be.
#[derive(Clone, Copy)]
pub enum Who<'a> {
    /// Somebody who is logged in already.
    LoggedIn(&'a Actor),
    /// Somebody who logs in.
    LogIn(&'a Met),
}

/// Checks a password. `network` is counted, see [`crate::http::network`]; a known device counts for itself, and so does a session.
///
/// # Errors
/// [`AccountError::Refused`] for an unknown user id, a wrong password, an account without password or a blocked one;
/// [`AccountError::TooManyTries`] while the place is closed for that account; [`AccountError::AnswerFirst`] where card or phone must answer before.
pub async fn check_password(ground: &Ground, who: Who<'_>, password: &Secret<String>, network: &str) -> Result<Proven, Refused> {
    let of_session;
    let (candidate, place, answered) = match who {
        Who::LoggedIn(actor) => {
            of_session = of_account(ground, actor.account).await?;
            (&of_session, Place::Session(actor.session), false)
        }
        Who::LogIn(met) => (&met.candidate, met.device.map_or(Place::Network, Place::Device), met.answered),
    };
    let tries = Tries { account: candidate.account, exists: candidate.exists, place, network, answered };
    let mut reader = ground.database.read().await?;
    refuse_closed(&mut reader, &tries, ground.clock().now()).await?;
    drop(reader);
    let prk = ground.passwords.stretch(&fold(password.reveal()), &candidate.salt, candidate.hashing).await?;
    let given = verifier(ground, candidate.account, &prk).await?;
    let matches = bool::from(given.ct_eq(&candidate.verifier));
    let refusal = candidate.refusal.or((!matches).then_some("wrong_password"));
    let strength = Password::strength_of(password.reveal());
    ground.database.write(async |unit| decide(unit, &tries, refusal, strength).await).await??;
    Ok(Proven { account: candidate.account, salt: candidate.salt.clone(), strength, prk })
}

/// Decides in the unit, so that the refusal itself is stored.
async fn decide(
    unit: &mut Unit,
    tries: &Tries<'_>,
    refusal: Option<&'static str>,
    strength: Strength,
) -> Result<Result<(), AccountError>, AccountError> {
    if let Err(closed) = hold(unit, tries).await? {
        return Ok(Err(closed));
    }
    let Some(reason) = refusal else {
        // A password that was set before this was noted: its form is known while it is at hand.
        store::note_strength(unit, tries.account, strength).await?;
        store::note_right(unit, tries.account, tries.place.word(), &tries.place.key(tries.network)).await?;
        return Ok(Ok(()));
    };
    count(unit, tries, reason).await?;
    Ok(Err(AccountError::Refused(Why { account: tries.account, exists: tries.exists, reason })))
}

/// Before card or phone answers for a password: takes the account for this unit, and refuses where too many were wrong.
///
/// # Errors
/// When the database fails; inside, [`AccountError::TooManyTries`].
pub async fn hold_answer(unit: &mut Unit, met: &Met, network: &str) -> Result<Result<(), AccountError>, AccountError> {
    hold(unit, &first_answer(met, network)).await
}

/// Counts a wrong answer before the password like a wrong password of that network.
///
/// # Errors
/// When the database fails.
pub async fn count_answer(unit: &mut Unit, met: &Met, network: &str) -> Result<(), AccountError> {
    count(unit, &first_answer(met, network), "wrong_answer").await
}

fn first_answer<'a>(met: &Met, network: &'a str) -> Tries<'a> {
    Tries { account: met.candidate.account, exists: met.candidate.exists, place: Place::Network, network, answered: true }
}
