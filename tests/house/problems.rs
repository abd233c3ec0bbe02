//! The catalogue of problems is complete: a title and a meaning in both languages, and a page where `type` leads.

use actix_web::{test as http, web};
use segl::{
    app,
    http::problem::Kind,
    platform::{testing, words::Language},
    router,
};

use crate::source::none;

#[test]
fn every_problem_has_a_title_and_a_meaning_in_both_languages() {
    let mut faults = Vec::new();
    for kind in Kind::ALL {
        for language in [Language::Da, Language::En] {
            for text in [kind.title(language), kind.meaning(language)] {
                if text.starts_with("problems.") || text.trim().is_empty() {
                    faults.push(format!("{:?} in {language:?}: {text:?}", kind.slug()));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn a_slug_is_the_name_of_one_problem() {
    let mut slugs: Vec<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
    slugs.sort_unstable();
    let all = slugs.len();
    slugs.dedup();
    assert_eq!(slugs.len(), all);
}

#[actix_web::test]
async fn the_type_of_every_problem_leads_to_its_page() {
    let world = testing::ground().await.unwrap();
    let service = http::init_service(router::application(web::Data::new(world.ground.clone()), app::who_is())).await;
    for kind in Kind::ALL {
        for language in [Language::Da, Language::En] {
            let path = format!("/problems/{}?language={}", kind.slug(), language.tag());
            let answer = http::call_service(&service, http::TestRequest::get().uri(&path).to_request()).await;
            assert_eq!(answer.status(), 200, "{path}");
            let body = String::from_utf8(http::read_body(answer).await.to_vec()).unwrap();
            assert!(body.contains(&kind.title(language)), "{path} does not say {:?}", kind.title(language));
        }
    }
    let answer = http::call_service(&service, http::TestRequest::get().uri("/problems/made-up").to_request()).await;
    assert_eq!(answer.status(), 404);
}
