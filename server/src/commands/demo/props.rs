//! `/demo/key` and `/demo/exhibits/...`: the printed card's key beside a number, and the signed papers. In the demonstration only.

use actix_web::{HttpResponse, get, http::header, web};

use crate::{
    http::problem::{Kind, Problem},
    keycards,
    platform::ground::Ground,
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(key).service(exhibit);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    card: String,
    number: String,
}

/// The key beside a number that is asked for just now: what a person reads on the printed card.
#[get("/demo/key")]
async fn key(ground: web::Data<Ground>, beside: web::Query<Beside>) -> Result<HttpResponse, Problem> {
    let key = keycards::demo_key_beside(&ground, &beside.card, &beside.number).await?.ok_or_else(|| Problem::of(Kind::NotFound))?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(serde_json::json!({"key": key})))
}

/// One of the signed papers.
#[get("/demo/exhibits/{file}")]
async fn exhibit(ground: web::Data<Ground>, file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let is_plain = file.ends_with(".pdf") && file.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.');
    if !is_plain {
        return Err(Problem::of(Kind::NotFound));
    }
    let path = ground.config.data.join("exhibits").join(file.as_str());
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(path)).await.map_err(|error| Problem::unforeseen(&error))?;
    let bytes = bytes.map_err(|_| Problem::of(Kind::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .body(bytes))
}
