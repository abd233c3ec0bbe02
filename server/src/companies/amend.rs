//! The agreement's facts change: who may sign for the company, by which rule, and where letters go. Whoever may sign no longer loses the share of
//! the company's key; old and new signatories and the administrators are told.

use super::{
    error::CompanyError,
    lookup,
    model::{Company, Signatory},
    register::{self, Applicant, Named},
    store,
};
use crate::{
    archives, audit,
    notices::{self, Contact, Kind, Notice, Sealed},
    platform::{
        actor::Author, database::Unit, fault::FieldFault, ground::Ground, id::SignatoryId, limits, moment::Moment, text, words::Language,
    },
};

/// The agreement's new facts, as typed.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendmentBody {
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// City.
    pub city: String,
    /// Those who may bind the company, 1 to 10. Whoever keeps an address stays the same person.
    pub signatories: Vec<Applicant>,
    /// The signing rule: so many of them must sign; all of them when left out.
    #[serde(default)]
    pub needed: Option<i64>,
}

/// New facts that follow the rules.
#[derive(Clone, Debug)]
pub struct Amendment {
    street: String,
    postal_code: String,
    city: String,
    signatories: Vec<Named>,
    needed: i64,
}

impl Amendment {
    /// Reads new facts; all faults at once, each with its field.
    ///
    /// # Errors
    /// The faults.
    pub fn of(body: &AmendmentBody) -> Result<Self, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut line = |field: &'static str, given: &str| {
            text::line(given, limits::LINE_CHARACTERS).map_err(|fault| faults.push(FieldFault::text(field, fault))).ok()
        };
        let (street, city) = (line("street", &body.street), line("city", &body.city));
        let postal_code = register::postal_code(&body.postal_code, &mut faults);
        let signatories = register::signatories(&body.signatories, &mut faults);
        let needed = register::needed(body.needed, body.signatories.len(), &mut faults);
        match (street, postal_code, city) {
            (Some(street), Some(postal_code), Some(city)) if faults.is_empty() => {
                Ok(Self { street, postal_code, city, signatories, needed })
            }
            _ => Err(faults),
        }
    }
}

/// An amendment with its mail, ready for the unit.
pub struct Prepared {
    company: Company,
    signatories: Vec<Named>,
    language: Language,
    told: Sealed,
}

/// Looks whether the register says the same address, and writes the mail.
///
/// # Errors
/// Those of [`lookup::look_up`] and [`lookup::agree`].
pub async fn prepare(ground: &Ground, company: &Company, amendment: Amendment) -> Result<Prepared, CompanyError> {
    let Amendment { street, postal_code, city, signatories, needed } = amendment;
    let company = Company { street, postal_code, city, needed, ..company.clone() };
    if let Some(cvr) = company.cvr.as_deref().filter(|_| lookup::is_offered(ground)) {
        let given = [("street", company.street.as_str()), ("postal_code", &company.postal_code), ("city", &company.city)];
        let entry = lookup::look_up(ground, cvr).await?;
        let [street, postal_code, city] = given;
        lookup::agree(&entry, [("legal_name", entry.legal_name.as_str()), street, postal_code, city])?;
    }
    let language = notices::language_of(&mut ground.database.read().await?, company.id.into()).await?;
    let names: Vec<_> = signatories.iter().map(|named| named.name.as_str()).collect();
    let notice = Notice::mail(Kind::AgreementChanged).with("company", &company.legal_name).with("signatories", names.join(", "));
    let address = format!("{}, {} {}", company.street, company.postal_code, company.city);
    let told = notices::seal(ground, &notice.with("needed", needed).with("address", address)).await?;
    Ok(Prepared { company, signatories, language: language.unwrap_or(ground.config.policy.language), told })
}

/// Stores the new facts, and tells everybody who may sign or might until now, and the administrators.
///
/// # Errors
/// [`CompanyError::NotFound`] for a company that is not active.
pub async fn amend(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<(), CompanyError> {
    let company = &prepared.company;
    if !store::set_agreement(unit, company).await? {
        return Err(CompanyError::NotFound);
    }
    let mut old = store::signatories(unit, company.id).await?;
    let (mut added, mut kept) = (0, 0);
    for named in &prepared.signatories {
        let known = old.iter().position(|one| one.email.eq_ignore_ascii_case(named.email.as_str()));
        let signatory = match known {
            Some(place) => {
                kept += 1;
                Signatory { name: named.name.clone(), role: named.role.clone(), ..old.swap_remove(place) }
            }
            None => {
                added += 1;
                fresh(unit.id(), unit.now(), company, named)
            }
        };
        match known {
            Some(_) => store::rename_signatory(unit, &signatory).await?,
            None => store::insert_signatory(unit, &signatory, None).await?,
        }
        notices::keep_contact(unit, &register::contact(&signatory, prepared.language)).await?;
        notices::tell(unit, signatory.id.into(), &prepared.told).await?;
    }
    for gone in &old {
        store::end_signatory(unit, gone.id).await?;
        archives::remove_holder(unit, gone.id.into(), company.id, author).await?;
        notices::tell(unit, gone.id.into(), &prepared.told).await?;
    }
    for administrator in store::administrators(unit, company.id).await? {
        notices::tell(unit, administrator.into(), &prepared.told).await?;
    }
    notices::keep_contact(unit, &own_contact(prepared)).await?;
    let event = audit::Event::new("agreement.changed", author, format_args!("company:{}", company.id))
        .company(company.id)
        .fact("needed", company.needed)
        .fact("added", added)
        .fact("kept", kept)
        .fact("ended", old.len());
    audit::record(unit, event).await?;
    Ok(())
}

fn own_contact(prepared: &Prepared) -> Contact {
    Contact {
        recipient: prepared.company.id.into(),
        name: prepared.company.legal_name.clone(),
        email: None,
        postal_address: Some(prepared.company.postal_address()),
        language: prepared.language,
    }
}

/// Somebody who may sign from now on; nothing waits for them.
fn fresh(id: SignatoryId, now: Moment, company: &Company, named: &Named) -> Signatory {
    Signatory {
        id,
        company: company.id,
        name: named.name.clone(),
        email: named.email.to_string(),
        role: named.role.clone(),
        link_expires_at: now,
        accepted_at: None,
        declined_at: None,
        agreement_hash: None,
        form: None,
    }
}
