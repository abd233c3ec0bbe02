//! What whoever runs the service wants to see at one look: authorities, keys, lists, responders, time-stamp units, what expires, what the
//! last checks said.

use openssl::{hash::MessageDigest, x509::X509};
use time::Duration;

use super::{Certificate, CertificateError, store};
use crate::{
    authorities::{self, Kind, Loaded},
    platform::{database::Reader, ground::Ground, limits, moment::Moment, text},
    status::{self, check::Checked},
    timestamps,
};

/// What ends within so long is shown.
pub const SOON: Duration = Duration::days(60);

/// One authority.
#[derive(Debug)]
pub struct Authority {
    /// Its name in addresses.
    pub name: String,
    /// Root or issuing.
    pub kind: Kind,
    /// Its subject, for people.
    pub subject: String,
    /// SHA-256 of its certificate.
    pub fingerprint: String,
    /// First valid moment.
    pub not_before: Moment,
    /// Last valid moment.
    pub not_after: Moment,
    /// The keystore of its key; none for the main one.
    pub keystore: Option<String>,
    /// The label of its key.
    pub key_label: String,
    /// So many lists in shards.
    pub lists: i64,
    /// When the first of its lists must have been renewed.
    pub next_update: Option<Moment>,
    /// When the certificate of its responder ends; none for a root.
    pub responder_end: Option<Moment>,
    /// What the checker last found.
    pub checked: Option<Checked>,
}

/// A time-stamp unit.
#[derive(Debug)]
pub struct Unit {
    /// The serial number of its certificate.
    pub serial: String,
    /// The keystore of its key; none for the main one.
    pub keystore: Option<String>,
    /// Whether it stamps.
    pub is_active: bool,
    /// Since when.
    pub installed_at: Moment,
    /// When its certificate ends.
    pub not_after: Moment,
}

/// All of it.
#[derive(Debug)]
pub struct Overview {
    /// The authorities, oldest first.
    pub authorities: Vec<Authority>,
    /// The time-stamp units, newest first.
    pub units: Vec<Unit>,
    /// What expires within [`SOON`], the first first.
    pub expiring: Vec<Certificate>,
    /// Whether there are more of those than are shown.
    pub more_expiring: bool,
}

/// Gathers it from every slice below.
///
/// # Errors
/// When authorities cannot be loaded, or the database fails.
pub async fn overview(ground: &Ground) -> Result<Overview, CertificateError> {
    let now = ground.clock().now();
    let loaded = authorities::all(ground).await?;
    let mut reader = ground.database.read().await?;
    let mut authorities = Vec::with_capacity(loaded.len());
    for one in loaded.iter() {
        authorities.push(authority(&mut reader, one).await?);
    }
    let units = timestamps::read::units(&mut reader).await?.into_iter().map(unit).collect();
    let mut expiring = store::expiring(&mut reader, (now, now.plus(SOON)), limits::PAGE_ROWS + 1).await?;
    let more_expiring = expiring.len() as i64 > limits::PAGE_ROWS;
    expiring.truncate(usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX));
    Ok(Overview { authorities, units, expiring, more_expiring })
}

async fn authority(reader: &mut Reader, loaded: &Loaded) -> Result<Authority, CertificateError> {
    let issuer = &loaded.issuer;
    let (lists, next_update) = status::next_list(reader, loaded.id).await?;
    let parsed = X509::from_der(issuer.certificate_der()).ok();
    let fingerprint = parsed.and_then(|parsed| parsed.digest(MessageDigest::sha256()).ok()).map(|digest| text::fingerprint(&digest));
    Ok(Authority {
        name: loaded.name.clone(),
        kind: loaded.kind,
        subject: issuer.certificate().tbs_certificate.subject.to_string(),
        fingerprint: fingerprint.unwrap_or_default(),
        not_before: Moment::from_datetime(issuer.validity().not_before()),
        not_after: Moment::from_datetime(issuer.validity().not_after()),
        keystore: issuer.label().keystore().map(str::to_owned),
        key_label: issuer.label().to_string(),
        lists,
        next_update,
        responder_end: status::responder_end(reader, loaded.id).await?,
        checked: status::checked(reader, loaded.id).await?,
    })
}

fn unit(row: timestamps::read::Unit) -> Unit {
    let serial =
        X509::from_der(&row.certificate).ok().and_then(|parsed| parsed.serial_number().to_bn().ok()?.to_hex_str().ok()?.to_string().into());
    Unit {
        serial: serial.map(|serial: String| serial.to_lowercase()).unwrap_or_default(),
        keystore: row.key_label.split_once('.').map(|(keystore, _)| keystore.to_owned()),
        is_active: row.state == "active",
        installed_at: row.installed_at,
        not_after: row.not_after,
    }
}
