//! The rows of the archive. Nothing here is a secret that opens by itself.

use certs::archive::HolderPublic;

use super::{CompanyKey, NewHolder, Owner};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{CertificateId, CompanyId, CompanyKeyId, EmployeeId, HolderId},
    },
};

/// A copy with the hash of its public half.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Copy {
    pub(super) certificate_id: CertificateId,
    pub(super) spki_hash: Vec<u8>,
    pub(super) sealed: Vec<u8>,
}

/// False when the holder has a key pair already.
pub(super) async fn insert_holder(unit: &mut Unit, new: &NewHolder) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query("INSERT INTO holder_key (holder_id, public_key, sealed, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
            .bind(new.holder)
            .bind(new.public.as_octets())
            .bind(&new.sealed)
            .bind(now)
    )?;
    Ok(stored == 1)
}

/// The public half and the sealed private half.
pub(super) async fn holder(connection: &mut impl Connection, holder: HolderId) -> Result<Option<(HolderPublic, Vec<u8>)>, DatabaseError> {
    let found: Option<(Vec<u8>, Vec<u8>)> =
        fetch!(connection, |c| sqlx::query_as("SELECT public_key, sealed FROM holder_key WHERE holder_id = $1")
            .bind(holder)
            .fetch_optional(c))?;
    found.map(|(public, sealed)| Ok((public_half(&public)?, sealed))).transpose()
}

/// True when the private half was still sealed as `old`.
pub(super) async fn replace_holder(unit: &mut Unit, holder: HolderId, old: &[u8], new: &[u8]) -> Result<bool, DatabaseError> {
    let replaced = execute!(
        unit,
        sqlx::query("UPDATE holder_key SET sealed = $1 WHERE holder_id = $2 AND sealed = $3").bind(new).bind(holder).bind(old)
    )?;
    Ok(replaced == 1)
}

/// True when there was one; its shares and copies go with it.
pub(super) async fn delete_holder(unit: &mut Unit, holder: HolderId) -> Result<bool, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM company_key_share WHERE holder_id = $1").bind(holder))?;
    execute!(unit, sqlx::query("DELETE FROM archived_copy WHERE holder_id = $1").bind(holder))?;
    Ok(execute!(unit, sqlx::query("DELETE FROM holder_key WHERE holder_id = $1").bind(holder))? == 1)
}

/// False when the company has such a generation already.
pub(super) async fn insert_company_key(unit: &mut Unit, company: CompanyId, key: &CompanyKey) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO company_key (id, company_id, generation, public_key, made_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
        )
        .bind(key.id)
        .bind(company)
        .bind(key.generation)
        .bind(key.public.as_octets())
        .bind(now)
    )?;
    Ok(stored == 1)
}

pub(super) async fn insert_share(unit: &mut Unit, key: CompanyKeyId, holder: HolderId, sealed: &[u8]) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("INSERT INTO company_key_share (company_key_id, holder_id, sealed) VALUES ($1, $2, $3)")
            .bind(key)
            .bind(holder)
            .bind(sealed)
    )
    .map(drop)
}

type KeyColumns = (CompanyKeyId, i64, Vec<u8>);

pub(super) async fn current_key(connection: &mut impl Connection, company: CompanyId) -> Result<Option<CompanyKey>, DatabaseError> {
    let found: Option<KeyColumns> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, generation, public_key FROM company_key WHERE company_id = $1 ORDER BY generation DESC LIMIT 1"
    )
    .bind(company)
    .fetch_optional(c))?;
    found.map(key).transpose()
}

pub(super) async fn company_key(connection: &mut impl Connection, id: CompanyKeyId) -> Result<Option<CompanyKey>, DatabaseError> {
    let found: Option<KeyColumns> =
        fetch!(connection, |c| sqlx::query_as("SELECT id, generation, public_key FROM company_key WHERE id = $1")
            .bind(id)
            .fetch_optional(c))?;
    found.map(key).transpose()
}

/// The holders of a key with their sealed shares, in the order of their ids.
pub(super) async fn shares(connection: &mut impl Connection, key: CompanyKeyId) -> Result<Vec<(HolderId, Vec<u8>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT holder_id, sealed FROM company_key_share WHERE company_key_id = $1 ORDER BY holder_id")
        .bind(key)
        .fetch_all(c))
}

pub(super) async fn share(connection: &mut impl Connection, key: CompanyKeyId, holder: HolderId) -> Result<Option<Vec<u8>>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT sealed FROM company_key_share WHERE company_key_id = $1 AND holder_id = $2")
        .bind(key)
        .bind(holder)
        .fetch_optional(c))
}

pub(super) async fn insert_key(unit: &mut Unit, id: CertificateId, owner: Owner, spki_hash: &[u8]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO archived_key (certificate_id, account_id, employee_id, company_id, spki_hash, archived_at)
             VALUES ($1, $2, $3, $4, $5, $6)"
        )
        .bind(id)
        .bind(owner.account)
        .bind(owner.employee)
        .bind(owner.company)
        .bind(spki_hash)
        .bind(now)
    )
    .map(drop)
}

/// A copy that is there already is as good.
pub(super) async fn insert_copy(unit: &mut Unit, id: CertificateId, holder: HolderId, sealed: &[u8]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO archived_copy (certificate_id, holder_id, sealed, sealed_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
        )
        .bind(id)
        .bind(holder)
        .bind(sealed)
        .bind(now)
    )
    .map(drop)
}

/// Every copy of a holder, the oldest key first.
pub(super) async fn copies_of(connection: &mut impl Connection, holder: HolderId) -> Result<Vec<Copy>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT archived_key.certificate_id, archived_key.spki_hash, archived_copy.sealed FROM archived_copy
         JOIN archived_key ON archived_key.certificate_id = archived_copy.certificate_id
         WHERE archived_copy.holder_id = $1 ORDER BY archived_key.certificate_id"
    )
    .bind(holder)
    .fetch_all(c))
}

/// A holder's copies of one employee's keys.
pub(super) async fn copies_of_employee(
    connection: &mut impl Connection,
    employee: EmployeeId,
    holder: HolderId,
) -> Result<Vec<Copy>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT archived_key.certificate_id, archived_key.spki_hash, archived_copy.sealed FROM archived_key
         JOIN archived_copy ON archived_copy.certificate_id = archived_key.certificate_id
         WHERE archived_key.employee_id = $1 AND archived_copy.holder_id = $2 ORDER BY archived_key.certificate_id"
    )
    .bind(employee)
    .bind(holder)
    .fetch_all(c))
}

/// A person's copies of keys that are not sealed to this company's key yet.
pub(super) async fn copies_behind(
    connection: &mut impl Connection,
    person: HolderId,
    company_key: HolderId,
) -> Result<Vec<Copy>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT archived_key.certificate_id, archived_key.spki_hash, archived_copy.sealed FROM archived_key
         JOIN archived_copy ON archived_copy.certificate_id = archived_key.certificate_id AND archived_copy.holder_id = $1
         WHERE archived_key.account_id = $1 AND NOT EXISTS (
             SELECT 1 FROM archived_copy AS present
             WHERE present.certificate_id = archived_key.certificate_id AND present.holder_id = $2)
         ORDER BY archived_key.certificate_id"
    )
    .bind(person)
    .bind(company_key)
    .fetch_all(c))
}

/// A company's key's copies of keys that are not sealed to the present one yet.
pub(super) async fn copies_behind_key(
    connection: &mut impl Connection,
    old: HolderId,
    present: HolderId,
) -> Result<Vec<Copy>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT archived_key.certificate_id, archived_key.spki_hash, archived_copy.sealed FROM archived_copy
         JOIN archived_key ON archived_key.certificate_id = archived_copy.certificate_id
         WHERE archived_copy.holder_id = $1 AND NOT EXISTS (
             SELECT 1 FROM archived_copy AS present
             WHERE present.certificate_id = archived_copy.certificate_id AND present.holder_id = $2)
         ORDER BY archived_key.certificate_id"
    )
    .bind(old)
    .bind(present)
    .fetch_all(c))
}

/// The generations of a company's key that hold keys which are not sealed to the present one yet.
pub(super) async fn keys_behind(
    connection: &mut impl Connection,
    company: CompanyId,
    present: CompanyKeyId,
) -> Result<Vec<CompanyKeyId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT DISTINCT company_key.id FROM company_key JOIN archived_copy ON archived_copy.holder_id = company_key.id
         WHERE company_key.company_id = $1 AND company_key.id <> $2 AND NOT EXISTS (
             SELECT 1 FROM archived_copy AS present
             WHERE present.certificate_id = archived_copy.certificate_id AND present.holder_id = $2)"
    )
    .bind(company)
    .bind(present)
    .fetch_all(c))
}

/// Each archived key of an employee with each company's key that it is sealed to; with none for those that are sealed to none.
pub(super) async fn company_copies(
    connection: &mut impl Connection,
    employee: EmployeeId,
) -> Result<Vec<(CertificateId, Option<CompanyKeyId>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT archived_key.certificate_id, company_key.id FROM archived_key
         LEFT JOIN archived_copy ON archived_copy.certificate_id = archived_key.certificate_id
         LEFT JOIN company_key ON company_key.id = archived_copy.holder_id
         WHERE archived_key.employee_id = $1"
    )
    .bind(employee)
    .fetch_all(c))
}

fn public_half(octets: &[u8]) -> Result<HolderPublic, DatabaseError> {
    HolderPublic::from_octets(octets).map_err(|_| DatabaseError::Corrupt { what: "public key of a holder", value: hex::encode(octets) })
}

fn key((id, generation, public): KeyColumns) -> Result<CompanyKey, DatabaseError> {
    Ok(CompanyKey { id, generation, public: public_half(&public)? })
}
