//! The JSON edge of a company's list, and the list as a file.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};

use super::{
    employee::{EmployeeAnswer, answer},
    visible_company,
};
use crate::{
    companies,
    employees::{
        export::{self, Exported},
        list::{self, Wanted},
    },
    http::{
        guard::Granted,
        page,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{actor::Actor, cursor::Cursor, ground::Ground, id::CompanyId, words::Language},
};

/// Who is looked for, and where the list goes on.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Find {
    /// What to find: the beginning of a surname, unless `by` says otherwise.
    pub name: String,
    /// `name` (the beginning of the surname), `email` (the beginning of the address), `user_id` or `rid` (the whole of it).
    pub by: String,
    /// Who is shown: `active`, `invited`, `suspended`, `left`, `administrators`, `expiring` (certificates end within 60 days), `unused` (no log-in and no
    /// signature for 90 days), `few_keys` (at most 20 on the key cards) or `undelivered` (mail could not be delivered); empty: everybody.
    pub filter: String,
    /// Only those of this organisational unit, the whole name of it; empty: of all.
    pub unit: String,
    /// `name` (by surname; by address where that was looked for) or `email`.
    pub sort: String,
    /// Where the list goes on: `next` of the page before.
    pub after: Option<String>,
    /// The language of pages.
    pub language: Option<String>,
}

impl Find {
    /// What is wanted, and from where on.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for words that are not ours.
    pub fn read(&self) -> Result<(Wanted, Cursor), Problem> {
        let wanted = Wanted::of(&self.name, &self.by, &self.filter, &self.unit, &self.sort).ok_or_else(|| Problem::of(Kind::BadRequest))?;
        let after = match self.after.as_deref().filter(|word| !word.is_empty()) {
            None => Cursor::start(),
            Some(word) => Cursor::of(word).ok_or_else(|| Problem::of(Kind::BadRequest))?,
        };
        Ok((wanted, after))
    }

    /// The address of what is wanted, from a cursor on.
    ///
    /// # Errors
    /// None that can be foreseen.
    pub fn address(&self, path: &str, after: Option<&Cursor>) -> Result<String, Problem> {
        let after = after.map(Cursor::word).unwrap_or_default();
        let pairs = [
            ("name", self.name.as_str()),
            ("by", &self.by),
            ("filter", &self.filter),
            ("unit", &self.unit),
            ("sort", &self.sort),
            ("after", &after),
        ];
        let given: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(given).map_err(|error| Problem::unforeseen(&error))?;
        Ok(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
    }
}

/// Who fetches a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Somebody in a browser, who sees no header.
    People,
    /// A program, for which every line is a person.
    Programs,
}

/// A page of employees.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Employees {
    /// The employees, by surname; by address where that was looked for. A page that is narrowed may be short.
    items: Vec<EmployeeAnswer>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// Lists a company's employees: all, or those found and shown by `name`, `by` and `filter`. Also for a company's API key with the scope `employees:read`.
#[utoipa::path(tag = "employees", params(Find), responses((status = 200, body = Employees), (status = 400), (status = 404)))]
#[get("/api/v1/companies/{company}/employees")]
pub async fn list_employees(
    granted: Granted<right::ListEmployees>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    find: web::Query<Find>,
) -> Result<web::Json<Employees>, Problem> {
    let company = visible_company(&ground, &granted.actor, *company).await?;
    let (wanted, after) = find.read()?;
    let mut reader = ground.database.read().await?;
    let administrators = companies::read::administrators(&mut reader, company.id).await?;
    let supers = companies::read::superadministrators(&mut reader, company.id).await?;
    let listing = list::page(&mut reader, company.id, &wanted, &after, ground.clock().now()).await?;
    let items = listing.items.into_iter().map(|employee| answer(employee, (&administrators, &supers), &granted.actor)).collect();
    Ok(web::Json(Employees { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// The list as a file; a `Link` header with `rel="next"` says where it goes on, and for `People` the file's last line.
///
/// # Errors
/// [`Kind::NotFound`] for a company that the actor does not see, [`Kind::BadRequest`].
pub async fn export_one(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    (find, path, readers): (&Find, &str, Readers),
    language: Language,
) -> Result<HttpResponse, Problem> {
    let company = visible_company(ground, actor, company).await?;
    let (wanted, after) = find.read()?;
    let Exported { mut bytes, next } = export::export(ground, company.id, (&wanted, &after), language, actor.author()).await?;
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"employees.csv\""));
    if let Some(next) = next {
        let address = find.address(path, Some(&next))?;
        if readers == Readers::People {
            bytes.extend(export::rest(language, &format!("{}{address}", ground.config.server.public_url)));
        }
        answer.insert_header((header::LINK, format!("<{address}>; rel=\"next\"")));
    }
    Ok(answer.body(bytes))
}

/// Fetches the list as CSV for a spreadsheet: at most 10,000 people a file; the `Link` header says where the next one begins. Recorded in the audit.
#[utoipa::path(tag = "employees", params(Find),
    responses((status = 200, content_type = "text/csv", body = Vec<u8>), (status = 400), (status = 404)))]
#[get("/api/v1/companies/{company}/employees.csv")]
pub async fn export_employees(
    granted: Granted<right::ListEmployees>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    find: web::Query<Find>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    export_one(&ground, &granted.actor, *company, (&find.0, request.path(), Readers::Programs), page::language(&request)).await
}
