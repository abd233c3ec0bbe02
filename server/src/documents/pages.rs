//! `/documents` and the public page `/verify`.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    Asked, Document, DocumentState, Plan, Way, Whose, phone_pages,
    routes::{ApprovalBody, owner, parse, pdf, picture, sign_as_asked},
    trust::TrustSource,
    verdict::{Judgement, Report, Verdict},
};
use crate::{
    config::Mode,
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
        upload::Upload,
    },
    keycards,
    platform::{fault::FieldFault, ground::Ground, id::DocumentId, moment::Moment, text},
};

/// The slice's pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(list)
        .service(take_upload)
        .service(one)
        .service(content)
        .service(page_picture)
        .service(after_login)
        .service(ask)
        .service(question)
        .service(approve)
        .service(verify_form)
        .service(take_verify);
    config.configure(super::phone_pages::configure).configure(super::seal_pages::configure);
}

#[derive(Template)]
#[template(path = "documents/list.html")]
struct ListPage {
    page: Page,
    documents: Vec<Document>,
    next: Option<String>,
    most_megabytes: usize,
}

/// Where the list goes on. Not strict: the language link says `language` too.
#[derive(serde::Deserialize)]
struct Onward {
    after: Option<DocumentId>,
}

#[get("/documents")]
async fn list(
    page: Page,
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    onward: web::Query<Onward>,
) -> Result<HttpResponse, Problem> {
    show_list(page, &granted, &ground, onward.after, StatusCode::OK).await
}

async fn show_list(
    page: Page,
    granted: &Granted<right::UseDocuments>,
    ground: &Ground,
    after: Option<DocumentId>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let (documents, next) = super::list(&mut reader, &granted.actor, after).await?;
    let most_megabytes = ground.config.policy.document_bytes / (1024 * 1024);
    page::render(status, &ListPage { page, documents, next: next.map(|id| id.to_string()), most_megabytes })
}

#[post("/documents")]
async fn take_upload(
    page: Page,
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let typed = upload.field("title").unwrap_or("").trim().to_owned();
    let nothing = typed.is_empty() && upload.file_name.is_empty() && upload.bytes.is_empty();
    let title = if typed.is_empty() { upload.file_name.clone() } else { typed.clone() };
    let owner = owner(&granted.actor)?;
    let stored: Result<Document, Problem> = async {
        if nothing {
            return Err(Problem::invalid(vec![FieldFault::new("file", "field_file")]));
        }
        let checked = super::check(&ground, &title, upload.bytes).await?;
        Ok(ground.database.write(async |unit| super::store(unit, &granted.actor, owner, &checked).await).await?)
    }
    .await;
    match stored {
        Ok(document) => Ok(page::go(&format!("/documents/{}", document.id))),
        Err(problem) => {
            let page = page.refused(&problem).typed("title", &typed);
            show_list(page, &granted, &ground, None, problem.kind.status()).await
        }
    }
}

#[derive(Template)]
#[template(path = "documents/one.html")]
struct OnePage {
    page: Page,
    document: Document,
    report: Option<Report>,
    way: Way,
}

impl OnePage {
    /// Who signed, and when, of the signatures that hold and whose signer is known here.
    fn signatures(&self) -> Vec<String> {
        let all = self.report.iter().flat_map(|report| &report.signatures);
        let known = all.filter(|judged| judged.trusted && judged.verdict != Verdict::Invalid);
        let sentence = |judged: &Judgement| {
            let when = match (&judged.proven_at, &judged.claimed_at) {
                (Some(at), _) => self.page.time(at),
                (None, Some(date)) => claimed(&self.page, date),
                (None, None) => return None,
            };
            Some(self.page.with2("documents.signed_by", "name", &judged.signer.as_ref()?.name, "when", when))
        };
        known.filter_map(sentence).collect()
    }
}

#[get("/documents/{id}")]
async fn one(
    page: Page,
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let news = request.query_string().split('&').any(|pair| pair == "signed=yes").then(|| page.say("documents.signed_now"));
    let page = match news {
        Some(news) => page.told(news),
        None => page,
    };
    show_one(page, &granted, &ground, &id, StatusCode::OK).await
}

async fn show_one(
    page: Page,
    granted: &Granted<right::UseDocuments>,
    ground: &Ground,
    id: &str,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let document = super::one(&mut reader, &granted.actor, parse(id)?).await?;
    let bytes = super::bytes(&mut reader, &document).await?;
    drop(reader);
    // What was uploaded may carry others' signatures: they are shown too.
    let report = super::verify(ground, Whose::Person, bytes).await.ok().filter(|report| report.verdict != Verdict::NoSignature);
    let way = super::way_of(ground, &granted.actor).await?;
    page::render(status, &OnePage { page, document, report, way })
}

#[get("/documents/{id}/content")]
async fn content(granted: Granted<right::UseDocuments>, ground: web::Data<Ground>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    pdf(&ground, &granted.actor, &id).await
}

#[get("/documents/{id}/pages/{number}.png")]
async fn page_picture(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, number) = path.into_inner();
    picture(&ground, &granted.actor, &id, parse(&number)?).await
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AskForm {
    reason: String,
    place: String,
    /// `card`, or the phone first.
    #[serde(default)]
    by: String,
}

#[derive(Template)]
#[template(path = "documents/sign.html")]
struct SignPage {
    page: Page,
    document: Document,
    asked: Asked,
    demo_key: Option<String>,
}

/// Whoever logs in again in the middle of asking comes back to the document.
#[get("/documents/{id}/signatures")]
async fn after_login(_granted: Granted<right::UseDocuments>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id: DocumentId = parse(&id)?;
    Ok(page::go(&format!("/documents/{id}")))
}

#[post("/documents/{id}/signatures")]
async fn ask(
    page: Page,
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    id: web::Path<String>,
    form: Form<AskForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let document: DocumentId = parse(&id)?;
    let asked: Result<String, Problem> = async {
        let plan = Plan::parse(Some(&form.0.reason), Some(&form.0.place))?;
        if form.0.by != "card"
            && let Some(place) = phone_pages::ask(&ground, &granted.actor, document, &plan, &request).await?
        {
            return Ok(place);
        }
        let asked = super::ask(&ground, &granted.actor, document, &plan).await?;
        Ok(format!("/documents/{document}/signatures/{}", asked.signature))
    }
    .await;
    match asked {
        Ok(place) => Ok(page::go(&place)),
        Err(problem) => {
            let page = page.refused(&problem).typed("reason", &form.0.reason).typed("place", &form.0.place);
            show_one(page, &granted, &ground, &id, problem.kind.status()).await
        }
    }
}

/// The question, as often as it is opened while it waits for its answer.
#[get("/documents/{id}/signatures/{signature}")]
async fn question(
    page: Page,
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    if let Some(shown) = phone_pages::show(&page, &granted, &ground, &path).await? {
        return Ok(shown);
    }
    show_question(page, &granted, &ground, &path, StatusCode::OK).await
}

/// The question; the document when the question was answered, with the reason above it when it can be answered no more.
async fn show_question(
    page: Page,
    granted: &Granted<right::UseDocuments>,
    ground: &Ground,
    (id, signature): &(String, String),
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let found = super::question(&mut reader, &granted.actor, parse(id)?, parse(signature)?, ground.clock().now()).await;
    drop(reader);
    match found.map_err(Problem::from) {
        Ok((document, asked)) => {
            let demo_key = match ground.config.server.mode {
                Mode::Demonstration => keycards::demo_key(ground, asked.question.challenge).await?,
                Mode::Real => None,
            };
            page::render(status, &SignPage { page, document, asked, demo_key })
        }
        Err(problem) if problem.kind == Kind::AlreadyDone => Ok(page::go(&format!("/documents/{id}"))),
        Err(problem) => show_one(page.refused(&problem), granted, ground, id, problem.kind.status()).await,
    }
}

#[post("/documents/{id}/signatures/{signature}")]
async fn approve(
    page: Page,
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
    form: Form<ApprovalBody>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    match sign_as_asked(&ground, &granted.actor, &path, form.0, &request).await {
        Ok(document) => Ok(page::go(&format!("/documents/{}?signed=yes", document.id))),
        Err(problem) if problem.kind == Kind::NotRight => {
            show_question(page.refused(&problem), &granted, &ground, &path, problem.kind.status()).await
        }
        Err(problem) => show_one(page.refused(&problem), &granted, &ground, &path.0, problem.kind.status()).await,
    }
}

#[derive(Template)]
#[template(path = "documents/verify.html")]
struct VerifyPage {
    page: Page,
    file_name: String,
    report: Option<Report>,
    most_megabytes: usize,
}

#[get("/verify")]
async fn verify_form(page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    show_verify(page, &ground, String::new(), None, StatusCode::OK)
}

fn show_verify(
    page: Page,
    ground: &Ground,
    file_name: String,
    report: Option<Report>,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let most_megabytes = ground.config.policy.document_bytes / (1024 * 1024);
    page::render(status, &VerifyPage { page, file_name, report, most_megabytes })
}

#[post("/verify")]
async fn take_verify(page: Page, ground: web::Data<Ground>, upload: Upload) -> Result<HttpResponse, Problem> {
    let name = text::readable(&upload.file_name, 100);
    match super::verify(&ground, Whose::Stranger, upload.bytes).await.map_err(Problem::from) {
        Ok(report) => show_verify(page, &ground, name, Some(report), StatusCode::OK),
        Err(problem) => show_verify(page.refused(&problem), &ground, name, None, problem.kind.status()),
    }
}

/// What the signer's own clock said, as every other time on the page where it is a moment at all.
fn claimed(page: &Page, date: &str) -> String {
    let readable = readable(date);
    match OffsetDateTime::parse(&readable.replacen(' ', "T", 1), &Rfc3339) {
        Ok(at) => page.time(&Moment::from_datetime(at)),
        Err(_) => readable,
    }
}

/// A PDF date (`D:20261122214655Z`) as `2026-11-22 21:46:55Z`; what is none, as it is.
fn readable(date: &str) -> String {
    let digits = date.strip_prefix("D:").unwrap_or(date);
    match digits.get(..14).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(part) => {
            let (day, clock) = part.split_at(8);
            let zone = digits.get(14..).unwrap_or_default().replacen('\'', ":", 1).replace('\'', "");
            let (year, month, date) = (&day[..4], &day[4..6], &day[6..]);
            format!("{year}-{month}-{date} {}:{}:{}{zone}", &clock[..2], &clock[2..4], &clock[4..])
        }
        None => date.to_owned(),
    }
}

impl Verdict {
    /// How it looks: the colour of its alert.
    fn colour(self) -> &'static str {
        match self {
            Self::Valid => "success",
            Self::Indeterminate => "warning",
            Self::Invalid => "error",
            Self::NoSignature => "info",
        }
    }

    /// The key of its words.
    fn key(self) -> &'static str {
        match self {
            Self::Valid => "documents.verdict_valid",
            Self::Indeterminate => "documents.verdict_indeterminate",
            Self::Invalid => "documents.verdict_invalid",
            Self::NoSignature => "documents.verdict_no_signature",
        }
    }
}

impl Judgement {
    /// The key of the words for its reason.
    fn why_key(&self) -> String {
        format!("documents.why_{}", self.why.word())
    }

    /// The key of the words for where its trust comes from.
    fn trust_key(&self) -> &'static str {
        match self.trust_source {
            Some(TrustSource::AddedRoots) => "documents.trusted_added",
            Some(TrustSource::GivenFiles) => "documents.trusted_given",
            Some(TrustSource::OwnRoots) | None => "documents.trusted_root",
        }
    }

    /// The root's name for people: of an added root the whole subject.
    fn root_name(&self, common_name: &str) -> String {
        match (self.trust_source, &self.root_subject) {
            (Some(TrustSource::AddedRoots), Some(subject)) => subject.clone(),
            (_, _) => common_name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_date_is_shown_in_a_form_that_people_read() {
        assert_eq!(readable("D:20261122214655Z"), "2026-11-22 21:46:55Z");
        assert_eq!(readable("D:20261122214655+01'00'"), "2026-11-22 21:46:55+01:00");
        assert_eq!(readable("yesterday"), "yesterday");
    }

    #[test]
    fn the_language_link_of_a_list_is_no_fault() {
        assert!(web::Query::<Onward>::from_query("language=en").is_ok());
    }
}
