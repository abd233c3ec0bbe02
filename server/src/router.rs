//! The table of contents of the URLs: one line per slice, JSON first, then pages.

use actix_web::{App, Error, HttpResponse, dev::ServiceFactory, dev::ServiceRequest, dev::ServiceResponse, get, middleware, web};
use utoipa::OpenApi as _;
use utoipa_actix_web::{AppExt as _, service_config::ServiceConfig};

use crate::{
    agendas, app, approvals, audit, authorities, certificates,
    commands::demo,
    companies,
    config::Mode,
    consents, directory, documents, employees, histories,
    http::{
        assets, document, envelope, front, guard, health, help, operations,
        problem::{Kind, Problem},
    },
    keycards, logins, mandates, notices, operators, persons, phones,
    platform::ground::Ground,
    proofing, pushes, recoveries, reissues, resets, status, successions, timestamps, tokens, webhooks,
};

/// The head of the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(info(title = "Segl", description = "Employee signatures: companies, employees, certificates, documents."))]
struct Head;

/// Every route, on an application that shares the ground.
pub fn application(
    ground: web::Data<Ground>,
    who_is: guard::SharedWhoIs,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl actix_web::body::MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let (app, openapi) = App::new().into_utoipa_app().openapi(Head::openapi()).configure(programs).split_for_parts();
    let mode = ground.config.server.mode;
    app.app_data(ground)
        .app_data(web::Data::new(who_is))
        .app_data(web::Data::new(app::living()))
        .app_data(web::Data::new(app::agenda()))
        .app_data(web::Data::new(document::with_refusals(openapi)))
        .service(openapi_json)
        .configure(people)
        .configure(|config| visitors(config, mode))
        .default_service(web::to(nothing_here))
        .wrap(middleware::from_fn(envelope::envelope))
}

/// The OpenAPI document, for `segl openapi` and the house tests.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, openapi) = App::new().into_utoipa_app().openapi(Head::openapi()).configure(programs).split_for_parts();
    document::with_refusals(openapi)
}

/// What programs use. Routes are tried in this order, so what is asked thousands of times a second stands first.
fn programs(config: &mut ServiceConfig) {
    config.configure(status::routes::configure).configure(timestamps::routes::configure);
    config.service(health::live).service(health::ready).service(health::metrics).configure(operations::configure_programs);
    config.configure(audit::routes::configure);
    config.configure(authorities::routes::configure);
    config.configure(certificates::routes::configure).configure(directory::routes::configure);
    config
        .configure(keycards::routes::configure)
        .configure(tokens::routes::configure)
        .configure(tokens::own_routes::configure)
        .configure(phones::configure)
        .configure(pushes::configure)
        .configure(approvals::routes::configure);
    config.configure(logins::device_routes::configure).configure(logins::refusal_routes::configure);
    config.configure(logins::user_id_routes::configure).configure(logins::telephone_routes::configure);
    config.configure(logins::key_routes::configure);
    config.configure(logins::routes::configure).configure(logins::approval_routes::configure).configure(logins::phone_routes::configure);
    config.configure(resets::routes::configure).configure(reissues::routes::configure).configure(persons::routes::configure);
    config.configure(notices::routes::configure).configure(webhooks::routes::configure);
    config.configure(proofing::routes::configure);
    config.configure(companies::routes::configure).configure(employees::routes::configure);
    config.configure(successions::routes::configure);
    config.configure(mandates::routes::configure).configure(operators::routes::configure);
    config.configure(recoveries::routes::configure).configure(recoveries::share_routes::configure);
    config.configure(consents::routes::configure);
    config.configure(documents::routes::configure).configure(histories::routes::configure);
    config.configure(agendas::routes::configure);
}

/// What people see.
fn people(config: &mut web::ServiceConfig) {
    config.configure(assets::configure).configure(front::configure).configure(operations::configure).configure(keycards::pages::configure);
    config.configure(approvals::pages::configure);
    config.configure(logins::pages::configure).configure(logins::approval_pages::configure);
    config.configure(logins::help_desk_pages::configure).configure(logins::user_id_pages::configure);
    config.configure(logins::telephone_pages::configure);
    config.configure(logins::account_pages::configure).configure(logins::phone_pages::configure);
    config.configure(tokens::pages::configure).configure(tokens::own_pages::configure).configure(logins::token_pages::configure);
    config.configure(logins::key_pages::configure);
    config.configure(resets::pages::configure).configure(reissues::pages::configure).configure(persons::pages::configure);
    config.configure(notices::pages::configure).configure(webhooks::pages::configure);
    // Its page of documents is one of the help's.
    config.configure(proofing::pages::configure).configure(help::configure);
    config.configure(companies::pages::configure).configure(employees::pages::configure);
    config.configure(successions::pages::configure).configure(successions::link_pages::configure);
    config.configure(successions::request_pages::configure).configure(successions::withdraw_pages::configure);
    config.configure(mandates::pages::configure).configure(operators::pages::configure);
    config
        .configure(recoveries::objection_pages::configure)
        .configure(recoveries::pages::configure)
        .configure(recoveries::share_pages::configure);
    config.configure(consents::pages::configure);
    config.configure(documents::pages::configure).configure(histories::pages::configure);
    config.configure(agendas::pages::configure);
    config
        .configure(authorities::pages::configure)
        .configure(certificates::pages::configure)
        .configure(directory::pages::configure)
        .configure(audit::pages::configure);
}

/// What only the demonstration has.
fn visitors(config: &mut web::ServiceConfig, mode: Mode) {
    match mode {
        Mode::Demonstration => {
            demo::pages::configure(config);
            demo::props::configure(config);
        }
        Mode::Real => {}
    }
}

/// This document.
#[get("/api/openapi.json")]
async fn openapi_json(openapi: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(openapi.get_ref())
}

async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::of(Kind::NotFound))
}
