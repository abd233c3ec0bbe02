//! All SQL of the certificates.

use std::collections::HashSet;

use certs::{keystore::KeyLabel, profiles::Kind, revocation::Reason, serial::Serial};

pub(super) mod codes;
pub(super) mod endings;
pub(super) mod held;
pub(super) mod imported;
pub(super) mod numbers;
pub(super) mod openers;
pub(super) mod reasons;

pub(super) use held::end_holds;
pub(super) use openers::end_every_opener;

use super::{
    Certificate, Intention, State,
    keys::Blob,
    model::{KeyCarrier, Predecessor},
};
use crate::{
    build, execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Reader, Unit, portions},
        id::{AccountId, AuthorityId, CertificateId, CompanyId, EmployeeId, ProofingId},
        moment::Moment,
    },
};

/// A row, as it is.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: CertificateId,
    authority_id: AuthorityId,
    serial: Vec<u8>,
    ordinal: i64,
    profile: String,
    account_id: Option<AccountId>,
    employee_id: Option<EmployeeId>,
    company_id: Option<CompanyId>,
    subject: String,
    email: Option<String>,
    key_label: Option<String>,
    key_carrier: String,
    replaces_id: Option<CertificateId>,
    replaces_reason: Option<String>,
    state: String,
    tbs: Option<Vec<u8>>,
    certificate: Option<Vec<u8>>,
    not_before: Moment,
    not_after: Moment,
    intended_at: Moment,
    activated_at: Option<Moment>,
    revoked_at: Option<Moment>,
    reason: Option<String>,
    proofing_id: Option<ProofingId>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, authority_id, serial, ordinal, profile, account_id, employee_id, company_id, subject, email, key_label, key_carrier, \
             replaces_id, replaces_reason, state, tbs, \
             certificate, not_before, not_after, intended_at, activated_at, revoked_at, reason, proofing_id FROM certificate ",
            $rest
        )
    };
}

/// Those that were stored: not those whose serial or ordinal was taken. (Where all were, their number says so: each row that a statement gives back
/// is a change of thread on SQLite.)
pub(super) async fn insert(unit: &mut Unit, intentions: &[&Intention]) -> Result<HashSet<CertificateId>, DatabaseError> {
    let now = unit.now();
    let mut stored = HashSet::with_capacity(intentions.len());
    for portion in portions(intentions) {
        let count = build!(
            unit,
            "INSERT INTO certificate (id, authority_id, serial, ordinal, profile, account_id, employee_id, company_id, subject, email,
             key_label, key_carrier, replaces_id, replaces_reason, state, tbs, not_before, not_after, intended_at, proofing_id) ",
            |query, c| {
                query.push_values(portion, |mut row, one| {
                    row.push_bind(one.id).push_bind(one.authority).push_bind(one.serial.as_bytes().to_vec()).push_bind(one.ordinal);
                    row.push_bind(one.kind.as_str()).push_bind(one.account).push_bind(one.employee).push_bind(one.company);
                    row.push_bind(&one.subject).push_bind(&one.email).push_bind(one.label().map(KeyLabel::as_str));
                    row.push_bind(one.key_carrier.word()).push_bind(one.replaces.map(|old| old.id));
                    row.push_bind(one.replaces.and_then(|old| old.reason).map(Reason::as_str)).push("'intended'").push_bind(&one.tbs);
                    row.push_bind(one.not_before).push_bind(one.not_after).push_bind(now).push_bind(one.proofing);
                });
                query.push(" ON CONFLICT DO NOTHING");
                query.build().execute(c).await.map(|done| done.rows_affected())
            }
        )?;
        match is_whole(portion, count) {
            true => stored.extend(portion.iter().map(|one| one.id)),
            false => stored.extend(known(unit, portion).await?),
        }
    }
    Ok(stored)
}

fn is_whole<T>(portion: &[T], rows: u64) -> bool {
    usize::try_from(rows) == Ok(portion.len())
}

/// Those whose row is there.
async fn known(unit: &mut Unit, intentions: &[&Intention]) -> Result<Vec<CertificateId>, DatabaseError> {
    build!(unit, "SELECT id FROM certificate WHERE id IN ", |query, c| {
        query.push("(");
        let mut list = query.separated(", ");
        intentions.iter().for_each(|one| {
            list.push_bind(one.id);
        });
        query.push(")");
        query.build_query_scalar().fetch_all(c).await
    })
}

pub(super) async fn insert_blobs(unit: &mut Unit, blobs: &[(CertificateId, &Blob)]) -> Result<(), DatabaseError> {
    let now = unit.now();
    for portion in portions(blobs) {
        build!(unit, "INSERT INTO signing_key (certificate_id, salt, spki_hash, sealed) ", |query, c| {
            query.push_values(portion, |mut row, (id, blob)| {
                row.push_bind(*id).push_bind(&blob.salt).push_bind(&blob.spki_hash).push_bind(&blob.sealed);
            });
            query.build().execute(c).await.map(drop)
        })?;
        build!(unit, "INSERT INTO key_opener (certificate_id, kind, sealed, created_at) ", |query, c| {
            query.push_values(portion, |mut row, (id, blob)| {
                row.push_bind(*id).push("'password'").push_bind(&blob.opener).push_bind(now);
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// A decryption key that an earlier release kept under the keystore alone.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct KeptKey {
    pub(super) id: CertificateId,
    pub(super) account_id: AccountId,
    pub(super) employee_id: EmployeeId,
    pub(super) company_id: CompanyId,
    pub(super) certificate: Vec<u8>,
    pub(super) reason: Option<String>,
    pub(super) wrapped: Vec<u8>,
}

/// Kept keys of certificates that were signed, after this one. SQLite takes a CROSS JOIN in the order written: few keys, then their certificates.
pub(super) async fn kept_keys(reader: &mut Reader, after: CertificateId, most: i64) -> Result<Vec<KeptKey>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT certificate.id, certificate.account_id, certificate.employee_id, certificate.company_id, certificate.certificate,
                certificate.reason, encryption_key.wrapped
         FROM encryption_key CROSS JOIN certificate
         WHERE certificate.id = encryption_key.certificate_id AND encryption_key.certificate_id > $1
           AND certificate.certificate IS NOT NULL AND certificate.account_id IS NOT NULL
           AND certificate.employee_id IS NOT NULL AND certificate.company_id IS NOT NULL
         ORDER BY encryption_key.certificate_id LIMIT $2"
    )
    .bind(after)
    .bind(most)
    .fetch_all(c))
}

/// True when this very call took it away.
pub(super) async fn delete_kept_key(unit: &mut Unit, id: CertificateId) -> Result<bool, DatabaseError> {
    Ok(execute!(unit, sqlx::query("DELETE FROM encryption_key WHERE certificate_id = $1").bind(id))? == 1)
}

/// A signing key dies with its certificate; a decryption key stays in the archive, since what was encrypted to it must still be read.
pub(super) async fn delete_blob(unit: &mut Unit, id: CertificateId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM key_opener WHERE certificate_id = $1").bind(id))?;
    openers::forget(unit, id).await?;
    execute!(unit, sqlx::query("DELETE FROM signing_key WHERE certificate_id = $1").bind(id)).map(drop)
}

pub(super) async fn blob(reader: &mut Reader, id: CertificateId) -> Result<Option<Blob>, DatabaseError> {
    type Columns = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);
    let found: Option<Columns> = fetch!(reader, |c| sqlx::query_as(
        "SELECT signing_key.salt, signing_key.spki_hash, signing_key.sealed, key_opener.sealed FROM signing_key
         JOIN key_opener ON key_opener.certificate_id = signing_key.certificate_id AND key_opener.kind = 'password'
         WHERE signing_key.certificate_id = $1"
    )
    .bind(id)
    .fetch_optional(c))?;
    Ok(found.map(|(salt, spki_hash, sealed, opener)| Blob { salt, spki_hash, sealed, opener }))
}

/// The password openers of an account, by certificate.
pub(super) async fn openers<C: Connection>(connection: &mut C, account: AccountId) -> Result<Vec<(CertificateId, Vec<u8>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT key_opener.certificate_id, key_opener.sealed FROM key_opener
         JOIN certificate ON certificate.id = key_opener.certificate_id
         WHERE certificate.account_id = $1 AND certificate.key_carrier = 'central' AND key_opener.kind = 'password'
         ORDER BY key_opener.certificate_id"
    )
    .bind(account)
    .fetch_all(c))
}

/// True when the opener was still `old`.
pub(super) async fn replace_opener(unit: &mut Unit, id: CertificateId, old: &[u8], new: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let replaced = execute!(
        unit,
        sqlx::query("UPDATE key_opener SET sealed = $1, created_at = $2 WHERE certificate_id = $3 AND kind = 'password' AND sealed = $4")
            .bind(new)
            .bind(now)
            .bind(id)
            .bind(old)
    )?;
    Ok(replaced == 1)
}

/// Those keys (each once) that are their bearer's now, whether new or from before; not those that are another's or compromised.
pub(super) async fn claim_keys(unit: &mut Unit, keys: &[(&[u8; 32], &str)]) -> Result<HashSet<Vec<u8>>, DatabaseError> {
    let now = unit.now();
    let mut claimed = HashSet::with_capacity(keys.len());
    for portion in portions(keys) {
        let count = build!(unit, "INSERT INTO certified_key (spki_hash, bearer, certified_at) ", |query, c| {
            query.push_values(portion, |mut row, (hash, bearer)| {
                row.push_bind(hash.as_slice()).push_bind(*bearer).push_bind(now);
            });
            query.push(
                " ON CONFLICT (spki_hash) DO UPDATE SET bearer = excluded.bearer
                 WHERE certified_key.bearer = excluded.bearer AND certified_key.compromised_at IS NULL",
            );
            query.build().execute(c).await.map(|done| done.rows_affected())
        })?;
        match is_whole(portion, count) {
            true => claimed.extend(portion.iter().map(|(hash, _)| hash.to_vec())),
            false => claimed.extend(borne(unit, portion).await?),
        }
    }
    Ok(claimed)
}

/// Those keys that are their bearer's.
async fn borne(unit: &mut Unit, keys: &[(&[u8; 32], &str)]) -> Result<Vec<Vec<u8>>, DatabaseError> {
    build!(unit, "SELECT spki_hash FROM certified_key WHERE compromised_at IS NULL AND (spki_hash, bearer) IN ", |query, c| {
        query.push("(");
        query.push_values(keys, |mut row, (hash, bearer)| {
            row.push_bind(hash.as_slice()).push_bind(*bearer);
        });
        query.push(")");
        query.build_query_scalar().fetch_all(c).await
    })
}

/// From now on nobody gets a certificate for this key. Certificates of the first release have no row yet.
pub(super) async fn condemn_key(unit: &mut Unit, spki_hash: &[u8; 32]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO certified_key (spki_hash, bearer, certified_at, compromised_at) VALUES ($1, '', $2, $2)
             ON CONFLICT (spki_hash) DO UPDATE SET compromised_at = COALESCE(certified_key.compromised_at, excluded.compromised_at)"
        )
        .bind(spki_hash.as_slice())
        .bind(now)
    )
    .map(drop)
}

pub(super) async fn is_compromised(connection: &mut impl Connection, spki_hash: &[u8; 32]) -> Result<bool, DatabaseError> {
    let found: Option<i64> = fetch!(connection, |c| sqlx::query_scalar(
        "SELECT compromised_at FROM certified_key WHERE spki_hash = $1 AND compromised_at IS NOT NULL"
    )
    .bind(spki_hash.as_slice())
    .fetch_optional(c))?;
    Ok(found.is_some())
}

/// Makes all of them active. False when one was not intended any more: then nothing of the unit may stay, and each is to be made so by itself.
pub(super) async fn activate_all(unit: &mut Unit, signed: &[(CertificateId, &[u8])]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    for portion in portions(signed) {
        let count = build!(unit, "WITH signed (signed_id, der) AS (", |query, c| {
            query.push_values(portion, |mut row, (id, der)| {
                row.push_bind(*id).push_bind(*der);
            });
            query.push(") UPDATE certificate SET state = 'active', certificate = signed.der, tbs = NULL, activated_at = ").push_bind(now);
            query.push(" FROM signed WHERE certificate.id = signed.signed_id AND certificate.state = 'intended'");
            query.build().execute(c).await.map(|done| done.rows_affected())
        })?;
        if !is_whole(portion, count) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes one active that is intended. False when it was not.
pub(super) async fn activate(unit: &mut Unit, id: CertificateId, der: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE certificate SET state = 'active', certificate = $1, tbs = NULL, activated_at = $2 WHERE id = $3 AND state = 'intended'"
        )
        .bind(der)
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// True when this very call ended it: `to` is revoked or abandoned, `from` the state that it must have.
pub(super) async fn end(unit: &mut Unit, id: CertificateId, (from, to): (State, State), reason: Reason) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE certificate SET state = $1, revoked_at = $2, reason = $3 WHERE id = $4 AND state = $5")
            .bind(to.word())
            .bind(now)
            .bind(reason.as_str())
            .bind(id)
            .bind(from.word())
    )?;
    Ok(changed == 1)
}

pub(super) async fn by_id<C: Connection>(connection: &mut C, id: CertificateId) -> Result<Option<Certificate>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn by_serial<C: Connection>(connection: &mut C, serial: &Serial) -> Result<Option<Certificate>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE serial = $1 ORDER BY id LIMIT 1")).bind(serial.as_bytes()).fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn of_employee<C: Connection>(
    connection: &mut C,
    employee: EmployeeId,
    before: CertificateId,
    most: i64,
) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE employee_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(employee)
        .bind(before)
        .bind(most)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What was intended for an employee in one unit, the oldest first.
pub(super) async fn intended_together<C: Connection>(
    connection: &mut C,
    employee: EmployeeId,
    intended_at: Moment,
) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE employee_id = $1 AND intended_at = $2 ORDER BY id"))
        .bind(employee)
        .bind(intended_at)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

pub(super) async fn of_company(
    reader: &mut Reader,
    company: CompanyId,
    before: CertificateId,
    most: i64,
) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> = fetch!(reader, |c| sqlx::query_as(select!("WHERE company_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(company)
        .bind(before)
        .bind(most)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What is active and ends within a span, the first first.
pub(super) async fn expiring(reader: &mut Reader, (from, to): (Moment, Moment), most: i64) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> = fetch!(reader, |c| sqlx::query_as(select!(
        "WHERE state = 'active' AND not_after >= $1 AND not_after < $2 ORDER BY not_after, id LIMIT $3"
    ))
    .bind(from)
    .bind(to)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// A company's own seals that are active, the newest first: by the index of what is nobody's in person, not through all that its people have.
pub(super) async fn seals_of_company(reader: &mut Reader, company: CompanyId) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> = fetch!(reader, |c| sqlx::query_as(select!(
        "WHERE company_id = $1 AND employee_id IS NULL AND profile = $2 AND state = 'active' ORDER BY intended_at DESC LIMIT 50"
    ))
    .bind(company)
    .bind(Kind::Seal.as_str())
    .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What a company has that is active or on its way.
pub(super) async fn open_of_company(unit: &mut Unit, company: CompanyId) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(unit, |c| sqlx::query_as(select!("WHERE company_id = $1 AND state IN ('active', 'intended') ORDER BY id"))
            .bind(company)
            .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What an employee, a company itself (not its employees) or the service itself has that is active or on its way, the oldest first.
pub(super) async fn open_of_bearer<C: Connection>(
    connection: &mut C,
    employee: Option<EmployeeId>,
    company: Option<CompanyId>,
) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> = match (employee, company) {
        (Some(employee), _) => {
            fetch!(connection, |c| sqlx::query_as(select!("WHERE employee_id = $1 AND state IN ('active', 'intended') ORDER BY id"))
                .bind(employee)
                .fetch_all(c))?
        }
        (None, Some(company)) => fetch!(connection, |c| sqlx::query_as(select!(
            "WHERE company_id = $1 AND employee_id IS NULL AND state IN ('active', 'intended') ORDER BY id"
        ))
        .bind(company)
        .fetch_all(c))?,
        (None, None) => fetch!(connection, |c| sqlx::query_as(select!(
            "WHERE company_id IS NULL AND employee_id IS NULL AND state IN ('active', 'intended') ORDER BY id"
        ))
        .fetch_all(c))?,
    };
    rows.into_iter().map(noun).collect()
}

pub(super) async fn all(reader: &mut Reader, before: CertificateId, most: i64) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(reader, |c| sqlx::query_as(select!("WHERE id < $1 ORDER BY id DESC LIMIT $2")).bind(before).bind(most).fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// The newest active certificate of an employee and kind that is valid at `now`.
pub(super) async fn usable_of_employee(
    reader: &mut Reader,
    employee: EmployeeId,
    kind: Kind,
    now: Moment,
) -> Result<Option<Certificate>, DatabaseError> {
    let row: Option<Row> = fetch!(reader, |c| sqlx::query_as(select!(
        "WHERE employee_id = $1 AND profile = $2 AND state = 'active' AND not_before <= $3 AND not_after >= $3 ORDER BY id DESC LIMIT 1"
    ))
    .bind(employee)
    .bind(kind.as_str())
    .bind(now)
    .fetch_optional(c))?;
    row.map(noun).transpose()
}

/// The newest certificate of an employee and kind, whatever became of it, unless it was given up.
pub(super) async fn newest_of_employee<C: Connection>(
    connection: &mut C,
    employee: EmployeeId,
    kind: Kind,
) -> Result<Option<Certificate>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!(
        "WHERE employee_id = $1 AND profile = $2 AND state <> 'abandoned' ORDER BY id DESC LIMIT 1"
    ))
    .bind(employee)
    .bind(kind.as_str())
    .fetch_optional(c))?;
    row.map(noun).transpose()
}

/// What an employee has of a kind that is active and older than a certificate.
pub(super) async fn active_before(
    unit: &mut Unit,
    employee: EmployeeId,
    kind: Kind,
    before: CertificateId,
) -> Result<Vec<Certificate>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(unit, |c| sqlx::query_as(select!("WHERE employee_id = $1 AND profile = $2 AND state = 'active' AND id < $3 ORDER BY id"))
            .bind(employee)
            .bind(kind.as_str())
            .bind(before)
            .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// The newest certificate of the service's own of a kind that is active or on its way.
pub(super) async fn newest_own(
    reader: &mut Reader,
    authority: AuthorityId,
    kind: Kind,
    state: State,
) -> Result<Option<Certificate>, DatabaseError> {
    let row: Option<Row> = fetch!(reader, |c| sqlx::query_as(select!(
        "WHERE authority_id = $1 AND profile = $2 AND state = $3 AND employee_id IS NULL ORDER BY id DESC LIMIT 1"
    ))
    .bind(authority)
    .bind(kind.as_str())
    .bind(state.word())
    .fetch_optional(c))?;
    row.map(noun).transpose()
}

/// Intentions stored before `before`, the oldest first.
pub(super) async fn left_behind(
    reader: &mut Reader,
    before: Moment,
    now: Moment,
) -> Result<Vec<(CertificateId, Moment, String)>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT certificate.id, COALESCE(certificate_hold.held_until, certificate.intended_at), certificate.key_carrier FROM certificate
         LEFT JOIN certificate_hold ON certificate_hold.certificate_id = certificate.id
         WHERE certificate.state = 'intended' AND certificate.intended_at < $1
           AND (certificate_hold.held_until IS NULL OR certificate_hold.held_until <= $2)
         ORDER BY certificate.intended_at LIMIT 100"
    )
    .bind(before)
    .bind(now)
    .fetch_all(c))
}

fn noun(row: Row) -> Result<Certificate, DatabaseError> {
    let corrupt = |what, value: &str| DatabaseError::Corrupt { what, value: value.to_owned() };
    let reason = |word: Option<String>| word.map(|word| Reason::parse(&word).ok_or_else(|| corrupt("reason", &word))).transpose();
    let replaces =
        row.replaces_id.map(|id| Ok::<_, DatabaseError>(Predecessor { id, reason: reason(row.replaces_reason)? })).transpose()?;
    Ok(Certificate {
        id: row.id,
        authority: row.authority_id,
        serial: Serial::from_bytes(&row.serial).map_err(|_| corrupt("serial", &hex::encode(&row.serial)))?,
        ordinal: row.ordinal,
        kind: Kind::parse(&row.profile).ok_or_else(|| corrupt("profile", &row.profile))?,
        account: row.account_id,
        employee: row.employee_id,
        company: row.company_id,
        subject: row.subject,
        email: row.email,
        proofing: row.proofing_id,
        key_label: row.key_label,
        key_carrier: KeyCarrier::of(&row.key_carrier).ok_or_else(|| corrupt("key carrier", &row.key_carrier))?,
        replaces,
        state: State::of(&row.state).ok_or_else(|| corrupt("certificate state", &row.state))?,
        tbs: row.tbs,
        der: row.certificate,
        not_before: row.not_before,
        not_after: row.not_after,
        intended_at: row.intended_at,
        activated_at: row.activated_at,
        revoked_at: row.revoked_at,
        reason: reason(row.reason)?,
    })
}

/// Revokes, as of the time that a list from outside names, what this database holds for good; its id when this very call did it.
pub(super) async fn take_revocation(
    unit: &mut Unit,
    authority: AuthorityId,
    serial: &Serial,
    (at, reason): (Moment, Reason),
) -> Result<Option<CertificateId>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE certificate SET state = 'revoked', revoked_at = $1, reason = $2
         WHERE authority_id = $3 AND serial = $4 AND state IN ('active', 'intended') RETURNING id"
    )
    .bind(at)
    .bind(reason.as_str())
    .bind(authority)
    .bind(serial.as_bytes())
    .fetch_optional(c))
}
