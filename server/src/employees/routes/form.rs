//! The JSON edge of agreements on paper: the form to print, what an operator saw of it, its scan; and an order that is taken back.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, put, web};

use super::{
    agreement::{AcceptanceAnswer, PersonBody, accept, answer_of},
    require_proof, visible_company,
};
use crate::{
    companies::{
        self, Company, CompanyError, Signatory,
        agreement::{Acceptance, Form, SignedBy},
        form,
    },
    employees::appoint,
    http::{
        body::{Json, bounded, one_of_few},
        guard::Granted,
        page,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, SignatoryId},
        limits,
        words::Language,
    },
};

/// A form that was signed on paper, as it was seen.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormBody {
    /// The day on the form: `YYYY-MM-DD` or `DD-MM-YYYY`.
    pub signed_on: String,
    /// The language of the text that was signed; that of `Accept-Language` when left out.
    #[serde(default)]
    pub language: Option<Language>,
    /// Whom the form appoints as administrator; null when another has or will.
    #[serde(default)]
    pub administrator: Option<PersonBody>,
}

/// The company and its signatory, for operators.
pub async fn signatory_of(ground: &Ground, actor: &Actor, path: (CompanyId, SignatoryId)) -> Result<(Company, Signatory), Problem> {
    let company = visible_company(ground, actor, path.0).await?;
    let found = companies::read::signatory(&mut ground.database.read().await?, path.0, path.1).await?;
    Ok((company, found.ok_or_else(|| Problem::of(Kind::NotFound))?))
}

/// Records a form, after a fresh proof.
///
/// # Errors
/// [`Kind::ProveAgain`], [`Kind::NotFound`], the faults, and those of [`appoint::accept`].
pub async fn record_form(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, SignatoryId),
    body: FormBody,
    language: Language,
) -> Result<AcceptanceAnswer, Problem> {
    let (company, signatory) = signatory_of(ground, actor, path).await?;
    require_proof(ground, actor)?;
    let mut faults = Vec::new();
    let signed_on = Day::parse(&body.signed_on);
    if signed_on.is_none() {
        faults.push(FieldFault::new("signed_on", "field_form_day"));
    }
    let nominee = body.administrator.map(|person| appoint::nominee(&person.given_name, &person.surname, &person.email));
    let nominee = nominee.transpose().map_err(|wrong| faults.extend(wrong));
    let (Some(signed_on), Ok(nominee)) = (signed_on, nominee) else { return Err(Problem::invalid(faults)) };
    let agreement_hash = companies::agreement::text(&company, body.language.unwrap_or(language)).hash().to_vec();
    let (seen_by, seen_by_name) = (actor.account, actor.name.clone());
    let form = Form { company: company.id, signatory: signatory.id, signed_on, seen_by, seen_by_name };
    let acceptance = Acceptance { by: SignedBy::Form(form), agreement_hash, nominee };
    Ok(answer_of(&accept(ground, &acceptance, language).await?))
}

/// Records that a signatory signed the printed form: you saw it. Needs a fresh proof.
#[utoipa::path(tag = "companies", request_body = FormBody,
    responses((status = 200, body = AcceptanceAnswer), (status = 403), (status = 404), (status = 409), (status = 410), (status = 422)))]
#[post("/api/v1/companies/{company}/signatories/{signatory}/form")]
pub async fn record_signed_form(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, SignatoryId)>,
    request: HttpRequest,
    body: Json<FormBody>,
) -> Result<web::Json<AcceptanceAnswer>, Problem> {
    let language = page::language(&request);
    Ok(web::Json(record_form(&ground, &granted.actor, path.into_inner(), body.0, language).await?))
}

/// The form to print, in the language that `Accept-Language` asks for.
#[utoipa::path(tag = "companies", responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = 404)))]
#[get("/api/v1/companies/{company}/signatories/{signatory}/form")]
pub async fn print_form(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, SignatoryId)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (company, signatory) = signatory_of(&ground, &granted.actor, path.into_inner()).await?;
    let pdf = form::print(&company, &signatory, page::language(&request))?;
    Ok(companies::pages::pdf_answer(&pdf))
}

/// Keeps the scan of a form.
///
/// # Errors
/// Those of [`form::keep_scan`].
pub async fn keep(ground: &Ground, actor: &Actor, path: (CompanyId, SignatoryId), scan: &[u8]) -> Result<(), CompanyError> {
    let (sealed, author) = (form::seal_scan(ground, path.1, scan).await?, actor.author());
    ground.database.write(async |unit| form::keep_scan(unit, path, &sealed, author).await).await
}

/// Keeps the scan (PDF, at most 5 MiB) of a form that was recorded, once. Needs a fresh proof.
#[utoipa::path(tag = "companies", request_body(content_type = "application/pdf", content = Vec<u8>),
    responses((status = 204), (status = 403), (status = 404), (status = 413), (status = 422)))]
#[put("/api/v1/companies/{company}/signatories/{signatory}/form/scan")]
pub async fn keep_scan(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, SignatoryId)>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    require_proof(&ground, &granted.actor)?;
    let scan = one_of_few(bounded(&request, &mut payload.into_inner(), limits::SCAN_BYTES)).await?;
    keep(&ground, &granted.actor, path.into_inner(), &scan).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The scan of a form.
#[utoipa::path(tag = "companies", responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = 404)))]
#[get("/api/v1/companies/{company}/signatories/{signatory}/form/scan")]
pub async fn fetch_scan(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let (_, signatory) = signatory_of(&ground, &granted.actor, path.into_inner()).await?;
    let scan = form::scan(&ground, signatory.id).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"form.pdf\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(scan.to_vec()))
}

/// Takes an order back, after a fresh proof.
///
/// # Errors
/// [`require_proof`]'s, and those of [`companies::withdraw::withdraw`].
pub async fn withdraw(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<(), Problem> {
    require_proof(ground, actor)?;
    let author = actor.author();
    ground.database.write(async |unit| companies::withdraw::withdraw(unit, company, author).await).await?;
    Ok(())
}

/// Takes back an order that is not signed yet; its links are dead. A new link to a signatory lets it go on. Needs a fresh proof.
#[utoipa::path(tag = "companies", responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/companies/{company}/order-withdrawal")]
pub async fn withdraw_order(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    withdraw(&ground, &granted.actor, *company).await?;
    Ok(HttpResponse::NoContent().finish())
}
