//! An administrator orders a certificate of the company itself: its seal, or one for a shared mailbox or system. The key is made in the
//! keystore and stays there, or a function's own software made it and asks by a request; every administrator is told.

use certs::{
    ca::request,
    name::{CommonName, EmailAddress, UnitIdentifier},
    profiles,
    public_key::PublicKey,
};
use time::Duration;

use super::{
    Company, CompanyError, CompanyState, read,
    register::name_fault,
    store::{self, NewUnit},
};
use crate::{
    audit,
    certificates::{self, CompanyHolder, CompanyProfile, Intention},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CertificateId, CompanyId, Id as _, UnitId},
    },
};

/// So many in a day: keys in the keystore are never deleted.
pub const MOST_ORDERS: i64 = 20;

/// What is ordered, as it came.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// seal or function.
    pub purpose: String,
    /// What a function is called, such as Bogholderi; not for a seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The mailbox of a function; not for a seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A request (PKCS#10, PEM) of the function's own software, which then keeps the key; without it the key is made here. Only its key and the
    /// proof of having it count. Not for a seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// A wish that was read.
#[derive(Clone, Debug)]
pub enum Ordered {
    /// A shared mailbox or a system.
    Function {
        /// What it is called.
        name: CommonName,
        /// Its mailbox.
        email: EmailAddress,
        /// Its own key, whose possession was proven; none when it is made here.
        key: Option<PublicKey>,
    },
    /// The company's seal.
    Seal,
}

impl Ordered {
    /// Reads a wish; all faults at once.
    ///
    /// # Errors
    /// The faults, by field.
    pub fn of(wish: &Wish) -> Result<Self, Vec<FieldFault>> {
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        match wish.purpose.as_str() {
            "seal" => {
                let needless = [("name", &wish.name), ("email", &wish.email), ("request", &wish.request)];
                let faults: Vec<_> = needless
                    .into_iter()
                    .filter(|(_, text)| text.as_ref().is_some_and(|text| !text.trim().is_empty()))
                    .map(|(field, _)| FieldFault::new(field, "field_needless_for_seal"))
                    .collect();
                if faults.is_empty() { Ok(Self::Seal) } else { Err(faults) }
            }
            "function" => {
                let name = CommonName::parse(&given(&wish.name)).map_err(|error| name_fault("name", &error));
                let email = EmailAddress::parse(given(&wish.email).trim()).map_err(|error| name_fault("email", &error));
                let key = proven_key(&given(&wish.request));
                match (name, email, key) {
                    (Ok(name), Ok(email), Ok(key)) => Ok(Self::Function { name, email, key }),
                    (name, email, key) => Err(name.err().into_iter().chain(email.err()).chain(key.err()).collect()),
                }
            }
            _ => Err(vec![FieldFault::new("purpose", "field_choice")]),
        }
    }

    fn purpose(&self) -> &'static str {
        match self {
            Self::Function { .. } => "function",
            Self::Seal => "seal",
        }
    }

    fn email(&self) -> &str {
        match self {
            Self::Function { email, .. } => email.as_str(),
            Self::Seal => "",
        }
    }
}

/// The key of a request, if there is one.
fn proven_key(text: &str) -> Result<Option<PublicKey>, FieldFault> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let key = request::decode(text).and_then(|der| request::proven_key(&der));
    key.map(Some).map_err(|error| FieldFault::request("request", &error))
}

/// A certificate prepared, its key made; to be stored, then finished.
pub struct Prepared {
    company: CompanyId,
    purpose: &'static str,
    intention: Intention,
    notice: Sealed,
}

impl Prepared {
    /// The certificate's id.
    pub fn certificate(&self) -> CertificateId {
        self.intention.id
    }

    /// The certificate's serial number.
    pub fn serial(&self) -> certs::serial::Serial {
        self.intention.serial
    }
}

/// Finds or makes the identity, makes the key, prepares the certificate.
///
/// # Errors
/// [`CompanyError::NotFound`] unless the company is active; [`CompanyError::TooManyOrders`]; those of issuing.
pub async fn prepare(ground: &Ground, company: CompanyId, ordered: &Ordered) -> Result<Prepared, CompanyError> {
    let found = read::company(&mut ground.database.read().await?, company).await?;
    let found = found.filter(|found| found.state == CompanyState::Active).ok_or(CompanyError::NotFound)?;
    let organization = found.organization().ok_or(CompanyError::NotFound)?;
    check_rate(ground, company).await?;
    let unit = identity(ground, &found, ordered).await?;
    let common_name = match ordered {
        Ordered::Function { name, .. } => name.clone(),
        Ordered::Seal => CommonName::parse(organization.name.as_str()).map_err(|_| CompanyError::NotFound)?,
    };
    let holder = CompanyHolder {
        company,
        unit,
        subject: profiles::Unit { organization, identifier: UnitIdentifier::of(unit.uuid()), common_name },
        profile: match ordered {
            Ordered::Function { email, .. } => CompanyProfile::Function(email.clone()),
            Ordered::Seal => CompanyProfile::Seal,
        },
    };
    let key = match ordered {
        Ordered::Function { key, .. } => key.clone(),
        Ordered::Seal => None,
    };
    let intention = certificates::prepare_for_company(ground, &holder, key).await?;
    let notice = Notice::mail(Kind::CompanyCertificateOrdered)
        .with("company", &found.legal_name)
        .with("serial", intention.serial)
        .with("email", if ordered.email().is_empty() { "-" } else { ordered.email() });
    Ok(Prepared { company, purpose: ordered.purpose(), intention, notice: notices::seal(ground, &notice).await? })
}

/// Stores the intention in the caller's unit, and tells the administrators. After the commit, [`certificates::finish`] it.
///
/// # Errors
/// [`CompanyError::TooManyOrders`]; those of issuing.
pub async fn order(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<(), CompanyError> {
    let since = unit.now().plus(-Duration::days(1));
    within_rate(certificates::ordered_since(unit, prepared.company, since).await?)?;
    certificates::store_intention(unit, &prepared.intention, author).await?;
    let event = audit::Event::new("company.certificate_ordered", author, format_args!("company:{}", prepared.company))
        .company(prepared.company)
        .fact("purpose", prepared.purpose)
        .fact("serial", prepared.intention.serial)
        .fact("certificate", prepared.intention.id);
    audit::record(unit, event).await?;
    for administrator in read::administrators(unit, prepared.company).await? {
        notices::tell(unit, administrator.into(), &prepared.notice).await?;
    }
    Ok(())
}

async fn check_rate(ground: &Ground, company: CompanyId) -> Result<(), CompanyError> {
    let since = ground.clock().now().plus(-Duration::days(1));
    let ordered = certificates::ordered_since(&mut ground.database.read().await?, company, since).await?;
    within_rate(ordered)
}

fn within_rate(ordered: i64) -> Result<(), CompanyError> {
    if ordered < MOST_ORDERS { Ok(()) } else { Err(CompanyError::TooManyOrders { most: MOST_ORDERS }) }
}

/// The identity that stays over every renewal: the company's one seal, or the function with this mailbox.
async fn identity(ground: &Ground, company: &Company, ordered: &Ordered) -> Result<UnitId, CompanyError> {
    let new = NewUnit {
        id: UnitId::fresh(ground.clock().now(), ground.random()),
        company: company.id,
        purpose: ordered.purpose(),
        email: ordered.email().to_owned(),
    };
    Ok(ground.database.write(async |unit| store::unit_of(unit, &new).await).await?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn faults(purpose: &str, name: Option<&str>, email: Option<&str>) -> Vec<(String, &'static str)> {
        let wish = Wish { purpose: purpose.to_owned(), name: name.map(str::to_owned), email: email.map(str::to_owned), request: None };
        let faults = Ordered::of(&wish).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.field, fault.rule)).collect()
    }

    #[test]
    fn a_function_has_a_name_and_a_mailbox_and_a_seal_has_neither() {
        assert!(faults("seal", None, Some(" ")).is_empty());
        assert_eq!(faults("seal", Some("x"), None), [("name".to_owned(), "field_needless_for_seal")]);
        assert!(faults("function", Some("Bogholderi"), Some("bogholderi@bageri.example.dk")).is_empty());
        assert_eq!(faults("function", None, Some("x")), [("name".to_owned(), "field_empty"), ("email".to_owned(), "field_email")]);
        assert_eq!(faults("tls", None, None), [("purpose".to_owned(), "field_choice")]);
    }
}
