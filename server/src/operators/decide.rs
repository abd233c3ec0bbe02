//! Another operator consents or refuses; whoever asked withdraws. Of two at once, one counts.

use super::{
    OperatorError,
    ask::require_proof,
    effect::{self, Effect},
    model::{Change, ChangeState},
    read::has_security,
    store,
};
use crate::{
    accounts::{self, Account},
    audit,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::Unit,
        ground::Ground,
        id::OperatorChangeId,
    },
};

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It takes effect: a weighty change, after a fresh proof.
    Consent,
    /// Somebody else with the role says no.
    Refusal,
    /// Whoever asked takes it back.
    Withdrawal,
}

impl Decision {
    const fn state(self) -> ChangeState {
        match self {
            Self::Consent => ChangeState::Done,
            Self::Refusal => ChangeState::Refused,
            Self::Withdrawal => ChangeState::Withdrawn,
        }
    }
}

/// A decision with its messages, ready for the unit.
pub struct Told {
    change: Change,
    ended: Sealed,
    effect: Option<Effect>,
}

/// Writes the messages.
///
/// # Errors
/// [`OperatorError::NotFound`], [`OperatorError::OwnRequest`], [`OperatorError::NotAsker`], [`OperatorError::ProveAgain`]; when the keystore fails.
pub async fn prepare(ground: &Ground, actor: &Actor, id: OperatorChangeId, decision: Decision) -> Result<Told, OperatorError> {
    let change = store::by_id(&mut ground.database.read().await?, id).await?.ok_or(OperatorError::NotFound)?;
    let own = change.asked_by == actor.account;
    let effect = match decision {
        Decision::Consent | Decision::Refusal if own => return Err(OperatorError::OwnRequest),
        Decision::Withdrawal if !own => return Err(OperatorError::NotAsker),
        Decision::Consent => {
            require_proof(ground, actor)?;
            Some(effect::prepare(ground, &change, &actor.name).await?)
        }
        Decision::Refusal | Decision::Withdrawal => None,
    };
    let ended = ended(ground, &change, decision.state(), &actor.name).await?;
    Ok(Told { change, ended, effect })
}

/// The mail to everybody who has the role: what became of it.
pub(super) async fn ended(ground: &Ground, change: &Change, outcome: ChangeState, by: &str) -> Result<Sealed, OperatorError> {
    let notice = Notice::mail(Kind::OperatorChangeEnded)
        .with("person", &change.name)
        .with("change", change.kind.word())
        .with("roles", change.role_words())
        .with("outcome", outcome.word())
        .with("by", by)
        .with("link", format_args!("{}/operators", ground.config.server.public_url));
    Ok(notices::seal(ground, &notice).await?)
}

/// Lets it take effect.
///
/// # Errors
/// [`OperatorError::NoRole`], [`OperatorError::Ended`], [`OperatorError::NotFound`], [`OperatorError::LastSecurity`],
/// [`OperatorError::ProveAgain`].
pub async fn consent(unit: &mut Unit, actor: &Actor, told: &Told) -> Result<(), OperatorError> {
    let Some(effect) = &told.effect else { return Err(OperatorError::ProveAgain) };
    let operators = entitled(unit, actor).await?;
    let change = &told.change;
    // Claiming forgets them.
    let secrets = store::secrets(unit, change.id).await?.ok_or(OperatorError::NotFound)?;
    if !store::consent(unit, change.id, actor.account, &actor.name).await? {
        return Err(over(unit, change.id).await?);
    }
    record(unit, change, "operator_change.consented", actor.author()).await?;
    effect::take(unit, (change, &secrets), &operators, effect, actor.author()).await?;
    tell(unit, &operators, &told.ended).await
}

/// Says no.
///
/// # Errors
/// [`OperatorError::NoRole`], [`OperatorError::Ended`].
pub async fn refuse(unit: &mut Unit, actor: &Actor, told: &Told) -> Result<(), OperatorError> {
    end(unit, actor, told, (ChangeState::Refused, "operator_change.refused")).await
}

/// Takes it back.
///
/// # Errors
/// [`OperatorError::NoRole`], [`OperatorError::Ended`].
pub async fn withdraw(unit: &mut Unit, actor: &Actor, told: &Told) -> Result<(), OperatorError> {
    end(unit, actor, told, (ChangeState::Withdrawn, "operator_change.withdrawn")).await
}

async fn end(unit: &mut Unit, actor: &Actor, told: &Told, (state, action): (ChangeState, &'static str)) -> Result<(), OperatorError> {
    let operators = entitled(unit, actor).await?;
    if !store::end(unit, told.change.id, state, (actor.account, &actor.name)).await? {
        return Err(over(unit, told.change.id).await?);
    }
    record(unit, &told.change, action, actor.author()).await?;
    tell(unit, &operators, &told.ended).await
}

/// The operators, held for this unit, of whom the actor is one with the role.
async fn entitled(unit: &mut Unit, actor: &Actor) -> Result<Vec<Account>, OperatorError> {
    let operators = accounts::hold_operators(unit).await?;
    if !operators.iter().any(|one| one.id == actor.account && has_security(one)) {
        return Err(OperatorError::NoRole);
    }
    Ok(operators)
}

/// Why it cannot be decided: it was decided before, or its time is over, which no round has noted yet.
async fn over(unit: &mut Unit, id: OperatorChangeId) -> Result<OperatorError, OperatorError> {
    let found = store::by_id(unit, id).await?.ok_or(OperatorError::NotFound)?;
    let state = if found.state == ChangeState::Asked { ChangeState::Lapsed } else { found.state };
    Ok(OperatorError::Ended { state })
}

pub(super) async fn record(unit: &mut Unit, change: &Change, action: &'static str, author: Author) -> Result<(), OperatorError> {
    let event = audit::Event::new(action, author, format_args!("operator_change:{}", change.id))
        .fact("kind", change.kind.word())
        .fact("account", change.account)
        .fact("asked_by", change.asked_by);
    audit::record(unit, event).await?;
    Ok(())
}

/// Tells everybody who had the role when it was decided: also whoever loses it.
pub(super) async fn tell(unit: &mut Unit, operators: &[Account], mail: &Sealed) -> Result<(), OperatorError> {
    for one in operators.iter().filter(|one| has_security(one)) {
        notices::tell(unit, one.id.into(), mail).await?;
    }
    Ok(())
}
