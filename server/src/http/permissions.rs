//! Who may do what: one row per permission. A golden file shows the whole matrix; reviewers read its diff.

use crate::platform::actor::Role;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal: [$($role:ident),*];)+) => {
        /// Every permission, as `noun:verb`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $name),+ }

        impl Permission {
            /// All of them, in the order of the matrix.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// `noun:verb`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The roles that include it.
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),*]),+ }
            }
        }

        /// The rights that handlers name as `Granted<right::...>`.
        pub mod right {
            $($(#[$doc])* #[derive(Debug)] pub struct $name;
            impl super::Right for $name { const PERMISSION: super::Permission = super::Permission::$name; })+
        }
    };
}

/// A permission as a type, so that a handler cannot forget it.
pub trait Right: 'static {
    /// The permission.
    const PERMISSION: Permission;
}

permissions! {
    /// Reads one's own account, cards, sessions.
    SeeOneself = "self:see": [Registration, Security, HelpDesk, Auditor, Administrator, Employee];
    /// Makes and ends one's own API keys.
    HoldApiTokens = "self:hold_api_tokens": [Registration, Security, HelpDesk, Auditor, Administrator, Employee];
    /// Links one's own signatures in several companies, and sees them.
    LinkSignatures = "self:link_signatures": [Administrator, Employee];
    /// Blocks the phones of a person who called.
    BlockPhones = "phone:block": [Security, HelpDesk];
    /// Sees the true reason of a refused log-in under its reference.
    SeeRefusals = "refusal:see": [HelpDesk];
    /// Blocks the cards and phones of a person who called.
    BlockPerson = "person:block": [HelpDesk];
    /// Registers companies and associations.
    RegisterCompany = "company:register": [Registration];
    /// Closes a company: everybody leaves, every certificate is revoked.
    CloseCompany = "company:close": [Registration, Security];
    /// Lists all companies.
    ListCompanies = "company:list": [Registration, Security, HelpDesk, Auditor];
    /// Sees one company: one's own, or any for operators.
    SeeCompany = "company:see": [Registration, Security, HelpDesk, Auditor, Administrator, Employee];
    /// Invites employees and sees them.
    InviteEmployee = "employee:invite": [Administrator];
    /// Sees what waits for the administrators of one's company.
    SeeAgenda = "agenda:see": [Administrator];
    /// Sends a new invitation; operators to an administrator who never activated.
    RenewInvitation = "employee:renew_invitation": [Registration, Administrator];
    /// Has a forgotten password replaced, and approves it as the second administrator; operators for an administrator who is alone.
    ReissuePassword = "reissue:ask": [Registration, Administrator];
    /// Sees and stops such a thing: the company's for administrators, one's own.
    SeeReissues = "reissue:see": [Registration, Administrator, Employee];
    /// Appoints administrators, ends their post and hands over one's own.
    AppointAdministrator = "administrator:appoint": [Superadministrator];
    /// Changes who may sign for the company, by which rule, and its address.
    ChangeAgreement = "agreement:change": [Superadministrator];
    /// Consents to what waits for a second administrator.
    DecideMandate = "mandate:decide": [Administrator];
    /// Sees what waits so, refuses it or takes it back; operators what is done by itself unless somebody refuses.
    SeeMandates = "mandate:see": [Registration, HelpDesk, Administrator];
    /// Asks for a takeover or a change of board, adds minutes, takes it back; superadministrators the latter for their association.
    AskSuccession = "succession:ask": [Registration, Superadministrator];
    /// Approves a change of board, records signed forms, refuses.
    DecideSuccession = "succession:decide": [Registration];
    /// Sees takeovers and changes of board: the company's for administrators, all for operators.
    SeeSuccessions = "succession:see": [Registration, Auditor, Administrator];
    /// Lists a company's employees.
    ListEmployees = "employee:list": [Registration, HelpDesk, Auditor, Administrator];
    /// Ends an employment: certificates revoked, card blocked.
    DismissEmployee = "employee:dismiss": [Administrator];
    /// Suspends an employee and lifts it.
    SuspendEmployee = "employee:suspend": [Administrator];
    /// Orders a key card for an employee: of one's own company, or of any for whoever stands at the desk.
    OrderCardFor = "employee:order_card": [Registration, Administrator];
    /// Records whose documents were seen at the desk.
    RecordProofing = "proofing:record": [Registration];
    /// Sees how somebody was vouched for: operators, and administrators in their company.
    SeeProofings = "proofing:see": [Registration, Auditor, Administrator];
    /// Changes an employee's names or address.
    ChangeEmployee = "employee:change": [Administrator];
    /// Says where employees' keys may rest.
    SetKeyCarriers = "company:set_key_carriers": [Administrator];
    /// Makes, sees and ends the API keys of the company.
    ManageApiKeys = "company:manage_api_keys": [Administrator];
    /// Says where the company is told what happens, sees what was told, and ends it.
    ManageWebhooks = "company:manage_webhooks": [Administrator];
    /// Says on what ground the company takes CPR numbers, and ends it.
    SubscribeCpr = "company:subscribe_cpr": [Administrator];
    /// Notes and forgets the CPR numbers of employees.
    NoteCpr = "cpr:note": [Administrator];
    /// Asks whether a CPR number is an employee's.
    MatchCpr = "cpr:match": [Administrator];
    /// Orders certificates of the company itself: seal and functions.
    OrderCertificate = "certificate:order": [Administrator];
    /// Imports certificates that others issued for the company, sees and removes them.
    ImportCertificate = "certificate:import": [Administrator];
    /// Lists certificates.
    ListCertificates = "certificate:list": [Security, Auditor, Administrator, Employee];
    /// Revokes a certificate: one's own, or of one's company for administrators.
    RevokeCertificate = "certificate:revoke": [Security, Administrator, Employee];
    /// Renews one's own certificates.
    RenewCertificates = "certificate:renew": [Administrator, Employee];
    /// Asks for, approves and collects an employee's decryption keys.
    RecoverKeys = "recovery:ask": [Administrator];
    /// Sees recoveries: the company's for administrators, those of one's own keys.
    SeeRecoveries = "recovery:see": [Administrator, Employee];
    /// Objects to the recovery of one's own keys.
    ObjectToRecovery = "recovery:object": [Administrator, Employee];
    /// Fetches one's own decryption keys with their history.
    FetchOwnKeys = "key_history:fetch": [Administrator, Employee];
    /// Agrees to be found in the public directory, and takes it back: for oneself.
    EnterDirectory = "directory:enter": [Administrator, Employee];
    /// Uploads, sees, signs and fetches one's own documents.
    UseDocuments = "document:use": [Administrator, Employee];
    /// Seals documents in the company's name.
    SealDocument = "document:seal": [Administrator];
    /// Takes code tokens into the stock.
    ImportTokens = "token:import": [Registration];
    /// Lists code tokens.
    SeeTokens = "token:see": [Registration, Security, HelpDesk, Auditor];
    /// Gives an employee a code token, and takes it back.
    AssignTokens = "token:assign": [Registration, Administrator];
    /// Blocks the code token of an employee of one's company.
    BlockTokenFor = "token:block_for": [Registration, Administrator];
    /// Blocks a code token by its serial number: of a person who called.
    BlockTokens = "token:block": [Security, HelpDesk];
    /// Says with what employees log in beside the key card.
    SetFactors = "company:set_factors": [Administrator];
    /// Prints letters: sees keys and temporary passwords on their way.
    PrintLetters = "letter:print": [Registration];
    /// Reads the audit and its checkpoints.
    ReadAudit = "audit:read": [Auditor, Security];
    /// Reads messages that were given up, and jobs.
    SeeOperations = "operations:see": [Security, Auditor];
    /// Sees the operators, and what was asked about them.
    SeeOperators = "operator:see": [Security, Auditor];
    /// Asks that operators be invited, changed or ended; consents to what another asked.
    ChangeOperators = "operator:change": [Security];
}

/// Whether any of the roles includes the permission.
pub fn allows(roles: &[Role], permission: Permission) -> bool {
    permission.roles().iter().any(|role| roles.contains(role))
}
