//! The pages of a company's home, its employees, the agreement and the activation: one file each.

mod activation;
mod agreement;
mod code_token;
mod company;
mod cpr_number;
mod desk;
mod details;
mod employee;
mod factors;
mod form;
pub mod imports;
mod invitation;
mod keys;
mod person;
mod renewal;
mod suspension;
mod telephone;

use actix_web::web;

pub use self::{
    employee::{place as employee_place, refused as employee_refused},
    invitation::{SEEN_ROWS, show_code, ways},
};
use super::{EmployeeState, Vouching, routes::Find};
use crate::http::page::Page;

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(agreement::show_agreement).service(agreement::accept_agreement);
    config.service(agreement::fetch_form).service(agreement::decline_agreement);
    config.service(form::show_form).service(form::print_form).service(form::show_scan).service(form::record_signed_form);
    config.service(form::withdraw_order);
    config.service(activation::show_done).service(activation::fetch_sheet);
    config.service(activation::show_form).service(activation::activate_account);
    config
        .service(invitation::show_form)
        .service(invitation::invite_employee)
        .service(invitation::renew_invitation)
        .service(invitation::fetch_code);
    config.service(employee::show_employee);
    config.service(employee::order_card).service(employee::send_again);
    config.service(company::export_employees).service(company::show_company).service(company::close_company);
    config.service(code_token::assign_token).service(code_token::take_token_back).service(code_token::block_token);
    config.service(factors::show_factors).service(factors::set_factors);
    config.service(cpr_number::show_subscription).service(cpr_number::subscribe).service(cpr_number::unsubscribe);
    config.service(cpr_number::show_number).service(cpr_number::note_number).service(cpr_number::forget_number);
    config.service(desk::find).service(desk::show_person).service(desk::see_documents);
    config.service(keys::show_carriers).service(keys::set_carriers);
    config.service(details::show_details).service(details::describe_employee);
    config.service(person::show_person).service(person::change_person);
    config.service(telephone::show_telephone).service(telephone::change_telephone);
    config.service(suspension::lift_suspension);
    config.service(renewal::show_renewal).service(renewal::renew_now);
    config.configure(imports::configure);
}

/// The colour of a state's badge, and its words.
pub fn state_badge(state: EmployeeState) -> (&'static str, &'static str) {
    match state {
        EmployeeState::Active => ("success", "employees.state_active"),
        EmployeeState::Invited => ("warning", "employees.state_invited"),
        EmployeeState::Left => ("info", "employees.state_left"),
        EmployeeState::Suspended => ("error", "employees.state_suspended"),
    }
}

/// The words of a way of vouching.
pub fn vouched_words(vouched: Vouching) -> &'static str {
    match vouched {
        Vouching::ByLetter => "employees.vouched_by_letter_short",
        Vouching::ByText => "employees.vouched_by_text_short",
        Vouching::InPerson => "employees.vouched_in_person_short",
    }
}

/// What an address may say was done: `?told=<word>`. Only known words are spoken.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Visit {
    /// What is looked for.
    pub name: String,
    /// By what.
    pub by: String,
    /// Who is shown.
    pub filter: String,
    /// Of which unit.
    pub unit: String,
    /// In which order.
    pub sort: String,
    /// Where the list goes on.
    pub after: Option<String>,
    /// What was done.
    pub told: String,
}

impl Visit {
    /// What the list shows.
    pub fn find(&self) -> Find {
        Find {
            name: self.name.clone(),
            by: self.by.clone(),
            filter: self.filter.clone(),
            unit: self.unit.clone(),
            sort: self.sort.clone(),
            after: self.after.clone(),
            language: None,
        }
    }

    /// The page whose form shows what is looked for.
    pub fn typed(&self, page: Page) -> Page {
        let page = page.typed("name", &self.name).typed("by", &self.by).typed("filter", &self.filter);
        page.typed("unit", &self.unit).typed("sort", &self.sort)
    }

    /// The words for what was done.
    pub fn news(&self) -> Option<&'static str> {
        match self.told.as_str() {
            "bankruptcy" => Some("companies.refreshed_bankruptcy"),
            "closed" => Some("companies.closed_news"),
            "agreement" => Some("employees.agreement_news"),
            "appointed" => Some("employees.appointed_news"),
            "card" => Some("employees.card_news"),
            "carriers" => Some("employees.carriers_news"),
            "changed" => Some("employees.changed_news"),
            "dissolved" => Some("companies.refreshed_dissolved"),
            "lifted" => Some("employees.lifted_news"),
            "suspended" => Some("employees.suspended_news"),
            "described" => Some("employees.described_news"),
            "dismissed" => Some("employees.dismissed_news"),
            "ended" => Some("employees.ended_news"),
            "factors" => Some("employees.factors_news"),
            "form" => Some("companies.form_news"),
            "invited" => Some("employees.invited_news"),
            "link" => Some("companies.link_sent"),
            "proven" => Some("employees.proven_news"),
            "refreshed" => Some("companies.refreshed_news"),
            "renewed" => Some("employees.renewed_news"),
            "telephone" => Some("employees.telephone_news"),
            "token" => Some("employees.token_news"),
            "token_back" => Some("employees.token_back_news"),
            "token_blocked" => Some("employees.token_blocked_news"),
            "resent" => Some("employees.resent_news"),
            "withdrawn" => Some("companies.withdrawn_news"),
            _ => None,
        }
    }
}
