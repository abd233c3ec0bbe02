//! The JSON edge of the desk: documents recorded, and what was recorded of somebody.

use actix_web::{HttpResponse, get, http::header, post, web};

use super::visible_employee;
use crate::{
    employees::{Employee, desk},
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay, create_once},
        permissions::right,
        problem::Problem,
    },
    platform::{
        actor::Actor,
        database::Unit,
        day::Day,
        ground::Ground,
        id::{CompanyId, EmployeeId, ProofingId},
        moment::Moment,
    },
    proofing::{self, Channel, Document, Method, Outcome, Presented},
};

/// What an operator saw.
#[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ProofingBody {
    /// Where the person works.
    company: CompanyId,
    /// Who.
    employee: EmployeeId,
    /// The person's birth date: YYYY-MM-DD.
    #[serde(skip_serializing)]
    birth_date: String,
    /// What was shown, eight at most.
    documents: Vec<Presented>,
}

/// What came of it.
#[derive(Clone, Copy, serde::Serialize, utoipa::ToSchema)]
pub struct Recorded {
    /// The record's id; certificates name it.
    pub id: ProofingId,
    /// handed_over: the key card at once. by_post: by letter only.
    pub outcome: Outcome,
    /// Whether one of the documents was shown for another person before.
    pub shown_for_another: bool,
}

/// Records what suffices, once for each key; of what does not, only that it was refused.
///
/// # Errors
/// Everything that lacks, by its field; those of [`desk::record`].
pub async fn record_once(
    ground: &Ground,
    actor: &Actor,
    employee: Employee,
    (birth_date, documents): (&str, &[Presented]),
    key: Option<(&Idempotency, &[u8])>,
) -> Result<Result<Recorded, Replay>, Problem> {
    let location = location(employee.company, employee.id);
    let examined = match proofing::examine(Channel::Desk, birth_date, documents, Day::of(ground.clock().now())) {
        Ok(examined) => examined,
        Err(refused) => {
            if refused.judged {
                ground.database.write(async |unit| desk::refuse(unit, &employee, &refused.faults, actor).await).await?;
            }
            return Err(Problem::invalid(refused.faults));
        }
    };
    let prepared = desk::prepare(ground, employee, examined, actor).await?;
    let create = async |unit: &mut Unit| {
        let shown_for_another = desk::record(unit, &prepared, actor).await?;
        Ok::<_, Problem>(Recorded { id: prepared.id(), outcome: prepared.outcome(), shown_for_another })
    };
    let (key, content) = key.map_or((None, &b""[..]), |(key, content)| (Some(key), content));
    create_once(&ground.database, (key, actor), content, create, |_| location.clone()).await
}

fn location(company: CompanyId, employee: EmployeeId) -> String {
    format!("/api/v1/companies/{company}/employees/{employee}/proofings")
}

/// Records the documents that a person showed at the desk. Numbers are kept as what the keystore makes of them. Documents that do not suffice are
/// refused with everything that lacks. Who sent the person a code cannot, and who does sends none.
#[utoipa::path(tag = "proofing", params(Idempotency), request_body = ProofingBody,
    responses((status = 201, body = Recorded), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/proofings")]
pub async fn record_proofing(
    granted: Granted<right::RecordProofing>,
    ground: web::Data<Ground>,
    key: Idempotency,
    body: Json<ProofingBody>,
) -> Result<HttpResponse, Problem> {
    let (_, employee) = visible_employee(&ground, &granted.actor, (body.0.company, body.0.employee)).await?;
    let location = location(employee.company, employee.id);
    // Birth date and numbers as what the keystore makes of them: they are nowhere kept in a form that could be guessed.
    let mut content = serde_json::to_vec(&body.0).map_err(|error| Problem::unforeseen(&error))?;
    content.extend(proofing::fingerprint(&ground, &body.0.birth_date, &body.0.documents).await?);
    let seen = (body.0.birth_date.as_str(), body.0.documents.as_slice());
    Ok(match record_once(&ground, &granted.actor, employee, seen, Some((&key, &content))).await? {
        Ok(recorded) => HttpResponse::Created()
            .insert_header((header::LOCATION, location))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(recorded),
        Err(replay) => replay.answer(),
    })
}

/// How somebody was vouched for, once.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ProofingAnswer {
    /// The record; certificates name it.
    id: ProofingId,
    /// Where.
    channel: Channel,
    /// How.
    method: Method,
    /// How the key card reaches the person.
    outcome: Outcome,
    /// The documents, without their numbers.
    documents: Vec<Document>,
    /// Who saw it or vouched, as the audit names them.
    seen_by: String,
    /// Their name.
    seen_by_name: Option<String>,
    /// When.
    seen_at: Moment,
}

/// The records of somebody.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Proofings {
    /// The newest first, a hundred at most.
    items: Vec<ProofingAnswer>,
    /// Always null: there are no more.
    next: Option<String>,
}

/// Shows how an employee was vouched for, each time.
#[utoipa::path(tag = "proofing", responses((status = 200, body = Proofings), (status = 404)))]
#[get("/api/v1/companies/{company}/employees/{employee}/proofings")]
pub async fn list_proofings(
    granted: Granted<right::SeeProofings>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<web::Json<Proofings>, Problem> {
    let (_, employee) = visible_employee(&ground, &granted.actor, path.into_inner()).await?;
    let history = desk::history(&mut ground.database.read().await?, &employee).await?;
    let answer = |seen: desk::Seen| ProofingAnswer {
        id: seen.proofing.id,
        channel: seen.proofing.channel,
        method: seen.proofing.method,
        outcome: seen.proofing.outcome,
        documents: seen.documents,
        seen_by: seen.proofing.seen_by,
        seen_by_name: seen.by,
        seen_at: seen.proofing.seen_at,
    };
    Ok(web::Json(Proofings { items: history.into_iter().map(answer).collect(), next: None }))
}
