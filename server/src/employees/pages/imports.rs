//! The pages of imports: the file that is sent, the verdicts, the start, how far it is.

use actix_web::{HttpResponse, get, http::StatusCode, http::header, post, web};
use askama::Template;

use crate::{
    companies::pages::{Typed, typed},
    employees::{
        import::{
            Import, ImportState, Row, RowState, Way,
            model::{FILE_BYTES, MOST_PEOPLE},
            result,
        },
        routes::{FileOfPeople, Sent, cancel_one, own_company, own_import, result_of, send_once, start_one},
    },
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        page::{self, Page, prove_first},
        permissions::right,
        problem::{Kind, Problem},
        upload::Upload,
    },
    platform::{
        actor::Actor,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, ImportId},
        text,
        words::Language,
    },
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_imports).service(send_file).service(fetch_example);
    config.service(show_import).service(fetch_result).service(show_state).service(start_import).service(cancel_import);
}

/// The colour of a state's badge, and its words.
pub fn state_badge(state: ImportState) -> (&'static str, &'static str) {
    match state {
        ImportState::Reading | ImportState::Checked => ("warning", "employees.import_checked"),
        ImportState::Running => ("info", "employees.import_running"),
        ImportState::Done => ("success", "employees.import_done"),
        ImportState::Cancelled => ("info", "employees.import_cancelled"),
        ImportState::Failed => ("error", "employees.import_failed"),
        ImportState::Stopped => ("error", "employees.import_stopped"),
    }
}

/// The colour of a row's badge, and its words.
pub fn row_badge(state: RowState) -> (&'static str, &'static str) {
    let colour = match state {
        RowState::Bad => "error",
        RowState::Good => "success",
        RowState::Invited => "success",
        RowState::Refused => "warning",
    };
    (colour, result::state_words(state))
}

#[derive(Template)]
#[template(path = "employees/imports.html")]
struct ImportsPage {
    page: Page,
    company: CompanyId,
    company_name: String,
    imports: Vec<Import>,
    most_people: usize,
    most_size: String,
}

async fn show_all(ground: &Ground, actor: &Actor, company: CompanyId, (status, page): (StatusCode, Page)) -> Result<HttpResponse, Problem> {
    let company = own_company(ground, actor, company).await?;
    let imports = result::list(&mut ground.database.read().await?, company.id).await?;
    let content = ImportsPage {
        page,
        company: company.id,
        company_name: company.legal_name,
        imports,
        most_people: MOST_PEOPLE,
        most_size: text::size(FILE_BYTES),
    };
    page::render(status, &content)
}

#[get("/companies/{company}/imports")]
pub async fn show_imports(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    let page = page.typed("language", ground.config.policy.language.tag());
    show_all(&ground, &granted.actor, *company, (StatusCode::OK, page)).await
}

#[post("/companies/{company}/imports")]
pub async fn send_file(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    key: Idempotency,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let language = upload.field("language").unwrap_or_default().to_owned();
    let outcome = if upload.file_name.is_empty() && upload.bytes.is_empty() {
        Err(Problem::invalid(vec![FieldFault::new("file", "field_file")]))
    } else {
        let file = FileOfPeople { name: upload.file_name, bytes: upload.bytes, language: Language::of(&language) };
        send_once(&ground, &granted.actor, *company, file, &key).await
    };
    match outcome {
        Ok(Sent::New(import)) => Ok(page::go(&format!("/companies/{company}/imports/{}", import.id))),
        Ok(Sent::Earlier(_)) => Ok(page::go(&format!("/companies/{company}/imports"))),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::TooManyTries) => {
            let page = page.typed("language", &language).refused(&problem);
            show_all(&ground, &granted.actor, *company, (problem.kind.status(), page)).await
        }
        Err(problem) => Err(problem),
    }
}

#[get("/companies/{company}/imports/example.csv")]
pub async fn fetch_example(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    own_company(&ground, &granted.actor, *company).await?;
    let name = page.say("employees.import_example_name");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .body(result::example(page.words.0)))
}

/// Which rows a page shows.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Shown {
    /// Only those of this state; all when empty.
    state: String,
    /// From this line on.
    from: i64,
}

#[derive(Template)]
#[template(path = "employees/import.html")]
struct ImportPage {
    page: Page,
    import: Import,
    rows: Vec<Row>,
    shown: Shown,
    next: Option<i64>,
}

impl ImportPage {
    fn reasons(&self, row: &Row) -> Vec<String> {
        row.reasons(self.page.words.0)
    }

    fn is(&self, state: &str) -> bool {
        self.import.state.word() == state
    }
}

/// How far an import is, in a sentence.
fn progress(page: &Page, import: &Import) -> String {
    let past = import.counts.invited + import.counts.refused;
    page.with2("employees.import_progress", "past", past, "good", import.counts.good)
}

async fn show_one(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, ImportId),
    (status, page): (StatusCode, Page),
    shown: Shown,
) -> Result<HttpResponse, Problem> {
    let import = own_import(ground, actor, path).await?;
    let state = match shown.state.as_str() {
        "" => None,
        word => Some(RowState::of(word).ok_or_else(|| Problem::of(Kind::BadRequest))?),
    };
    let (rows, next) = result::rows(&mut ground.database.read().await?, import.id, state, shown.from).await?;
    page::render(status, &ImportPage { page, import, rows, shown, next })
}

#[get("/companies/{company}/imports/{import}")]
pub async fn show_import(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, ImportId)>,
    shown: web::Query<Shown>,
) -> Result<HttpResponse, Problem> {
    show_one(&ground, &granted.actor, path.into_inner(), (StatusCode::OK, page), shown.into_inner()).await
}

#[get("/companies/{company}/imports/{import}/result.csv")]
pub async fn fetch_result(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, ImportId)>,
) -> Result<HttpResponse, Problem> {
    result_of(&ground, &granted.actor, path.into_inner(), page.words.0).await
}

/// How far an import is: for the page's own script.
#[get("/companies/{company}/imports/{import}/state")]
pub async fn show_state(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, ImportId)>,
) -> Result<HttpResponse, Problem> {
    let import = own_import(&ground, &granted.actor, path.into_inner()).await?;
    let past = import.counts.invited + import.counts.refused;
    let state = serde_json::json!({"state": import.state, "past": past, "words": progress(&page, &import)});
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(state))
}

#[post("/companies/{company}/imports/{import}/start")]
pub async fn start_import(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, ImportId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let here = format!("/companies/{}/imports/{}", path.0, path.1);
    let outcome = match Way::of(&typed(&form.0, "way")) {
        Some(way) => start_one(&ground, &granted.actor, path, way).await,
        None => Err(Problem::invalid(vec![FieldFault::new("way", "field_choice")])),
    };
    match outcome {
        Ok(_) => Ok(page::go(&here)),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&here)),
        Err(problem) => again(&ground, &granted.actor, page, path, problem).await,
    }
}

#[post("/companies/{company}/imports/{import}/cancel")]
pub async fn cancel_import(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, ImportId)>,
    _form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    match cancel_one(&ground, &granted.actor, path).await {
        Ok(()) => Ok(page::go(&format!("/companies/{}/imports/{}", path.0, path.1))),
        Err(problem) => again(&ground, &granted.actor, page, path, problem).await,
    }
}

/// The page once more, with what was refused above it.
async fn again(ground: &Ground, actor: &Actor, page: Page, path: (CompanyId, ImportId), problem: Problem) -> Result<HttpResponse, Problem> {
    if !matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid | Kind::TooManyTries) {
        return Err(problem);
    }
    let page = page.refused(&problem);
    show_one(ground, actor, path, (problem.kind.status(), page), Shown::default()).await
}
