//! What waits and what was given up: for those who keep the service running. Reads only.

use actix_web::{HttpResponse, get, web};
use askama::Template;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    guard::Granted,
    page::{self, Page},
    permissions::right,
    problem::Problem,
};
use crate::platform::{
    ground::Ground,
    limits,
    queue::{self, GivenUp, Tally},
    reference,
};

/// The JSON.
pub fn configure_programs(config: &mut ServiceConfig) {
    config.service(unfinished);
}

/// The page.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(operations);
}

/// Jobs that are not done.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Jobs {
    /// By kind and state.
    tallies: Vec<Tally>,
    /// Given up, the latest first; at most 50.
    given_up: Vec<GivenUp>,
}

impl Jobs {
    async fn of(ground: &Ground) -> Result<Self, Problem> {
        let mut reader = ground.database.read().await?;
        let tallies = queue::tallies(&mut reader).await?;
        Ok(Self { tallies, given_up: queue::given_up(&mut reader, limits::PAGE_ROWS).await? })
    }
}

/// Jobs that wait, run or were given up.
#[utoipa::path(tag = "operations", responses((status = 200, description = "Jobs that are not done", body = Jobs)))]
#[get("/api/v1/jobs")]
async fn unfinished(_granted: Granted<right::SeeOperations>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(Jobs::of(&ground).await?))
}

#[derive(Template)]
#[template(path = "operations/jobs.html")]
struct Operations {
    page: Page,
    jobs: Jobs,
    clock: reference::State,
    clock_reference: &'static str,
}

impl Operations {
    /// What is known of the clock, in words.
    fn clock_words(&self) -> String {
        self.page.with(&format!("operations.clock_{}", self.clock.word()), "reference", self.clock_reference)
    }

    fn state(&self, tally: &Tally) -> String {
        self.page.say(&format!("operations.state_{}", tally.state))
    }
}

#[get("/operations")]
async fn operations(_granted: Granted<right::SeeOperations>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let jobs = Jobs::of(&ground).await?;
    let clock = reference::state(&ground).await;
    page::show(&Operations { page, jobs, clock, clock_reference: reference::name(&ground) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::sync::Arc;

    use actix_web::{
        http::{StatusCode, header},
        test,
    };
    use futures_util::future::LocalBoxFuture;

    use crate::{
        http::guard::{Credential, WhoIs},
        platform::{
            actor::{Actor, Carrier, ProvenBy, Role},
            database::DatabaseError,
            ground::Ground,
            id::{AccountId, Id as _},
            moment::Moment,
            queue, testing,
        },
        router,
    };

    /// Everybody with a token has this role.
    struct All(Role);

    impl WhoIs for All {
        fn who_is<'a>(&'a self, _: &'a Ground, credential: &'a Credential) -> LocalBoxFuture<'a, Result<Option<Actor>, DatabaseError>> {
            let actor = Actor {
                account: AccountId::from_uuid(uuid::Uuid::from_u128(1)),
                session: None,
                name: "Anna".to_owned(),
                roles: vec![self.0],
                company: None,
                employee: None,
                carrier: credential.carrier,
                proven_at: Moment::from_millis(0),
                proven_by: ProvenBy::Card,
                key: None,
            };
            assert_eq!(credential.carrier, Carrier::Program);
            Box::pin(async { Ok(Some(actor)) })
        }
    }

    async fn ask(role: Role, token: bool, path: &str) -> (StatusCode, String) {
        let world = testing::ground().await.unwrap();
        world.database.write(async |unit| queue::enqueue(unit, queue::Kind("tests.wait"), &"x", unit.now()).await).await.unwrap();
        let data = actix_web::web::Data::new(world.ground.clone());
        let app = test::init_service(router::application(data, Arc::new(All(role)))).await;
        let mut request = test::TestRequest::get().uri(path).insert_header((header::ACCEPT, "text/html"));
        if token {
            request = request.insert_header((header::AUTHORIZATION, "Bearer x"));
        }
        let response = test::call_service(&app, request.to_request()).await;
        (response.status(), String::from_utf8(test::read_body(response).await.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn an_auditor_sees_the_jobs_and_an_employee_does_not() {
        let (status, html) = ask(Role::Auditor, true, "/operations").await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("tests.wait") && html.contains("Venter") && !html.contains(">operations."));
        let (_, json) = ask(Role::Auditor, true, "/api/v1/jobs").await;
        assert!(json.contains(r#""kind":"tests.wait","state":"waiting","jobs":1"#), "{json}");
        assert_eq!(ask(Role::Employee, true, "/operations").await.0, StatusCode::FORBIDDEN);
    }

    #[actix_web::test]
    async fn a_stranger_is_led_to_log_in_and_back() {
        let (status, html) = ask(Role::Auditor, false, "/operations").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(html.contains("href=\"/login?next=%2Foperations\""));
    }
}
