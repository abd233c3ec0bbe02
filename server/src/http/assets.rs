//! The files that the binary carries (styles, script, fonts, icons), under `/assets/`. A URL with the content's digest may be kept for ever.

use actix_web::{HttpRequest, HttpResponse, get, http::header, middleware::Compress, web};

use super::problem::{Kind, Problem};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// How long an address without (or with an old) digest may be kept, seconds.
const BRIEFLY: &str = "public, max-age=300";
/// RFC 8246 section 2.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

type File = (&'static str, &'static str, &'static str, &'static [u8]);

fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|(name, ..)| *name == path)
}

/// The URL of a file below `assets`; without digest when there is no such file, so that the gap shows as a 404.
pub fn url(path: &str) -> String {
    match find(path) {
        Some((_, _, digest, _)) => format!("/assets/{path}?v={digest}"),
        None => format!("/assets/{path}"),
    }
}

/// Adds the route. Only here answers are compressed: pages hold session tokens beside what people type (BREACH).
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(web::scope("/assets").wrap(Compress::default()).service(serve));
}

/// One file.
#[get("/{path:.*}")]
async fn serve(request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let Some((_, content_type, digest, bytes)) = find(&path) else { return Err(Problem::of(Kind::NotFound)) };
    let tag = format!("W/\"{digest}\"");
    let kept = if request.query_string() == format!("v={digest}") { FOR_EVER } else { BRIEFLY };
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, kept)).finish());
    }
    Ok(HttpResponse::Ok()
        .content_type(*content_type)
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, kept))
        .body(*bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use actix_web::{App, http::StatusCode, test};

    use super::*;

    async fn ask(uri: &str, known: Option<&str>) -> (StatusCode, header::HeaderMap, web::Bytes) {
        let app = test::init_service(App::new().configure(configure)).await;
        let mut request = test::TestRequest::get().uri(uri);
        if let Some(tag) = known {
            request = request.insert_header((header::IF_NONE_MATCH, tag));
        }
        let response = test::call_service(&app, request.to_request()).await;
        (response.status(), response.headers().clone(), test::read_body(response).await)
    }

    #[actix_web::test]
    async fn the_url_of_a_file_gives_its_bytes_to_keep_for_ever() {
        let (status, headers, body) = ask(&url("own/segl.css"), None).await;
        assert_eq!((status, headers.get(header::CACHE_CONTROL).unwrap().to_str().unwrap()), (StatusCode::OK, FOR_EVER));
        assert_eq!(headers.get(header::CONTENT_TYPE).unwrap(), "text/css; charset=utf-8");
        assert_eq!(body.as_ref(), include_bytes!("../../assets/own/segl.css"));
    }

    #[actix_web::test]
    async fn another_digest_is_not_kept_for_ever() {
        let (status, headers, _) = ask("/assets/own/segl.css?v=0000000000000000", None).await;
        assert_eq!((status, headers.get(header::CACHE_CONTROL).unwrap().to_str().unwrap()), (StatusCode::OK, BRIEFLY));
    }

    #[actix_web::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let (_, headers, _) = ask("/assets/own/segl.css", None).await;
        let tag = headers.get(header::ETAG).unwrap().to_str().unwrap().to_owned();
        let (status, _, body) = ask("/assets/own/segl.css", Some(&tag)).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    }

    #[actix_web::test]
    async fn styles_travel_compressed() {
        let app = test::init_service(App::new().configure(configure)).await;
        let request = test::TestRequest::get().uri("/assets/vendor/css/dkfds.css").insert_header((header::ACCEPT_ENCODING, "gzip"));
        let response = test::call_service(&app, request.to_request()).await;
        assert_eq!(response.headers().get(header::CONTENT_ENCODING).unwrap(), "gzip");
        assert!(test::read_body(response).await.len() < find("vendor/css/dkfds.css").unwrap().3.len() / 4);
    }

    #[actix_web::test]
    async fn nothing_outside_the_table_is_served() {
        for path in ["/assets/", "/assets/own", "/assets/../Cargo.toml", "/assets/own/%2e%2e/package.json", "/assets/vendor.mjs"] {
            assert_eq!(ask(path, None).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
