//! Refusals as RFC 9457 problems: `type` is `/problems/<slug>`, served and explained; `instance` is the request id.

use std::fmt;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse, ResponseError,
    body::BoxBody,
    http::{StatusCode, header},
};

use crate::platform::{
    database::DatabaseError,
    fault::FieldFault,
    id::RequestId,
    words::{Language, Words},
};

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $status:ident;)+) => {
        /// Every kind of problem that the service answers with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $name),+ }

        impl Kind {
            /// The catalogue, in the order of its page.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The last part of the problem's type URI, and its key in the `problems` words (with `_` for `-`).
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug),+ }
            }

            /// Its status code.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }
        }
    };
}

catalogue! {
    /// Somebody else was first, or it was done already.
    AlreadyDone = "already-done", CONFLICT;
    /// Too many wrong passwords lately: card or phone must answer before one is looked at.
    AnswerFirst = "answer-first", FORBIDDEN;
    /// A document is not a PDF that we can sign.
    BadDocument = "bad-document", UNPROCESSABLE_ENTITY;
    /// The request cannot be read.
    BadRequest = "bad-request", BAD_REQUEST;
    /// The state of the thing forbids it.
    Conflict = "conflict", CONFLICT;
    /// The request does not come from our own page.
    CrossSite = "cross-site", FORBIDDEN;
    /// The role does not include it.
    Forbidden = "forbidden", FORBIDDEN;
    /// The link or question is too old or used.
    Gone = "gone", GONE;
    /// An Idempotency-Key was used for another request.
    IdempotencyMismatch = "idempotency-mismatch", UNPROCESSABLE_ENTITY;
    /// Fields break their rules.
    Invalid = "invalid", UNPROCESSABLE_ENTITY;
    /// The method is not allowed here.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED;
    /// The disk is full: nothing was changed.
    NoSpace = "no-space", INSUFFICIENT_STORAGE;
    /// Nothing there, or nothing that you may see.
    NotFound = "not-found", NOT_FOUND;
    /// Nobody is logged in.
    NotLoggedIn = "not-logged-in", UNAUTHORIZED;
    /// User id, password, temporary password or key is not right. All refusals look the same.
    NotRight = "not-right", FORBIDDEN;
    /// Issuing is not possible yet.
    NotReady = "not-ready", SERVICE_UNAVAILABLE;
    /// The weighty change needs password and key again.
    ProveAgain = "prove-again", FORBIDDEN;
    /// Too many wrong tries; wait.
    TooManyTries = "too-many-tries", TOO_MANY_REQUESTS;
    /// Larger than the limit.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE;
    /// The database does not answer.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
    /// Our fault.
    Unforeseen = "unforeseen", INTERNAL_SERVER_ERROR;
    /// The content type is not accepted here.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE;
}

impl Kind {
    fn words_key(self, part: &str) -> String {
        format!("problems.{}_{part}", self.slug().replace('-', "_"))
    }

    /// The title in a language.
    pub fn title(self, language: Language) -> String {
        Words(language).say(&self.words_key("title"))
    }

    /// What it means and what to do, in a language.
    pub fn meaning(self, language: Language) -> String {
        Words(language).say(&self.words_key("meaning"))
    }
}

/// A refusal on its way to the one who asked.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its kind.
    pub kind: Kind,
    /// A key of the words for this very case; the kind's meaning when none.
    pub detail: Option<&'static str>,
    /// What the detail names.
    pub values: Vec<(&'static str, String)>,
    /// The faulty fields.
    pub faults: Vec<FieldFault>,
    /// What stands in the answer besides (RFC 9457 section 3.2).
    pub members: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem that says what its kind means.
    pub fn of(kind: Kind) -> Self {
        Self { kind, detail: None, values: Vec::new(), faults: Vec::new(), members: Vec::new() }
    }

    /// A problem with words of its own (a key with its slice, as `documents.encrypted`).
    pub fn saying(kind: Kind, detail: &'static str) -> Self {
        Self { detail: Some(detail), ..Self::of(kind) }
    }

    /// Adds a value that the detail names.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// Adds what stands in the answer besides.
    #[must_use]
    pub fn telling(mut self, member: &'static str, value: impl ToString) -> Self {
        self.members.push((member, value.to_string()));
        self
    }

    /// What stands in the answer besides.
    pub fn told(&self, member: &str) -> Option<String> {
        self.members.iter().find(|(name, _)| *name == member).map(|(_, value)| value.clone())
    }

    /// The sentence for a person, with the reference that the help desk needs.
    pub fn sentence_with_reference(&self, language: Language) -> String {
        let sentence = self.sentence(language);
        match self.told("reference") {
            Some(reference) => format!("{sentence} {}", Words(language).with("shared.reference", &[("reference", &reference)])),
            None => sentence,
        }
    }

    /// Says it in other words when it is of this kind and has none of its own.
    #[must_use]
    pub fn worded(mut self, kind: Kind, detail: &'static str) -> Self {
        if self.kind == kind && self.detail.is_none() {
            self.detail = Some(detail);
        }
        self
    }

    /// Faulty fields.
    pub fn invalid(faults: Vec<FieldFault>) -> Self {
        Self { faults, ..Self::of(Kind::Invalid) }
    }

    /// An unforeseen failure: the cause goes to the log, under the request's span, and nowhere else.
    pub fn unforeseen(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "unforeseen");
        Self::of(Kind::Unforeseen)
    }

    /// The sentence for a person.
    pub fn sentence(&self, language: Language) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match self.detail {
            Some(key) => Words(language).with(key, &values),
            None => self.kind.meaning(language),
        }
    }

    /// The JSON of RFC 9457.
    pub fn json(&self, language: Language, request_id: &str) -> serde_json::Value {
        let errors: Vec<_> = self
            .faults
            .iter()
            .map(|fault| serde_json::json!({"pointer": format!("/{}", fault.field), "detail": fault.sentence(language)}))
            .collect();
        let mut problem = serde_json::json!({
            "type": format!("/problems/{}", self.kind.slug()),
            "title": self.kind.title(language),
            "status": self.kind.status().as_u16(),
            "detail": self.sentence(language),
            "instance": format!("urn:uuid:{request_id}"),
        });
        if let Some(object) = problem.as_object_mut() {
            if !errors.is_empty() {
                object.insert("errors".to_owned(), errors.into());
            }
            object.extend(self.members.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
        }
        problem
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.kind.slug())
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        if error.is_full() {
            tracing::error!(%error, "the database has no room left");
            return Self::of(Kind::NoSpace);
        }
        if error.is_away() {
            tracing::error!(%error, "the database does not answer");
            return Self::of(Kind::Unavailable);
        }
        if error.is_unstorable_text() {
            return Self::of(Kind::BadRequest);
        }
        Self::unforeseen(&error)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    /// The envelope writes the body, since it knows the request: JSON for programs, a page for people.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::build(self.status_code());
        if self.kind == Kind::NotLoggedIn {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if self.kind == Kind::TooManyTries {
            response.insert_header((header::RETRY_AFTER, "60"));
        }
        let mut response = response.finish();
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// Where phones ask: a person reads there what is refused, in the language that the phone names.
const PHONES: &str = "/api/v1/phone/";

/// The language of an answer for a program: English, but for a phone's.
fn language_of(request: &HttpRequest) -> Language {
    let named = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    named.filter(|_| request.path().starts_with(PHONES)).map_or(Language::En, Language::accepted)
}

/// The RFC 9457 answer for a program.
pub fn answer(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let id = request.extensions().get::<RequestId>().map_or_else(String::new, RequestId::to_string);
    let body = problem.json(language_of(request), &id).to_string();
    HttpResponse::build(problem.status_code()).content_type("application/problem+json").body(body)
}
