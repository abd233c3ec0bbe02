//! The HTML edge of companies' API keys: the list, the form, the key that is shown once.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    key_routes::{CompanyKeyBody, create_one, end_one},
    read::{self, CompanyKey},
};
use crate::{
    accounts::KEY_DAYS,
    companies::{
        Company,
        pages::{Typed, typed},
    },
    employees::routes::own_company,
    http::{
        body::Form,
        guard::Granted,
        page::{Page, go, prove_by_card_first, render},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::{Actor, Scope},
        ground::Ground,
        id::{ApiKeyId, CompanyId},
        secret::Secret,
    },
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_keys).service(create_key).service(end_key);
}

/// A scope in the form.
struct Offered {
    field: String,
    text: String,
}

#[derive(Template)]
#[template(path = "logins/company_keys.html")]
struct KeysPage {
    page: Page,
    company: Company,
    keys: Vec<CompanyKey>,
    offered: Vec<Offered>,
    shown: Option<Secret<String>>,
    /// Whether the form may be sent without a proof first.
    proven: bool,
}

impl KeysPage {
    async fn of(ground: &Ground, page: Page, actor: &Actor, company: CompanyId) -> Result<Self, Problem> {
        let company = own_company(ground, actor, company).await?;
        let now = ground.clock().now();
        let keys = read::company_keys(&mut ground.database.read().await?, company.id, now).await?;
        let offered = Scope::ALL.into_iter().map(|scope| Offered { field: field(scope), text: words(&page, scope) }).collect();
        Ok(Self { page, company, keys, offered, shown: None, proven: actor.has_proven_by_card(now) })
    }

    fn scopes(&self, found: &CompanyKey) -> Vec<String> {
        found.key.scopes.iter().map(|scope| words(&self.page, *scope)).collect()
    }

    fn prove(&self) -> String {
        let query = serde_urlencoded::to_string([("next", keys_path(self.company.id))]).unwrap_or_default();
        format!("/account/prove?{query}")
    }
}

fn keys_path(company: CompanyId) -> String {
    format!("/companies/{company}/api-keys")
}

fn field(scope: Scope) -> String {
    format!("scope_{}", scope.word().replace(':', "_"))
}

fn words(page: &Page, scope: Scope) -> String {
    page.say(&format!("api_keys.scope_{}", scope.word().replace(':', "_")))
}

/// What was done.
#[derive(serde::Deserialize)]
struct Visit {
    #[serde(default)]
    told: String,
}

#[get("/companies/{company}/api-keys")]
async fn show_keys(
    granted: Granted<right::ManageApiKeys>,
    page: Page,
    company: web::Path<CompanyId>,
    visit: web::Query<Visit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news((visit.told == "ended").then_some("api_keys.ended_news")).typed("days", &KEY_DAYS.to_string());
    render(StatusCode::OK, &KeysPage::of(&ground, page, &granted.actor, *company).await?)
}

/// Makes a key and shows it, this once.
#[post("/companies/{company}/api-keys")]
async fn create_key(
    granted: Granted<right::ManageApiKeys>,
    page: Page,
    company: web::Path<CompanyId>,
    form: Form<Typed>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (actor, form) = (&granted.actor, form.0);
    let body = CompanyKeyBody {
        name: typed(&form, "name"),
        scopes: Scope::ALL.into_iter().filter(|scope| form.contains_key(&field(*scope))).collect(),
        days: typed(&form, "days").trim().parse().unwrap_or(0),
        networks: typed(&form, "networks").split([',', ' ', '\r', '\n']).filter(|one| !one.is_empty()).map(str::to_owned).collect(),
    };
    match create_one(&ground, actor, *company, &body, None).await {
        Ok(Ok((key, _))) => {
            let shown = KeysPage { shown: Some(key), ..KeysPage::of(&ground, page, actor, *company).await? };
            render(StatusCode::CREATED, &shown)
        }
        Ok(Err(_)) => Ok(go(&keys_path(*company))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_by_card_first(actor, ground.clock().now(), &keys_path(*company))),
        Err(problem) if matches!(problem.kind, Kind::Conflict | Kind::Invalid) => {
            let page = form.iter().fold(page.refused(&problem), |page, (name, value)| page.typed(name, value));
            render(problem.kind.status(), &KeysPage::of(&ground, page, actor, *company).await?)
        }
        Err(problem) => Err(problem),
    }
}

/// The button's form.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Pressed {}

#[post("/companies/{company}/api-keys/{key}/end")]
async fn end_key(
    granted: Granted<right::ManageApiKeys>,
    path: web::Path<(CompanyId, ApiKeyId)>,
    _form: Form<Pressed>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    end_one(&ground, &granted.actor, path).await?;
    Ok(go(&format!("{}?told=ended", keys_path(path.0))))
}
