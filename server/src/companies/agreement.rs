//! A signatory reads the agreement and accepts it, once; when all have, and one of them appointed the administrator, it holds.

use super::{
    error::CompanyError,
    model::{AgreementText, Company, Nominee, Signatory},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
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

/// A signatory's yes.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The mailed link's token.
    pub link: String,
    /// SHA-256 of the text that was shown.
    pub agreement_hash: Vec<u8>,
    /// Whom this signatory appoints.
    pub nominee: Option<Nominee>,
}

/// What an acceptance led to.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// Every signatory accepted: the nominee is to be invited as the first administrator.
    Complete(Box<Agreed>),
    /// Others are still to accept.
    Waiting {
        /// How many.
        pending: i64,
    },
}

/// A company whose signatories all accepted.
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
/// [`CompanyError::AlreadyAccepted`], [`CompanyError::LinkExpired`].
pub fn check_open(signatory: &Signatory, now: Moment) -> Result<(), CompanyError> {
    match signatory.accepted_at {
        Some(at) => Err(CompanyError::AlreadyAccepted { at }),
        None if signatory.link_expires_at <= now => Err(CompanyError::LinkExpired),
        None => Ok(()),
    }
}

/// Records the acceptance.
///
/// # Errors
/// [`CompanyError::NotFound`], [`CompanyError::AlreadyAccepted`], [`CompanyError::LinkExpired`], [`CompanyError::AnotherText`],
/// [`CompanyError::AppointedAlready`], and [`CompanyError::Invalid`] when the last signatory finds nobody appointed and appoints nobody.
pub async fn accept(unit: &mut Unit, acceptance: &Acceptance) -> Result<Accepted, CompanyError> {
    let link_hash = token_hash(&acceptance.link);
    let signatory = store::signatory_by_link(unit, &link_hash).await?.ok_or(CompanyError::NotFound)?;
    check_open(&signatory, unit.now())?;
    let company = store::company(unit, signatory.company).await?.ok_or(CompanyError::NotFound)?;
    let text = shown(&company, &acceptance.agreement_hash).ok_or(CompanyError::AnotherText)?;
    store::keep_agreement(unit, &text).await?;
    if !store::claim_acceptance(unit, &link_hash, &acceptance.agreement_hash).await? {
        return Err(CompanyError::AlreadyAccepted { at: unit.now() });
    }
    let company = store::note_acceptance(unit, company.id, acceptance.nominee.as_ref()).await?.ok_or(CompanyError::NotFound)?;
    check_nominee(&company, acceptance.nominee.as_ref())?;
    record(unit, &company, &signatory, acceptance).await?;
    match company.nominee.clone() {
        Some(nominee) if company.pending == 0 => Ok(Accepted::Complete(Box::new(Agreed { company, signatory, nominee }))),
        Some(_) | None => Ok(Accepted::Waiting { pending: company.pending }),
    }
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
    let mut event = audit::Event::new("agreement.accepted", Author::Signatory(signatory.id), format_args!("company:{}", company.id))
        .company(company.id)
        .fact("agreement", hex::encode(&acceptance.agreement_hash))
        .fact("version", VERSION)
        .fact("pending", company.pending)
        .personal("signatory", &signatory.name);
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
            pending,
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
