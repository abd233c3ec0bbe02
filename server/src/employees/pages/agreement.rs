//! The signatory's page: read the agreement, appoint the administrator, accept. Opening it changes nothing.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use crate::{
    companies::{
        self, AgreementText, Company, Nominee, Signatory,
        agreement::{self, Acceptance, SignedBy},
        decline, form,
        pages::{Typed, pdf_answer, typed},
    },
    employees::{appoint, routes::accept},
    http::{
        body::Form,
        page::{self, Page},
        problem::{Kind, Problem},
    },
    platform::{fault::FieldFault, ground::Ground},
};

#[derive(Template)]
#[template(path = "employees/agreement.html")]
struct AgreementPage {
    page: Page,
    link: String,
    signatory: Signatory,
    company: Company,
    text: AgreementText,
    hash: String,
}

#[derive(Template)]
#[template(path = "employees/accepted.html")]
struct AcceptedPage {
    page: Page,
    sentence: String,
}

impl AgreementPage {
    /// The signing rule in words.
    fn rule(&self) -> String {
        match self.company.needed {
            1 => self.page.say("companies.agreement_alone"),
            needed => self.page.with2("companies.agreement_jointly", "needed", needed, "pending", self.company.pending),
        }
    }

    /// The company's address in one line.
    fn address(&self) -> String {
        let Company { street, postal_code, city, .. } = &self.company;
        format!("{street}, {postal_code} {city}")
    }
}

async fn page_of(ground: &Ground, page: Page, link: &str) -> Result<AgreementPage, Problem> {
    let found = companies::read::signatory_by_link(&mut ground.database.read().await?, link).await?;
    let (signatory, company) = found.ok_or_else(|| Problem::of(Kind::NotFound))?;
    agreement::check_open(&signatory, &company, ground.clock().now())?;
    let text = agreement::text(&company, page.words.0);
    let hash = hex::encode(text.hash());
    Ok(AgreementPage { page, link: link.to_owned(), signatory, company, text, hash })
}

#[get("/agreement/{link}")]
pub async fn show_agreement(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    page::show(&page_of(&ground, page, &link).await?)
}

/// Reads the form: the tick, the text that was shown, and whom the signatory appoints (nobody, when all fields are empty).
fn read(form: &Typed, link: &str) -> Result<Acceptance, Problem> {
    let mut faults = Vec::new();
    if !form.contains_key("accept") {
        faults.push(FieldFault::new("accept", "field_tick"));
    }
    let [given_name, surname, email] = ["given_name", "surname", "email"].map(|field| typed(form, &format!("administrator/{field}")));
    let empty = [&given_name, &surname, &email].iter().all(|text| text.trim().is_empty());
    let nominee: Option<Nominee> = match empty {
        true => None,
        false => appoint::nominee(&given_name, &surname, &email).map_err(|wrong| faults.extend(wrong)).ok(),
    };
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let agreement_hash = hex::decode(typed(form, "hash")).map_err(|_| Problem::saying(Kind::Conflict, "companies.another_text"))?;
    Ok(Acceptance { by: SignedBy::Link(link.to_owned()), agreement_hash, nominee })
}

#[post("/agreement/{link}")]
pub async fn accept_agreement(
    ground: web::Data<Ground>,
    page: Page,
    link: web::Path<String>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let page = form.0.iter().fold(page, |page, (field, text)| page.typed(field, text));
    let shown = page_of(&ground, page, &link).await?;
    let language = shown.page.words.0;
    let outcome = match read(&form.0, &link) {
        Ok(acceptance) => accept(&ground, &acceptance, language).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let sentence = match outcome {
        Ok(appoint::Outcome::Active { .. }) => shown.page.with("companies.agreement_done_active", "company", &shown.company.legal_name),
        Ok(appoint::Outcome::Waiting { pending }) => shown.page.with("companies.agreement_done_waiting", "pending", pending),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::Conflict) => {
            // The company may have a nominee since, or the text another wording: show it as it stands, to be accepted anew.
            let mut page = shown.page.refused(&problem);
            page.values.retain(|(field, _)| field != "accept" || problem.kind == Kind::Invalid);
            let again = page_of(&ground, page, &link).await?;
            return page::render(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
        Err(problem) => return Err(problem),
    };
    page::show(&AcceptedPage { page: shown.page, sentence })
}

/// The printed form of this signatory, for those who would rather sign on paper.
#[get("/agreement/{link}/form")]
pub async fn fetch_form(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    let shown = page_of(&ground, page, &link).await?;
    let pdf = form::print(&shown.company, &shown.signatory, shown.page.words.0)?;
    Ok(pdf_answer(&pdf))
}

/// Says no, with a tick: the link is used up.
#[post("/agreement/{link}/declining")]
pub async fn decline_agreement(
    ground: web::Data<Ground>,
    page: Page,
    link: web::Path<String>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    if !form.0.contains_key("confirm_declining") {
        let problem = Problem::invalid(vec![FieldFault::new("confirm_declining", "field_tick")]);
        return page::render(StatusCode::UNPROCESSABLE_ENTITY, &page_of(&ground, page.refused(&problem), &link).await?);
    }
    decline::decline(&ground, &link).await?;
    let sentence = page.say("companies.agreement_done_declined");
    page::show(&AcceptedPage { page, sentence })
}
