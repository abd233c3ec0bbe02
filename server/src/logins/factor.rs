//! The second factor of a log-in or proof: a key of the card, an answer on the phone, a code that the phone shows without a network, or
//! one of a code token.

use super::{LoginError, model::Login, store};
use crate::{
    approvals::{self, ApprovalError, State},
    keycards,
    phones::{self, offline},
    platform::{actor::ProvenBy, consent::Purpose, database::Unit, id::ApprovalId},
    tokens,
};

/// What was shown, looked at already.
pub(super) enum Shown {
    /// A code by time: it logs in, and no more.
    Code(offline::Judged),
    /// A key of the card.
    Key(keycards::Judged),
    /// The phone was asked; what it answered stands in its row.
    Phone,
    /// A code of a code token.
    Token(tokens::Judged),
}

impl Shown {
    /// By what a session is proven that showed it.
    pub(super) const fn proves(&self) -> ProvenBy {
        match self {
            Self::Code(_) | Self::Key(_) | Self::Phone => ProvenBy::Card,
            Self::Token(_) => ProvenBy::CodeToken,
        }
    }
}

/// Whether what was shown proves the person for weighty changes too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It logs in, and no more: a code, which is seen by whoever stands beside, or a phone in its waiting time. (A code token that is asked for a
    /// proof within a session proves what [`Shown::proves`] says.)
    LogIn,
    /// It proves.
    Proof,
}

/// Uses the log-in and what was shown up: of many at once, one gets them. Whatever else waits for an answer to it ends.
pub(super) async fn claim(unit: &mut Unit, login: &Login, shown: &Shown, purpose: Purpose) -> Result<Weight, LoginError> {
    require_not_refused(unit, login).await?;
    let binding = Login::binding(login.id, login.session);
    let weight = match shown {
        Shown::Code(judged) => {
            offline::redeem(unit, judged).await?;
            Weight::LogIn
        }
        Shown::Key(judged) => {
            let consent = keycards::redeem(unit, login.account, judged, purpose, binding).await?;
            if !consent.covers(purpose, login.account, &binding) {
                return Err(LoginError::Gone);
            }
            Weight::Proof
        }
        Shown::Phone => {
            let approval = login.approval.ok_or(LoginError::Gone)?;
            let consent = approvals::redeem(unit, login.account, approval, purpose, binding).await.map_err(gone)?;
            if !consent.covers(purpose, login.account, &binding) {
                return Err(LoginError::Gone);
            }
            weight_of_phone(unit, login, approval).await?
        }
        Shown::Token(judged) => {
            if judged.account() != login.account {
                return Err(LoginError::Gone);
            }
            tokens::redeem(unit, judged).await?;
            Weight::LogIn
        }
    };
    if !store::claim_login(unit, login.id).await? {
        return Err(LoginError::Gone);
    }
    if let Some(approval) = login.approval {
        approvals::withdraw(unit, approval).await?;
    }
    if weight == Weight::Proof {
        approvals::end_stop(unit, login.account).await?;
    }
    Ok(weight)
}

/// A new phone logs in at once, and proves no more before its waiting time is over.
async fn weight_of_phone(unit: &mut Unit, login: &Login, approval: ApprovalId) -> Result<Weight, LoginError> {
    let by = approvals::read::answered_by(unit, approval).await?;
    let now = unit.now();
    let phones = phones::read::usable(unit, login.account).await?;
    let signs = phones.iter().any(|phone| Some(phone.id) == by && phone.signs(now));
    Ok(if signs { Weight::Proof } else { Weight::LogIn })
}

/// What the person refused on the phone is over, whatever else is shown for it.
async fn require_not_refused(unit: &mut Unit, login: &Login) -> Result<(), LoginError> {
    let Some(approval) = login.approval else { return Ok(()) };
    let now = unit.now();
    let standing = approvals::read::standing(unit, approval, now).await?;
    match standing.map(|standing| standing.state) {
        Some(state @ (State::NotMe | State::Rejected)) => Err(LoginError::Phone(state)),
        _ => Ok(()),
    }
}

fn gone(error: ApprovalError) -> LoginError {
    if matches!(error, ApprovalError::Gone) { LoginError::Gone } else { error.into() }
}
