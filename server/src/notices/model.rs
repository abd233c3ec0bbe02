//! The nouns: contact, kind, notice, and the notice at rest.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::LocalBoxFuture;
use zeroize::Zeroizing;

use crate::platform::{
    actor::Author,
    database::DatabaseError,
    ground::Ground,
    id::{AccountId, KeycardId, RecipientId},
    words::Language,
};

/// Whom we can tell something, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub recipient: RecipientId,
    /// The name in the greeting and on the envelope.
    pub name: String,
    /// Where mail goes.
    pub email: Option<String>,
    /// Where letters go: lines below the name, parted by `\n`.
    pub postal_address: Option<String>,
    /// The language of the words.
    pub language: Language,
}

/// How a message goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// On paper.
    Letter,
    /// By e-mail.
    Mail,
    /// As a text message to a telephone.
    Text,
}

impl Channel {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Mail => "mail",
            Self::Text => "text",
        }
    }

    /// The channel of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Letter, Self::Mail, Self::Text].into_iter().find(|channel| channel.word() == word)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $needs:expr;)+) => {
        /// What a message tells. Its words are `notices.<word>_subject` and `notices.<word>_body`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $name),+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word in rows and in keys of words.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The values that its words name, besides `name` (the recipient's) and `service` (our address).
            pub const fn needs(self) -> &'static [&'static str] {
                match self { $(Self::$name => &$needs),+ }
            }
        }
    };
}

kinds! {
    /// An account is active: user id and password work.
    Activated = "activated", ["company"];
    /// Somebody administers the company from now on.
    AdministratorAppointed = "administrator_appointed", ["company", "link"];
    /// A superadministrator is an administrator only.
    AdministratorDemoted = "administrator_demoted", ["company", "link"];
    /// Somebody administers the company no more.
    AdministratorEnded = "administrator_ended", ["company"];
    /// The agreement's facts changed: told to old and new signatories.
    AgreementChanged = "agreement_changed", ["company", "signatories", "needed", "address"];
    /// A change of the agreement waits for a second administrator.
    AgreementToApprove = "agreement_to_approve", ["company", "asker", "link"];
    /// A change of the agreement is done by itself after a while, since nobody could consent: told to everybody who may refuse it.
    AgreementWaits = "agreement_waits", ["company", "asker", "at", "link"];
    /// An association has another board: told to everybody who came or went.
    BoardChanged = "board_changed", ["company", "successor", "ends", "reason", "api_keys", "webhooks"];
    /// A change of board is asked for: told to whoever administers or signs.
    BoardChangeAsked = "board_change_asked", ["company", "asker", "successor", "ends", "reason"];
    /// A signatory declined the agreement: told to the others.
    AgreementDeclined = "agreement_declined", ["company", "signatory"];
    /// An API key of the company was made: told to its administrators.
    ApiKeyCreated = "api_key_created", ["key", "by", "scopes", "until", "link"];
    /// An API key of the company was ended: told to its administrators.
    ApiKeyEnded = "api_key_ended", ["key", "by", "link"];
    /// A certificate that somebody else issued was imported for the company.
    CertificateImported = "certificate_imported", ["company", "subject", "issuer", "fingerprint", "until"];
    /// A code token serves from now on.
    CodeTokenActivated = "code_token_activated", ["serial", "link"];
    /// A code token was given to the recipient.
    CodeTokenAssigned = "code_token_assigned", ["serial", "until", "link"];
    /// A code token of the recipient was blocked.
    CodeTokenBlocked = "code_token_blocked", ["serial", "link"];
    /// Too many wrong codes of a code token of the recipient were typed.
    CodeTokenQuarantined = "code_token_quarantined", ["serial", "link"];
    /// A certificate was issued in the recipient's name.
    CertificateIssued = "certificate_issued", ["subject", "serial"];
    /// Several certificates were issued together in the recipient's name.
    CertificatesIssued = "certificates_issued", ["subject", "serials"];
    /// A certificate of the recipient was revoked.
    CertificateRevoked = "certificate_revoked", ["serial", "reason"];
    /// Certificates of the recipient end soon.
    CertificatesEnding = "certificates_ending", ["company", "until"];
    /// Certificates of employees end soon: told to their administrators.
    ColleaguesEnding = "colleagues_ending", ["company", "count", "until", "names"];
    /// A company or association may begin.
    CompanyActive = "company_active", ["company"];
    /// A seal or function of the company ends soon.
    CompanyCertificateEnding = "company_certificate_ending", ["company", "subject", "until"];
    /// An administrator ordered a certificate of the company itself.
    CompanyCertificateOrdered = "company_certificate_ordered", ["company", "email", "serial"];
    /// Name or address of a company was fetched anew from the register: told to its administrators.
    CompanyRefreshed = "company_refreshed", ["company", "address"];
    /// An imported certificate of the company was removed.
    ImportRemoved = "import_removed", ["company", "subject", "issuer", "fingerprint"];
    /// An imported certificate of the company ends soon.
    ImportEnding = "import_ending", ["company", "subject", "issuer", "until"];
    /// The recipient's CPR number was noted by the company.
    CprNoted = "cpr_noted", ["company"];
    /// A document of the recipient was signed.
    DocumentSigned = "document_signed", ["title"];
    /// Names or address of an employee changed.
    EmployeeChanged = "employee_changed", ["company", "person", "email", "until"];
    /// Somebody is invited to have an employee signature.
    EmployeeInvited = "employee_invited", ["company", "link"];
    /// An employment ended.
    EmployeeLeft = "employee_left", [];
    /// A suspension was lifted, or is over.
    EmployeeReinstated = "employee_reinstated", ["company"];
    /// The recipient may do nothing for the company until somebody lifts it.
    EmployeeSuspended = "employee_suspended", ["company"];
    /// The same, with the day on which it ends by itself.
    EmployeeSuspendedUntil = "employee_suspended_until", ["company", "until"];
    /// A key card was blocked.
    KeycardBlocked = "keycard_blocked", ["number", "link"];
    /// Too many wrong keys of a key card were typed: it is dead.
    KeycardQuarantined = "keycard_quarantined", ["number"];
    /// One more key card was ordered in self-service.
    KeycardOrdered = "keycard_ordered", ["number", "link"];
    /// An administrator ordered a key card for an employee.
    KeycardOrderedFor = "keycard_ordered_for", ["number", "by", "link"];
    /// An administrator ordered a key card for an employee in place of all others, which are blocked.
    KeycardReplacedFor = "keycard_replaced_for", ["number", "by", "link"];
    /// The next key card was ordered by itself, and comes by letter.
    KeycardComing = "keycard_coming", ["number", "link"];
    /// A key card was issued.
    KeycardIssued = "keycard_issued", ["number"];
    /// Somebody fetched all their own decryption keys.
    KeyHistoryFetched = "key_history_fetched", [];
    /// An employee's decryption keys were handed out.
    KeysRecovered = "keys_recovered", ["employee", "asker", "approver"];
    /// A whole new key card on paper, that was ordered by itself since few keys were left.
    KeycardNext = "keycard_next", ["number", "keys"];
    /// Another key card was taken into use: the former one is dead.
    KeycardReplaced = "keycard_replaced", ["former", "number", "link"];
    /// A whole new key card on paper, that an administrator ordered.
    KeycardSent = "keycard_sent", ["number", "keys"];
    /// A whole new key card on paper, for somebody who cannot log in to fetch it.
    KeycardSheet = "keycard_sheet", ["number", "keys"];
    /// Unknown devices are asked for card or phone first, after many wrong passwords.
    LoginAskedFirst = "login_asked_first", ["link"];
    /// Logging in is closed after wrong passwords.
    LoginClosed = "login_closed", ["until"];
    /// A second administrator consented to a change that the recipient asked for.
    MandateApproved = "mandate_approved", ["company", "by"];
    /// Nobody decided a change in time, or it could not be done any more: told to whoever asked and could consent.
    MandateLapsed = "mandate_lapsed", ["company", "change"];
    /// A change that the recipient asked for has waited, and is done.
    MandatePerformed = "mandate_performed", ["company", "change"];
    /// A second administrator refused a change that the recipient asked for.
    MandateRefused = "mandate_refused", ["company", "by"];
    /// Somebody refused a change that the recipient asked for, by the mailed link.
    MandateStopped = "mandate_stopped", ["company"];
    /// A change of the operators waits for a second one.
    OperatorChangeAsked = "operator_change_asked", ["asker", "person", "email", "change", "roles", "until", "link"];
    /// What became of a change of the operators.
    OperatorChangeEnded = "operator_change_ended", ["person", "change", "roles", "outcome", "by", "link"];
    /// Somebody will be an operator by themselves after a while, since nobody else could consent.
    OperatorChangeWaits = "operator_change_waits", ["asker", "person", "email", "roles", "at", "link"];
    /// The recipient is an operator no more.
    OperatorEnded = "operator_ended", ["by"];
    /// Somebody is to operate this installation.
    OperatorInvited = "operator_invited", ["link"];
    /// The recipient has other roles as an operator.
    OperatorRolesChanged = "operator_roles_changed", ["roles", "by"];
    /// A link for a new password, approved on the phone.
    PasswordForgotten = "password_forgotten", ["until", "link"];
    /// Somebody asked for a new password, and no phone can approve it.
    PasswordForgottenWithoutPhone = "password_forgotten_without_phone", [];
    /// A new password took the place of a forgotten one.
    PasswordReplaced = "password_replaced", ["network"];
    /// A phone of the recipient was blocked: it is lost, somebody said.
    PhoneBlocked = "phone_blocked", ["phone", "link"];
    /// A phone was paired: it acts for the recipient from now on.
    PhonePaired = "phone_paired", ["phone", "from", "link"];
    /// A phone of the recipient was removed, on itself or on the page.
    PhoneRemoved = "phone_removed", ["phone", "link"];
    /// A change of who administers waits for a second administrator's consent.
    PostToApprove = "post_to_approve", ["company", "asker", "employee", "change", "link"];
    /// Such a change is done by itself after a while, since nobody could consent: told to everybody who may refuse it.
    PostWaits = "post_waits", ["company", "asker", "employee", "change", "at", "link"];
    /// A certificate of the service's own ends soon: told to whoever runs it.
    ServiceEnding = "service_ending", ["what", "certificate", "until"];
    /// A takeover or change of board ended without effect.
    SuccessionEnded = "succession_ended", ["company"];
    /// Somebody is superadministrator from now on.
    SuperadministratorAppointed = "superadministrator_appointed", ["company", "link"];
    /// Somebody is superadministrator from now on: told to the other administrators.
    SuperadministratorCame = "superadministrator_came", ["company", "employee"];
    /// Somebody is superadministrator no more: told to the other administrators.
    SuperadministratorWent = "superadministrator_went", ["company", "employee"];
    /// A takeover is asked for: told to whoever administers.
    TakeoverAsked = "takeover_asked", ["company", "asker", "successor", "ends", "reason"];
    /// Signatories have taken over: told to everybody who came or went.
    TakeoverDone = "takeover_done", ["company", "successor", "ends", "reason", "api_keys", "webhooks"];
    /// A takeover could not be done safely, or a signatory denies a form: told to operators.
    TakeoverFailed = "takeover_failed", ["company", "link"];
    /// An operator recorded that the recipient signed a takeover on paper.
    TakeoverFormRecorded = "takeover_form_recorded", ["company", "operator", "day", "link"];
    /// A takeover that was requested is opened: told to whoever administers.
    TakeoverOpened = "takeover_opened", ["company", "asker", "successor", "ends"];
    /// The same waits for the recipient's signature.
    TakeoverOpenedToSign = "takeover_opened_to_sign", ["company", "asker", "successor", "how", "ends", "link"];
    /// A signatory requests a takeover: told to whoever administers or signs.
    TakeoverRequested = "takeover_requested", ["company", "asker"];
    /// A takeover was requested with the recipient's address.
    TakeoverRequestedByYou = "takeover_requested_by_you", ["company", "link"];
    /// The same, told to operators, who open it.
    TakeoverToOpen = "takeover_to_open", ["company", "asker", "link"];
    /// A takeover waits for the recipient's signature.
    TakeoverToSign = "takeover_to_sign", ["company", "asker", "successor", "how", "ends", "reason", "link"];
    /// A takeover has its signatures, one of them on its own operator's word, and is done after a while.
    TakeoverWaits = "takeover_waits", ["company", "until"];
    /// "This was not me", said the recipient to a request on the phone.
    NotMe = "not_me", ["network", "link"];
    /// Somebody said "this was not me": told to the help desk.
    NotMeReported = "not_me_reported", ["user", "network"];
    /// "This was not me", said a phone of the recipient's that is still in its waiting time: signing goes on.
    NotMeYoung = "not_me_young", ["network", "link"];
    /// The same, told to the help desk.
    NotMeYoungReported = "not_me_young_reported", ["user", "network"];
    /// A second person approved a recovery.
    RecoveryApproved = "recovery_approved", ["employee", "approver", "from", "link"];
    /// An administrator asked for the recipient's decryption keys.
    RecoveryAsked = "recovery_asked", ["company", "asker", "reason", "until", "link"];
    /// An administrator asked for the decryption keys of the recipient, who has left and cannot object.
    RecoveryAskedAfterLeaving = "recovery_asked_after_leaving", ["company", "asker", "reason"];
    /// A recovery was objected to or taken back.
    RecoveryEnded = "recovery_ended", ["employee", "by"];
    /// A recovery waits for a second person.
    RecoveryToApprove = "recovery_to_approve", ["company", "asker", "employee", "reason", "link"];
    /// An administrator asks for a new password for the recipient, who has forgotten theirs.
    ReissueAsked = "reissue_asked", ["company", "asker", "hours", "link"];
    /// A new password for the recipient was stopped, or nobody went on with it.
    ReissueEnded = "reissue_ended", ["company", "employee"];
    /// The link by which somebody who has forgotten the password chooses another.
    ReissueLink = "reissue_link", ["company", "link"];
    /// A new password for an employee waits for a second administrator.
    ReissueToApprove = "reissue_to_approve", ["company", "asker", "employee", "link"];
    /// An employee is to get a new password: told to those who sign for the company.
    ReissueToldSignatory = "reissue_told_signatory", ["company", "asker", "employee", "hours"];
    /// A signatory is offered a share of the company's key.
    ShareOffered = "share_offered", ["company", "asker", "link"];
    /// A signatory is asked to accept the agreement.
    SignatoryInvited = "signatory_invited", ["company", "link"];
    /// A signature of the recipient's was linked with another of theirs. It names no company: whoever reads the mail may work for either.
    SignatureLinked = "signature_linked", ["link"];
    /// Such a link was undone.
    SignatureUnlinked = "signature_unlinked", ["link"];
    /// The temporary password that goes with an invitation, by another way than its link.
    TemporaryPassword = "temporary_password", ["company", "code"];
    /// The temporary password alone, as a text message: its link never goes with it.
    TemporaryPasswordTexted = "temporary_password_texted", ["code"];
    /// The telephone number of the recipient is another one, or gone.
    TelephoneChanged = "telephone_changed", ["telephone", "link"];
    /// The person chose another user id.
    UserIdChanged = "user_id_changed", ["network"];
    /// The company is told nothing more at an address, which took nothing for days: told to its administrators.
    WebhookDisabled = "webhook_disabled", ["url", "link"];
    /// A certificate with the youth notice ends with its holder's youth, and can be renewed then.
    YouthEnding = "youth_ending", ["company", "until"];
}

/// What a letter carries. Letters of one class alone are printed together, so that no two halves of one person's way in lie in one pile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A key card.
    Card,
    /// What opens nothing.
    Other,
    /// A temporary password.
    Password,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 3] = [Self::Card, Self::Password, Self::Other];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Other => "other",
            Self::Password => "password",
        }
    }

    /// The class of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

impl Kind {
    /// What its letter carries.
    pub const fn class(self) -> Class {
        if matches!(self, Self::KeycardNext | Self::KeycardSent | Self::KeycardSheet) {
            return Class::Card;
        }
        if matches!(self, Self::TemporaryPassword | Self::TemporaryPasswordTexted) { Class::Password } else { Class::Other }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// The value of a notice that says what it carries; no words name it.
pub(super) const CARRIED: &str = "carried";

/// What a letter carries, by what its owner is asked whether it works still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// A key card.
    Card(KeycardId),
    /// The temporary password of an activation: the SHA-256 of its link's token.
    TemporaryPassword(Vec<u8>),
}

impl Carried {
    fn word(&self) -> String {
        match self {
            Self::Card(card) => format!("keycard:{card}"),
            Self::TemporaryPassword(link_hash) => format!("activation:{}", hex::encode(link_hash)),
        }
    }

    /// What a word means.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word.split_once(':')? {
            ("keycard", id) => id.parse().ok().map(Self::Card),
            ("activation", hash) => hex::decode(hash).ok().map(Self::TemporaryPassword),
            _ => None,
        }
    }
}

/// Says whether what a letter carries works still. Implemented by whoever knows cards and activations.
pub trait Living: Send + Sync {
    /// Whether it does.
    fn is_alive<'a>(&'a self, ground: &'a Ground, carried: &'a Carried) -> LocalBoxFuture<'a, Result<bool, DatabaseError>>;
}

/// One for all workers.
pub type SharedLiving = Arc<dyn Living>;

/// A kind with its values. Prints nothing: values may be secret.
#[derive(Clone)]
pub struct Notice {
    pub(super) kind: Kind,
    pub(super) channel: Channel,
    pub(super) values: BTreeMap<&'static str, Zeroizing<String>>,
    pub(super) ordered_by: Option<AccountId>,
}

impl Notice {
    /// A notice by e-mail.
    pub fn mail(kind: Kind) -> Self {
        Self { kind, channel: Channel::Mail, values: BTreeMap::new(), ordered_by: None }
    }

    /// A notice on paper.
    pub fn letter(kind: Kind) -> Self {
        Self { kind, channel: Channel::Letter, values: BTreeMap::new(), ordered_by: None }
    }

    /// A notice as a text message.
    pub fn text(kind: Kind) -> Self {
        Self { kind, channel: Channel::Text, values: BTreeMap::new(), ordered_by: None }
    }

    /// A value that the words name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.values.insert(name, Zeroizing::new(value.to_string()));
        self
    }

    /// A secret value that the words name.
    #[must_use]
    pub fn secret(mut self, name: &'static str, value: &str) -> Self {
        self.values.insert(name, Zeroizing::new(value.to_owned()));
        self
    }

    /// What a letter carries: once that works no more, the letter is not printed.
    #[must_use]
    pub fn carrying(self, carried: &Carried) -> Self {
        self.with(CARRIED, carried.word())
    }

    /// Who ordered a letter, if somebody with an account did: never the one who prints it.
    #[must_use]
    pub fn ordered_by(mut self, author: Author) -> Self {
        self.ordered_by = match author {
            Author::Account(account) | Author::ApiKey { made_by: account, .. } => Some(account),
            Author::Anyone | Author::Signatory(_) | Author::System(_) => None,
        };
        self
    }

    /// The first value that the words name and the notice lacks.
    pub(super) fn lacks(&self) -> Option<&'static str> {
        self.kind.needs().iter().copied().find(|name| !self.values.contains_key(name))
    }
}

/// A notice as it rests: only the keystore opens it.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub(super) kind: Kind,
    pub(super) channel: Channel,
    pub(super) sealed: Vec<u8>,
    pub(super) ordered_by: Option<AccountId>,
}

impl Sealed {
    /// Another who ordered the letter than its author: they never print it.
    #[must_use]
    pub fn ordered_by(mut self, account: AccountId) -> Self {
        self.ordered_by = Some(account);
        self
    }

    /// The sealed bytes, for whoever must tell it later: only the keystore opens them.
    pub fn at_rest(&self) -> &[u8] {
        &self.sealed
    }

    /// A mail that rested. Of another kind than it was sealed as, it opens no more.
    pub fn mail_at_rest(kind: Kind, sealed: Vec<u8>) -> Self {
        Self { kind, channel: Channel::Mail, sealed, ordered_by: None }
    }
}

/// What the seal is bound to.
pub(super) fn context(kind: Kind, channel: Channel) -> Vec<u8> {
    format!("segl/notice/v1|{}|{}", kind.word(), channel.word()).into_bytes()
}
