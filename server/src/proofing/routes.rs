//! The JSON edge of the rules: the table, and what it says about documents. Recording is the employees' edge, which knows the person.

use actix_web::{get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Channel, Country, DocumentKind, Expiry, Outcome, Presented, ProofingError, RULES, Weight, YOUNGEST, examine,
    model::{ADULT, OTHERS},
};
use crate::{
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{
        day::Day,
        fault::FieldFault,
        ground::Ground,
        words::{Language, Words},
    },
};

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_rules).service(judge_documents);
}

impl From<ProofingError> for Problem {
    fn from(error: ProofingError) -> Self {
        match error {
            ProofingError::BirthDate => Self::unforeseen(&error),
            ProofingError::Database(cause) => cause.into(),
            ProofingError::Invalid(faults) => Self::invalid(faults),
            ProofingError::Keystore(cause) => Self::unforeseen(&cause),
        }
    }
}

/// A text in both languages.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Text {
    /// Danish.
    da: String,
    /// English.
    en: String,
}

impl Text {
    fn of(key: &str) -> Self {
        Self { da: Words(Language::Da).say(key), en: Words(Language::En).say(key) }
    }
}

/// Who takes a document, and whose.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct TakenBy {
    /// Where.
    channel: Channel,
    /// Of which countries.
    country: Country,
}

/// The rule of one kind of document.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct RuleAnswer {
    /// The kind.
    kind: DocumentKind,
    /// What it is called.
    name: Text,
    /// photo: enough alone. Without one two others are enough when one of them is required; an other may be the second.
    weight: Weight,
    /// Who takes it.
    taken_by: Vec<TakenBy>,
    /// It must be one of these types, when there are any.
    permits: &'static [&'static str],
    /// At most so many months old; null when that does not matter.
    months: Option<i32>,
    /// Whether it says until when it holds. What has expired does not count.
    expiry: Expiry,
    /// Whether its number is taken down.
    numbered: bool,
}

/// The rules of proofing.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct RulesAnswer {
    /// The documents.
    items: Vec<RuleAnswer>,
    /// Nobody younger gets a signature.
    youngest: i16,
    /// Who is younger gets the youth notice in the certificate.
    adult: i16,
    /// So many documents without a photo stand in for one with.
    others: usize,
}

/// Shows the rules of proofing: which documents, who takes them, and what they count for.
#[utoipa::path(tag = "proofing", responses((status = 200, body = RulesAnswer)))]
#[get("/api/v1/proofing-rules")]
async fn list_rules() -> web::Json<RulesAnswer> {
    let items = RULES.iter().map(|rule| RuleAnswer {
        kind: rule.kind,
        name: Text::of(&format!("proofing.kind_{}", rule.kind.word())),
        weight: rule.weight,
        taken_by: rule.channels.iter().map(|(channel, country)| TakenBy { channel: *channel, country: *country }).collect(),
        permits: rule.permits,
        months: rule.months,
        expiry: rule.expiry,
        numbered: rule.numbered,
    });
    web::Json(RulesAnswer { items: items.collect(), youngest: YOUNGEST, adult: ADULT, others: OTHERS })
}

/// Documents to be judged.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CaseBody {
    /// Where they are shown.
    channel: Channel,
    /// The person's birth date: YYYY-MM-DD.
    birth_date: String,
    /// What is shown, eight at most.
    documents: Vec<Presented>,
}

/// One thing that lacks.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct LackAnswer {
    /// Which field it is about.
    pointer: String,
    /// In words.
    detail: Text,
}

/// What the rules say.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct JudgementAnswer {
    /// handed_over or by_post; null when the documents are refused.
    outcome: Option<Outcome>,
    /// Everything that lacks.
    missing: Vec<LackAnswer>,
}

fn lack(fault: FieldFault) -> LackAnswer {
    let detail = Text { da: fault.sentence(Language::Da), en: fault.sentence(Language::En) };
    LackAnswer { pointer: format!("/{}", fault.field), detail }
}

/// Says what documents would lead to. Records nothing, and keeps nothing of them.
///
/// Takes no Idempotency-Key: it creates nothing.
#[utoipa::path(tag = "proofing", request_body = CaseBody, responses((status = 200, body = JudgementAnswer), (status = 422)))]
#[post("/api/v1/proofing-judgements")]
async fn judge_documents(
    _granted: Granted<right::RecordProofing>,
    ground: web::Data<Ground>,
    body: Json<CaseBody>,
) -> Result<web::Json<JudgementAnswer>, Problem> {
    let CaseBody { channel, birth_date, documents } = body.0;
    Ok(web::Json(match examine(channel, &birth_date, &documents, Day::of(ground.clock().now())) {
        Ok(examined) => JudgementAnswer { outcome: Some(examined.outcome()), missing: Vec::new() },
        Err(refused) => JudgementAnswer { outcome: None, missing: refused.faults.into_iter().map(lack).collect() },
    }))
}
