//! The noun: something that waits for an administrator.

use crate::platform::moment::Moment;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[schema(as = AgendaKind)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody's forgotten password waits for a second administrator.
    ApproveReissue,
    /// One's own request for a new password is approved: link and temporary password may be sent.
    SendReissue,
    /// The recovery of somebody's decryption keys waits for a second person.
    ApproveRecovery,
    /// One's own recovery is approved, and its time to object is over.
    CollectRecovery,
    /// A change of who administers waits for a yes or a no.
    DecidePost,
    /// A change of the agreement waits for a yes or a no.
    DecideAgreement,
    /// A takeover or a change of board is asked for: the signatories, or an operator, decide.
    SeeSuccession,
    /// A file of people was looked through and not started.
    StartImport,
}

impl Kind {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 8] = [
        Self::ApproveReissue,
        Self::SendReissue,
        Self::ApproveRecovery,
        Self::CollectRecovery,
        Self::DecidePost,
        Self::DecideAgreement,
        Self::SeeSuccession,
        Self::StartImport,
    ];

    /// The word in keys of words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ApproveReissue => "approve_reissue",
            Self::SendReissue => "send_reissue",
            Self::ApproveRecovery => "approve_recovery",
            Self::CollectRecovery => "collect_recovery",
            Self::DecidePost => "decide_post",
            Self::DecideAgreement => "decide_agreement",
            Self::SeeSuccession => "see_succession",
            Self::StartImport => "start_import",
        }
    }

    /// What stands before a number of them.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ApproveReissue => "agendas.count_approve_reissue",
            Self::SendReissue => "agendas.count_send_reissue",
            Self::ApproveRecovery => "agendas.count_approve_recovery",
            Self::CollectRecovery => "agendas.count_collect_recovery",
            Self::DecidePost => "agendas.count_decide_post",
            Self::DecideAgreement => "agendas.count_decide_agreement",
            Self::SeeSuccession => "agendas.count_see_succession",
            Self::StartImport => "agendas.count_start_import",
        }
    }
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = AgendaLine)]
pub struct Line {
    /// The id of the reissue, recovery, mandate, succession or import.
    pub id: String,
    /// What is to be done.
    pub kind: Kind,
    /// Whom or what it is about: the name of a person, the company or a file.
    pub about: String,
    /// Who asked.
    pub asked_by: Option<String>,
    /// Since when.
    pub since: Moment,
    /// Until when something can be done; null: for as long as it stands.
    pub until: Option<Moment>,
    /// The page that decides it.
    pub page: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::words::{Language, Words};

    #[test]
    fn every_kind_has_its_words() {
        let known = Words(Language::Da).keys();
        for kind in Kind::ALL {
            assert!(known.contains(&format!("agendas.kind_{}", kind.word())) && known.contains(&kind.words().to_owned()), "{kind:?}");
        }
    }
}
