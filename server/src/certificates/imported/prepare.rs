//! Looks at what is to be imported: everything that can be refused is refused here, before anything is stored.

use std::{sync::Arc, time::Duration};

use certs::{
    elsewhere::{self, Examined, Use},
    key_file::LooseKey,
    keystore::{
        KeyLabel,
        proof::{self, Mismatch},
    },
};
use openssl::x509::X509;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::{CertificateError, KeyHome, store};
use crate::{
    authorities,
    platform::{
        ground::Ground,
        id::{CertificateId, CompanyId, Id as _},
        secret::Secret,
        text,
    },
};

/// So long one waits for one's turn.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Tries are counted within so long.
const WITHIN: time::Duration = time::Duration::hours(1);

/// Opening a file costs seconds of a thread: one at a time.
struct Opening(Arc<Semaphore>);

impl Default for Opening {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// What was looked at and may be imported.
pub struct Prepared {
    /// The id that it gets.
    pub id: CertificateId,
    /// Whose it becomes.
    pub company: CompanyId,
    /// What for.
    pub purpose: Use,
    /// What is told of the certificate.
    pub examined: Examined,
    /// Where its key lies, or will.
    pub label: KeyLabel,
    pub(super) key: Option<LooseKey>,
}

impl Prepared {
    /// Where the key lies, or will.
    pub fn home(&self) -> KeyHome {
        if self.key.is_some() { KeyHome::Keystore } else { KeyHome::Token }
    }
}

/// Counts a try, opens a PKCS#12 file and examines what it holds. The key is in memory only.
///
/// # Errors
/// [`CertificateError::TooManyImports`]; [`CertificateError::Import`], [`CertificateError::IssuedHere`]; [`CertificateError::Busy`] when others' files take too long.
pub async fn from_file(
    ground: &Ground,
    company: CompanyId,
    purpose: Use,
    file: Vec<u8>,
    passphrase: &Secret<String>,
) -> Result<Prepared, CertificateError> {
    count(ground, company).await?;
    let opening = ground.kept.of::<Opening>();
    let turn = tokio::time::timeout(LONGEST_WAIT, opening.0.clone().acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Err(CertificateError::Busy) };
    let (file, passphrase) = (Zeroizing::new(file), Zeroizing::new(passphrase.reveal().clone()));
    let now = ground.clock().now().to_datetime();
    let opened = tokio::task::spawn_blocking(move || {
        // Kept until the work is done, also when whoever asked is gone.
        let _turn = turn;
        let found = elsewhere::open(&file, &passphrase)?;
        let examined = elsewhere::examine(&found.certificate, &found.others, purpose, now)?;
        Ok::<_, elsewhere::ImportFault>((examined, found.key))
    });
    let (examined, key) = opened.await.map_err(|_| elsewhere::ImportFault::Unreadable)??;
    refuse_own(ground, &examined).await?;
    let examined = readable(examined);
    let id = CertificateId::fresh(ground.clock().now(), ground.random());
    let label = KeyLabel::parse(&format!("import-{id}"))?;
    Ok(Prepared { id, company, purpose, examined, label, key: Some(key) })
}

/// Whatever comes of it: opening costs a thread's time, and a passphrase might be guessed.
async fn count(ground: &Ground, company: CompanyId) -> Result<(), CertificateError> {
    let most = ground.config.policy.imports_per_hour;
    let tries = ground.database.write(async |unit| store::imported::count_try(unit, company, unit.now().plus(-WITHIN)).await).await?;
    if tries > most { Err(CertificateError::TooManyImports { most }) } else { Ok(()) }
}

/// Finds key and certificate in a token by their label, `keystore.label`, examines the certificate, and has the key prove itself.
///
/// # Errors
/// [`CertificateError::NotInToken`] when the token has no such certificate; [`CertificateError::Import`], also for a key that is not the
/// certificate's; [`CertificateError::IssuedHere`].
pub async fn from_token(
    ground: &Ground,
    company: CompanyId,
    purpose: Use,
    label: KeyLabel,
    above: Vec<Vec<u8>>,
) -> Result<Prepared, CertificateError> {
    let now = ground.clock().now().to_datetime();
    let looked_for = label.clone();
    let examined = ground
        .with_keystore(move |keystore| -> Result<Examined, CertificateError> {
            let certificate = keystore.certificate(&looked_for)?.ok_or(CertificateError::NotInToken { label: looked_for.clone() })?;
            let examined = elsewhere::examine(&certificate, &above, purpose, now)?;
            prove(&looked_for, &examined, keystore)?;
            Ok(examined)
        })
        .await?;
    refuse_own(ground, &examined).await?;
    let examined = readable(examined);
    let id = CertificateId::fresh(ground.clock().now(), ground.random());
    Ok(Prepared { id, company, purpose, examined, label, key: None })
}

/// A certificate from elsewhere may hold anything: what turns or hides text is not kept.
fn readable(examined: Examined) -> Examined {
    let clean = |text: &str| text::readable(text, 500);
    let addresses = examined.addresses.iter().map(|address| clean(address)).collect();
    Examined { subject: clean(&examined.subject), issuer: clean(&examined.issuer), addresses, ..examined }
}

/// Has the key under a label sign, and verifies it with the certificate.
pub(super) fn prove(label: &KeyLabel, examined: &Examined, keystore: &dyn certs::keystore::Keystore) -> Result<(), CertificateError> {
    proof::prove(label, &examined.public_key, keystore).map_err(|fault| match fault {
        Mismatch::Keystore(error) => CertificateError::Keystore(error),
        Mismatch::Missing { .. } => CertificateError::Import(elsewhere::ImportFault::NoKey),
        Mismatch::Other { .. } => CertificateError::Import(elsewhere::ImportFault::OtherKey),
    })
}

/// What was issued here is here already: under its own rules, in its own list.
async fn refuse_own(ground: &Ground, examined: &Examined) -> Result<(), CertificateError> {
    let parsed = X509::from_der(&examined.certificate).map_err(elsewhere::ImportFault::from)?;
    for authority in authorities::all(ground).await?.iter() {
        let key = X509::from_der(authority.issuer.certificate_der()).and_then(|own| own.public_key());
        if key.is_ok_and(|key| parsed.verify(&key).unwrap_or(false)) {
            return Err(CertificateError::IssuedHere);
        }
    }
    Ok(())
}
