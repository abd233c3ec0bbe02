//! Card or phone before the password: what an unknown device is asked after twenty wrong passwords within a day. The owner who has a card that works, or a
//! phone that has fetched its codes, gets in from wherever he is; who has neither gets in at known devices only, until a day after the last wrong tries. A
//! code token does not answer here. A stranger must guess a key of six digits, five in eight hours from a network, for each look at one password.
//!
//! No phone is woken: it shows a code without a network. What is asked looks the same for a user id that is nobody's.

use super::LoginError;
use crate::{
    accounts::{self, Met},
    keycards::{self, FirstKey, FirstQuestion, KeycardError},
    phones::{PhoneError, offline},
    platform::{database::Unit, ground::Ground, secret::Secret},
};

/// What answered.
enum Answer {
    Code(offline::Judged),
    Key(FirstKey),
}

/// Lets somebody on to the password who has answered, or need not.
///
/// # Errors
/// [`LoginError::AnswerFirst`] without an answer, or with a wrong one, which is counted; [`LoginError::Account`] while the network is closed.
pub(super) async fn first_answer(ground: &Ground, met: Met, typed: Option<&Secret<String>>, network: &str) -> Result<Met, LoginError> {
    if !met.is_asked_first() {
        return Ok(met);
    }
    let account = met.account();
    let Some(typed) = typed.map(|typed| typed.reveal().trim()).filter(|typed| !typed.is_empty()) else {
        return Err(ask(ground, &met, accounts::ASKED_FIRST).await?);
    };
    let key = keycards::judge_first(ground, account, typed).await?;
    let code = offline::judge_first(ground, account, typed).await?;
    let answer = key.map_or(Answer::Code(code), Answer::Key);
    let right = ground.database.write(async |unit| decide(unit, &met, &answer, network).await).await??;
    if right { Ok(met.answered()) } else { Err(ask(ground, &met, "wrong_answer").await?) }
}

/// Uses the answer up or counts it, in one unit, under the account's row: of many at once no more are looked at than may be.
async fn decide(unit: &mut Unit, met: &Met, answer: &Answer, network: &str) -> Result<Result<bool, LoginError>, LoginError> {
    if let Err(closed) = accounts::hold_answer(unit, met, network).await? {
        return Ok(Err(closed.into()));
    }
    let right = match answer {
        Answer::Key(key) => keycards::redeem_first(unit, met.account(), key).await?,
        Answer::Code(judged) => match offline::redeem(unit, judged).await {
            Ok(_) => true,
            Err(PhoneError::NotRight) => false,
            Err(failed) => return Err(failed.into()),
        },
    };
    if !right {
        accounts::count_answer(unit, met, network).await?;
    }
    Ok(Ok(right))
}

/// The refusal that asks.
pub(super) async fn ask(ground: &Ground, met: &Met, reason: &'static str) -> Result<LoginError, KeycardError> {
    let FirstQuestion { card_ending, key_number } = keycards::ask_first(ground, met.account()).await?;
    Ok(LoginError::AnswerFirst { card_ending, key_number, why: met.why(reason) })
}
