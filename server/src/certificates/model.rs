//! The nouns: a certificate, whose it is, and how far it is.

use certs::{
    ca::{PrepareError, key_of, tbs_of},
    name::EmailAddress,
    profiles::{Employee, Kind},
    revocation::Reason,
    serial::Serial,
};

use crate::platform::{
    actor::{Actor, Role},
    id::{AccountId, AuthorityId, CertificateId, CompanyId, EmployeeId, ProofingId},
    moment::Moment,
    password::Strength,
    secret::Secret,
};

/// What an employee's certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Mail is encrypted to it. Its key needs no password.
    Encryption,
    /// Signs mail, logs in.
    Mail,
    /// Signs documents.
    Signing,
}

impl Profile {
    /// Which of an employee's a kind is; none for what is no employee's.
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Encryption => Some(Self::Encryption),
            Kind::Mail => Some(Self::Mail),
            Kind::Signing => Some(Self::Signing),
            Kind::Root | Kind::Issuing | Kind::Responder | Kind::TimeStamp | Kind::Notice | Kind::Seal | Kind::Function | Kind::Tls => None,
        }
    }

    /// The kind of certificate.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Encryption => Kind::Encryption,
            Self::Mail => Kind::Mail,
            Self::Signing => Kind::Signing,
        }
    }
}

/// Where the private key of a certificate rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyCarrier {
    /// Here: under the person's password, or in the keystore for the service's own.
    Central,
    /// In a card or token of the person's, as the person says: we got a request.
    Hardware,
    /// In a file that was made here, handed over once and not kept.
    KeyFile,
    /// In software of the person's own: we got a request.
    OwnSoftware,
}

impl KeyCarrier {
    /// Every carrier, the most usual first.
    pub const ALL: [Self; 4] = [Self::Central, Self::KeyFile, Self::OwnSoftware, Self::Hardware];

    /// The word in rows and forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Central => "central",
            Self::Hardware => "hardware",
            Self::KeyFile => "key_file",
            Self::OwnSoftware => "own_software",
        }
    }

    /// The carrier of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.word() == word)
    }
}

/// The certificate that another follows, and what becomes of it when that one is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predecessor {
    /// Which.
    pub id: CertificateId,
    /// Why it is revoked then; none when it only runs out, its signing key deleted.
    pub reason: Option<Reason>,
}

/// How far a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Given up before anybody was told of it.
    Abandoned,
    /// Signed and not revoked. It may have expired.
    Active,
    /// Stored, to be signed.
    Intended,
    /// Ended before its time.
    Revoked,
}

impl State {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::Active => "active",
            Self::Intended => "intended",
            Self::Revoked => "revoked",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Abandoned, Self::Active, Self::Intended, Self::Revoked].into_iter().find(|state| state.word() == word)
    }
}

/// Whose certificates are to be issued, as they will say it.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The account whose password opens the keys.
    pub account: AccountId,
    /// The employee.
    pub employee: EmployeeId,
    /// Where.
    pub company: CompanyId,
    /// The subject: organisation, identifier and names.
    pub subject: Employee,
    /// The address in the certificate; mail and encryption certificates need it.
    pub email: Option<EmailAddress>,
    /// Who vouched for the person and how: the record that the certificates name.
    pub proofing: Option<ProofingId>,
    /// When the person is 18: a signing certificate with the youth notice lasts no longer.
    pub youth_until: Option<Moment>,
}

/// What a password became by argon2id (`security.md` section 2), with the salt of the account's row.
#[derive(Clone)]
pub struct PasswordProtection<'a> {
    /// The account.
    pub account: AccountId,
    /// The salt of the password.
    pub salt: Vec<u8>,
    /// argon2id(password, salt).
    pub prk: &'a Secret<[u8; 32]>,
    /// Which form the password has.
    pub strength: Strength,
}

/// A certificate, from its intention on.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// Who issues it.
    pub authority: AuthorityId,
    /// Its serial number.
    pub serial: Serial,
    /// Its number among all of its authority: decides its CRL shard.
    pub ordinal: i64,
    /// What it is for.
    pub kind: Kind,
    /// Whose password opens its key; none for the service's own.
    pub account: Option<AccountId>,
    /// Whose it is; none for the service's own.
    pub employee: Option<EmployeeId>,
    /// Where; none for the service's own.
    pub company: Option<CompanyId>,
    /// Its subject, for people.
    pub subject: String,
    /// The address in it.
    pub email: Option<String>,
    /// How its person was vouched for, and by whom.
    pub proofing: Option<ProofingId>,
    /// Under which label the keystore keeps its key: the service's own only.
    pub key_label: Option<String>,
    /// Where its key rests.
    pub key_carrier: KeyCarrier,
    /// Which it follows.
    pub replaces: Option<Predecessor>,
    /// How far it is.
    pub state: State,
    /// The bytes that are to be signed, DER; none once they stand in the certificate.
    pub tbs: Option<Vec<u8>>,
    /// The certificate, DER; none before it is active.
    pub der: Option<Vec<u8>>,
    /// First valid moment.
    pub not_before: Moment,
    /// Last valid moment.
    pub not_after: Moment,
    /// When the intention was stored.
    pub intended_at: Moment,
    /// When it was signed and stored.
    pub activated_at: Option<Moment>,
    /// When it was revoked or given up.
    pub revoked_at: Option<Moment>,
    /// Why.
    pub reason: Option<Reason>,
}

impl Certificate {
    /// The bytes that are signed, DER TBSCertificate.
    ///
    /// # Errors
    /// [`PrepareError::Encoding`] when what is stored is no certificate.
    pub fn tbs(&self) -> Result<&[u8], PrepareError> {
        match (&self.tbs, &self.der) {
            (Some(tbs), _) => Ok(tbs),
            (None, Some(der)) => tbs_of(der),
            (None, None) => Ok(&[]),
        }
    }

    /// SHA-256 of the SubjectPublicKeyInfo of its key.
    ///
    /// # Errors
    /// [`PrepareError::Encoding`].
    pub fn key_hash(&self) -> Result<[u8; 32], PrepareError> {
        key_of(self.tbs()?)
    }

    /// Whether it is active and valid at this moment.
    pub fn is_usable(&self, now: Moment) -> bool {
        self.state == State::Active && self.not_before <= now && now <= self.not_after
    }

    /// Whether it may be revoked for this reason: while it is active; and for *keyCompromise* also when another reason was given.
    pub fn may_be_revoked_for(&self, reason: Reason) -> bool {
        let was_for_another = self.state == State::Revoked && !matches!(self.reason, Some(Reason::KeyCompromise | Reason::CaCompromise));
        self.state == State::Active || reason == Reason::KeyCompromise && was_for_another
    }

    /// Whether it was active until it expired.
    pub fn has_expired(&self, now: Moment) -> bool {
        self.state == State::Active && now > self.not_after
    }
}

/// A certificate that was just ended.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// Its id.
    pub id: CertificateId,
    /// Its serial number.
    pub serial: Serial,
    /// Whose it was.
    pub employee: Option<EmployeeId>,
    /// Its subject, for people.
    pub subject: String,
    /// Why.
    pub reason: Reason,
}

/// Whose certificates somebody may see or revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of one company.
    Company(CompanyId),
    /// One's own.
    Employee(EmployeeId),
    /// All, the service's own too.
    Everything,
    /// None.
    Nothing,
}

impl Scope {
    /// What an actor sees.
    pub fn seen_by(actor: &Actor) -> Self {
        if actor.is(Role::Auditor) { Self::Everything } else { Self::changed_by(actor) }
    }

    /// What an actor may revoke.
    pub fn changed_by(actor: &Actor) -> Self {
        match (actor.company, actor.employee) {
            (_, _) if actor.is(Role::Security) => Self::Everything,
            (Some(company), _) if actor.is(Role::Administrator) => Self::Company(company),
            (_, Some(employee)) => Self::Employee(employee),
            (_, None) => Self::Nothing,
        }
    }

    /// Whether a certificate lies within.
    pub fn includes(self, certificate: &Certificate) -> bool {
        match self {
            Self::Company(company) => certificate.company == Some(company),
            Self::Employee(employee) => certificate.employee == Some(employee),
            Self::Everything => true,
            Self::Nothing => false,
        }
    }
}
