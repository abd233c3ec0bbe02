//! The page of what waits for administrators.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{Line, read};
use crate::{
    companies::Company,
    employees::routes::own_company,
    http::{
        guard::Granted,
        page::{Page, show},
        permissions::right,
        problem::Problem,
    },
    platform::{ground::Ground, id::CompanyId},
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(agenda);
}

#[derive(Template)]
#[template(path = "agendas/list.html")]
struct AgendaPage {
    page: Page,
    company: Company,
    lines: Vec<Line>,
}

impl AgendaPage {
    fn what(&self, line: &Line) -> String {
        let about = if line.about.is_empty() { self.page.say("employees.import_unnamed") } else { line.about.clone() };
        self.page.with(&format!("agendas.kind_{}", line.kind.word()), "about", about)
    }
}

#[get("/companies/{company}/agenda")]
async fn agenda(
    granted: Granted<right::SeeAgenda>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
    let lines = read::lines(&mut reader, &granted.actor, company.id, now).await?;
    show(&AgendaPage { page, company, lines })
}
