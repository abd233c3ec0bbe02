//! The desk's pages: find who has come, type what is seen, read the verdict, record it. Without script.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use crate::{
    companies::{
        self, Company,
        pages::{Typed, next_href, typed},
        routes::Search,
    },
    employees::{
        Employee,
        desk::{self, Seen},
        pages::state_badge,
        routes::{record_once, visible_employee},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        day::Day,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
    proofing::{
        self, Channel, Outcome, Presented,
        pages::{kinds, permits, presented},
    },
};

/// Two documents are enough, where any are.
const ROWS: usize = 2;

#[derive(Template)]
#[template(path = "employees/desk.html")]
struct DeskPage {
    page: Page,
    /// Whoever was found, each with the company's name; none before a search.
    found: Option<Vec<(Employee, String)>>,
    next: Option<String>,
}

#[get("/desk")]
pub async fn find(
    _granted: Granted<right::RecordProofing>,
    ground: web::Data<Ground>,
    page: Page,
    search: web::Query<Search>,
) -> Result<HttpResponse, Problem> {
    let surname = search.name.as_str();
    if surname.is_empty() {
        return page::show(&DeskPage { page, found: None, next: None });
    }
    let (page, after) = (page.typed("name", surname), search.cursor()?);
    let mut reader = ground.database.read().await?;
    let listing = match desk::find(&mut reader, surname, &after).await.map_err(Problem::from) {
        Ok(listing) => listing,
        Err(problem) if problem.kind == Kind::Invalid => {
            return page::render(problem.kind.status(), &DeskPage { page: page.refused(&problem), found: None, next: None });
        }
        Err(problem) => return Err(problem),
    };
    let next = listing.next.map(|cursor| next_href("/desk", surname, &cursor.word()));
    let mut found = Vec::with_capacity(listing.items.len());
    for employee in listing.items {
        let company = companies::read::company(&mut reader, employee.company).await?;
        found.push((employee, company.map(|company| company.legal_name).unwrap_or_default()));
    }
    page::show(&DeskPage { page, found: Some(found), next })
}

#[derive(Template)]
#[template(path = "employees/desk_person.html")]
struct PersonPage {
    page: Page,
    company: Company,
    employee: Employee,
    /// What the documents would lead to.
    verdict: Option<Outcome>,
    history: Vec<Seen>,
    places: std::ops::Range<usize>,
    kinds: Vec<(&'static str, String)>,
    permits: Vec<(&'static str, String)>,
}

impl PersonPage {
    async fn of(
        ground: &Ground,
        actor: &Actor,
        page: Page,
        path: (CompanyId, EmployeeId),
        verdict: Option<Outcome>,
    ) -> Result<Self, Problem> {
        let (company, employee) = visible_employee(ground, actor, path).await?;
        let history = desk::history(&mut ground.database.read().await?, &employee).await?;
        let (kinds, permits) = (kinds(&page, Channel::Desk), permits());
        Ok(Self { page, company, employee, verdict, history, places: 0..ROWS, kinds, permits })
    }

    fn verdict_words(&self) -> Option<&'static str> {
        match self.verdict? {
            Outcome::ByPost => Some("proofing.verdict_by_post"),
            Outcome::HandedOver => Some("proofing.verdict_handed_over"),
            Outcome::Vouched => None,
        }
    }
}

/// What an address may say was done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Told {
    told: String,
}

impl Told {
    fn news(&self) -> Option<&'static str> {
        match self.told.as_str() {
            "by_post" => Some("proofing.recorded_by_post"),
            "handed_over" => Some("proofing.recorded_handed_over"),
            "shown_before" => Some("proofing.recorded_shown_before"),
            _ => None,
        }
    }
}

#[get("/desk/{company}/{employee}")]
pub async fn show_person(
    granted: Granted<right::RecordProofing>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    told: web::Query<Told>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news(told.news());
    page::show(&PersonPage::of(&ground, &granted.actor, page, path.into_inner(), None).await?)
}

/// What a button of the form led to.
enum Done {
    Judged(Outcome),
    Recorded(&'static str),
}

async fn judge_or_record(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    form: &Typed,
    documents: &[Presented],
) -> Result<Done, Problem> {
    let birth_date = typed(form, "birth_date");
    if !form.contains_key("record") {
        let examined = proofing::examine(Channel::Desk, &birth_date, documents, Day::of(ground.clock().now()));
        return examined.map(|examined| Done::Judged(examined.outcome())).map_err(|refused| Problem::invalid(refused.faults));
    }
    let (_, employee) = visible_employee(ground, actor, path).await?;
    let told = match record_once(ground, actor, employee, (&birth_date, documents), None).await? {
        Ok(recorded) if recorded.shown_for_another => "shown_before",
        Ok(recorded) => recorded.outcome.word(),
        Err(_) => "",
    };
    Ok(Done::Recorded(told))
}

#[post("/desk/{company}/{employee}")]
pub async fn see_documents(
    granted: Granted<right::RecordProofing>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let page = form.0.iter().fold(page, |page, (field, text)| page.typed(field, text));
    let documents = presented(ROWS, |field| typed(&form.0, field));
    match judge_or_record(&ground, actor, path, &form.0, &documents).await {
        Ok(Done::Recorded(told)) => Ok(page::go(&format!("/desk/{}/{}?told={told}", path.0, path.1))),
        Ok(Done::Judged(outcome)) => page::show(&PersonPage::of(&ground, actor, page, path, Some(outcome)).await?),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Forbidden | Kind::Invalid) => {
            let problem = problem.worded(Kind::Invalid, "proofing.verdict_refused");
            let status: StatusCode = problem.kind.status();
            page::render(status, &PersonPage::of(&ground, actor, page.refused(&problem), path, None).await?)
        }
        Err(problem) => Err(problem),
    }
}
