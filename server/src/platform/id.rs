//! Typed identifiers: UUIDv7, so that ids order as their rows came. Ids are common to all slices, rows are not.

use uuid::Uuid;

use super::{moment::Moment, random::Random};

/// What every id type can do.
pub trait Id: Sized + Copy {
    /// Wraps a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
    /// A fresh UUIDv7 (RFC 9562 section 5.7): the moment's milliseconds and 74 random bits.
    fn fresh(now: Moment, random: &dyn Random) -> Self {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &super::random::open_bytes(random)).into_uuid();
        Self::from_uuid(uuid)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(Uuid);

        impl Id for $name {
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(formatter) }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Ok(Self(Uuid::try_parse(text)?)) }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> { <String as utoipa::PartialSchema>::schema() }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// A user id with its password: an employee's or an operator's.
    AccountId,
    /// An activation: one link, one temporary password.
    ActivationId,
    /// What a company itself is certified as: its seal, a mailbox or a system.
    UnitId,
    /// A long-lived API key of a program.
    ApiTokenId,
    /// A new password in place of a forgotten one: one mailed link.
    ResetId,
    /// An API key of a company.
    ApiKeyId,
    /// What somebody is asked on a phone.
    ApprovalId,
    /// An entry of the audit.
    AuditEntryId,
    /// A root or issuing CA.
    AuthorityId,
    /// A certificate, from its intention on.
    CertificateId,
    /// A question that a key card must answer.
    ChallengeId,
    /// A code token: a device that shows codes.
    CodeTokenId,
    /// A company or an association.
    CompanyId,
    /// One generation of a company's key in the archive.
    CompanyKeyId,
    /// A browser or program in which a person has logged in.
    DeviceId,
    /// A document with all its revisions.
    DocumentId,
    /// A person in a company.
    EmployeeId,
    /// Whoever a key in the archive is sealed to: a person, a signatory, a company's key.
    HolderId,
    /// Where a company is told what happens.
    WebhookId,
    /// One telling of one thing at one such place.
    WebhookDeliveryId,
    /// A file of people who become employees.
    ImportId,
    /// A job row.
    JobId,
    /// A printed key card.
    KeycardId,
    /// Letters that are printed in one go.
    LetterBatchId,
    /// A log-in between its password and its key.
    LoginId,
    /// A change of who may act for a company.
    MandateId,
    /// A mail or letter.
    MessageId,
    /// A change of the operators that a second one consents to.
    OperatorChangeId,
    /// Somebody with several signatures.
    PersonId,
    /// One pairing of one phone with one account.
    PhoneId,
    /// One record of how somebody was vouched for.
    ProofingId,
    /// Whoever can be told something: an employee, a signatory, a company, an operator.
    RecipientId,
    /// Somebody's decryption keys, to be brought back for the company.
    RecoveryId,
    /// A forgotten password that an administrator has replaced.
    ReissueId,
    /// A request: on its log lines, in its refusal, in `X-Request-Id`.
    RequestId,
    /// A logged-in browser or program.
    SessionId,
    /// A person entitled to sign for a company.
    SignatoryId,
    /// One signature on one document.
    SignatureId,
    /// A change from outside of who acts for a company.
    SuccessionId,
    /// A time-stamping unit.
    TimestampUnitId,
}

impl From<EmployeeId> for RecipientId {
    fn from(id: EmployeeId) -> Self {
        Self(id.0)
    }
}

impl From<SignatoryId> for RecipientId {
    fn from(id: SignatoryId) -> Self {
        Self(id.0)
    }
}

impl From<CompanyId> for RecipientId {
    fn from(id: CompanyId) -> Self {
        Self(id.0)
    }
}

impl From<AccountId> for RecipientId {
    fn from(id: AccountId) -> Self {
        Self(id.0)
    }
}

impl From<AccountId> for HolderId {
    fn from(id: AccountId) -> Self {
        Self(id.0)
    }
}

impl From<ApiKeyId> for AccountId {
    /// What stands where a person's account would.
    fn from(id: ApiKeyId) -> Self {
        Self(id.0)
    }
}

impl From<CompanyKeyId> for HolderId {
    fn from(id: CompanyKeyId) -> Self {
        Self(id.0)
    }
}

impl From<SignatoryId> for HolderId {
    fn from(id: SignatoryId) -> Self {
        Self(id.0)
    }
}
