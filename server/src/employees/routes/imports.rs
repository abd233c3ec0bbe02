//! The JSON edge of imports: a file is sent and judged, started, looked at, cancelled.

use actix_web::{HttpRequest, HttpResponse, delete, get, http::StatusCode, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{own_company, require_proof};
use crate::{
    employees::import::{Import, ImportState, Row, RowState, Way, keep, model::FILE_BYTES, result, start},
    http::{
        body::{Json, bounded, one_of_few},
        guard::Granted,
        idempotency::{Idempotency, Replay},
        page,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId, ImportId},
        moment::Moment,
        words::Language,
    },
};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(send_file)
        .service(list_imports)
        .service(show_import)
        .service(list_rows)
        .service(fetch_result)
        .service(start_import)
        .service(cancel_import);
}

/// A file of people as it came.
#[derive(Debug)]
pub struct FileOfPeople {
    /// What it is called.
    pub name: String,
    /// Its octets.
    pub bytes: Vec<u8>,
    /// The language of mails and letters where a row names none; the service's when none.
    pub language: Option<Language>,
}

/// What came of a file.
pub enum Sent {
    /// It was sent before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is judged and stored.
    New(Import),
}

/// Judges a file and stores its rows in units of some hundred.
///
/// # Errors
/// Those of [`keep::check`], [`keep::begin`] and of the key.
pub async fn send_once(ground: &Ground, actor: &Actor, company: CompanyId, file: FileOfPeople, key: &Idempotency) -> Result<Sent, Problem> {
    let company = own_company(ground, actor, company).await?;
    let language = file.language.unwrap_or(ground.config.policy.language);
    let content = file.bytes.clone();
    let sent = keep::Sent { name: file.name, bytes: file.bytes, language };
    let mut checked = keep::check(ground, company.id, actor.account, sent).await?;
    let (id, database) = (checked.import.id, &ground.database);
    let earlier = database
        .write(async |unit| {
            if let Some(earlier) = key.earlier(unit, actor, &content).await? {
                return Ok::<_, Problem>(Some(earlier));
            }
            keep::begin(unit, &checked.import).await?;
            Ok(None)
        })
        .await?;
    if let Some(earlier) = earlier {
        return Ok(Sent::Earlier(earlier));
    }
    let mut there = 0;
    for rows in checked.rows.chunks(keep::ROWS_AT_ONCE) {
        there += database.write(async |unit| keep::keep_rows(unit, &checked.import, rows).await).await?;
    }
    let counts = database
        .write(async |unit| {
            let counts = keep::finish(unit, &checked, there, actor.author()).await?;
            key.record(unit, actor, &content, StatusCode::CREATED, &location(company.id, id)).await?;
            Ok::<_, Problem>(counts)
        })
        .await?;
    checked.import.counts = counts;
    checked.import.state = ImportState::Checked;
    Ok(Sent::New(checked.import))
}

fn location(company: CompanyId, import: ImportId) -> String {
    format!("/api/v1/companies/{company}/imports/{import}")
}

/// An import of the actor's own company.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn own_import(ground: &Ground, actor: &Actor, (company, import): (CompanyId, ImportId)) -> Result<Import, Problem> {
    let company = own_company(ground, actor, company).await?;
    let found = result::import(&mut ground.database.read().await?, company.id, import).await?;
    found.ok_or_else(|| Problem::of(Kind::NotFound))
}

/// Starts an import, after a fresh proof: a session that somebody took over sends nobody thousands of letters.
///
/// # Errors
/// [`require_proof`]'s, and those of [`start::start`]; [`Kind::Conflict`] for *all* when people were invited since the dry run.
pub async fn start_one(ground: &Ground, actor: &Actor, path: (CompanyId, ImportId), way: Way) -> Result<Import, Problem> {
    let import = own_import(ground, actor, path).await?;
    require_proof(ground, actor)?;
    start::may_start(&import, way)?;
    let (mut from, mut found) = (Some(0), 0);
    while let Some(line) = from.filter(|_| way == Way::All) {
        let looked = ground.database.write(async |unit| start::look(unit, &import, line, actor.author()).await).await?;
        (from, found) = (looked.next, found + looked.found);
    }
    if found > 0 {
        return Err(Problem::saying(Kind::Conflict, "employees.import_found_bad").with("rows", found));
    }
    let most = ground.config.policy.imported_people_per_day;
    ground.database.write(async |unit| start::start(unit, &import, way, actor.account, most).await).await?;
    own_import(ground, actor, path).await
}

/// Ends an import before its end, whichever administrator started it.
///
/// # Errors
/// Those of [`start::cancel`].
pub async fn cancel_one(ground: &Ground, actor: &Actor, path: (CompanyId, ImportId)) -> Result<(), Problem> {
    let import = own_import(ground, actor, path).await?;
    let author = actor.author();
    Ok(ground.database.write(async |unit| start::cancel(unit, &import, author).await).await?)
}

/// The file that says what came of each row.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn result_of(ground: &Ground, actor: &Actor, path: (CompanyId, ImportId), language: Language) -> Result<HttpResponse, Problem> {
    let import = own_import(ground, actor, path).await?;
    let bytes = result::result(&mut ground.database.read().await?, import.id, language).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.csv\"", import.id)))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}

/// An import.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ImportAnswer {
    /// The id.
    id: ImportId,
    /// What the file is called.
    name: String,
    /// The language of mails and letters where a row names none.
    language: Language,
    /// Which rows were chosen, once it began.
    way: Option<Way>,
    /// How far.
    state: ImportState,
    /// People in the file.
    people: i64,
    /// Rows judged good.
    good: i64,
    /// Rows judged bad.
    bad: i64,
    /// People invited so far.
    invited: i64,
    /// Good rows that were refused on the way: somebody had invited the person meanwhile.
    refused: i64,
    /// When the file was sent.
    created_at: Moment,
    /// When it began.
    started_at: Option<Moment>,
    /// When it ended.
    ended_at: Option<Moment>,
}

fn answer(import: Import) -> ImportAnswer {
    let counts = import.counts;
    ImportAnswer {
        id: import.id,
        name: import.file_name,
        language: import.language,
        way: import.way,
        state: import.state,
        people: counts.people,
        good: counts.good,
        bad: counts.bad,
        invited: counts.invited,
        refused: counts.refused,
        created_at: import.created_at,
        started_at: import.started_at,
        ended_at: import.ended_at,
    }
}

/// What a file is called, and its language.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct FileQuery {
    /// What the file is called, at most 100 characters of it are kept.
    #[serde(default)]
    name: String,
    /// The language of mails and letters where a row names none.
    language: Option<Language>,
}

/// Sends a file of people (CSV or .xlsx, at most 4 MB and 20,000 people) and has it judged: the dry run, which invites nobody.
#[utoipa::path(tag = "employees", params(FileQuery, Idempotency), request_body(content_type = "text/csv", content = Vec<u8>),
    responses((status = 201, body = ImportAnswer), (status = 404), (status = 413), (status = 415), (status = 422), (status = 429)))]
#[post("/api/v1/companies/{company}/imports")]
pub async fn send_file(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    query: web::Query<FileQuery>,
    key: Idempotency,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    own_company(&ground, &granted.actor, *company).await?;
    want_file(&request)?;
    let bytes = one_of_few(bounded(&request, &mut payload.into_inner(), FILE_BYTES)).await?.to_vec();
    let query = query.into_inner();
    let file = FileOfPeople { name: query.name, bytes, language: query.language };
    Ok(match send_once(&ground, &granted.actor, *company, file, &key).await? {
        Sent::Earlier(replay) => replay.answer(),
        Sent::New(import) => HttpResponse::Created().insert_header((header::LOCATION, location(*company, import.id))).json(answer(import)),
    })
}

/// What the file is shows in its first octets: any of these names does.
fn want_file(request: &HttpRequest) -> Result<(), Problem> {
    const TYPES: [&str; 3] = ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/octet-stream"];
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    if TYPES.contains(&given) {
        return Ok(());
    }
    Err(Problem::saying(Kind::UnsupportedMediaType, "problems.want_type").with("type", TYPES[..2].join(", ")))
}

/// The latest imports.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Imports {
    /// At most fifty, the latest first.
    items: Vec<ImportAnswer>,
}

/// Lists a company's latest imports; thirty days after their end they are forgotten.
#[utoipa::path(tag = "employees", responses((status = 200, body = Imports), (status = 404)))]
#[get("/api/v1/companies/{company}/imports")]
pub async fn list_imports(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<web::Json<Imports>, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let found = result::list(&mut ground.database.read().await?, company.id).await?;
    Ok(web::Json(Imports { items: found.into_iter().map(answer).collect() }))
}

/// Shows an import and how far it is.
#[utoipa::path(tag = "employees", responses((status = 200, body = ImportAnswer), (status = 404)))]
#[get("/api/v1/companies/{company}/imports/{import}")]
pub async fn show_import(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, ImportId)>,
) -> Result<web::Json<ImportAnswer>, Problem> {
    Ok(web::Json(answer(own_import(&ground, &granted.actor, path.into_inner()).await?)))
}

/// Which rows.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct RowsQuery {
    /// Only rows of this state: bad, good, invited or refused.
    state: Option<String>,
    /// The line where the page begins.
    #[serde(default)]
    from: i64,
}

/// What is wrong with one cell.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct FaultAnswer {
    /// The column, as in an invitation; empty for the whole row.
    field: String,
    /// The rule that it breaks.
    rule: String,
    /// The rule in the words of the language that was asked for.
    detail: String,
}

/// A row of the file.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct RowAnswer {
    /// Its line in the file.
    line: i64,
    /// Given names.
    given_name: String,
    /// Surname.
    surname: String,
    /// Where mail goes.
    email: String,
    /// How far.
    state: RowState,
    /// What is wrong.
    faults: Vec<FaultAnswer>,
    /// The employee, once invited.
    employee: Option<EmployeeId>,
}

fn row_answer(row: Row, language: Language) -> RowAnswer {
    let faults = row
        .faults
        .iter()
        .map(|fault| FaultAnswer { detail: fault.sentence(language), field: fault.field.clone(), rule: fault.rule.clone() })
        .collect();
    RowAnswer {
        line: row.line,
        given_name: row.given_name,
        surname: row.surname,
        email: row.email,
        state: row.state,
        faults,
        employee: (row.state == RowState::Invited).then_some(row.employee),
    }
}

/// A page of rows.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Rows {
    /// The rows in the order of the file.
    items: Vec<RowAnswer>,
    /// What `from` shows the next page; null at the end.
    next: Option<i64>,
}

/// Lists the rows of an import with the verdict on each.
#[utoipa::path(tag = "employees", params(RowsQuery), responses((status = 200, body = Rows), (status = 404)))]
#[get("/api/v1/companies/{company}/imports/{import}/rows")]
pub async fn list_rows(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, ImportId)>,
    query: web::Query<RowsQuery>,
    request: HttpRequest,
) -> Result<web::Json<Rows>, Problem> {
    let import = own_import(&ground, &granted.actor, path.into_inner()).await?;
    let state = match query.state.as_deref() {
        None => None,
        Some(word) => Some(RowState::of(word).ok_or_else(|| Problem::of(Kind::BadRequest))?),
    };
    let language = page::language(&request);
    let (rows, next) = result::rows(&mut ground.database.read().await?, import.id, state, query.from).await?;
    Ok(web::Json(Rows { items: rows.into_iter().map(|row| row_answer(row, language)).collect(), next }))
}

/// Fetches what came of each row, as CSV.
#[utoipa::path(tag = "employees", responses((status = 200, content_type = "text/csv", body = Vec<u8>), (status = 404)))]
#[get("/api/v1/companies/{company}/imports/{import}/result")]
pub async fn fetch_result(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, ImportId)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    result_of(&ground, &granted.actor, path.into_inner(), page::language(&request)).await
}

/// Which rows are imported.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StartBody {
    /// `all` (refused when a row is bad at the start) or `good`.
    way: Way,
}

/// Starts an import: its people are invited in portions, link by mail, temporary password by letter. It goes on after a restart of the service, and
/// stops when whoever started it administers the company no more. Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = StartBody,
    responses((status = 202, body = ImportAnswer), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429)))]
#[post("/api/v1/companies/{company}/imports/{import}/start")]
pub async fn start_import(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, ImportId)>,
    body: Json<StartBody>,
) -> Result<HttpResponse, Problem> {
    let started = start_one(&ground, &granted.actor, path.into_inner(), body.0.way).await?;
    Ok(HttpResponse::Accepted().json(answer(started)))
}

/// Ends an import before its end, whichever administrator started it; whoever is invited stays so.
#[utoipa::path(tag = "employees", responses((status = 204), (status = 404), (status = 409)))]
#[delete("/api/v1/companies/{company}/imports/{import}")]
pub async fn cancel_import(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, ImportId)>,
) -> Result<HttpResponse, Problem> {
    cancel_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
