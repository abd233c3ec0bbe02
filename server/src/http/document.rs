//! The OpenAPI document says of every operation how it refuses: as an RFC 9457 problem. Handlers name only refusals of their own.

use utoipa::openapi::{
    Content, OpenApi, RefOr, Response,
    path::{Operation, PathItem},
};

/// A refusal, as the document describes it (RFC 9457 section 3).
#[derive(utoipa::ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "the fields are read by the derive alone; `Problem::json` writes the answers")]
pub struct ProblemDocument {
    /// `/problems/<slug>`, a page that explains the kind of problem.
    #[schema(rename = "type")]
    kind: String,
    /// What kind of problem it is, in words.
    title: String,
    /// The status code.
    status: u16,
    /// What happened this time and what to do, in words.
    detail: String,
    /// `urn:uuid:<request id>`: what to tell the help desk.
    instance: String,
    /// The faulty fields, when there are any.
    errors: Option<Vec<FieldProblem>>,
    /// Of a refused log-in: what to tell the help desk, which sees the reason under it.
    reference: Option<String>,
    /// Of `answer-first`: the last digits of the key card's number.
    card_ending: Option<String>,
    /// Of `answer-first`: which number on it.
    key_number: Option<String>,
}

/// One faulty field.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the fields are read by the derive alone")]
pub struct FieldProblem {
    /// Where, as a JSON pointer (RFC 6901).
    pointer: String,
    /// What is wrong and what would be right.
    detail: String,
}

/// The document's parts that handlers do not name.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(ProblemDocument, FieldProblem)))]
struct Refusals;

/// The document with a refusal in every operation below `/api/`.
pub fn with_refusals(mut document: OpenApi) -> OpenApi {
    document.merge(<Refusals as utoipa::OpenApi>::openapi());
    for (_, item) in document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/")) {
        for operation in operations(item) {
            let refusal = || RefOr::T(refusal());
            operation.responses.responses.entry("4XX".to_owned()).or_insert_with(refusal);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.delete, &mut item.get, &mut item.patch, &mut item.post, &mut item.put].into_iter().filter_map(Option::as_mut)
}

fn refusal() -> Response {
    let schema = utoipa::openapi::Ref::from_schema_name("Problem");
    let mut response = Response::new("Refused, as a problem (RFC 9457)");
    response.content.insert("application/problem+json".to_owned(), RefOr::T(Content::new(Some(schema))));
    response
}
