//! The form that invites, and the page that shows a temporary password once.

use actix_web::{
    HttpResponse, get,
    http::{StatusCode, header},
    post, web,
};
use askama::Template;

use super::employee::refused;
use crate::{
    companies::{
        Company,
        pages::{Typed, typed},
    },
    employees::{
        Vouching, handout, invite,
        routes::{DetailsBody, InvitationBody, Invited, RenewalBody, invite_once, own_company, renew, visible_employee},
    },
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    notices,
    platform::{
        actor::Actor,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        secret::Secret,
        words::Language,
    },
    proofing::{
        Channel,
        pages::{kinds, permits, presented},
    },
};

#[derive(Template)]
#[template(path = "employees/new.html")]
struct NewPage {
    page: Page,
    company: CompanyId,
    company_name: String,
    /// Whether all that lacks is a fresh proof, which is given beside the form so that nothing typed is lost.
    lacks_proof: bool,
    places: std::ops::Range<usize>,
    kinds: Vec<(&'static str, String)>,
    permits: Vec<(&'static str, String)>,
    ways: Vec<(&'static str, String)>,
}

/// How the temporary password may travel.
pub fn ways(page: &Page, ground: &Ground) -> Vec<(&'static str, String)> {
    let mut ways = vec![("in_person", page.say("employees.vouched_in_person")), ("by_letter", page.say("employees.vouched_by_letter"))];
    if notices::has_texts(&ground.config) {
        ways.push(("by_text", page.say("employees.vouched_by_text")));
    }
    ways
}

/// One document with a photo is enough.
pub const SEEN_ROWS: usize = 1;

impl NewPage {
    fn of(ground: &Ground, page: Page, company: Company, lacks_proof: bool) -> Self {
        let ways = ways(&page, ground);
        let (kinds, permits) = (kinds(&page, Channel::Company), permits());
        Self { company: company.id, company_name: company.legal_name, lacks_proof, places: 0..SEEN_ROWS, kinds, permits, ways, page }
    }
}

#[get("/companies/{company}/employees/new")]
pub async fn show_form(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let page = page.typed("language", ground.config.policy.language.tag());
    page::show(&NewPage::of(&ground, page, company, false))
}

/// What was typed; when no way of vouching was chosen, that fault and those of the other fields at once.
fn invitation(form: &Typed) -> Result<InvitationBody, Problem> {
    let [given_name, surname, email, birth_date] = ["given_name", "surname", "email", "birth_date"].map(|field| typed(form, field));
    let documents = presented(SEEN_ROWS, |field| typed(form, field));
    let Some(vouched) = Vouching::of(&typed(form, "vouched")) else {
        let mut faults = invite::person("", &given_name, &surname, &email).err().unwrap_or_default();
        faults.push(not_chosen());
        return Err(Problem::invalid(faults));
    };
    let email_in_certificate = form.contains_key("email_in_certificate");
    let language = Language::of(&typed(form, "language"));
    let telephone = typed(form, "telephone");
    let details = Some(details(form)).filter(|details| *details != DetailsBody::default());
    Ok(InvitationBody { given_name, surname, email, email_in_certificate, birth_date, vouched, documents, language, telephone, details })
}

/// What the company says of the person for itself; groups with commas between.
fn details(form: &Typed) -> DetailsBody {
    let [unit, title, rid] = ["unit", "title", "rid"].map(|field| typed(form, field));
    let groups = typed(form, "groups").split(',').map(|group| group.trim().to_owned()).filter(|group| !group.is_empty()).collect();
    DetailsBody { unit, title, groups, rid }
}

fn not_chosen() -> FieldFault {
    FieldFault::new("vouched", "field_choice")
}

#[post("/companies/{company}/employees/new")]
pub async fn invite_employee(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    key: Idempotency,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let page = form.0.iter().fold(page, |page, (field, text)| page.typed(field, text));
    let outcome = match invitation(&form.0) {
        Ok(body) => invite_once(&ground, &granted.actor, company.id, &body, &key).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(Invited::New(id, Some(code))) => {
            show_code(&ground, &granted.actor, page, (&address(company.id, id), &form_name(&form.0)), &code).await
        }
        Ok(Invited::New(..)) => Ok(page::go(&format!("/companies/{}?told=invited", company.id))),
        Ok(Invited::Earlier(_)) => Ok(page::go(&format!("/companies/{}", company.id))),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::ProveAgain) => {
            let lacks_proof = problem.kind == Kind::ProveAgain;
            page::render(problem.kind.status(), &NewPage::of(&ground, page.refused(&problem), company, lacks_proof))
        }
        Err(problem) => Err(problem),
    }
}

fn address(company: CompanyId, employee: EmployeeId) -> String {
    format!("/companies/{company}/employees/{employee}")
}

fn form_name(form: &Typed) -> String {
    format!("{} {}", typed(form, "given_name").trim(), typed(form, "surname").trim())
}

#[derive(Template)]
#[template(path = "employees/code.html")]
struct CodePage<'a> {
    page: Page,
    back: &'a str,
    name: &'a str,
    code: &'a str,
    /// Sign by sign.
    spelled: String,
    /// What the file is made from.
    ticket: String,
    days: i64,
}

/// The page that shows a temporary password once, and leads back.
///
/// # Errors
/// When the keystore fails or the page cannot be rendered.
pub async fn show_code(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    (back, name): (&str, &str),
    code: &Secret<String>,
) -> Result<HttpResponse, Problem> {
    let ticket = handout::ticket(ground, actor.account, code).await.map_err(|error| Problem::unforeseen(&error))?;
    let spelled = handout::spelled(code.reveal(), page.words);
    let days = ground.config.policy.activation_days;
    let mut response = page::render(StatusCode::OK, &CodePage { page, back, name, code: code.reveal(), spelled, ticket, days })?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketForm {
    ticket: String,
}

/// The temporary password as a file of plain text, for whom it was shown to.
#[post("/temporary-password.txt")]
pub async fn fetch_code(
    granted: Granted<right::RenewInvitation>,
    ground: web::Data<Ground>,
    page: Page,
    form: Form<TicketForm>,
) -> Result<HttpResponse, Problem> {
    let found = handout::read(&ground, granted.actor.account, &form.0.ticket).await.map_err(|error| Problem::unforeseen(&error))?;
    let code = found.ok_or_else(|| Problem::saying(Kind::Gone, "employees.code_gone"))?;
    let spelled = handout::spelled(code.reveal(), page.words);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"temporary-password.txt\""))
        .body(format!("{}\r\n{spelled}\r\n", code.reveal())))
}

#[post("/companies/{company}/employees/{employee}/invitation")]
pub async fn renew_invitation(
    granted: Granted<right::RenewInvitation>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let (_, employee) = visible_employee(&ground, &granted.actor, path).await?;
    let outcome = match Vouching::of(&typed(&form.0, "vouched")) {
        Some(vouched) => {
            let documents = presented(SEEN_ROWS, |field| typed(&form.0, field));
            renew(&ground, &granted.actor, path, &RenewalBody { vouched, documents, birth_date: typed(&form.0, "birth_date") }).await
        }
        None => Err(Problem::invalid(vec![not_chosen()])),
    };
    match outcome {
        Ok(Some(code)) => show_code(&ground, &granted.actor, page, (&address(path.0, path.1), employee.name()), &code).await,
        Ok(None) => Ok(page::go(&format!("/companies/{}/employees/{}?told=renewed", path.0, path.1))),
        Err(problem) => refused(&ground, &granted.actor, page, path, problem).await,
    }
}
