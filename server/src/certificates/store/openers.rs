//! Rows of phones' openers, and of secrets that are to be renewed.

use certs::serial::Serial;

use crate::{
    certificates::keys::Blob,
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CertificateId, PhoneId},
        moment::Moment,
    },
};

/// A signing key of an account with its password opener, and since when its secret is to be renewed.
#[derive(Clone, Debug)]
pub(in crate::certificates) struct Standing {
    pub(in crate::certificates) id: CertificateId,
    pub(in crate::certificates) serial: Serial,
    pub(in crate::certificates) blob: Blob,
    pub(in crate::certificates) due_at: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: CertificateId,
    serial: Vec<u8>,
    salt: Vec<u8>,
    spki_hash: Vec<u8>,
    sealed: Vec<u8>,
    opener: Vec<u8>,
    due_at: Option<Moment>,
}

/// The keys of an account's certificates that are good or on their way at `now`.
pub(in crate::certificates) async fn standing(
    connection: &mut impl Connection,
    account: AccountId,
    now: Moment,
) -> Result<Vec<Standing>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(
        "SELECT certificate.id, certificate.serial, signing_key.salt, signing_key.spki_hash, signing_key.sealed,
                key_opener.sealed AS opener, signing_key.due_at
         FROM certificate
         JOIN signing_key ON signing_key.certificate_id = certificate.id
         JOIN key_opener ON key_opener.certificate_id = certificate.id AND key_opener.kind = 'password'
         WHERE certificate.account_id = $1 AND certificate.key_carrier = 'central' AND certificate.not_after >= $2 ORDER BY certificate.id"
    )
    .bind(account)
    .bind(now)
    .fetch_all(c))?;
    let read = |row: Row| {
        let serial = Serial::from_bytes(&row.serial);
        let serial = serial.map_err(|_| DatabaseError::Corrupt { what: "serial", value: hex::encode(&row.serial) })?;
        let blob = Blob { salt: row.salt, spki_hash: row.spki_hash, sealed: row.sealed, opener: row.opener };
        Ok(Standing { id: row.id, serial, blob, due_at: row.due_at })
    };
    rows.into_iter().map(read).collect()
}

/// Which phone opens which key of an account.
pub(in crate::certificates) async fn of_account(
    connection: &mut impl Connection,
    account: AccountId,
) -> Result<Vec<(CertificateId, PhoneId)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT phone_opener.certificate_id, phone_opener.phone_id FROM certificate
         JOIN phone_opener ON phone_opener.certificate_id = certificate.id
         WHERE certificate.account_id = $1 AND certificate.key_carrier = 'central'"
    )
    .bind(account)
    .fetch_all(c))
}

/// One phone's opener of one key.
pub(in crate::certificates) async fn of_phone(
    connection: &mut impl Connection,
    certificate: CertificateId,
    phone: PhoneId,
) -> Result<Option<Vec<u8>>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT sealed FROM phone_opener WHERE certificate_id = $1 AND phone_id = $2")
        .bind(certificate)
        .bind(phone)
        .fetch_optional(c))
}

/// Writes a phone's opener, if the key is still under the secret that it holds: the salt is drawn with it. Gives whether it is.
pub(in crate::certificates) async fn insert(
    unit: &mut Unit,
    certificate: CertificateId,
    phone: PhoneId,
    (salt, opener): (&[u8], &[u8]),
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let written = execute!(
        unit,
        sqlx::query(
            "INSERT INTO phone_opener (certificate_id, phone_id, sealed, created_at)
             SELECT certificate_id, $1, $2, $3 FROM signing_key WHERE certificate_id = $4 AND salt = $5
             ON CONFLICT (certificate_id, phone_id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at"
        )
        .bind(phone)
        .bind(opener)
        .bind(now)
        .bind(certificate)
        .bind(salt)
    )?;
    Ok(written == 1)
}

/// Puts a key under another secret, if it is still under the one with this salt. The phones' openers held the old one, and go.
pub(in crate::certificates) async fn renew(
    unit: &mut Unit,
    certificate: CertificateId,
    old_salt: &[u8],
    (salt, sealed): (&[u8], &[u8]),
) -> Result<bool, DatabaseError> {
    let renewed = execute!(
        unit,
        sqlx::query("UPDATE signing_key SET salt = $1, sealed = $2, due_at = NULL WHERE certificate_id = $3 AND salt = $4")
            .bind(salt)
            .bind(sealed)
            .bind(certificate)
            .bind(old_salt)
    )?;
    forget(unit, certificate).await?;
    Ok(renewed == 1)
}

/// No phone opens this key any more.
pub(in crate::certificates) async fn forget(unit: &mut Unit, certificate: CertificateId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM phone_opener WHERE certificate_id = $1").bind(certificate)).map(drop)
}

/// The secrets that a phone could have are to be renewed, and it opens nothing any more.
pub(in crate::certificates) async fn end(unit: &mut Unit, phone: PhoneId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE signing_key SET due_at = COALESCE(due_at, $1)
             WHERE certificate_id IN (SELECT certificate_id FROM phone_opener WHERE phone_id = $2)"
        )
        .bind(now)
        .bind(phone)
    )?;
    execute!(unit, sqlx::query("DELETE FROM phone_opener WHERE phone_id = $1").bind(phone)).map(drop)
}

/// Every phone's opener goes.
pub(in crate::certificates) async fn end_every_opener(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let ended = execute!(unit, sqlx::query("DELETE FROM phone_opener"))?;
    Ok(ended)
}

/// Every secret is to be renewed: also a phone that no row knows of, paired after the backup was made, could have it.
pub(in crate::certificates) async fn renew_every_secret(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE signing_key SET due_at = COALESCE(due_at, $1)").bind(now))
}
