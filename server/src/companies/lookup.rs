//! Companies are looked up by their CVR number: in a file of the operator's, or at a register service. What is registered here must be what
//! stands there: the legal name, the official address where letters go, and a company that is not dissolved.
//!
//! The file is a JSON array of entries. The service is asked by POST of `{"cvr": "30808460"}`, with the token as a bearer token, and answers one
//! entry, or 404. An entry, of which everything that a register does not know may be left out but the first six:
//!
//! ```json
//! {"cvr": "30808460", "legal_name": "Havnens Bageri ApS", "street": "Havnegade 1", "postal_code": "4220", "city": "Korsør",
//!  "status": "active", "signatories": [{"name": "Sigrid Signatar", "role": "Direktør"}], "needed": 1}
//! ```
//!
//! Other keys are passed over: registers tell more than is asked.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use futures_util::{FutureExt as _, future::LocalBoxFuture};
use serde::de::IgnoredAny;

use super::error::CompanyError;
use crate::{
    config::{RegisterService, RegisterSource},
    platform::{
        fault::FieldFault,
        ground::Ground,
        limits,
        outgoing::{ANSWER_BYTES, Outgoing, OutgoingError},
        text,
    },
};

/// The largest register file.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// How a company stands in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegisterStatus {
    /// It does business.
    Active,
    /// Under bankruptcy: a curator may bind it.
    Bankruptcy,
    /// It is no more.
    Dissolved,
}

/// Somebody who may bind a company, as the register knows them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
pub struct RegisteredSignatory {
    /// Full name.
    pub name: String,
    /// What they are to the company.
    #[serde(default)]
    pub role: Option<String>,
}

/// What a register says of a company.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
pub struct Entry {
    /// Eight digits.
    pub cvr: String,
    /// The legal name.
    pub legal_name: String,
    /// Street and number of the official address.
    pub street: String,
    /// Its postal code.
    pub postal_code: String,
    /// Its city.
    pub city: String,
    /// How it stands.
    pub status: RegisterStatus,
    /// Who may bind it; empty when the register does not say.
    #[serde(default)]
    pub signatories: Vec<RegisteredSignatory>,
    /// How many of them must sign; null when the register does not say.
    #[serde(default)]
    pub needed: Option<i64>,
}

impl Entry {
    /// Every line as people may type it, or the register is not to be trusted with this entry.
    fn checked(mut self, cvr: &str) -> Result<Self, RegisterError> {
        if self.cvr != cvr || self.signatories.len() > limits::SIGNATORIES || !self.may_need() {
            return Err(RegisterError::Answer);
        }
        for field in [&mut self.legal_name, &mut self.street, &mut self.postal_code, &mut self.city] {
            *field = text::line(field, limits::LINE_CHARACTERS).map_err(|_| RegisterError::Answer)?;
        }
        for signatory in &mut self.signatories {
            signatory.name = text::line(&signatory.name, limits::LINE_CHARACTERS).map_err(|_| RegisterError::Answer)?;
            let role = signatory.role.take().filter(|role| !role.trim().is_empty());
            let role = role.map(|role| text::line(&role, limits::LINE_CHARACTERS)).transpose();
            signatory.role = role.map_err(|_| RegisterError::Answer)?;
        }
        Ok(self)
    }

    /// Whether so many can sign: of those whom the register knows, or else of as many as a company may have.
    fn may_need(&self) -> bool {
        let most = if self.signatories.is_empty() { limits::SIGNATORIES } else { self.signatories.len() };
        self.needed.is_none_or(|needed| usize::try_from(needed).is_ok_and(|needed| (1..=most).contains(&needed)))
    }
}

/// A row of a file: one that cannot be read leaves the others readable, and is refused itself.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Row {
    Entry(Entry),
    Named { cvr: String },
    Other(IgnoredAny),
}

/// Why a register said nothing.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// What it said cannot be read, or is about another company.
    #[error("what the register says cannot be read")]
    Answer,
    /// It cannot be reached.
    #[error("the register cannot be reached: {0}")]
    Away(#[from] OutgoingError),
    /// The file cannot be read.
    #[error("the register's file cannot be read: {0}")]
    File(String),
    /// It refused to answer.
    #[error("the register refuses: status {status}")]
    Refused {
        /// Its status.
        status: u16,
    },
    /// It said more than is read.
    #[error("the register says more than {most} bytes")]
    TooLarge {
        /// How many bytes are read.
        most: usize,
    },
    /// It took too long.
    #[error("the register took too long")]
    TooLong,
}

/// A register of companies.
pub trait Register {
    /// What it says of a CVR number; none when it knows no such company.
    fn look_up<'a>(&'a self, cvr: &'a str) -> LocalBoxFuture<'a, Result<Option<Entry>, RegisterError>>;
}

/// A file of the operator's.
struct File(PathBuf);

impl Register for File {
    fn look_up<'a>(&'a self, cvr: &'a str) -> LocalBoxFuture<'a, Result<Option<Entry>, RegisterError>> {
        let (path, wanted) = (self.0.clone(), cvr.to_owned());
        async move {
            let read = tokio::task::spawn_blocking(move || in_file(&path, &wanted)).await;
            read.map_err(|error| RegisterError::File(error.to_string()))?
        }
        .boxed_local()
    }
}

fn in_file(path: &std::path::Path, cvr: &str) -> Result<Option<Entry>, RegisterError> {
    for row in rows(path)? {
        match row {
            Row::Entry(entry) if entry.cvr == cvr => return entry.checked(cvr).map(Some),
            Row::Named { cvr: named } if named == cvr => return Err(RegisterError::Answer),
            Row::Entry(_) | Row::Named { .. } | Row::Other(IgnoredAny) => {}
        }
    }
    Ok(None)
}

fn rows(path: &std::path::Path) -> Result<Vec<Row>, RegisterError> {
    let unreadable = |error: std::io::Error| RegisterError::File(error.to_string());
    if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES {
        return Err(RegisterError::Answer);
    }
    serde_json::from_slice(&std::fs::read(path).map_err(unreadable)?).map_err(|_| RegisterError::Answer)
}

/// The rows of the operator's file that would be refused, each by its CVR number or its place: at most `most`. None where no file is configured.
///
/// # Errors
/// When the file cannot be read at all.
pub fn bad_rows(source: Option<&RegisterSource>, most: usize) -> Result<Vec<String>, RegisterError> {
    let Some(RegisterSource::File(path)) = source else { return Ok(Vec::new()) };
    let bad = |(place, row): (usize, Row)| match row {
        Row::Entry(entry) => {
            let cvr = entry.cvr.clone();
            entry.checked(&cvr).err().map(|_| cvr)
        }
        Row::Named { cvr } => Some(cvr),
        Row::Other(IgnoredAny) => Some(format!("row {}", place + 1)),
    };
    Ok(rows(path)?.into_iter().enumerate().filter_map(bad).take(most).collect())
}

/// A service, asked over HTTPS.
struct Service {
    settings: RegisterService,
    outgoing: Arc<Outgoing>,
}

impl Register for Service {
    fn look_up<'a>(&'a self, cvr: &'a str) -> LocalBoxFuture<'a, Result<Option<Entry>, RegisterError>> {
        async move {
            let mut headers = vec![("content-type", "application/json".to_owned()), ("accept", "application/json".to_owned())];
            headers.extend(self.settings.token.as_ref().map(|token| ("authorization", format!("Bearer {}", token.reveal()))));
            let body = serde_json::json!({"cvr": cvr}).to_string().into_bytes();
            let asked = self.outgoing.post(&self.settings.url, &headers, body);
            let answer = tokio::time::timeout(self.settings.timeout, asked).await.map_err(|_| RegisterError::TooLong)??;
            match answer.status {
                200 if answer.too_large => Err(RegisterError::TooLarge { most: ANSWER_BYTES }),
                200 => {
                    let entry: Entry = serde_json::from_slice(&answer.body).map_err(|_| RegisterError::Answer)?;
                    entry.checked(cvr).map(Some)
                }
                404 => Ok(None),
                status => Err(RegisterError::Refused { status }),
            }
        }
        .boxed_local()
    }
}

#[derive(Default)]
struct Held(OnceLock<Arc<Outgoing>>);

/// The register that is configured; none when none is.
fn register(ground: &Ground) -> Result<Option<Box<dyn Register>>, RegisterError> {
    Ok(match &ground.config.register.source {
        None => None,
        Some(RegisterSource::File(path)) => Some(Box::new(File(path.clone()))),
        Some(RegisterSource::Service(settings)) => {
            let held = ground.kept.of::<Held>();
            let outgoing = match held.0.get() {
                Some(made) => made.clone(),
                None => {
                    let made = Arc::new(Outgoing::new(settings.trust_file.as_deref(), settings.inside)?);
                    held.0.get_or_init(|| made).clone()
                }
            };
            Some(Box::new(Service { settings: settings.clone(), outgoing }))
        }
    })
}

/// Whether companies can be looked up.
pub fn is_offered(ground: &Ground) -> bool {
    ground.config.register.source.is_some()
}

/// What the register says of a CVR number.
///
/// # Errors
/// [`CompanyError::NoRegister`], [`CompanyError::Register`], [`CompanyError::Invalid`] for a number that it does not know.
pub async fn look_up(ground: &Ground, cvr: &str) -> Result<Entry, CompanyError> {
    let register = register(ground)?.ok_or(CompanyError::NoRegister)?;
    let digits: String = cvr.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(CompanyError::Invalid(vec![FieldFault::new("cvr", "field_cvr_form")]));
    }
    let found = register.look_up(&digits).await.inspect_err(|error| tracing::warn!(%error, "the register of companies did not answer"))?;
    found.ok_or_else(|| CompanyError::Invalid(vec![FieldFault::new("cvr", "field_cvr_unknown")]))
}

/// Refuses what the register says otherwise: another name or address, or a company that is dissolved.
///
/// # Errors
/// [`CompanyError::Invalid`], each field with what the register says.
pub fn agree(entry: &Entry, given: [(&'static str, &str); 4]) -> Result<(), CompanyError> {
    if entry.status == RegisterStatus::Dissolved {
        return Err(CompanyError::Invalid(vec![FieldFault::new("cvr", "field_cvr_dissolved")]));
    }
    let official = [&entry.legal_name, &entry.street, &entry.postal_code, &entry.city];
    let folded = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let differs = given.into_iter().zip(official).filter(|((_, given), official)| folded(given) != folded(official));
    let faults: Vec<_> =
        differs.map(|((field, _), says)| FieldFault::new(field, "field_register_differs").with("register", says)).collect();
    if faults.is_empty() { Ok(()) } else { Err(CompanyError::Invalid(faults)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entry(status: RegisterStatus) -> Entry {
        Entry {
            cvr: "30808460".to_owned(),
            legal_name: "Havnens Bageri ApS".to_owned(),
            street: "Kajen 1".to_owned(),
            postal_code: "4220".to_owned(),
            city: "Korsør".to_owned(),
            status,
            signatories: Vec::new(),
            needed: None,
        }
    }

    fn faults(entry: &Entry, name: &str) -> Vec<(String, &'static str)> {
        let given = [("legal_name", name), ("street", "kajen  1"), ("postal_code", "4220"), ("city", "KORSØR")];
        match agree(entry, given) {
            Err(CompanyError::Invalid(faults)) => faults.into_iter().map(|fault| (fault.field, fault.rule)).collect(),
            Ok(()) | Err(_) => Vec::new(),
        }
    }

    #[test]
    fn what_the_register_says_otherwise_is_refused_by_its_field() {
        assert!(faults(&entry(RegisterStatus::Active), "Havnens Bageri ApS").is_empty());
        assert!(faults(&entry(RegisterStatus::Bankruptcy), "Havnens Bageri ApS").is_empty());
        assert_eq!(faults(&entry(RegisterStatus::Active), "Havnens Brød ApS"), [("legal_name".to_owned(), "field_register_differs")]);
        assert_eq!(faults(&entry(RegisterStatus::Dissolved), "Havnens Bageri ApS"), [("cvr".to_owned(), "field_cvr_dissolved")]);
    }

    #[test]
    fn a_file_knows_those_who_stand_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("register.json");
        std::fs::write(&path, serde_json::to_vec(&[entry(RegisterStatus::Active)]).unwrap()).unwrap();
        assert_eq!(in_file(&path, "30808460").unwrap(), Some(entry(RegisterStatus::Active)));
        assert_eq!(in_file(&path, "26912865").unwrap(), None);
        std::fs::write(&path, "{}").unwrap();
        assert!(matches!(in_file(&path, "30808460"), Err(RegisterError::Answer)));
    }

    #[test]
    fn one_row_that_cannot_be_read_is_refused_and_named_and_leaves_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("register.json");
        let good = serde_json::to_value(entry(RegisterStatus::Active)).unwrap();
        let mut unknown = good.clone();
        unknown["cvr"] = "26912865".into();
        unknown["status"] = "under_reassumering".into();
        let mut many = good.clone();
        many["cvr"] = "10150817".into();
        many["needed"] = 11.into();
        std::fs::write(&path, serde_json::json!([unknown, 7, many, good]).to_string()).unwrap();
        assert_eq!(in_file(&path, "30808460").unwrap(), Some(entry(RegisterStatus::Active)));
        for bad in ["26912865", "10150817"] {
            assert!(matches!(in_file(&path, bad), Err(RegisterError::Answer)), "{bad}");
        }
        assert_eq!(in_file(&path, "12345678").unwrap(), None);
        let source = RegisterSource::File(path);
        assert_eq!(bad_rows(Some(&source), 10).unwrap(), ["26912865", "row 2", "10150817"]);
    }

    #[test]
    fn roles_and_rules_are_checked_as_names_are() {
        let with = |role: &str, needed| Entry {
            signatories: vec![RegisteredSignatory { name: "Sigrid".to_owned(), role: Some(role.to_owned()) }],
            needed,
            ..entry(RegisterStatus::Active)
        };
        assert_eq!(with(" Formand ", Some(1)).checked("30808460").unwrap().signatories[0].role.as_deref(), Some("Formand"));
        assert_eq!(with(" ", None).checked("30808460").unwrap().signatories[0].role, None);
        for bad in [
            with("For\u{202e}mand", None),
            with(&"x".repeat(201), None),
            with("a\u{7}", None),
            with("Formand", Some(2)),
            with("Formand", Some(0)),
        ] {
            assert!(matches!(bad.clone().checked("30808460"), Err(RegisterError::Answer)), "{bad:?}");
        }
    }
}
