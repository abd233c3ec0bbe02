//! The JSON edge of certificates that others issued for the company.

use actix_web::{
    HttpResponse, delete, get,
    http::{StatusCode, header},
    post, web,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::import::{self, Import};
use crate::{
    certificates::imported::{Imported, KeyHome},
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay},
        permissions::right,
        problem::Problem,
    },
    platform::{
        actor::Actor,
        fault::FieldFault,
        ground::Ground,
        id::{CertificateId, CompanyId},
        moment::Moment,
        secret::Secret,
        text,
    },
};

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(import_certificate).service(list_imported).service(remove_imported);
}

/// A PKCS#12 file with its passphrase.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ImportBody {
    /// seal or mail.
    purpose: String,
    /// The file, base64. Encrypted by AES or 3DES; RC2, as old programs write it, is refused.
    #[schema(value_type = String)]
    pkcs12: Secret<String>,
    /// What opens it.
    #[schema(value_type = String)]
    passphrase: Secret<String>,
}

/// What came of an import.
pub(super) enum Outcome {
    /// It was done before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is done now.
    New(CertificateId),
}

/// Imports for the actor's own company, once for each key.
///
/// # Errors
/// Those of [`import::examine`], [`import::intend`], [`import::keep`] and [`import::confirm`].
pub(super) async fn import_once(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    wish: Import,
    key: &Idempotency,
) -> Result<Outcome, Problem> {
    let content = Sha256::digest([wish.purpose.as_bytes(), &[0], &wish.file].concat());
    let mut examined = import::examine(ground, actor, company, wish).await?;
    let id = examined.id();
    let earlier = ground
        .database
        .write(async |unit| {
            if let Some(earlier) = key.earlier(unit, actor, &content).await? {
                return Ok(Some(earlier));
            }
            import::intend(unit, &examined, actor.author()).await?;
            Ok::<_, Problem>(None)
        })
        .await?;
    if let Some(earlier) = earlier {
        return Ok(Outcome::Earlier(earlier));
    }
    import::keep(ground, &mut examined).await?;
    ground
        .database
        .write(async |unit| -> Result<(), Problem> {
            import::confirm(unit, &examined, actor.author()).await?;
            key.record(unit, actor, &content, StatusCode::CREATED, &location(company, id)).await
        })
        .await?;
    Ok(Outcome::New(id))
}

fn location(company: CompanyId, id: CertificateId) -> String {
    format!("/api/v1/companies/{company}/imported-certificates/{id}")
}

/// What an import answers.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct ImportedAnswer {
    /// Names the certificate from now on.
    id: CertificateId,
}

/// Imports a certificate that somebody else issued, with its key, for the company's seal or mail. Needs a fresh proof. Every administrator is
/// told.
#[utoipa::path(tag = "companies", params(Idempotency), request_body = ImportBody,
    responses((status = 201, body = ImportedAnswer), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429), (status = 503)))]
#[post("/api/v1/companies/{company}/imported-certificates")]
async fn import_certificate(
    granted: Granted<right::ImportCertificate>,
    company: web::Path<CompanyId>,
    key: Idempotency,
    Json(body): Json<ImportBody>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let file = STANDARD.decode(body.pkcs12.reveal().trim());
    let file = file.map_err(|_| Problem::invalid(vec![FieldFault::new("pkcs12", "field_import_unreadable")]))?;
    let wish = Import { purpose: body.purpose, file, passphrase: body.passphrase };
    let done = import_once(&ground, &granted.actor, *company, wish, &key).await.map_err(of_json)?;
    Ok(match done {
        Outcome::Earlier(replay) => replay.answer(),
        Outcome::New(id) => HttpResponse::Created().insert_header((header::LOCATION, location(*company, id))).json(ImportedAnswer { id }),
    })
}

/// The form calls the field `file`.
fn of_json(mut problem: Problem) -> Problem {
    for fault in problem.faults.iter_mut().filter(|fault| fault.field == "file") {
        "pkcs12".clone_into(&mut fault.field);
    }
    problem
}

/// A certificate that somebody else issued.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct ImportedItem {
    /// Its id.
    id: CertificateId,
    /// seal or mail.
    purpose: &'static str,
    /// Whose it is, as it says.
    subject: String,
    /// Who issued it.
    issuer: String,
    /// SHA-256 of the certificate: `AB:CD:..`.
    fingerprint: String,
    /// The first mail address in it.
    email: Option<String>,
    /// Where the key lies.
    key_home: KeyHome,
    not_before: Moment,
    not_after: Moment,
    imported_at: Moment,
}

impl From<Imported> for ImportedItem {
    fn from(found: Imported) -> Self {
        Self {
            id: found.id,
            purpose: found.purpose.word(),
            subject: found.subject,
            issuer: found.issuer,
            fingerprint: text::fingerprint(&found.fingerprint),
            email: found.email,
            key_home: found.key_home,
            not_before: found.not_before,
            not_after: found.not_after,
            imported_at: found.imported_at,
        }
    }
}

/// All of them.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct ImportedItems {
    /// The newest first, at most 50.
    items: Vec<ImportedItem>,
}

/// What was imported for the company and is in use.
#[utoipa::path(tag = "companies", responses((status = 200, body = ImportedItems), (status = 404)))]
#[get("/api/v1/companies/{company}/imported-certificates")]
async fn list_imported(
    granted: Granted<right::ImportCertificate>,
    company: web::Path<CompanyId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let found = import::list(&ground, &granted.actor, *company).await?;
    Ok(HttpResponse::Ok().json(ImportedItems { items: found.into_iter().map(ImportedItem::from).collect() }))
}

/// Removes an imported certificate; its key is deleted where the keystore can. Needs a fresh proof. Every administrator is told.
#[utoipa::path(tag = "companies", responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/v1/companies/{company}/imported-certificates/{id}")]
async fn remove_imported(
    granted: Granted<right::ImportCertificate>,
    path: web::Path<(CompanyId, CertificateId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (company, id) = path.into_inner();
    import::remove(&ground, &granted.actor, company, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
