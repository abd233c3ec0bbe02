//! The JSON edge of companies' API keys.

use actix_web::{HttpResponse, delete, get, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::read::{self, CompanyKey};
use crate::{
    accounts::{self, ApiKey, KEY_DAYS, NewApiKey, Wanted},
    employees::routes::own_company,
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay, create_once},
        permissions::right,
        problem::Problem,
    },
    platform::{
        actor::{Actor, Scope},
        database::Unit,
        ground::Ground,
        id::{AccountId, ApiKeyId, CompanyId},
        moment::Moment,
        secret::Secret,
    },
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_company_keys).service(create_company_key).service(end_company_key);
}

/// An API key of a company, without its secret.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct CompanyKeyAnswer {
    /// Its id.
    id: ApiKeyId,
    /// What it is for.
    name: String,
    /// How it begins.
    prefix: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// The networks from which it is taken (CIDR); from all when there are none.
    networks: Vec<String>,
    /// The account of the administrator who made it.
    made_by: AccountId,
    /// When.
    made_at: Moment,
    /// When it ends by itself.
    expires_at: Moment,
    /// When it was used last, give or take an hour.
    last_used_at: Option<Moment>,
}

impl From<ApiKey> for CompanyKeyAnswer {
    fn from(key: ApiKey) -> Self {
        Self {
            networks: key.networks.iter().map(ToString::to_string).collect(),
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            made_by: key.made_by,
            made_at: key.made_at,
            expires_at: key.expires_at,
            last_used_at: key.seen_at,
        }
    }
}

/// An API key in a list.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ListedCompanyKey {
    /// The key.
    #[serde(flatten)]
    key: CompanyKeyAnswer,
    /// Who made it.
    made_by_name: String,
    /// Whether they still administer the company. The key is the company's and serves in any case.
    maker_administers: bool,
}

impl From<CompanyKey> for ListedCompanyKey {
    fn from(found: CompanyKey) -> Self {
        Self { made_by_name: found.maker, maker_administers: found.maker_administers, key: found.key.into() }
    }
}

/// The company's API keys.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct CompanyKeys {
    /// At most twenty, the newest first.
    items: Vec<ListedCompanyKey>,
}

/// Lists the API keys of your company that are neither ended nor too old.
#[utoipa::path(tag = "API keys", responses((status = 200, body = CompanyKeys), (status = 403), (status = 404)))]
#[get("/api/v1/companies/{company}/api-keys")]
async fn list_company_keys(
    granted: Granted<right::ManageApiKeys>,
    company: web::Path<CompanyId>,
    ground: web::Data<Ground>,
) -> Result<web::Json<CompanyKeys>, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let found = read::company_keys(&mut ground.database.read().await?, company.id, ground.clock().now()).await?;
    Ok(web::Json(CompanyKeys { items: found.into_iter().map(Into::into).collect() }))
}

const fn usual_days() -> i64 {
    KEY_DAYS
}

/// An API key to be made.
#[derive(Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyKeyBody {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// For how many days, 1 to 731; 365 unless said.
    #[serde(default = "usual_days")]
    pub days: i64,
    /// From which networks (CIDR) it is taken, at most twenty; from all when there are none.
    #[serde(default)]
    pub networks: Vec<String>,
}

/// The new key: the only time that it is shown.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct CreatedCompanyKey {
    /// The key, for `Authorization: Bearer`.
    key: String,
    /// The rest.
    #[serde(flatten)]
    about: CompanyKeyAnswer,
}

/// Makes one, or finds the one that the same Idempotency-Key made before. Needs a fresh proof.
///
/// # Errors
/// Those of [`NewApiKey::draw`] and [`accounts::create_api_key`].
pub async fn create_one(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    body: &CompanyKeyBody,
    once: Option<&Idempotency>,
) -> Result<Result<(Secret<String>, ApiKey), Replay>, Problem> {
    let company = own_company(ground, actor, company).await?.id;
    let content = serde_json::to_vec(body).map_err(|error| Problem::unforeseen(&error))?;
    let networks: Vec<&str> = body.networks.iter().map(String::as_str).collect();
    let new = NewApiKey::draw(ground, &Wanted { name: &body.name, scopes: &body.scopes, days: body.days, networks: &networks }).await?;
    let create = async |unit: &mut Unit| Ok::<_, Problem>(accounts::create_api_key(unit, actor, company, &new).await?);
    let made = create_once(&ground.database, (once, actor), &content, create, |about| location(company, about.id)).await?;
    Ok(made.map(|about| (new.key, about)))
}

fn location(company: CompanyId, key: ApiKeyId) -> String {
    format!("/api/v1/companies/{company}/api-keys/{key}")
}

/// Makes an API key of your company, for its own user management: shown this once. All administrators are told. Needs a fresh proof by card or phone.
#[utoipa::path(tag = "API keys", params(Idempotency), request_body = CompanyKeyBody,
    responses((status = 201, body = CreatedCompanyKey), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/companies/{company}/api-keys")]
async fn create_company_key(
    granted: Granted<right::ManageApiKeys>,
    company: web::Path<CompanyId>,
    body: Json<CompanyKeyBody>,
    once: Idempotency,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    Ok(match create_one(&ground, &granted.actor, *company, &body.0, Some(&once)).await? {
        Ok((key, about)) => HttpResponse::Created()
            .insert_header((header::LOCATION, location(*company, about.id)))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(CreatedCompanyKey { key: key.reveal().clone(), about: about.into() }),
        Err(replay) => replay.answer(),
    })
}

/// Ends one of the company's API keys.
///
/// # Errors
/// Those of [`accounts::end_api_key`].
pub async fn end_one(ground: &Ground, actor: &Actor, (company, key): (CompanyId, ApiKeyId)) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?.id;
    Ok(ground.database.write(async |unit| accounts::end_api_key(unit, actor, company, key).await).await?)
}

/// Ends an API key of your company, at once. All administrators are told.
#[utoipa::path(tag = "API keys", responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/v1/companies/{company}/api-keys/{key}")]
async fn end_company_key(
    granted: Granted<right::ManageApiKeys>,
    path: web::Path<(CompanyId, ApiKeyId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    end_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
