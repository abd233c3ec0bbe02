//! An operator fetches a company's name and address anew from the register: letters go where the register says.

use super::{
    error::CompanyError,
    lookup::{self, Entry},
    model::Company,
    read,
    store::{self, Official},
};
use crate::{
    audit,
    notices::{self, Contact, Kind, Notice, Sealed},
    platform::{actor::Author, database::Unit, ground::Ground, id::CompanyId, text},
};

/// What the register says of a company, and the mail about it.
pub struct Prepared {
    company: Company,
    /// What it said.
    pub entry: Entry,
    contact: Contact,
    told: Sealed,
}

/// Looks a company up.
///
/// # Errors
/// [`CompanyError::NotFound`] also for one without a CVR number; those of [`lookup::look_up`].
pub async fn prepare(ground: &Ground, company: CompanyId) -> Result<Prepared, CompanyError> {
    let mut reader = ground.database.read().await?;
    let company = read::company(&mut reader, company).await?.ok_or(CompanyError::NotFound)?;
    let language = notices::language_of(&mut reader, company.id.into()).await?.unwrap_or(ground.config.policy.language);
    drop(reader);
    let entry = lookup::look_up(ground, company.cvr.as_deref().ok_or(CompanyError::NotFound)?).await?;
    let fresh = Company {
        legal_name: entry.legal_name.clone(),
        street: entry.street.clone(),
        postal_code: entry.postal_code.clone(),
        city: entry.city.clone(),
        ..company.clone()
    };
    let contact = Contact {
        recipient: company.id.into(),
        name: fresh.legal_name.clone(),
        email: None,
        postal_address: Some(fresh.postal_address()),
        language,
    };
    let address = format!("{}, {} {}", entry.street, entry.postal_code, entry.city);
    let notice = Notice::mail(Kind::CompanyRefreshed).with("company", &entry.legal_name).with("address", address);
    let told = notices::seal(ground, &notice).await?;
    Ok(Prepared { company, entry, contact, told })
}

/// Stores what differs, and tells the administrators. Gives which fields.
///
/// # Errors
/// [`CompanyError::SigningBegan`] when something differs and somebody has signed the agreement with what stood there.
pub async fn refresh(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<Vec<&'static str>, CompanyError> {
    let (company, entry) = (&prepared.company, &prepared.entry);
    let fields = [
        ("legal_name", &company.legal_name, &entry.legal_name),
        ("street", &company.street, &entry.street),
        ("postal_code", &company.postal_code, &entry.postal_code),
        ("city", &company.city, &entry.city),
    ];
    let changed: Vec<_> = fields.into_iter().filter(|(_, ours, theirs)| ours != theirs).map(|(field, ..)| field).collect();
    if changed.is_empty() {
        return Ok(changed);
    }
    let search_name = text::sort_key(&entry.legal_name);
    let official = Official {
        legal_name: &entry.legal_name,
        search_name: &search_name,
        street: &entry.street,
        postal_code: &entry.postal_code,
        city: &entry.city,
    };
    if !store::set_official(unit, company.id, &official).await? {
        return Err(CompanyError::SigningBegan);
    }
    notices::keep_contact(unit, &prepared.contact).await?;
    let event = audit::Event::new("company.refreshed", author, format_args!("company:{}", company.id))
        .company(company.id)
        .fact("changed", changed.join(" "))
        .fact("name", &entry.legal_name);
    audit::record(unit, event).await?;
    for administrator in store::administrators(unit, company.id).await? {
        notices::tell(unit, administrator.into(), &prepared.told).await?;
    }
    Ok(changed)
}
