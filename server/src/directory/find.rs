//! The search: one exact address, few questions a minute from one network, found or not.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::profiles::Kind;
use openssl::{asn1::Asn1Object, nid::Nid, x509::X509};

use super::{Address, DirectoryError, Found, Listing, store};
use crate::{
    certificates::{self, Certificate},
    platform::{database::Reader, ground::Ground, id::EmployeeId},
};

/// So many questions ...
const QUESTIONS: u32 = 30;
/// ... in so long, from one network.
const WINDOW: Duration = Duration::from_secs(60);
/// How many networks are counted at once. When there are more, all are counted anew.
const NETWORKS: usize = 50_000;

/// Questions by network: since when, how many.
#[derive(Default)]
struct Asked(Mutex<HashMap<String, (Instant, u32)>>);

impl Asked {
    fn count(&self, network: &str, now: Instant) -> Result<(), DirectoryError> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= NETWORKS {
            asked.retain(|_, (since, _)| now.saturating_duration_since(*since) < WINDOW);
            if asked.len() >= NETWORKS {
                asked.clear();
            }
        }
        let (since, count) = asked.entry(network.to_owned()).or_insert((now, 0));
        if now.saturating_duration_since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count > QUESTIONS { Err(DirectoryError::TooManyQuestions) } else { Ok(()) }
    }
}

/// Counts a question of a network. This process counts first, so that whoever asks on in vain costs no row; where other nodes stand on the
/// same database, one row counts for all of them.
async fn count(ground: &Ground, network: &str) -> Result<(), DirectoryError> {
    ground.kept.of::<Asked>().count(network, Instant::now())?;
    if !ground.database.is_shared() {
        return Ok(());
    }
    let asked = ground
        .database
        .write(async |unit| {
            let since = unit.now().plus(-time::Duration::try_from(WINDOW).unwrap_or_default());
            store::count_question(unit, network, since).await
        })
        .await?;
    if asked > i64::from(QUESTIONS) { Err(DirectoryError::TooManyQuestions) } else { Ok(()) }
}

/// Forgets counts that no longer matter. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DirectoryError> {
    let forgotten = ground.database.in_batches(async |unit| {
        let before = unit.now().plus(-time::Duration::try_from(WINDOW).unwrap_or_default());
        store::forget_questions(unit, before).await
    });
    Ok(forgotten.await?)
}

/// The valid certificates with this address of those who agreed to be found by it; to encrypt first. `company` keeps those whose
/// organisation has this name or number.
///
/// # Errors
/// [`DirectoryError::TooManyQuestions`], [`DirectoryError::NoAddress`].
pub async fn find(ground: &Ground, network: &str, email: &str, company: Option<&str>) -> Result<Vec<Found>, DirectoryError> {
    count(ground, network).await?;
    let address = Address::parse(email).ok_or(DirectoryError::NoAddress)?;
    let company = company.map(str::trim).filter(|company| !company.is_empty());
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let mut found = Vec::new();
    for employee in store::listed_by(&mut reader, &address).await? {
        for kind in [Kind::Encryption, Kind::Mail] {
            let certificate = certificates::read::usable_of(&mut reader, employee, kind, now).await?;
            let same = certificate.filter(|one| one.email.as_deref().and_then(Address::parse).as_ref() == Some(&address));
            found.extend(same.and_then(|certificate| shown(certificate, company)));
        }
    }
    found.sort_by_key(|one| one.purpose != Kind::Encryption.as_str());
    Ok(found)
}

/// What a person agreed to.
///
/// # Errors
/// When the database fails.
pub async fn listing(reader: &mut Reader, employee: EmployeeId) -> Result<Option<Listing>, DirectoryError> {
    Ok(store::listing(reader, employee).await?)
}

fn shown(certificate: Certificate, company: Option<&str>) -> Option<Found> {
    let der = certificate.der?;
    let read = X509::from_der(&der).ok()?;
    let part = |nid: Nid| read.subject_name().entries_by_nid(nid).next().and_then(|entry| entry.data().to_string().ok());
    let organisation = part(Nid::ORGANIZATIONNAME);
    // organizationIdentifier, as NTRDK-30808460 (EN 319 412-1 section 5.1.4).
    let identifier = Asn1Object::from_str("2.5.4.97").ok().and_then(|object| part(object.nid()));
    let is_it = |wanted: &str| {
        let named = organisation.as_ref().is_some_and(|name| name.to_lowercase() == wanted.to_lowercase());
        named || identifier.as_ref().is_some_and(|identifier| identifier.rsplit('-').next() == Some(wanted) || identifier == wanted)
    };
    company.is_none_or(is_it).then(|| Found {
        name: part(Nid::COMMONNAME).unwrap_or_default(),
        organisation,
        purpose: certificate.kind.as_str(),
        serial: certificate.serial.to_string(),
        not_after: certificate.not_after,
        certificate: STANDARD.encode(&der),
        der,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_may_ask_again_after_a_minute_and_another_at_once() {
        let asked = Asked::default();
        let now = Instant::now();
        for _ in 0..QUESTIONS {
            assert!(asked.count("192.0.2.0/24", now).is_ok());
        }
        assert!(matches!(asked.count("192.0.2.0/24", now), Err(DirectoryError::TooManyQuestions)));
        assert!(asked.count("198.51.100.0/24", now).is_ok());
        assert!(asked.count("192.0.2.0/24", now + WINDOW).is_ok());
    }
}
