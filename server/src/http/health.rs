//! `/health/live`, `/health/ready`, `/metrics`.

use actix_web::{HttpResponse, get, web};

use super::problem::{Kind, Problem};
use crate::platform::{
    ground::Ground,
    reference::{self, Ignorance, State},
};

/// How long the clock's reference may take to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);

/// The process runs.
#[utoipa::path(tag = "operations", responses((status = 200, description = "The process runs")))]
#[get("/health/live")]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "live"}))
}

/// The database answers. Says too whether the clock is fit to stamp times by; everything else is served without.
#[utoipa::path(tag = "operations", responses((status = 200, description = "Ready to serve"), (status = 503, description = "The database does not answer")))]
#[get("/health/ready")]
pub async fn ready(ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    match ground.database.ping().await {
        Ok(()) => {
            // Whoever probes waits for no reference: what takes longer is not known.
            let clock = tokio::time::timeout(PATIENCE, reference::state(&ground)).await.unwrap_or(State::Unknown(Ignorance::Silent));
            Ok(HttpResponse::Ok().json(serde_json::json!({
                "status": "ready",
                "database": ground.database.engine_name(),
                "clock": {"reference": reference::name(&ground), "state": clock.word(), "detail": clock.to_string()},
            })))
        }
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(Problem::of(Kind::NotReady))
        }
    }
}

/// Counters and timings in the OpenMetrics text format, which Prometheus reads.
#[utoipa::path(tag = "operations", responses((status = 200, description = "Counters and timings", content_type = "application/openmetrics-text")))]
#[get("/metrics")]
pub async fn metrics(ground: web::Data<Ground>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(ground.metrics.text())
}
