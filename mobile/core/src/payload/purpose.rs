//! What a person can be asked for, each with a word that never changes.

/// What happens on approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Consent as the second administrator.
    Consent,
    /// Log in.
    Login,
    /// Move to a new phone.
    MovePhone,
    /// Set a new password in place of a forgotten one.
    NewPassword,
    /// Order a key card.
    OrderCard,
    /// Pair one more phone.
    PairPhone,
    /// Take part in recovering an archived key.
    RecoverKey,
    /// Sign one document, or the listed ones.
    SignDocument,
    /// Let mail be signed for a while.
    SignMailWindow,
    /// Let signing go on after "this was not me".
    UnblockSigning,
}

impl Purpose {
    /// All of them, in the order of their words.
    pub const ALL: [Self; 10] = [
        Self::Consent,
        Self::Login,
        Self::MovePhone,
        Self::NewPassword,
        Self::OrderCard,
        Self::PairPhone,
        Self::RecoverKey,
        Self::SignDocument,
        Self::SignMailWindow,
        Self::UnblockSigning,
    ];

    /// The word in the canonical bytes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Login => "login",
            Self::MovePhone => "move-phone",
            Self::NewPassword => "new-password",
            Self::OrderCard => "order-card",
            Self::PairPhone => "pair-phone",
            Self::RecoverKey => "recover-key",
            Self::SignDocument => "sign-document",
            Self::SignMailWindow => "sign-mail-window",
            Self::UnblockSigning => "unblock-signing",
        }
    }

    /// The purpose with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }

    /// Whether the secret that opens the signing key may leave the phone for this: to sign, and to seal the secret anew for a new
    /// password or a new phone. Never to log in, to consent or to unblock.
    #[must_use]
    pub fn may_release(self) -> bool {
        match self {
            Self::MovePhone | Self::NewPassword | Self::PairPhone | Self::SignDocument | Self::SignMailWindow => true,
            Self::Consent | Self::Login | Self::OrderCard | Self::RecoverKey | Self::UnblockSigning => false,
        }
    }
}
