//! Proof that a person agreed to one thing: made only by the slice that asked, redeemed once.
//!
//! What needs a person's yes takes a [`Consent`] as an argument and never knows how it was given (key card, phone).

use super::id::AccountId;

/// What was agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Consenting as the second administrator to one change of who may act.
    Consent,
    /// Approving a new password for somebody who has forgotten theirs, as the second administrator.
    GrantReissue,
    /// Letting one's own new certificates go at once, on a phone of before.
    HastenReissue,
    /// Logging in.
    LogIn,
    /// Moving to one new phone, whose digits were compared.
    Move,
    /// A new password in place of a forgotten one, chosen in one browser.
    NewPassword,
    /// Ordering one more key card.
    OrderCard,
    /// Pairing one phone, whose digits were compared.
    Pair,
    /// Approving one recovery of somebody's keys, as the second person.
    RecoverKey,
    /// Signing one document.
    Sign,
    /// Proving oneself again before a weighty change.
    StepUp,
}

impl Purpose {
    const ALL: [Self; 11] = [
        Self::Consent,
        Self::GrantReissue,
        Self::HastenReissue,
        Self::LogIn,
        Self::Move,
        Self::NewPassword,
        Self::OrderCard,
        Self::Pair,
        Self::RecoverKey,
        Self::Sign,
        Self::StepUp,
    ];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::GrantReissue => "grant_reissue",
            Self::HastenReissue => "hasten_reissue",
            Self::LogIn => "log_in",
            Self::Move => "move",
            Self::NewPassword => "new_password",
            Self::OrderCard => "order_card",
            Self::Pair => "pair",
            Self::RecoverKey => "recover_key",
            Self::Sign => "sign",
            Self::StepUp => "step_up",
        }
    }

    /// The purpose of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }
}

/// A person's yes to one thing, already redeemed: whoever holds it may act on it once.
#[derive(Debug)]
pub struct Consent {
    purpose: Purpose,
    by: AccountId,
    binding: [u8; 32],
}

impl Consent {
    /// For the slice that redeemed it in this very unit.
    pub fn redeemed(purpose: Purpose, by: AccountId, binding: [u8; 32]) -> Self {
        Self { purpose, by, binding }
    }

    /// Whether this is a yes of `by` to exactly this.
    pub fn covers(&self, purpose: Purpose, by: AccountId, binding: &[u8; 32]) -> bool {
        self.purpose == purpose && self.by == by && &self.binding == binding
    }
}
