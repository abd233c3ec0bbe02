//! A document, its states, and the states of one signature on it.

use crate::platform::{
    id::{ApprovalId, CertificateId, ChallengeId, CompanyId, DocumentId, EmployeeId, SignatureId},
    moment::Moment,
};

/// From the person's yes to its claim, and from the claim to what the key made, this long at most: then nothing is made any more, and the person
/// is asked again.
pub const MAKING: time::Duration = time::Duration::seconds(60);

/// How a document stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// Uploaded, nobody signed it here yet.
    Uploaded,
    /// Signed at least once.
    Signed,
}

impl DocumentState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Signed => "signed",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Uploaded, Self::Signed].into_iter().find(|state| state.word() == word)
    }
}

/// A document.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The company that its owner acted for.
    #[serde(skip)]
    pub company: CompanyId,
    /// Its owner.
    #[serde(skip)]
    pub employee: EmployeeId,
    /// What people call it.
    pub title: String,
    /// How it stands.
    pub state: DocumentState,
    /// SHA-256 of the uploaded bytes, hexadecimal.
    pub content_sha256: String,
    /// Bytes of the newest revision.
    pub size_bytes: i64,
    /// Pages.
    pub pages: i64,
    /// 0 is as uploaded; each signature adds one.
    pub newest_revision: i64,
    /// When.
    pub uploaded_at: Moment,
    /// When last signed.
    pub changed_at: Moment,
}

/// How a signature stands: asked -> digested -> signed -> embedded, or lapsed on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    /// The person was asked: on the phone, or for password and key.
    Asked,
    /// The person said yes; the revision with room for the signature is stored, with its digest.
    Digested,
    /// The signature is part of the document.
    Embedded,
    /// Too late, replaced, or interrupted before the signature was stored: ask again.
    Lapsed,
    /// The key has signed; the signature is being stamped and put into the document, which needs no key.
    Signed,
}

impl SignatureState {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Digested => "digested",
            Self::Embedded => "embedded",
            Self::Lapsed => "lapsed",
            Self::Signed => "signed",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Asked, Self::Digested, Self::Embedded, Self::Lapsed, Self::Signed].into_iter().find(|state| state.word() == word)
    }
}

/// What the signer says beside the signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Why.
    pub reason: Option<String>,
    /// Where.
    pub place: Option<String>,
}

/// One signature on one document.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its id.
    pub id: SignatureId,
    /// On which document.
    pub document: DocumentId,
    /// Whose.
    pub employee: EmployeeId,
    /// By which certificate.
    pub certificate: CertificateId,
    /// Upon which revision it was asked.
    pub revision: i64,
    /// Why and where, as the signer says.
    pub plan: Plan,
    /// How it stands.
    pub state: SignatureState,
    /// The question to the key card.
    pub challenge: Option<ChallengeId>,
    /// The request to the phone.
    pub approval: Option<ApprovalId>,
    /// When asked.
    pub asked_at: Moment,
    /// When it became part of the document.
    pub signed_at: Option<Moment>,
    /// When the yes to it was claimed, or it last moved since.
    pub moved_at: Option<Moment>,
}
