//! The JSON edge of certificates: list, look, revoke with a login or with a revocation code.

mod overview;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use certs::{elsewhere::ImportFault, keystore::KeystoreError, profiles::Kind as Purpose, revocation::Reason, serial::Serial};
use openssl::x509::X509;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Certificate, CertificateError, KeyCarrier, Revoker, Scope, State, code, read, revoke};
use crate::{
    authorities,
    http::{
        body::Json,
        guard::Granted,
        listing::After,
        network,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        fault::FieldFault,
        ground::Ground,
        id::{EmployeeId, ProofingId},
        moment::Moment,
        secret::Secret,
    },
    status,
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list).service(one).service(end).service(end_with_code).service(overview::show_overview);
}

/// How far a certificate is, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// Given up before it was handed out.
    Abandoned,
    /// Valid and not revoked.
    Active,
    /// Past its last day.
    Expired,
    /// On its way.
    Intended,
    /// Ended before its time.
    Revoked,
}

impl Standing {
    pub(super) fn of(certificate: &Certificate, now: Moment) -> Self {
        match certificate.state {
            State::Abandoned => Self::Abandoned,
            State::Active if certificate.has_expired(now) => Self::Expired,
            State::Active => Self::Active,
            State::Intended => Self::Intended,
            State::Revoked => Self::Revoked,
        }
    }

    /// The key of its words, and the badge that it wears.
    pub(super) const fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::Abandoned => ("certificates.state_abandoned", "info"),
            Self::Active => ("certificates.state_active", "success"),
            Self::Expired => ("certificates.state_expired", "info"),
            Self::Intended => ("certificates.state_intended", "info"),
            Self::Revoked => ("certificates.state_revoked", "error"),
        }
    }
}

/// A certificate in a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Item {
    /// Serial number, hexadecimal.
    serial: String,
    /// signing, mail, encryption; responder, timestamp, notice for the service's own.
    purpose: &'static str,
    /// The subject, for people.
    subject: String,
    /// The e-mail address in it.
    email: Option<String>,
    /// Whose; null for the service's own.
    employee: Option<EmployeeId>,
    /// The record of how the person was vouched for, and by whom; null for the service's own.
    proofing: Option<ProofingId>,
    /// Where its key rests: central, key_file, own_software or hardware, as the person said.
    key_carrier: KeyCarrier,
    state: Standing,
    not_before: Moment,
    not_after: Moment,
    issued_at: Option<Moment>,
    revoked_at: Option<Moment>,
    /// Why, in the words of RFC 5280.
    reason: Option<&'static str>,
}

impl Item {
    fn of(certificate: &Certificate, now: Moment) -> Self {
        Self {
            serial: certificate.serial.to_string(),
            purpose: certificate.kind.as_str(),
            subject: certificate.subject.clone(),
            email: certificate.email.clone(),
            employee: certificate.employee,
            proofing: certificate.proofing,
            key_carrier: certificate.key_carrier,
            state: Standing::of(certificate, now),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            issued_at: certificate.activated_at,
            revoked_at: certificate.revoked_at,
            reason: certificate.reason.map(Reason::as_str),
        }
    }
}

/// One certificate whole.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Whole {
    #[serde(flatten)]
    item: Item,
    /// When the world could see the revocation; null before one.
    revocation: Option<Times>,
    /// The certificate, PEM; null before it is signed.
    pem: Option<String>,
    /// The certificates above it, PEM, the issuer's first.
    chain: String,
}

/// The three times of a revocation.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct Times {
    /// When it was recorded: from here on it counts.
    pub(super) recorded_at: Moment,
    /// When our OCSP responder was first seen to answer so: within a second.
    pub(super) answered_at: Option<Moment>,
    /// When the certificate's list first named it: within a minute.
    pub(super) listed_at: Option<Moment>,
}

impl Times {
    /// Those of a certificate that was revoked.
    pub(super) async fn of(ground: &Ground, certificate: &Certificate) -> Result<Option<Self>, Problem> {
        let Some(recorded_at) = certificate.revoked_at else { return Ok(None) };
        let seen = status::seen(&mut ground.database.read().await?, certificate.authority, &certificate.serial).await?;
        Ok(Some(Self { recorded_at, answered_at: seen.answered_at, listed_at: seen.listed_at }))
    }
}

impl Whole {
    async fn of(ground: &Ground, found: &Certificate) -> Result<Self, Problem> {
        let revocation = Times::of(ground, found).await?;
        Ok(Self { item: Item::of(found, ground.clock().now()), revocation, pem: pem(found), chain: chain(ground, found).await? })
    }
}

/// A page of certificates.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Items {
    items: Vec<Item>,
    next: Option<String>,
}

/// What a revocation says.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Revocation {
    /// keyCompromise, affiliationChanged, superseded or cessationOfOperation (RFC 5280 section 5.3.1); employees also unspecified,
    /// administrators and operators also privilegeWithdrawn.
    reason: String,
}

/// Lists certificates, the newest first: your own; of your company for administrators; all for the operators' security and auditor.
#[utoipa::path(tag = "certificates", params(("after" = Option<String>, Query)), responses((status = 200, body = Items)))]
#[get("/api/v1/certificates")]
async fn list(
    granted: Granted<right::ListCertificates>,
    query: web::Query<After>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let listing = read::listed(&mut reader, Scope::seen_by(&granted.actor), query.cursor()?.as_ref()).await?;
    let items = listing.items.iter().map(|certificate| Item::of(certificate, now)).collect();
    Ok(HttpResponse::Ok().json(Items { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Gives one certificate, as PEM too.
#[utoipa::path(tag = "certificates", params(("serial" = String, Path, description = "Hexadecimal")), responses((status = 200, body = Whole), (status = 404)))]
#[get("/api/v1/certificates/{serial}")]
async fn one(
    granted: Granted<right::ListCertificates>,
    serial: web::Path<String>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let found = find(&ground, Scope::seen_by(&granted.actor), &serial).await?;
    Ok(HttpResponse::Ok().json(Whole::of(&ground, &found).await?))
}

/// Revokes a certificate for good: one's own, or of one's company for administrators. OCSP says so at once, the list within a minute. One that
/// was revoked for another reason may be revoked again as keyCompromise: the time stays.
#[utoipa::path(tag = "certificates", params(("serial" = String, Path, description = "Hexadecimal")), request_body = Revocation,
    responses((status = 200, body = Whole), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/certificates/{serial}/revocation")]
async fn end(
    granted: Granted<right::RevokeCertificate>,
    serial: web::Path<String>,
    Json(body): Json<Revocation>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let reason = reason(&body.reason, Revoker::of(&granted.actor))?;
    let serial = parse(&serial)?;
    revoke::at_request(&ground, &granted.actor, serial, reason).await?;
    let found = find(&ground, Scope::changed_by(&granted.actor), &serial.to_string()).await?;
    Ok(HttpResponse::Ok().json(Whole::of(&ground, &found).await?))
}

/// A revocation without a login.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeRevocation {
    /// The revocation code that came with the certificates.
    #[schema(value_type = String)]
    code: Secret<String>,
    /// keyCompromise or cessationOfOperation.
    reason: String,
}

/// What a code revoked.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Ended {
    /// The certificates that came with the code.
    items: Vec<Item>,
}

/// Revokes the certificates that came with a revocation code, without a login. Ten wrong codes within an hour close a network.
#[utoipa::path(tag = "certificates", request_body = CodeRevocation,
    responses((status = 200, body = Ended), (status = 403), (status = 409), (status = 422), (status = 429)))]
#[post("/api/v1/revocations")]
async fn end_with_code(request: HttpRequest, Json(body): Json<CodeRevocation>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let ended = with_code(&ground, &request, &body.code, &body.reason).await?;
    let now = ground.clock().now();
    Ok(HttpResponse::Ok().json(Ended { items: ended.iter().map(|found| Item::of(found, now)).collect() }))
}

/// Revokes with a typed code; all faults of the fields at once.
pub(super) async fn with_code(
    ground: &Ground,
    request: &HttpRequest,
    typed: &Secret<String>,
    reason_word: &str,
) -> Result<Vec<Certificate>, Problem> {
    let mut faults = Vec::new();
    if !code::is_code(typed.reveal()) {
        faults.push(FieldFault::new("code", "field_revocation_code"));
    }
    let reason = match reason(reason_word, Revoker::Code) {
        Ok(reason) if faults.is_empty() => reason,
        Ok(_) => return Err(Problem::invalid(faults)),
        Err(problem) => {
            faults.extend(problem.faults);
            return Err(Problem::invalid(faults));
        }
    };
    let network = network::network(network::address(request, &ground.config.server));
    Ok(code::revoke_with(ground, typed.reveal(), reason, &network).await?)
}

/// The certificates above it in PEM, the issuer's first; after the root those by which another root leads to the same issuer.
pub(super) async fn chain(ground: &Ground, certificate: &Certificate) -> Result<String, Problem> {
    let mut above = authorities::chain_of(ground, certificate.authority).await?;
    above.extend(authorities::also_of(ground, certificate.authority).await?);
    let texts = above.iter().filter_map(|der| String::from_utf8(X509::from_der(der).ok()?.to_pem().ok()?).ok());
    Ok(texts.collect())
}

/// The certificate with this serial number within a scope; what lies outside is not there.
pub(super) async fn find(ground: &Ground, scope: Scope, serial: &str) -> Result<Certificate, Problem> {
    let found = read::by_serial(&mut ground.database.read().await?, &parse(serial)?).await?;
    found.filter(|found| scope.includes(found)).ok_or(Problem::of(Kind::NotFound))
}

/// A serial number of an address; what is none names nothing.
pub(super) fn parse(serial: &str) -> Result<Serial, Problem> {
    Serial::parse(serial).map_err(|_| Problem::of(Kind::NotFound))
}

/// A reason that somebody may give in this quality.
pub(super) fn reason(word: &str, revoker: Revoker) -> Result<Reason, Problem> {
    let given = Reason::parse(word).filter(|reason| revoker.may_give(*reason));
    given.ok_or_else(|| Problem::invalid(vec![FieldFault::new("reason", "field_choice")]))
}

/// What is wrong with a file that was to be imported, beside the field of the form.
fn import_fault(fault: &ImportFault) -> FieldFault {
    let file = |rule| FieldFault::new("file", rule);
    match fault {
        ImportFault::Authority => file("field_import_authority"),
        ImportFault::Certificate(_) | ImportFault::Library(_) | ImportFault::Unreadable => file("field_import_unreadable"),
        ImportFault::Chain(_) => file("field_import_chain"),
        ImportFault::ExtendedKeyUsage | ImportFault::KeyUsage => file("field_import_usage"),
        ImportFault::Integrity => file("field_import_integrity"),
        ImportFault::KeyKind => file("field_import_key_kind"),
        ImportFault::NoAddress => file("field_import_no_address"),
        ImportFault::NoCertificate => file("field_import_no_certificate"),
        ImportFault::NoKey => file("field_import_no_key"),
        ImportFault::OldEncryption { method } => file("field_import_old_encryption").with("method", method),
        ImportFault::OtherKey => file("field_import_other_key"),
        ImportFault::OutsideValidity => file("field_import_outside_validity"),
        ImportFault::Passphrase => FieldFault::new("passphrase", "field_import_passphrase"),
        ImportFault::SelfSigned => file("field_import_self_signed"),
        ImportFault::Stray { subject } => file("field_import_stray").with("subject", subject),
        ImportFault::TooLarge => file("field_import_too_large"),
        ImportFault::TooManyRounds { .. } => file("field_import_rounds"),
        ImportFault::WeakKey(reason) => FieldFault::key("file", reason),
    }
}

/// The certificate in PEM.
pub(super) fn pem(certificate: &Certificate) -> Option<String> {
    String::from_utf8(X509::from_der(certificate.der.as_deref()?).ok()?.to_pem().ok()?).ok()
}

/// The key of the words for what a certificate is for.
pub(super) const fn purpose(kind: Purpose) -> &'static str {
    match kind {
        Purpose::Encryption => "certificates.purpose_encryption",
        Purpose::Function => "certificates.purpose_function",
        Purpose::Issuing => "certificates.purpose_issuing",
        Purpose::Mail => "certificates.purpose_mail",
        Purpose::Notice => "certificates.purpose_notice",
        Purpose::Responder => "certificates.purpose_responder",
        Purpose::Root => "certificates.purpose_root",
        Purpose::Seal => "certificates.purpose_seal",
        Purpose::Signing => "certificates.purpose_signing",
        Purpose::TimeStamp => "certificates.purpose_timestamp",
        Purpose::Tls => "certificates.purpose_tls",
    }
}

impl From<CertificateError> for Problem {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::AlreadyImported => Self::saying(Kind::AlreadyDone, "certificates.already_imported"),
            CertificateError::AlreadyRevoked => Self::saying(Kind::AlreadyDone, "certificates.already_revoked"),
            CertificateError::Authority(error) => error.into(),
            CertificateError::Busy => Self::of(Kind::NotReady),
            CertificateError::ChangedMeanwhile => Self::of(Kind::Conflict),
            CertificateError::CodeNotRight => Self::saying(Kind::NotRight, "certificates.code_not_right"),
            CertificateError::Database(error) => error.into(),
            CertificateError::Import(fault) => Self::invalid(vec![import_fault(&fault)]),
            CertificateError::ImportUnderWay => Self::saying(Kind::NotReady, "certificates.import_under_way"),
            CertificateError::IssuedHere => Self::invalid(vec![FieldFault::new("file", "field_import_issued_here")]),
            CertificateError::Keystore(KeystoreError::TakesNoKeys) => Self::saying(Kind::Conflict, "certificates.takes_no_keys"),
            CertificateError::KeyCompromised => Self::saying(Kind::Conflict, "certificates.key_compromised"),
            CertificateError::KeyOfAnother => Self::saying(Kind::Conflict, "certificates.key_of_another"),
            CertificateError::NotActive | CertificateError::NotIntended => Self::saying(Kind::Conflict, "certificates.not_active"),
            CertificateError::NotFound => Self::of(Kind::NotFound),
            CertificateError::ReasonNotAllowed => Self::invalid(vec![FieldFault::new("reason", "field_choice")]),
            CertificateError::RequestDoesNotFit => Self::invalid(vec![FieldFault::new("request", "field_key_profile")]),
            CertificateError::Status(error) => error.into(),
            CertificateError::TooManyImports { most } => {
                Self::saying(Kind::TooManyTries, "certificates.too_many_imports").with("most", most)
            }
            CertificateError::TooManyTries => Self::of(Kind::TooManyTries),
            CertificateError::WrongPassword => Self::of(Kind::NotRight),
            CertificateError::Archive(_)
            | CertificateError::EmployeeKey(_)
            | CertificateError::Issue(_)
            | CertificateError::KeyDoesNotFit { .. }
            | CertificateError::KeyFile(_)
            | CertificateError::Keystore(_)
            | CertificateError::MissingEmail
            | CertificateError::NotFinished
            | CertificateError::Name(_)
            | CertificateError::Notice(_)
            | CertificateError::NotInToken { .. }
            | CertificateError::NumbersTaken
            | CertificateError::OtherAccount
            | CertificateError::Prepare(_)
            | CertificateError::PublicKey(_)
            | CertificateError::Randomness(_)
            | CertificateError::SerialTaken
            | CertificateError::SignatureDoesNotVerify => Self::unforeseen(&error),
        }
    }
}
