//! `Idempotency-Key` on creating posts: the same request sent twice creates once; status and location are replayed.
//!
//! Claim and record happen in the unit of the creation itself, so a crash leaves either both or neither. Secrets that are
//! shown once are never replayed: the second answer has the location only. A key is remembered for a week.
//!
//! Log-ins, proofs and activations take no key, since asking again is right by itself. Before a log-in nobody is known whose key it
//! could be; a second question of a log-in or proof replaces the first and names the same key number; an answer is given once, and what
//! it opens (a session's token) is never replayed; an activation's link is claimed once, and the second try is told so.

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::StatusCode, http::header};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::{
    ObjectBuilder, Required,
    path::{Parameter, ParameterBuilder, ParameterIn},
    schema::Type,
};

use super::problem::{Kind, Problem};
use crate::{
    execute, fetch,
    platform::{
        actor::Actor,
        database::{BATCH, Database, DatabaseError, Unit},
        moment::Moment,
    },
};

/// The header that carries the key.
pub const HEADER: &str = "Idempotency-Key";
/// The longest key, characters.
const LONGEST: usize = 128;

/// The request's key, if it has one.
#[derive(Clone, Debug)]
pub struct Idempotency(Option<String>, String);

/// The stored outcome of an earlier request with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    status: u16,
    location: Option<String>,
}

impl Replay {
    /// The answer, once more.
    pub fn answer(&self) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        if let Some(location) = &self.location {
            response.insert_header((header::LOCATION, location.as_str()));
        }
        response.insert_header(("Idempotency-Replayed", "true")).json(serde_json::json!({"location": self.location}))
    }
}

impl FromRequest for Idempotency {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let route = format!("{} {}", request.method(), request.path());
        std::future::ready(match request.headers().get(HEADER) {
            None => Ok(Self(None, route)),
            Some(value) => match value.to_str() {
                Ok(key) if !key.is_empty() && key.len() <= LONGEST => Ok(Self(Some(key.to_owned()), route)),
                _ => Err(Problem::saying(Kind::BadRequest, "problems.bad_idempotency_key").with("most", LONGEST)),
            },
        })
    }
}

impl utoipa::IntoParams for Idempotency {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST));
        let header = ParameterBuilder::new()
            .name(HEADER)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "A name of this request, chosen by the client: sent again within a week, it creates nothing more, and status and \
                 location are answered once more.",
            ))
            .schema(Some(text));
        vec![header.build()]
    }
}

impl Idempotency {
    fn fingerprint(&self, content: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.1.as_bytes());
        hash.update([0]);
        hash.update(content);
        hash.finalize().to_vec()
    }

    /// The earlier outcome, if this very request was carried out before.
    ///
    /// # Errors
    /// [`Kind::IdempotencyMismatch`] when the key belongs to another request.
    pub async fn earlier(&self, unit: &mut Unit, actor: &Actor, content: &[u8]) -> Result<Option<Replay>, Problem> {
        let Some(key) = &self.0 else { return Ok(None) };
        let row: Option<(Vec<u8>, i64, Option<String>)> =
            fetch!(unit, |c| sqlx::query_as("SELECT fingerprint, status, location FROM idempotency WHERE actor = $1 AND key = $2")
                .bind(actor.account.to_string())
                .bind(key)
                .fetch_optional(c))?;
        match row {
            None => Ok(None),
            Some((fingerprint, _, _)) if fingerprint != self.fingerprint(content) => Err(Problem::of(Kind::IdempotencyMismatch)),
            Some((_, status, location)) => Ok(Some(Replay { status: u16::try_from(status).unwrap_or(200), location })),
        }
    }

    /// Stores the outcome. Two at once: the second finds the first's row, and its unit is refused.
    ///
    /// # Errors
    /// [`Kind::AlreadyDone`] when another request with the key was faster.
    pub async fn record(&self, unit: &mut Unit, actor: &Actor, content: &[u8], status: StatusCode, location: &str) -> Result<(), Problem> {
        let Some(key) = &self.0 else { return Ok(()) };
        let now = unit.now();
        let stored = execute!(
            unit,
            sqlx::query(
                "INSERT INTO idempotency (actor, key, fingerprint, status, location, created_at) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (actor, key) DO NOTHING"
            )
            .bind(actor.account.to_string())
            .bind(key)
            .bind(self.fingerprint(content))
            .bind(i64::from(status.as_u16()))
            .bind(location)
            .bind(now)
        )?;
        if stored == 1 { Ok(()) } else { Err(Problem::of(Kind::AlreadyDone)) }
    }
}

/// Creates something in a unit of its own, or finds what the same key made before; a request without a key creates. `content` is what the request
/// asks for: the key belongs to it alone.
///
/// # Errors
/// What `create` refuses with; [`Kind::IdempotencyMismatch`], [`Kind::AlreadyDone`].
pub async fn create_once<T>(
    database: &Database,
    (key, actor): (Option<&Idempotency>, &Actor),
    content: &[u8],
    create: impl AsyncFn(&mut Unit) -> Result<T, Problem>,
    location: impl Fn(&T) -> String,
) -> Result<Result<T, Replay>, Problem> {
    database
        .write(async |unit| {
            if let Some(key) = key
                && let Some(replay) = key.earlier(unit, actor, content).await?
            {
                return Ok::<_, Problem>(Err(replay));
            }
            let made = create(unit).await?;
            if let Some(key) = key {
                key.record(unit, actor, content, StatusCode::CREATED, &location(&made)).await?;
            }
            Ok(Ok(made))
        })
        .await
}

/// Forgets keys that came before `before`, a batch of them. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM idempotency WHERE (actor, key) IN
             (SELECT actor, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}
