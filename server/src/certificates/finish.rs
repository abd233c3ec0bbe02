//! The second commit: what was intended is signed, checked, and becomes active; or it is given up for good.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use certs::{
    ca::{self, Issued, Prepared},
    keystore::KeyLabel,
    profiles::Kind,
    revocation::Reason,
    serial::Serial,
};

use super::{By, Certificate, CertificateError, Intention, State, Which, model::Predecessor, revoke, store};
use crate::{
    audit,
    authorities::{self, AuthorityError, Loaded},
    notices::{self, Notice, Sealed},
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        ground::Ground,
        id::{AuthorityId, CertificateId, CompanyId, EmployeeId},
        moment::Moment,
    },
    status, timestamps,
    webhooks::{self, Event, EventKind},
};

/// Signs a stored intention and makes it active: the very bytes that were stored, checked and linted anew. Of two at once, one stores; both
/// succeed. Done before, it changes nothing.
///
/// # Errors
/// [`CertificateError::NotIntended`] when it was given up or revoked; [`CertificateError::Prepare`] when the stored bytes no longer pass.
pub async fn finish(ground: &Ground, id: CertificateId) -> Result<(), CertificateError> {
    let intended = store::by_id(&mut ground.database.read().await?, id).await?.ok_or(CertificateError::NotFound)?;
    match intended.state {
        State::Active => return Ok(()),
        State::Abandoned | State::Revoked => return Err(CertificateError::NotIntended),
        State::Intended => {}
    }
    let together = match intended.employee {
        Some(employee) => store::intended_together(&mut ground.database.read().await?, employee, intended.intended_at).await?,
        None => Vec::new(),
    };
    let serials = together.iter().map(|other| other.serial).collect();
    let set = Set { intended_at: Some(intended.intended_at), serials, tasks: vec![Task::from(&intended)] };
    finish_sets(ground, vec![set]).await.pop().and_then(|mut answers| answers.pop()).unwrap_or(Err(CertificateError::NotFound))
}

/// A stored intention that awaits its signature.
#[derive(Debug)]
pub(super) struct Task {
    id: CertificateId,
    authority: AuthorityId,
    serial: Serial,
    ordinal: i64,
    kind: Kind,
    employee: Option<EmployeeId>,
    company: Option<CompanyId>,
    label: Option<String>,
    replaces: Option<Predecessor>,
    subject: String,
    not_after: Moment,
    tbs: Vec<u8>,
    prepared: Option<Prepared>,
}

impl From<&Certificate> for Task {
    fn from(row: &Certificate) -> Self {
        Self {
            id: row.id,
            authority: row.authority,
            serial: row.serial,
            ordinal: row.ordinal,
            kind: row.kind,
            employee: row.employee,
            company: row.company,
            label: row.key_label.clone(),
            replaces: row.replaces,
            subject: row.subject.clone(),
            not_after: row.not_after,
            tbs: row.tbs.clone().unwrap_or_default(),
            prepared: None,
        }
    }
}

impl From<Intention> for Task {
    fn from(intention: Intention) -> Self {
        Self {
            id: intention.id,
            authority: intention.authority,
            serial: intention.serial,
            ordinal: intention.ordinal,
            kind: intention.kind,
            employee: intention.employee,
            company: intention.company,
            label: intention.label().map(ToString::to_string),
            replaces: intention.replaces,
            subject: intention.subject,
            not_after: intention.not_after,
            tbs: intention.tbs,
            prepared: intention.prepared,
        }
    }
}

impl Task {
    fn status(&self) -> status::NewStatus {
        status::NewStatus {
            authority: self.authority,
            serial: self.serial,
            shard: status::shard_of(self.ordinal),
            not_after: self.not_after,
        }
    }
}

/// What one unit intended for one holder, or a part of it: told in one mail.
#[derive(Debug)]
pub(super) struct Set {
    /// The unit's moment; none when all that it intended is here.
    pub(super) intended_at: Option<Moment>,
    /// All that the unit intended for the holder.
    pub(super) serials: Vec<Serial>,
    pub(super) tasks: Vec<Task>,
}

impl Set {
    /// All that one unit intended.
    pub(super) fn whole(intentions: Vec<Intention>) -> Self {
        let serials = intentions.iter().map(|intention| intention.serial).collect();
        Self { intended_at: None, serials, tasks: intentions.into_iter().map(Task::from).collect() }
    }

    fn holder(&self) -> Option<EmployeeId> {
        self.tasks.first().and_then(|task| task.employee)
    }

    fn notice(&self) -> Option<Notice> {
        let (task, _) = (self.tasks.first()?, self.holder()?);
        let serials: Vec<String> = self.serials.iter().map(ToString::to_string).collect();
        let notice = match serials.as_slice() {
            [] | [_] => Notice::mail(notices::Kind::CertificateIssued).with("serial", task.serial),
            several => Notice::mail(notices::Kind::CertificatesIssued).with("serials", several.join("\n")),
        };
        Some(notice.with("subject", &task.subject))
    }
}

type Answer = Result<(), CertificateError>;

/// Signs sets and makes them active in one unit, and answers each task in its place. Where the shared unit fails, or somebody else finished one
/// of them, each set has one of its own, so that one that cannot be stored harms no other.
pub(super) async fn finish_sets(ground: &Ground, mut sets: Vec<Set>) -> Vec<Vec<Answer>> {
    let signed = sign_all(ground, &mut sets).await;
    match store_signed(ground, &sets, &signed, Activation::Together).await {
        Ok(activated) => return answers(ground, &sets, signed, &activated).await,
        Err(CertificateError::ChangedMeanwhile) => {}
        Err(error) if sets.len() == 1 => return refused(error, &sets),
        Err(error) => tracing::warn!(%error, sets = sets.len(), "certificates are stored one set at a time"),
    }
    let mut all = Vec::with_capacity(sets.len());
    for (set, signed) in sets.iter().zip(signed) {
        let (set, signed) = (std::slice::from_ref(set), vec![signed]);
        all.extend(match store_signed(ground, set, &signed, Activation::Singly).await {
            Ok(activated) => answers(ground, set, signed, &activated).await,
            Err(error) => refused(error, set),
        });
    }
    all
}

/// The first of all is told why.
fn refused(error: CertificateError, sets: &[Set]) -> Vec<Vec<Answer>> {
    let mut first = Some(error);
    let mut one = |_: &Task| Err(first.take().unwrap_or(CertificateError::NotFinished));
    sets.iter().map(|set| set.tasks.iter().map(&mut one).collect()).collect()
}

async fn answers(ground: &Ground, sets: &[Set], signed: Vec<Vec<Made>>, activated: &HashSet<CertificateId>) -> Vec<Vec<Answer>> {
    let mut all = Vec::with_capacity(sets.len());
    for (set, signed) in sets.iter().zip(signed) {
        let mut own = Vec::with_capacity(signed.len());
        for (task, issued) in set.tasks.iter().zip(signed) {
            own.push(match issued {
                Err(error) => Err(error),
                Ok(_) if activated.contains(&task.id) => Ok(()),
                Ok(_) => not_first(ground, task.id).await,
            });
        }
        all.push(own);
    }
    all
}

/// How many become active at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Activation {
    /// All or none, with one statement.
    Together,
    /// Each that may.
    Singly,
}

async fn store_signed(
    ground: &Ground,
    sets: &[Set],
    signed: &[Vec<Made>],
    how: Activation,
) -> Result<HashSet<CertificateId>, CertificateError> {
    let told = seal_notices(ground, sets).await?;
    let chains = chains(ground, sets).await?;
    ground.database.write(async |unit| activate(unit, sets, (signed, &told, &chains), how).await).await
}

/// What came of a signature.
type Made = Result<Issued, CertificateError>;

/// The signatures, in one call of the keystore; nothing is stored here.
async fn sign_all(ground: &Ground, sets: &mut [Set]) -> Vec<Vec<Made>> {
    let mut work = Vec::with_capacity(sets.len());
    for set in sets {
        let mut own = Vec::with_capacity(set.tasks.len());
        for task in &mut set.tasks {
            let authority = authorities::by_id(ground, task.authority).await;
            own.push((task.prepared.take(), std::mem::take(&mut task.tbs), task.kind, authority));
        }
        work.push(own);
    }
    ground
        .with_keystore(move |keystore| {
            let one = |(prepared, tbs, kind, authority): (Option<Prepared>, Vec<u8>, Kind, Result<Arc<Loaded>, AuthorityError>)| {
                let authority = authority?.certifying()?;
                // What a crash left behind is checked anew.
                let prepared = prepared.map_or_else(|| Prepared::from_stored(&tbs, kind, &authority.issuer), Ok)?;
                Ok(ca::issue(prepared, &authority.issuer, keystore)?)
            };
            work.into_iter().map(|own| own.into_iter().map(one).collect()).collect()
        })
        .await
}

/// The notice of each set that has a holder, in their order.
async fn seal_notices(ground: &Ground, sets: &[Set]) -> Result<Vec<Option<Sealed>>, CertificateError> {
    let notices: Vec<Option<Notice>> = sets.iter().map(Set::notice).collect();
    let told: Vec<Notice> = notices.iter().flatten().cloned().collect();
    let mut sealed = notices::seal_all(ground, &told).await?.into_iter();
    Ok(notices.iter().map(|notice| notice.as_ref().and_then(|_| sealed.next())).collect())
}

type Chains = HashMap<AuthorityId, Vec<Vec<u8>>>;

/// The chains of those that take a place of the service's own.
async fn chains(ground: &Ground, sets: &[Set]) -> Result<Chains, CertificateError> {
    let mut chains = Chains::new();
    for task in sets.iter().flat_map(|set| &set.tasks).filter(|task| task.label.is_some()) {
        chains.insert(task.authority, authorities::chain_of(ground, task.authority).await?);
    }
    Ok(chains)
}

/// Makes everything active that still may be, in the unit, and gives what this very call made so.
///
/// # Errors
/// [`CertificateError::ChangedMeanwhile`] for [`Activation::Together`] when one may not be any more.
async fn activate(
    unit: &mut Unit,
    sets: &[Set],
    (signed, told, chains): (&[Vec<Made>], &[Option<Sealed>], &Chains),
    how: Activation,
) -> Result<HashSet<CertificateId>, CertificateError> {
    let pairs = sets.iter().zip(signed).flat_map(|(set, signed)| set.tasks.iter().zip(signed));
    let pairs: Vec<(&Task, &Issued)> = pairs.filter_map(|(task, issued)| Some((task, issued.as_ref().ok()?))).collect();
    let ders: Vec<(CertificateId, &[u8])> = pairs.iter().map(|(task, issued)| (task.id, issued.der.as_slice())).collect();
    let activated = made_active(unit, &ders, how).await?;
    let now_active: Vec<(&Task, &Issued)> = pairs.into_iter().filter(|(task, _)| activated.contains(&task.id)).collect();
    let statuses: Vec<status::NewStatus> = now_active.iter().map(|(task, _)| task.status()).collect();
    status::note_all_issued(unit, &statuses).await?;
    audit::record_all(unit, now_active.iter().map(|(task, issued)| activated_event(task, issued)).collect()).await?;
    tell_companies(unit, &now_active).await?;
    for (task, issued) in now_active {
        install(unit, task, issued, chains.get(&task.authority).map_or(&[], Vec::as_slice)).await?;
        end_predecessors(unit, task).await?;
    }
    tell_holders(unit, sets, told, &activated).await?;
    Ok(activated)
}

async fn made_active(
    unit: &mut Unit,
    signed: &[(CertificateId, &[u8])],
    how: Activation,
) -> Result<HashSet<CertificateId>, CertificateError> {
    if how == Activation::Together {
        let all = store::activate_all(unit, signed).await?;
        return if all { Ok(signed.iter().map(|(id, _)| *id).collect()) } else { Err(CertificateError::ChangedMeanwhile) };
    }
    let mut activated = HashSet::with_capacity(signed.len());
    for (id, der) in signed {
        if store::activate(unit, *id, der).await? {
            activated.insert(*id);
        }
    }
    Ok(activated)
}

/// The programs of the companies that listen are told of each; nobody is told of the service's own.
async fn tell_companies(unit: &mut Unit, issued: &[(&Task, &Issued)]) -> Result<(), DatabaseError> {
    let companies: BTreeSet<CompanyId> = issued.iter().filter_map(|(task, _)| task.company).collect();
    for company in webhooks::listening_among(unit, &companies).await? {
        let own = issued.iter().map(|(task, _)| task).filter(|task| task.company == Some(company));
        let events: Vec<Event> = own.map(|task| issued_event(task)).collect();
        webhooks::tell_all(unit, company, &events).await?;
    }
    Ok(())
}

fn issued_event(task: &Task) -> Event {
    let event = Event::new(EventKind::CertificateIssued).with("certificate", task.id).with("serial", task.serial);
    task.employee.iter().fold(event, |event, employee| event.with("employee", employee))
}

/// One mail tells of all that were intended together: with the first that is active, whatever becomes of the others.
async fn tell_holders(
    unit: &mut Unit,
    sets: &[Set],
    told: &[Option<Sealed>],
    activated: &HashSet<CertificateId>,
) -> Result<(), CertificateError> {
    let mut now = Vec::with_capacity(sets.len());
    for (set, notice) in sets.iter().zip(told) {
        let (Some(employee), Some(notice)) = (set.holder(), notice) else { continue };
        if set.tasks.iter().any(|task| activated.contains(&task.id)) && !told_before(unit, set, employee, activated).await? {
            now.push((employee.into(), notice));
        }
    }
    Ok(notices::tell_all(unit, &now).await?)
}

/// Whether another of the same unit was active before: with that one the holder was told.
async fn told_before(
    unit: &mut Unit,
    set: &Set,
    employee: EmployeeId,
    activated: &HashSet<CertificateId>,
) -> Result<bool, CertificateError> {
    let whole = set.tasks.iter().all(|task| activated.contains(&task.id));
    let intended_at = match (set.intended_at, whole) {
        // Nobody else had any of it.
        (None, true) => return Ok(false),
        (Some(intended_at), _) => intended_at,
        (None, false) => {
            let first = set.tasks.first().map(|task| task.id);
            let Some(row) = (match first {
                Some(id) => store::by_id(unit, id).await?,
                None => None,
            }) else {
                return Ok(false);
            };
            row.intended_at
        }
    };
    let together = store::intended_together(unit, employee, intended_at).await?;
    Ok(together.iter().any(|other| !activated.contains(&other.id) && other.activated_at.is_some()))
}

/// The signature over the stored bytes; nothing is stored here.
#[cfg(test)]
pub(super) async fn sign(ground: &Ground, intended: &Certificate, authority: Arc<Loaded>) -> Result<Issued, CertificateError> {
    let (tbs, kind) = (intended.tbs()?.to_vec(), intended.kind);
    ground
        .with_keystore(move |keystore| {
            let prepared = Prepared::from_stored(&tbs, kind, &authority.issuer)?;
            Ok(ca::issue(prepared, &authority.issuer, keystore)?)
        })
        .await
}

async fn not_first(ground: &Ground, id: CertificateId) -> Result<(), CertificateError> {
    let found = store::by_id(&mut ground.database.read().await?, id).await?.ok_or(CertificateError::NotFound)?;
    match found.state {
        State::Active => Ok(()),
        State::Abandoned | State::Intended | State::Revoked => Err(CertificateError::NotIntended),
    }
}

fn activated_event(task: &Task, issued: &Issued) -> audit::Event {
    audit::Event::new("certificate.activated", Author::System("certificates"), format!("certificate:{}", task.id))
        .fact("serial", issued.serial)
        .fact("profile", task.kind.as_str())
        .company(task.company)
}

/// What this one follows ends in the unit that makes it active: revoked, or left to run out without a signing key. An encryption key stays, for
/// what was encrypted to it.
async fn end_predecessors(unit: &mut Unit, intended: &Task) -> Result<(), CertificateError> {
    let (Some(predecessor), Some(employee)) = (intended.replaces, intended.employee) else { return Ok(()) };
    let author = Author::System("certificates");
    for old in store::active_before(unit, employee, intended.kind, intended.id).await? {
        match predecessor.reason {
            Some(reason) => {
                revoke(unit, By::author(author), Which::Id(old.id), reason).await?;
            }
            None => {
                store::delete_blob(unit, old.id).await?;
                let event = audit::Event::new("certificate.followed", author, format!("certificate:{}", old.id))
                    .fact("serial", old.serial)
                    .fact("by", intended.serial)
                    .company(old.company);
                audit::record(unit, event).await?;
            }
        }
    }
    Ok(())
}

/// The service's own certificates take their place in the same unit.
async fn install(unit: &mut Unit, intended: &Task, issued: &Issued, chain: &[Vec<u8>]) -> Result<(), CertificateError> {
    let Some(label) = &intended.label else { return Ok(()) };
    let label = KeyLabel::parse(label)?;
    match intended.kind {
        Kind::Responder => {
            status::install_responder(unit, intended.authority, &issued.der, &label, intended.not_after).await?;
        }
        Kind::TimeStamp => timestamps::install_unit(unit, &issued.der, chain, &label, intended.not_after).await?,
        // Looked up when it is needed.
        Kind::Notice => {}
        Kind::Root | Kind::Issuing | Kind::Signing | Kind::Mail | Kind::Encryption | Kind::Seal | Kind::Function | Kind::Tls => {}
    }
    Ok(())
}

/// Gives an intention up in the caller's unit. A signature may have been made before a crash, so its serial stands on the CRL from now on.
/// False when it was not intended any more.
///
/// # Errors
/// When the database fails.
pub(super) async fn abandon(unit: &mut Unit, intended: &Certificate, author: Author, reason: Reason) -> Result<bool, DatabaseError> {
    if !store::end(unit, intended.id, (State::Intended, State::Abandoned), reason).await? {
        return Ok(false);
    }
    store::delete_blob(unit, intended.id).await?;
    status::note_issued(unit, &Task::from(intended).status()).await?;
    status::note_revoked(unit, intended.authority, &intended.serial, reason).await?;
    let event = audit::Event::new("certificate.abandoned", author, format!("certificate:{}", intended.id))
        .fact("serial", intended.serial)
        .fact("reason", reason)
        .company(intended.company);
    audit::record(unit, event).await?;
    Ok(true)
}
