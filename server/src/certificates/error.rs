//! Why a certificate is not issued, used or revoked.

use certs::{
    ca::{IssueError, PrepareError},
    elsewhere::ImportFault,
    key_file::KeyFileError,
    keystore::{KeyLabel, KeystoreError, employee_key::EmployeeKeyError, opener::OpenerError},
    name::NameError,
    public_key::PublicKeyError,
};

use super::Profile;
use crate::{
    archives::ArchiveError,
    authorities::AuthorityError,
    notices::NoticeError,
    platform::{batch::BrokenOff, database::DatabaseError},
    status::StatusError,
};

/// Why a certificate is not issued, used or revoked.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A certificate of this fingerprint is here already.
    #[error("this certificate was imported already")]
    AlreadyImported,
    /// Revoked before.
    #[error("the certificate was revoked before")]
    AlreadyRevoked,
    /// The archive of decryption keys refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The authority cannot be used.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Another file is opened just now.
    #[error("another file is opened just now: try again")]
    Busy,
    /// Certificates of the account came or went while its openers were rewritten.
    #[error("the account's certificates changed meanwhile: try again")]
    ChangedMeanwhile,
    /// No such revocation code.
    #[error("there is no such revocation code")]
    CodeNotRight,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The blob does not open.
    #[error(transparent)]
    EmployeeKey(#[from] EmployeeKeyError),
    /// A certificate of somebody else is not taken.
    #[error(transparent)]
    Import(#[from] ImportFault),
    /// Nothing was signed.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The same certificate is being imported just now, or was when the service stopped.
    #[error("this certificate is being imported: try again soon")]
    ImportUnderWay,
    /// What was issued here is not imported.
    #[error("the certificate was issued here: it is here already")]
    IssuedHere,
    /// The key of a request was revoked before because others may have it.
    #[error("the key was revoked before as compromised: make a new one")]
    KeyCompromised,
    /// The key of a request is certified for somebody else.
    #[error("the key belongs to somebody else: make a new one")]
    KeyOfAnother,
    /// The profile refuses this kind of key.
    #[error("a key of this kind cannot be certified for this purpose")]
    KeyDoesNotFit {
        /// Which certificate.
        profile: Profile,
    },
    /// A key file could not be made.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// Certificates for mail need an address.
    #[error("a certificate for mail needs an e-mail address")]
    MissingEmail,
    /// A name breaks its rule.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Not active, or not valid now.
    #[error("the certificate is not active")]
    NotActive,
    /// No such certificate, or none that the one who asks may see.
    #[error("there is no such certificate")]
    NotFound,
    /// Done together with others, it broke off for a reason that was told to one of them. What was stored is finished by the recovering job.
    #[error("the certificate was not finished together with others")]
    NotFinished,
    /// No longer to be finished.
    #[error("the certificate is no longer to be finished")]
    NotIntended,
    /// No free number could be drawn for a bearer of the family `oces2`.
    #[error("no free number could be drawn")]
    NumbersTaken,
    /// No certificate lies under this label in a token.
    #[error("there is no certificate under {label} in a token")]
    NotInToken {
        /// Label asked for.
        label: KeyLabel,
    },
    /// The notice could not be sealed.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The password belongs to another account.
    #[error("the password belongs to another account")]
    OtherAccount,
    /// The certificate would break its profile.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// A public key cannot be read.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// The system gave no randomness.
    #[error(transparent)]
    Randomness(OpenerError),
    /// Not one of the reasons that this person may give.
    #[error("this reason may not be given here")]
    ReasonNotAllowed,
    /// The key of a request is of a kind that the certificate cannot have.
    #[error("a key of this kind cannot be certified for this")]
    RequestDoesNotFit,
    /// The serial number or ordinal was taken. Nothing was stored; prepare anew.
    #[error("the serial number is taken")]
    SerialTaken,
    /// The signature just made does not verify under the certificate.
    #[error("the signature just made does not verify")]
    SignatureDoesNotVerify,
    /// The public truth could not be told.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// The company tried to import so many files within an hour.
    #[error("at most {most} files are opened for a company in an hour")]
    TooManyImports {
        /// How many.
        most: i64,
    },
    /// Too many wrong revocation codes from this network.
    #[error("too many wrong revocation codes came from this network: wait")]
    TooManyTries,
    /// The password does not open the key.
    #[error("the password does not open the signing key")]
    WrongPassword,
}

impl From<BrokenOff> for CertificateError {
    fn from(_: BrokenOff) -> Self {
        Self::NotFinished
    }
}

impl From<OpenerError> for CertificateError {
    fn from(error: OpenerError) -> Self {
        match error {
            OpenerError::DoesNotOpen => Self::WrongPassword,
            OpenerError::Randomness(_) => Self::Randomness(error),
        }
    }
}
