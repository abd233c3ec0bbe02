//! Records that somebody was vouched for: birth date sealed, document numbers keyed, outside any unit; then rows and audit in the caller's.

use zeroize::Zeroizing;

use super::{
    error::ProofingError,
    examine::Examined,
    model::{Channel, Document, Method, Outcome, Presented, Proofing},
    read::{self, context},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId, Id as _, ProofingId},
    },
};

const NUMBER: &str = "proofing/document-number/v1";
const REQUEST: &str = "proofing/request/v1";

/// What the keystore makes of a birth date and the numbers of documents, for the key of a request: nobody could guess them from it.
///
/// # Errors
/// When the keystore fails.
pub async fn fingerprint(ground: &Ground, birth_date: &str, documents: &[Presented]) -> Result<Vec<u8>, ProofingError> {
    let numbers: Vec<&str> = documents.iter().map(|one| one.number.as_ref().map_or("", |number| number.reveal().as_str())).collect();
    let typed = Zeroizing::new(serde_json::to_vec(&(birth_date, numbers)).unwrap_or_default());
    Ok(ground.with_keystore(move |keystore| keystore.hmac(REQUEST, &typed)).await?.to_vec())
}

/// A record ready for its unit.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(super) proofing: Proofing,
    /// Each document with what the keystore made of its number.
    pub(super) documents: Vec<(Document, Option<Vec<u8>>)>,
}

impl Prepared {
    /// What comes of it.
    pub fn outcome(&self) -> Outcome {
        self.proofing.outcome
    }

    /// Its id.
    pub fn id(&self) -> ProofingId {
        self.proofing.id
    }
}

/// Of documents that suffice.
///
/// # Errors
/// [`ProofingError::Invalid`] when another birth date is on record; when the keystore fails.
pub async fn prepare(ground: &Ground, employee: EmployeeId, examined: Examined, author: Author) -> Result<Prepared, ProofingError> {
    let Examined { channel, birth, outcome, documents } = examined;
    if read::known_birth(ground, employee).await?.is_some_and(|known| known != birth) {
        return Err(ProofingError::Invalid(vec![FieldFault::new("birth_date", "field_birth_date_other")]));
    }
    let numbered =
        documents.iter().map(|(document, number)| number.as_ref().map(|number| keyed(document, number.reveal()))).collect::<Vec<_>>();
    let (plain, bound) = (birth.to_string(), context(employee));
    let (sealed, macs) = ground
        .with_keystore(move |keystore| {
            let macs = numbered.iter().map(|data| data.as_ref().map(|data| keystore.hmac(NUMBER, data)).transpose());
            let macs = macs.collect::<Result<Vec<_>, _>>()?;
            Ok::<_, certs::keystore::KeystoreError>((keystore.wrap(plain.as_bytes(), &bound)?, macs))
        })
        .await?;
    let proofing = Proofing { birth_date: Some(sealed), channel, outcome, ..blank(ground, employee, Method::Documents, author) };
    let macs = macs.into_iter().map(|mac| mac.map(Vec::from));
    Ok(Prepared { proofing, documents: documents.into_iter().map(|(document, _)| document).zip(macs).collect() })
}

/// What the keystore keys of a number: bound to kind and country, since numbers are drawn by each alone.
fn keyed(document: &Document, number: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(format!("{}|{}|{number}", document.kind.word(), document.country).into_bytes())
}

fn blank(ground: &Ground, employee: EmployeeId, method: Method, author: Author) -> Proofing {
    let now = ground.clock().now();
    Proofing {
        id: ProofingId::fresh(now, ground.random()),
        employee,
        channel: Channel::Company,
        method,
        outcome: Outcome::Vouched,
        birth_date: None,
        seen_by: author.to_string(),
        seen_at: now,
    }
}

/// Of somebody for whom the company vouches by its address, without documents; signatories know no birth date.
///
/// # Errors
/// When the keystore fails.
pub async fn vouched(ground: &Ground, employee: EmployeeId, birth: Option<Day>, author: Author) -> Result<Prepared, ProofingError> {
    let birth_date = match birth {
        Some(birth) => Some(seal_birth_date(ground, employee, birth).await?),
        None => None,
    };
    Ok(vouched_sealed(ground, employee, birth_date, author))
}

/// The same of a birth date that was sealed for this person before.
pub fn vouched_sealed(ground: &Ground, employee: EmployeeId, birth_date: Option<Vec<u8>>, author: Author) -> Prepared {
    Prepared { proofing: Proofing { birth_date, ..blank(ground, employee, Method::ByLetter, author) }, documents: Vec::new() }
}

/// The same once more, with the birth date as it was sealed.
pub fn vouched_again(ground: &Ground, earlier: &Proofing, author: Author) -> Prepared {
    let proofing = Proofing { birth_date: earlier.birth_date.clone(), ..blank(ground, earlier.employee, Method::ByLetter, author) };
    Prepared { proofing, documents: Vec::new() }
}

/// Seals a birth date for its person's records.
///
/// # Errors
/// When the keystore fails.
pub async fn seal_birth_date(ground: &Ground, employee: EmployeeId, birth: Day) -> Result<Vec<u8>, ProofingError> {
    let (plain, bound) = (birth.to_string(), context(employee));
    Ok(ground.with_keystore(move |keystore| keystore.wrap(plain.as_bytes(), &bound)).await?)
}

/// The same of many, in their order.
///
/// # Errors
/// When the keystore fails.
pub async fn seal_birth_dates(ground: &Ground, births: Vec<(EmployeeId, Day)>) -> Result<Vec<Vec<u8>>, ProofingError> {
    let sealed = ground.with_keystore(move |keystore| {
        births
            .iter()
            .map(|(employee, birth)| keystore.wrap(birth.to_string().as_bytes(), &context(*employee)))
            .collect::<Result<Vec<_>, _>>()
    });
    Ok(sealed.await?)
}

/// Writes the record. Whether one of its documents was shown for somebody else before: no refusal (a person may work in two companies), but a word to
/// whoever looks, and in the audit.
///
/// # Errors
/// When the database fails.
pub async fn record(unit: &mut Unit, prepared: &Prepared, company: CompanyId, author: Author) -> Result<bool, ProofingError> {
    let Prepared { proofing, documents } = prepared;
    let mut shown_before = false;
    for (_, mac) in documents {
        if let Some(mac) = mac {
            shown_before |= store::is_number_of_another(unit, mac, proofing.employee).await?;
        }
    }
    store::insert(unit, proofing).await?;
    for (place, (document, mac)) in (0..).zip(documents) {
        store::insert_document(unit, proofing.id, place, document, mac.as_deref()).await?;
    }
    let kinds: Vec<&str> = documents.iter().map(|(document, _)| document.kind.word()).collect();
    let event = audit::Event::new("proofing.recorded", author, format_args!("employee:{}", proofing.employee))
        .company(company)
        .fact("proofing", proofing.id)
        .fact("channel", proofing.channel.word())
        .fact("method", proofing.method.word())
        .fact("outcome", proofing.outcome.word())
        .fact("documents", kinds.join(" "))
        .fact("shown_for_another", shown_before);
    audit::record(unit, event).await?;
    Ok(shown_before)
}

/// Writes down that documents did not suffice, and why; nothing of the documents.
///
/// # Errors
/// When the database fails.
pub async fn refuse(
    unit: &mut Unit,
    employee: EmployeeId,
    company: CompanyId,
    faults: &[FieldFault],
    author: Author,
) -> Result<(), ProofingError> {
    let rules: Vec<&str> = faults.iter().map(|fault| fault.rule).collect();
    let event = audit::Event::new("proofing.refused", author, format_args!("employee:{employee}")).company(company);
    Ok(audit::record(unit, event.fact("lacks", rules.join(" "))).await?)
}

/// Adds a birth date where nobody knew one, once; `false` when there is one.
///
/// # Errors
/// When the database fails.
pub async fn complete(
    unit: &mut Unit,
    proofing: ProofingId,
    sealed: &[u8],
    company: CompanyId,
    author: Author,
) -> Result<bool, ProofingError> {
    if !store::complete(unit, proofing, sealed).await? {
        return Ok(false);
    }
    let event = audit::Event::new("proofing.completed", author, format_args!("proofing:{proofing}")).company(company);
    audit::record(unit, event).await?;
    Ok(true)
}
