//! The HTML edge of certificates: the list, one certificate, revoking in two steps, and revoking with a code and no login.

mod overview;

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, http::header, post, web};
use askama::Template;
use certs::{elsewhere::Use, revocation::Reason};
use openssl::{nid::Nid, x509::X509};

use super::{
    Certificate, Revoker, Scope, State,
    ending::{self, OwnEnding},
    imported::{self, Imported, KeyHome},
    read,
    revoke::at_request,
    routes::{Standing, Times, chain, find, pem, purpose, reason, with_code},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        listing::After,
        page::{self, Page},
        permissions::{self, Permission, right},
        problem::{Kind, Problem},
    },
    platform::{
        fault::FieldFault,
        ground::Ground,
        id::{CertificateId, CompanyId},
        moment::Moment,
        secret::Secret,
        text,
    },
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(file).service(whole_chain).service(one).service(ask).service(end);
    config.service(code_form).service(end_with_code).service(overview::show_overview);
}

/// A certificate as a page shows it.
struct Shown {
    serial: String,
    name: String,
    subject: String,
    purpose: String,
    carrier: String,
    state: String,
    badge: &'static str,
    not_before: Moment,
    not_after: Moment,
    revoked_at: Option<Moment>,
    reason: Option<String>,
    has_file: bool,
    may_end: bool,
    /// It was revoked, but not as others may have its key.
    may_be_compromised: bool,
}

impl Shown {
    fn of(certificate: &Certificate, page: &Page, now: Moment) -> Self {
        let (state, badge) = Standing::of(certificate, now).shown();
        let may_end = page.actor.as_ref().is_some_and(|actor| {
            permissions::allows(&actor.roles, Permission::RevokeCertificate) && Scope::changed_by(actor).includes(certificate)
        });
        Self {
            serial: certificate.serial.to_string(),
            name: common_name(&certificate.subject).to_owned(),
            subject: certificate.subject.clone(),
            purpose: page.say(purpose(certificate.kind)),
            carrier: page.say(&format!("certificates.carrier_{}", certificate.key_carrier.word())),
            state: page.say(state),
            badge,
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            revoked_at: certificate.revoked_at,
            reason: certificate.reason.map(|reason| page.say(&word_of(reason))),
            has_file: certificate.der.is_some(),
            may_end: may_end && certificate.state == State::Active,
            may_be_compromised: may_end && certificate.state == State::Revoked && certificate.may_be_revoked_for(Reason::KeyCompromise),
        }
    }
}

/// A certificate of somebody else as the list shows it.
struct ShownImport {
    id: CertificateId,
    company: CompanyId,
    name: String,
    purpose: String,
    remove: &'static str,
    issuer: String,
    fingerprint: String,
    state: String,
    badge: &'static str,
    not_after: Moment,
}

impl ShownImport {
    fn of(found: Imported, page: &Page, now: Moment) -> Self {
        let (state, badge) =
            if found.is_usable(now) { ("certificates.state_active", "success") } else { ("certificates.state_expired", "info") };
        Self {
            id: found.id,
            company: found.company,
            name: short_name(&found),
            remove: match found.key_home {
                KeyHome::Keystore => "certificates.imported_remove",
                KeyHome::Token => "certificates.imported_remove_token",
            },
            purpose: page.say(match found.purpose {
                Use::Mail => "certificates.imported_mail",
                Use::Seal => "certificates.imported_seal",
            }),
            issuer: found.issuer,
            fingerprint: text::fingerprint(&found.fingerprint),
            state: page.say(state),
            badge,
            not_after: found.not_after,
        }
    }
}

/// The common name in it; the whole subject when there is none.
fn short_name(found: &Imported) -> String {
    let parsed = X509::from_der(&found.der).ok();
    let name = parsed.and_then(|parsed| parsed.subject_name().entries_by_nid(Nid::COMMONNAME).next()?.data().to_string().ok());
    name.map_or_else(|| found.subject.clone(), |name| text::readable(&name, 200))
}

/// The name that people know, out of the subject as text; the whole subject when it has none.
fn common_name(subject: &str) -> &str {
    subject.rsplit_once("CN=").map_or(subject, |(_, name)| name)
}

#[derive(Template)]
#[template(path = "certificates/list.html")]
struct ListPage {
    page: Page,
    items: Vec<Shown>,
    next: Option<String>,
    lead: &'static str,
    /// The company for which the reader may order.
    order_for: Option<CompanyId>,
    /// The company for which the reader may import.
    import_for: Option<CompanyId>,
    /// The company for which the reader may seal.
    seal_for: Option<CompanyId>,
    /// What somebody else issued for the company for which the reader may import.
    imported: Vec<ShownImport>,
    /// When the reader's own first ends, if that is near.
    ends: Option<Moment>,
    /// What of the service's own ends soon.
    service: Vec<OwnEnding>,
}

#[derive(Template)]
#[template(path = "certificates/one.html")]
struct OnePage {
    page: Page,
    certificate: Shown,
    times: Option<Times>,
    options: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "certificates/confirm.html")]
struct ConfirmPage {
    page: Page,
    certificate: Shown,
    reason: &'static str,
    reason_text: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RevocationForm {
    reason: Option<String>,
}

#[get("/certificates")]
async fn list(
    granted: Granted<right::ListCertificates>,
    query: web::Query<After>,
    page: Page,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (now, scope) = (ground.clock().now(), Scope::seen_by(&granted.actor));
    let mut reader = ground.database.read().await?;
    let listing = read::listed(&mut reader, scope, query.cursor()?.as_ref()).await?;
    let ends = match granted.actor.employee {
        Some(employee) => ending::of_employee(&mut reader, employee, now).await?,
        None => None,
    };
    let company_where = |permission| granted.actor.company.filter(|_| permissions::allows(&granted.actor.roles, permission));
    let order_for = company_where(Permission::OrderCertificate);
    let import_for = company_where(Permission::ImportCertificate);
    let seal_for = company_where(Permission::SealDocument);
    let imported = match import_for {
        Some(company) => imported::of_company(&mut reader, company).await?,
        None => Vec::new(),
    };
    let imported = imported.into_iter().map(|found| ShownImport::of(found, &page, now)).collect();
    drop(reader);
    let service = match scope {
        Scope::Everything => ending::own(&ground).await?.into_iter().filter(|own| own.days.is_some()).collect(),
        Scope::Company(_) | Scope::Employee(_) | Scope::Nothing => Vec::new(),
    };
    let items = listing.items.iter().map(|certificate| Shown::of(certificate, &page, now)).collect();
    let lead = match scope {
        Scope::Company(_) => "certificates.lead_company",
        Scope::Employee(_) | Scope::Nothing => "certificates.lead_own",
        Scope::Everything => "certificates.lead_all",
    };
    page::show(&ListPage {
        page,
        items,
        next: listing.next.map(|cursor| cursor.word()),
        lead,
        order_for,
        import_for,
        seal_for,
        imported,
        ends,
        service,
    })
}

#[get("/certificates/{serial}.pem")]
async fn file(
    granted: Granted<right::ListCertificates>,
    serial: web::Path<String>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let found = find(&ground, Scope::seen_by(&granted.actor), &serial).await?;
    let text = pem(&found).ok_or(Problem::of(Kind::NotFound))?;
    let name = format!("attachment; filename=\"{}.pem\"", found.serial);
    Ok(HttpResponse::Ok().content_type("application/x-pem-file").insert_header((header::CONTENT_DISPOSITION, name)).body(text))
}

/// The certificate and those above it: what programs of one's own want.
#[get("/certificates/{serial}/chain.pem")]
async fn whole_chain(
    granted: Granted<right::ListCertificates>,
    serial: web::Path<String>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let found = find(&ground, Scope::seen_by(&granted.actor), &serial).await?;
    let text = format!("{}{}", pem(&found).ok_or(Problem::of(Kind::NotFound))?, chain(&ground, &found).await?);
    let name = format!("attachment; filename=\"{}-chain.pem\"", found.serial);
    Ok(HttpResponse::Ok().content_type("application/x-pem-file").insert_header((header::CONTENT_DISPOSITION, name)).body(text))
}

#[get("/certificates/{serial}")]
async fn one(
    granted: Granted<right::ListCertificates>,
    serial: web::Path<String>,
    page: Page,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let found = find(&ground, Scope::seen_by(&granted.actor), &serial).await?;
    show_one(StatusCode::OK, page, &found, &ground).await
}

/// The first step: a reason is chosen; nothing changes yet.
#[post("/certificates/{serial}/revocation")]
async fn ask(
    granted: Granted<right::RevokeCertificate>,
    serial: web::Path<String>,
    page: Page,
    Form(form): Form<RevocationForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let now = ground.clock().now();
    let found = find(&ground, Scope::changed_by(&granted.actor), &serial).await?;
    match reason(form.reason.as_deref().unwrap_or(""), Revoker::of(&granted.actor)) {
        Err(problem) => show_one(problem.kind.status(), page.refused(&problem), &found, &ground).await,
        Ok(reason) => {
            let certificate = Shown::of(&found, &page, now);
            let reason_text = page.say(&word_of(reason));
            page::show(&ConfirmPage { page, certificate, reason: reason.as_str(), reason_text })
        }
    }
}

/// The second step: it ends.
#[post("/certificates/{serial}/revocation/confirmation")]
async fn end(
    granted: Granted<right::RevokeCertificate>,
    serial: web::Path<String>,
    request: HttpRequest,
    Form(form): Form<RevocationForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let found = find(&ground, Scope::changed_by(&granted.actor), &serial).await?;
    let reason = reason(form.reason.as_deref().unwrap_or(""), Revoker::of(&granted.actor))?;
    match at_request(&ground, &granted.actor, found.serial, reason).await.map_err(Problem::from) {
        Ok(_) => Ok(page::go(&format!("/certificates/{}", found.serial))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict) => {
            let page = Page::of(&request).await?.refused(&problem);
            let found = find(&ground, Scope::changed_by(&granted.actor), &serial).await?;
            show_one(problem.kind.status(), page, &found, &ground).await
        }
        Err(problem) => Err(problem),
    }
}

async fn show_one(status: StatusCode, page: Page, found: &Certificate, ground: &Ground) -> Result<HttpResponse, Problem> {
    let certificate = Shown::of(found, &page, ground.clock().now());
    let times = Times::of(ground, found).await?;
    let revoker = page.actor.as_ref().map_or(Revoker::Holder, Revoker::of);
    let options = options(&page, revoker);
    page::render(status, &OnePage { page, certificate, times, options })
}

/// The reasons of a form, a choice asked for first.
fn options(page: &Page, revoker: Revoker) -> Vec<(&'static str, String)> {
    let choose = [("", page.say("certificates.reason_choose"))];
    choose.into_iter().chain(revoker.reasons().iter().map(|reason| (reason.as_str(), page.say(&word_of(*reason))))).collect()
}

#[derive(Template)]
#[template(path = "certificates/code.html")]
struct CodePage {
    page: Page,
    options: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "certificates/code_done.html")]
struct CodeDonePage {
    page: Page,
    items: Vec<Shown>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeForm {
    code: Secret<String>,
    #[serde(default)]
    reason: String,
}

/// For whoever cannot log in: nothing changes here yet.
#[get("/revoke")]
async fn code_form(page: Page) -> Result<HttpResponse, Problem> {
    let options = options(&page, Revoker::Code);
    page::show(&CodePage { page, options })
}

/// What came with the code ends.
#[post("/revoke")]
async fn end_with_code(
    request: HttpRequest,
    page: Page,
    Form(form): Form<CodeForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match with_code(&ground, &request, &form.code, &form.reason).await {
        Ok(ended) => {
            let now = ground.clock().now();
            let items = ended.iter().map(|found| Shown::of(found, &page, now)).collect();
            page::show(&CodeDonePage { page, items })
        }
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Invalid | Kind::NotRight | Kind::TooManyTries) => {
            let problem = beside_its_field(problem);
            let options = options(&page, Revoker::Code);
            let page = page.typed("reason", &form.reason).refused(&problem);
            page::render(problem.kind.status(), &CodePage { page, options })
        }
        Err(problem) => Err(problem),
    }
}

/// A wrong code is told beside its field.
fn beside_its_field(problem: Problem) -> Problem {
    if problem.kind != Kind::NotRight {
        return problem;
    }
    Problem { faults: vec![FieldFault::new("code", "field_revocation_code_unknown")], ..problem }
}

/// The key of a reason's words.
fn word_of(reason: Reason) -> String {
    format!("certificates.reason_{}", reason.as_str())
}
