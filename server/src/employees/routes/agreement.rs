//! The JSON edge of agreements: signatories read and accept.

use actix_web::{HttpRequest, HttpResponse, post, web};

use crate::{
    companies::{
        self, CompanyState,
        agreement::{Acceptance, SignedBy},
    },
    employees::{EmployeeError, appoint},
    http::{
        body::Json,
        page,
        problem::{Kind, Problem},
    },
    platform::{fault::FieldFault, ground::Ground, words::Language},
};

/// The link of a mail.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    /// The last part of the mailed address.
    link: String,
}

/// The agreement as a signatory reads it.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Agreement {
    /// The company.
    company: String,
    /// CVR number, or the association's own.
    number: String,
    /// The signatory.
    signatory: String,
    /// The signing rule: so many of its signatories must sign.
    needed: i64,
    /// How many must still sign, this one included.
    pending: i64,
    /// Whom another signatory appointed already.
    administrator: Option<String>,
    /// Which wording.
    version: &'static str,
    /// The language of `text`: what `Accept-Language` asks for.
    language: Language,
    /// The text.
    text: String,
    /// SHA-256 of the text, in hexadecimal: name it when accepting.
    hash: String,
}

/// Shows the agreement behind a mailed link. Changes nothing.
#[utoipa::path(tag = "companies", request_body = Link, responses((status = 200, body = Agreement), (status = 404), (status = 410)))]
#[post("/api/v1/agreements")]
pub async fn read_agreement(request: HttpRequest, ground: web::Data<Ground>, body: Json<Link>) -> Result<web::Json<Agreement>, Problem> {
    let found = companies::read::signatory_by_link(&mut ground.database.read().await?, &body.0.link).await?;
    let (signatory, company) = found.ok_or_else(|| Problem::of(Kind::NotFound))?;
    companies::agreement::check_open(&signatory, &company, ground.clock().now())?;
    let text = companies::agreement::text(&company, page::language(&request));
    Ok(web::Json(Agreement {
        administrator: company.nominee.as_ref().map(companies::Nominee::name),
        company: company.legal_name,
        number: company.number,
        signatory: signatory.name,
        needed: company.needed,
        pending: company.pending,
        version: text.version,
        language: text.language,
        hash: hex::encode(text.hash()),
        text: text.content,
    }))
}

/// A signatory's yes.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptanceBody {
    /// The last part of the mailed address.
    link: String,
    /// Must be true.
    accept: bool,
    /// `hash` of the text that was read; the text in the language of `Accept-Language` when left out.
    #[serde(default)]
    hash: Option<String>,
    /// Whom this signatory appoints as administrator; null when another has or will.
    #[serde(default)]
    administrator: Option<PersonBody>,
}

/// A person.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonBody {
    /// Given names, at most 64 characters.
    pub given_name: String,
    /// Surname, at most 64 characters; with the given names at most 64.
    pub surname: String,
    /// Where the invitation goes.
    pub email: String,
}

/// What an acceptance led to.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct AcceptanceAnswer {
    /// `active` once as many have accepted as the rule needs.
    state: CompanyState,
    /// How many are still to accept.
    pending: i64,
}

/// Accepts, preparing again when another signatory was faster.
///
/// # Errors
/// Those of [`appoint::prepare`] and [`appoint::accept`].
pub async fn accept(ground: &Ground, acceptance: &Acceptance, language: Language) -> Result<appoint::Outcome, EmployeeError> {
    let mut left = 3;
    loop {
        left -= 1;
        let prepared = appoint::prepare(ground, acceptance.clone(), language).await?;
        match ground.database.write(async |unit| appoint::accept(unit, &prepared).await).await {
            Err(EmployeeError::Overtaken) if left > 0 => {}
            outcome => return outcome,
        }
    }
}

/// Accepts the agreement; the yes that fulfils the rule makes the company active and invites its administrator.
#[utoipa::path(tag = "companies", request_body = AcceptanceBody,
    responses((status = 200, body = AcceptanceAnswer), (status = 404), (status = 409), (status = 410), (status = 422)))]
#[post("/api/v1/agreements/acceptance")]
pub async fn accept_agreement(
    request: HttpRequest,
    ground: web::Data<Ground>,
    body: Json<AcceptanceBody>,
) -> Result<web::Json<AcceptanceAnswer>, Problem> {
    let body = body.0;
    if !body.accept {
        return Err(Problem::invalid(vec![FieldFault::new("accept", "field_tick")]));
    }
    let language = page::language(&request);
    let nominee = body.administrator.map(|person| appoint::nominee(&person.given_name, &person.surname, &person.email));
    let nominee = nominee.transpose().map_err(Problem::invalid)?;
    let agreement_hash = match body.hash {
        Some(hash) => hex::decode(hash).map_err(|_| Problem::saying(Kind::Conflict, "companies.another_text"))?,
        None => {
            let found = companies::read::signatory_by_link(&mut ground.database.read().await?, &body.link).await?;
            let (_, company) = found.ok_or_else(|| Problem::of(Kind::NotFound))?;
            companies::agreement::text(&company, language).hash().to_vec()
        }
    };
    let acceptance = Acceptance { by: SignedBy::Link(body.link), agreement_hash, nominee };
    Ok(web::Json(answer_of(&accept(&ground, &acceptance, language).await?)))
}

/// What an acceptance led to, as it is told.
pub fn answer_of(outcome: &appoint::Outcome) -> AcceptanceAnswer {
    match outcome {
        appoint::Outcome::Active { .. } => AcceptanceAnswer { state: CompanyState::Active, pending: 0 },
        appoint::Outcome::Waiting { pending } => AcceptanceAnswer { state: CompanyState::Registered, pending: *pending },
    }
}

/// A signatory's no.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DecliningBody {
    /// The last part of the mailed address.
    link: String,
}

/// Declines the agreement: the link is used up. The other signatories are told; whoever registered the company can send a new link.
#[utoipa::path(tag = "companies", request_body = DecliningBody,
    responses((status = 204), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/agreements/declining")]
pub async fn decline_agreement(ground: web::Data<Ground>, body: Json<DecliningBody>) -> Result<HttpResponse, Problem> {
    companies::decline::decline(&ground, &body.0.link).await?;
    Ok(HttpResponse::NoContent().finish())
}
