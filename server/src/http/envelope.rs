//! Around every request: its id, its log span, its timing, the security headers, and how a refusal is written.

use std::borrow::Cow;

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use tracing::Instrument as _;

use super::{
    csrf, guard, network,
    page::{self, Page, ProblemPage},
    problem::{self, Kind, Problem},
};
use crate::platform::{
    actor::Actor,
    ground::Ground,
    id::{Id as _, RequestId},
    moment::Moment,
    telemetry::RequestLabels,
    wake,
};

/// On every answer that does not say otherwise itself.
static HEADERS: [(HeaderName, HeaderValue); 2] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store")), (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))];
/// The id of the request, for whoever asks the support.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// And for the eyes of browsers: on all but what the protocols of the PKI answer well, which no browser shows.
static BROWSER_HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
    (header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (header::PERMISSIONS_POLICY, HeaderValue::from_static("camera=(), geolocation=(), microphone=()")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// The middleware.
///
/// # Errors
/// Never one of its own.
pub async fn envelope(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let ground = request.app_data::<web::Data<Ground>>().cloned();
    let (id, begun) = match &ground {
        Some(ground) => (RequestId::fresh(ground.clock().now(), ground.random()), ground.clock().now()),
        None => (RequestId::from_uuid(uuid::Uuid::nil()), Moment::from_millis(0)),
    };
    request.extensions_mut().insert(id);
    // At the level of errors, so that no filter of the log takes the id from the lines that need it.
    let span = tracing::error_span!("request", %id, method = %request.method());
    let outcome = async {
        if let Some(refusal) = early_refusal(&request, ground.as_ref().map(|ground| ground.get_ref())) {
            return Ok(request.error_response(refusal).map_into_boxed_body());
        }
        next.call(request).await.map(ServiceResponse::map_into_boxed_body)
    }
    .instrument(span.clone())
    .await;
    let response = match outcome {
        Ok(response) => response,
        Err(error) => return Err(error),
    };
    let mut response = written(response).instrument(span).await;
    finish_headers(&mut response, id);
    if let Some(ground) = ground {
        let request = response.request();
        let labels = RequestLabels { method: method_label(request), route: route_label(request), status: response.status().as_u16() };
        // What the protocols ask changes nothing.
        if !response.request().method().is_safe() && !is_protocol_answer(&response) {
            wake::workers(&ground);
        }
        ground.metrics.answered(labels, ground.clock().now().since(begun).as_seconds_f64());
    }
    Ok(response)
}

/// The method, or `other`: anybody may invent methods, and each label stays in memory for good.
fn method_label(request: &HttpRequest) -> &'static str {
    match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The pattern of the route. Finding it again costs a look at every route, so those that are asked thousands of times a second are known here.
fn route_label(request: &HttpRequest) -> Cow<'static, str> {
    match request.path() {
        "/ocsp" => Cow::Borrowed("/ocsp"),
        "/timestamp" => Cow::Borrowed("/timestamp"),
        path if path.starts_with("/ocsp/") => Cow::Borrowed("/ocsp/{request:.*}"),
        _ => request.match_pattern().map_or(Cow::Borrowed("unmatched"), Cow::Owned),
    }
}

/// A changing request from another site, or a page over plain HTTP from another machine (where no session can be kept).
fn early_refusal(request: &ServiceRequest, ground: Option<&Ground>) -> Option<Problem> {
    let ground = ground?;
    let server = &ground.config.server;
    let has_cookie = request.headers().contains_key(header::COOKIE);
    if !request.method().is_safe() && has_cookie && guard::session_cookie(request.request()).is_some() {
        csrf::check_origin(request.request(), server.origin()).err()?;
        return Some(Problem::of(Kind::CrossSite));
    }
    let is_page = !is_protocol(request.path()) && wants_page(request.request());
    let from_here = network::address(request.request(), server).is_none_or(|address| address.is_loopback());
    if is_page && !from_here && !network::is_secure(request.request(), server) {
        return Some(Problem::saying(Kind::BadRequest, "problems.plain_http").with("url", &server.public_url));
    }
    None
}

fn is_protocol(path: &str) -> bool {
    ["/api/", "/pki/", "/ocsp", "/timestamp", "/health/", "/metrics", "/assets/"].iter().any(|prefix| path.starts_with(prefix))
}

fn wants_page(request: &HttpRequest) -> bool {
    request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// Writes the body of a refusal: a page for people, RFC 9457 for programs.
async fn written(response: ServiceResponse) -> ServiceResponse {
    let found = response.response().extensions().get::<Problem>().cloned();
    let bare = (response.status().is_client_error() || response.status().is_server_error())
        && response.response().headers().get(header::CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    let problem = match found {
        Some(problem) => problem,
        None if bare && !is_protocol_answer(&response) => Problem::of(kind_of(response.status())),
        None => return response,
    };
    let request = response.request().clone();
    let headers = response.headers().clone();
    let mut answer = written_for(&problem, &request);
    copy_headers(&headers, answer.headers_mut());
    response.into_response(answer)
}

/// OCSP, CRLs and time stamps answer in their own words.
fn is_protocol_answer(response: &ServiceResponse) -> bool {
    ["/pki/", "/ocsp", "/timestamp"].iter().any(|prefix| response.request().path().starts_with(prefix))
}

fn written_for(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    if request.path().starts_with("/api/") || !wants_page(request) {
        return problem::answer(problem, request);
    }
    let actor = request.extensions().get::<Option<Actor>>().cloned().flatten();
    let id = request.extensions().get::<RequestId>().map_or_else(String::new, RequestId::to_string);
    let template = ProblemPage::of(problem, Page::for_actor(request, actor), request, id);
    page::render(problem.status_code(), &template).unwrap_or_else(|problem| problem::answer(&problem, request))
}

fn kind_of(status: StatusCode) -> Kind {
    match status {
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::UnsupportedMediaType,
        other if other.is_server_error() => Kind::Unforeseen,
        _ => Kind::BadRequest,
    }
}

fn copy_headers(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            to.append(name.clone(), value.clone());
        }
    }
}

fn finish_headers(response: &mut ServiceResponse, id: RequestId) {
    let chosen = page::chosen(response.request());
    let secure =
        response.request().app_data::<web::Data<Ground>>().is_some_and(|ground| ground.config.server.public_url.starts_with("https://"));
    let is_machines = is_protocol_answer(response) && (response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED);
    let for_browsers: &[(HeaderName, HeaderValue)] = if is_machines { &[] } else { &BROWSER_HEADERS };
    let headers = response.headers_mut();
    for (name, value) in HEADERS.iter().chain(for_browsers) {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    let mut text = [0; 36];
    if let Ok(value) = HeaderValue::from_str(id.uuid().hyphenated().encode_lower(&mut text)) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    if let Some(language) = chosen
        && let Ok(value) = HeaderValue::from_str(&page::language_cookie(language).to_string())
    {
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use actix_web::{
        App, HttpResponse,
        dev::Service as _,
        middleware::from_fn,
        test::{self, TestRequest},
    };

    use super::*;
    use crate::platform::testing;

    /// Opens `/login` over plain HTTP from a peer, with what a proxy (or somebody who says to be one) adds: status and words.
    async fn opened(settings: &str, peer: &str, said: &[(&str, &str)]) -> (u16, String) {
        let world = testing::ground_with(settings).await.unwrap();
        let page = || async { HttpResponse::Ok().finish() };
        let ground = web::Data::new(world.ground.clone());
        let app = App::new().app_data(ground).wrap(from_fn(envelope)).route("/login", web::get().to(page));
        let app = test::init_service(app).await;
        let accepted = if peer.is_empty() { "application/json" } else { "text/html" };
        let mut request =
            TestRequest::get().uri("/login").insert_header((header::ACCEPT, accepted)).insert_header((header::ACCEPT_LANGUAGE, "en"));
        request = request.peer_addr(std::net::SocketAddr::new(if peer.is_empty() { "192.0.2.7" } else { peer }.parse().unwrap(), 4711));
        for (name, value) in said {
            request = request.insert_header((*name, *value));
        }
        let response = app.call(request.to_request()).await.unwrap();
        let status = response.status().as_u16();
        (status, String::from_utf8_lossy(&test::read_body(response).await).into_owned())
    }

    const PROXY: &str = "[server]\ntrusted_proxies = [\"10.0.0.1\", \"127.0.0.1\"]";
    const SECURE: (&str, &str) = ("x-forwarded-proto", "https");
    const PLAIN: (&str, &str) = ("x-forwarded-proto", "http");
    const FROM_AFAR: (&str, &str) = ("x-forwarded-for", "203.0.113.7");

    #[actix_web::test]
    async fn a_page_over_plain_http_from_another_machine_says_what_to_do() {
        let (status, words) = opened("", "192.0.2.7", &[]).await;
        assert_eq!(status, 400);
        assert!(words.contains("http://localhost:8080"), "{words}");
        assert_eq!(opened("", "127.0.0.1", &[]).await.0, 200);
        assert_eq!(opened("", "::1", &[]).await.0, 200);
        // Programs bring no session cookie.
        assert_eq!(opened("", "", &[]).await.0, 200);
    }

    #[actix_web::test]
    async fn a_proxys_word_about_the_connection_counts_only_when_it_is_trusted() {
        for (peer, said, status) in [
            ("10.0.0.1", &[SECURE, FROM_AFAR][..], 200),
            ("10.0.0.1", &[PLAIN, FROM_AFAR], 400),
            ("10.0.0.1", &[], 400),
            ("127.0.0.1", &[SECURE, FROM_AFAR], 200),
            ("127.0.0.1", &[PLAIN, FROM_AFAR], 400),
            ("127.0.0.1", &[], 200),
            ("192.0.2.7", &[SECURE, FROM_AFAR], 400),
            ("192.0.2.7", &[SECURE, ("x-forwarded-for", "127.0.0.1")], 400),
        ] {
            assert_eq!(opened(PROXY, peer, said).await.0, status, "{peer} says {said:?}");
        }
        // Without trusted proxies nobody's word counts.
        assert_eq!(opened("", "10.0.0.1", &[SECURE, FROM_AFAR]).await.0, 400);
        assert_eq!(opened("", "127.0.0.1", &[PLAIN, FROM_AFAR]).await.0, 200);
    }
}
