//! A signatory reads the agreement and signs it, once: over a mailed link, or on the printed form that an operator records. When as many have as
//! the rule needs, and one of them appointed the administrator, it holds; nobody signs after that.

use super::{
    error::CompanyError,
    model::{AgreementText, Company, Nominee, Signatory},
    store::{self, NewForm},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        day::Day,
        fault::FieldFault,
        id::{AccountId, CompanyId, SignatoryId},
        moment::Moment,
        secret::token_hash,
        words::{Language, Words},
    },
};

/// The wording in force: `companies.agreement_text` of the locales. A changed wording gets a new version.
const VERSION: &str = "2026-11";

/// The agreement for one company in one language.
pub fn text(company: &Company, language: Language) -> AgreementText {
    let identifier = company.cvr.as_ref().map_or_else(|| company.number.clone(), |cvr| format!("CVR {cvr}"));
    let address = format!("{}, {} {}", company.street, company.postal_code, company.city);
    let values = [("company", company.legal_name.as_str()), ("number", &identifier), ("address", &address), ("version", VERSION)];
    AgreementText { version: VERSION, language, content: Words(language).with("companies.agreement_text", &values) }
}

/// By what a signatory's yes is known.
#[derive(Clone, Debug)]
pub enum SignedBy {
    /// The printed form that an operator saw.
    Form(Form),
    /// The mailed link's token.
    Link(String),
}

/// A printed form that was signed.
#[derive(Clone, Debug)]
pub struct Form {
    /// Of which company.
    pub company: CompanyId,
    /// Who signed it.
    pub signatory: SignatoryId,
    /// The day on it.
    pub signed_on: Day,
    /// The operator who saw it.
    pub seen_by: AccountId,
    /// Their name.
    pub seen_by_name: String,
}

/// A signatory's yes.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// By what it is known.
    pub by: SignedBy,
    /// SHA-256 of the text that was shown.
    pub agreement_hash: Vec<u8>,
    /// Whom this signatory appoints.
    pub nominee: Option<Nominee>,
}

impl Acceptance {
    /// Who stands for it in the audit: the signatory, or the operator who saw the form.
    pub fn author(&self, signatory: SignatoryId) -> Author {
        match &self.by {
            SignedBy::Form(form) => Author::Account(form.seen_by),
            SignedBy::Link(_) => Author::Signatory(signatory),
        }
    }
}

/// What an acceptance led to.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// As many accepted as the rule needs: the nominee is to be invited as the first administrator.
    Complete(Box<Agreed>),
    /// Others are still to accept.
    Waiting {
        /// How many.
        pending: i64,
    },
}

/// A company whose signing rule is fulfilled.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The company, still to be activated.
    pub company: Company,
    /// Who accepted last.
    pub signatory: Signatory,
    /// Whom the signatories appointed.
    pub nominee: Nominee,
}

/// Whether a link may still be used.
///
/// # Errors
/// [`CompanyError::AlreadyAccepted`], [`CompanyError::AlreadyDeclined`], [`CompanyError::AgreementStands`], [`CompanyError::OrderWithdrawn`],
/// [`CompanyError::LinkExpired`].
pub fn check_open(signatory: &Signatory, company: &Company, now: Moment) -> Result<(), CompanyError> {
    check_waiting(signatory, company)?;
    if signatory.declined_at.is_some() {
        return Err(CompanyError::AlreadyDeclined);
    }
    if signatory.link_expires_at <= now { Err(CompanyError::LinkExpired) } else { Ok(()) }
}

/// Whether the company still waits for this signatory, whatever became of the link.
fn check_waiting(signatory: &Signatory, company: &Company) -> Result<(), CompanyError> {
    match signatory.accepted_at {
        Some(at) => Err(CompanyError::AlreadyAccepted { at }),
        None if company.pending <= 0 => Err(CompanyError::AgreementStands),
        None if company.withdrawn_at.is_some() => Err(CompanyError::OrderWithdrawn),
        None => Ok(()),
    }
}

/// The signatory of an acceptance and the company, if it may be given now.
///
/// # Errors
/// [`CompanyError::NotFound`], those of [`check_open`], and [`CompanyError::Invalid`] for a form that is not signed on a day since the order.
pub async fn find(connection: &mut impl Connection, acceptance: &Acceptance, now: Moment) -> Result<(Signatory, Company), CompanyError> {
    let signatory = match &acceptance.by {
        SignedBy::Form(form) => store::signatory(connection, form.company, form.signatory).await?,
        SignedBy::Link(link) => store::signatory_by_link(connection, &token_hash(link)).await?,
    };
    let signatory = signatory.ok_or(CompanyError::NotFound)?;
    let company = store::company(connection, signatory.company).await?.ok_or(CompanyError::NotFound)?;
    match &acceptance.by {
        SignedBy::Form(form) => {
            check_waiting(&signatory, &company)?;
            if form.signed_on < Day::of(company.registered_at) || form.signed_on > Day::of(now) {
                return Err(CompanyError::Invalid(vec![FieldFault::new("signed_on", "field_form_day")]));
            }
        }
        SignedBy::Link(_) => check_open(&signatory, &company, now)?,
    }
    Ok((signatory, company))
}

/// Records the acceptance.
///
/// # Errors
/// [`CompanyError::NotFound`], [`CompanyError::AlreadyAccepted`], [`CompanyError::LinkExpired`], [`CompanyError::AnotherText`],
/// [`CompanyError::AgreementStands`], [`CompanyError::AppointedAlready`], and [`CompanyError::Invalid`] when the last signatory finds nobody
/// appointed and appoints nobody.
pub async fn accept(unit: &mut Unit, acceptance: &Acceptance) -> Result<Accepted, CompanyError> {
    let now = unit.now();
    let (signatory, company) = find(unit, acceptance, now).await?;
    let text = shown(&company, &acceptance.agreement_hash).ok_or(CompanyError::AnotherText)?;
    store::keep_agreement(unit, &text).await?;
    if !claim(unit, acceptance).await? {
        return Err(CompanyError::AlreadyAccepted { at: now });
    }
    // Of two who sign at once the second one finds what the first one left: a signature more, or an agreement that stands.
    let company = store::note_acceptance(unit, company.id, acceptance.nominee.as_ref()).await?.ok_or(CompanyError::AgreementStands)?;
    // Name and address may have been fetched anew since it was read: by now the row is held.
    if shown(&company, &acceptance.agreement_hash).is_none() {
        return Err(CompanyError::AnotherText);
    }
    check_nominee(&company, acceptance.nominee.as_ref())?;
    record(unit, &company, &signatory, acceptance).await?;
    match company.nominee.clone() {
        Some(nominee) if company.pending == 0 => Ok(Accepted::Complete(Box::new(Agreed { company, signatory, nominee }))),
        Some(_) | None => Ok(Accepted::Waiting { pending: company.pending }),
    }
}

async fn claim(unit: &mut Unit, acceptance: &Acceptance) -> Result<bool, CompanyError> {
    let form = match &acceptance.by {
        SignedBy::Link(link) => return Ok(store::claim_acceptance(unit, &token_hash(link), &acceptance.agreement_hash).await?),
        SignedBy::Form(form) => form,
    };
    if !store::claim_form(unit, form.signatory, &acceptance.agreement_hash).await? {
        return Ok(false);
    }
    let new = NewForm {
        signatory: form.signatory,
        signed_on: form.signed_on.to_string(),
        seen_by: form.seen_by,
        seen_by_name: form.seen_by_name.clone(),
    };
    store::insert_form(unit, &new).await?;
    Ok(true)
}

/// Which of the two languages' texts was shown.
fn shown(company: &Company, hash: &[u8]) -> Option<AgreementText> {
    [Language::Da, Language::En].into_iter().map(|language| text(company, language)).find(|text| text.hash() == hash)
}

/// The first appointment stands; the last signatory may not leave without one.
fn check_nominee(company: &Company, given: Option<&Nominee>) -> Result<(), CompanyError> {
    match (&company.nominee, given) {
        (Some(stored), Some(given)) if stored != given => Err(CompanyError::AppointedAlready { name: stored.name() }),
        (None, _) if company.pending == 0 => {
            let fields = ["administrator/given_name", "administrator/surname", "administrator/email"];
            Err(CompanyError::Invalid(fields.map(|field| FieldFault::new(field, "field_empty")).to_vec()))
        }
        (Some(_) | None, _) => Ok(()),
    }
}

async fn record(unit: &mut Unit, company: &Company, signatory: &Signatory, acceptance: &Acceptance) -> Result<(), CompanyError> {
    let author = acceptance.author(signatory.id);
    let mut event = audit::Event::new("agreement.accepted", author, format_args!("company:{}", company.id))
        .company(company.id)
        .fact("agreement", hex::encode(&acceptance.agreement_hash))
        .fact("version", VERSION)
        .fact("pending", company.pending)
        .fact("needed", company.needed)
        .personal("signatory", &signatory.name);
    if let SignedBy::Form(form) = &acceptance.by {
        event = event.fact("form_of", signatory.id).fact("signed_on", form.signed_on);
    }
    if let Some(nominee) = &acceptance.nominee {
        event = event.personal("nominee", nominee.name());
    }
    audit::record(unit, event).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use certs::name::{EmailAddress, GivenName, Surname};

    use super::*;
    use crate::{
        companies::{CompanyKind, CompanyState},
        platform::id::{CompanyId, Id as _},
    };

    fn nominee(surname: &str) -> Nominee {
        Nominee {
            given_name: GivenName::parse("Bo").unwrap(),
            surname: Surname::parse(surname).unwrap(),
            email: EmailAddress::parse("bo@bageri.example").unwrap(),
        }
    }

    fn company(pending: i64, nominee: Option<Nominee>) -> Company {
        Company {
            id: CompanyId::from_uuid(uuid::Uuid::nil()),
            kind: CompanyKind::Association,
            number: "F-00000007".to_owned(),
            cvr: None,
            legal_name: "Sejlforeningen Nordhavn".to_owned(),
            certificate_name: "Sejlforeningen Nordhavn".to_owned(),
            street: "Molen 2".to_owned(),
            postal_code: "2150".to_owned(),
            city: "Nordhavn".to_owned(),
            state: CompanyState::Registered,
            needed: 2,
            pending,
            withdrawn_at: None,
            administrators: 0,
            nominee,
            registered_at: Moment::from_millis(0),
            activated_at: None,
        }
    }

    #[test]
    fn the_agreement_names_the_association_in_both_languages() {
        for language in [Language::Da, Language::En] {
            let content = text(&company(1, None), language).content;
            assert!(content.contains("Sejlforeningen Nordhavn") && content.contains("F-00000007"), "{content}");
            assert!(!content.contains('{'), "{content}");
        }
    }

    #[test]
    fn what_was_shown_is_found_by_its_hash() {
        let company = company(1, None);
        let english = text(&company, Language::En);
        assert_eq!(shown(&company, &english.hash()), Some(english));
        assert_eq!(shown(&company, &[0; 32]), None);
    }

    #[test]
    fn the_first_appointment_stands() {
        let refused = check_nominee(&company(1, Some(nominee("Ø"))), Some(&nominee("Å"))).unwrap_err();
        assert!(matches!(refused, CompanyError::AppointedAlready { name } if name == "Bo Ø"));
        check_nominee(&company(1, Some(nominee("Ø"))), Some(&nominee("Ø"))).unwrap();
    }

    #[test]
    fn the_last_signatory_does_not_leave_the_company_without_an_administrator() {
        assert!(matches!(check_nominee(&company(0, None), None), Err(CompanyError::Invalid(_))));
        check_nominee(&company(1, None), None).unwrap();
    }
}
