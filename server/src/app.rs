//! The composition root: configuration in, everything wired, nothing hidden. Traits meet their implementations here only.

use std::{collections::BTreeMap, path::Path, rc::Rc, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use certs::keystore::{FileKeystore, Keyring, Keystore, MasterKey, Pkcs11Keystore};
use futures_util::future::LocalBoxFuture;
use keycard::payload::Purpose;
use zeroize::Zeroizing;

use crate::{
    accounts, agendas, approvals, archives, audit, certificates,
    commands::{backup, work::Work},
    companies,
    config::{Config, FILE, KeystoreSettings, MasterKeySource},
    cpr_numbers, directory, documents,
    employees::{self, agenda::SharedAgenda},
    http::{guard::SharedWhoIs, idempotency},
    keycards, logins, mandates, notices, operators, phones,
    platform::{
        clock::{Clock, SystemClock},
        database::{Database, DatabaseError, Settings, migrate},
        ground::Ground,
        kept::Kept,
        password::Passwords,
        queue,
        random::{self, Random, SystemRandom},
        reference,
        release::{Released, TakesRelease},
        restored::{self, Restored},
        telemetry::Metrics,
    },
    recoveries, reissues, resets, status, successions, timestamps, tokens, webhooks,
};

/// What a process (or a test world) stands on.
pub struct Parts {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub random: Arc<dyn Random>,
    /// The keystore.
    pub keystore: Arc<dyn Keystore>,
}

/// Opens the ground: keystore, migrated database, pools.
///
/// # Errors
/// In one sentence that says what to do.
pub async fn open(config: Config) -> anyhow::Result<Ground> {
    let ground = open_restoring(config).await?;
    ensure!(
        !matches!(restored::standing(&ground.database).await?, Some(Restored::Unfinished { .. })),
        "a restore was interrupted here, and nothing of it counts: run the same `segl restore` again"
    );
    Ok(ground)
}

/// The same, also where a restore is on its way.
///
/// # Errors
/// As [`open`].
pub async fn open_restoring(config: Config) -> anyhow::Result<Ground> {
    let keystore = open_keystores(&config)?;
    let parts = Parts { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom), keystore };
    open_with(config, parts).await
}

/// Opens the ground upon given parts: for tests.
///
/// # Errors
/// When the database cannot be migrated or opened.
pub async fn open_with(config: Config, parts: Parts) -> anyhow::Result<Ground> {
    let settings = config.storage.database.clone();
    if let Settings::Sqlite { file } = &settings {
        make_directory(file.parent().unwrap_or(Path::new(".")))?;
    }
    backup::before_migrating(&config).await?;
    let migrating = settings.clone();
    tokio::task::spawn_blocking(move || migrate::run(&migrating)).await.context("migrating")??;
    let database = Database::open(&settings, parts.clock, parts.random).await?;
    let at_once = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    Ok(Ground {
        passwords: Passwords::new(at_once, config.policy.hashing),
        config: Arc::new(config),
        database,
        keystore: parts.keystore,
        metrics: Arc::new(Metrics::default()),
        kept: Kept::default(),
        releases: Arc::new(Releases),
    })
}

/// Opens every keystore that is configured: the file keystore, and tokens by name.
///
/// # Errors
/// When one cannot be opened, in a sentence that says what to do.
pub fn open_keystores(config: &Config) -> anyhow::Result<Arc<dyn Keystore>> {
    let file: Arc<dyn Keystore> = Arc::new(open_keystore(&config.storage.keystore)?);
    let mut named = BTreeMap::from([(FILE.to_owned(), file.clone())]);
    for (name, settings) in &config.keystores {
        let pin = Zeroizing::new(settings.pin.reveal().clone());
        let token = Pkcs11Keystore::open(&settings.module, settings.token.clone(), pin, settings.sessions);
        named.insert(name.clone(), Arc::new(token.with_context(|| format!("the keystore {name}"))?));
    }
    let main = named.get(&config.storage.places.main).cloned().unwrap_or(file);
    Ok(Arc::new(Keyring::new(main, named)))
}

/// Opens the file keystore, making it when it is not there yet.
///
/// # Errors
/// When the master key is missing, too openly readable, or wrong.
pub fn open_keystore(settings: &KeystoreSettings) -> anyhow::Result<FileKeystore> {
    make_directory(&settings.directory)?;
    let master = match &settings.master {
        MasterKeySource::Credential(name) => MasterKey::from_octets(&read_credential(name)?)?,
        MasterKeySource::File(path) if path.exists() => MasterKey::read(path)?,
        MasterKeySource::File(path) => {
            let used = settings.directory.join("keystore.check").exists();
            ensure!(
                !used,
                "{} is missing, but {} was sealed with it: restore it from where it is kept",
                path.display(),
                settings.directory.display()
            );
            MasterKey::create(path)?
        }
        MasterKeySource::PassphraseFile(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
            MasterKey::from_passphrase(text.trim_end(), &settings.directory.join("salt"))?
        }
    };
    FileKeystore::open(&settings.directory, master).with_context(|| format!("the keystore in {}", settings.directory.display()))
}

#[expect(clippy::disallowed_methods, reason = "systemd tells the credentials' directory in the environment only")]
fn read_credential(name: &str) -> anyhow::Result<Vec<u8>> {
    let directory =
        std::env::var_os("CREDENTIALS_DIRECTORY").context("CREDENTIALS_DIRECTORY is not set: start by systemd with LoadCredential=")?;
    let path = Path::new(&directory).join(name);
    std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Makes a directory that only its owner may enter, unless it is there.
///
/// # Errors
/// When it cannot be made.
pub fn make_directory(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| format!("{} cannot be made", path.display()))
}

/// Everything that must stand before the first request: leftovers finished, service certificates issued, lists published.
///
/// # Errors
/// When authorities cannot be loaded, or issuing fails.
pub async fn begin(ground: &Ground) -> anyhow::Result<()> {
    match reference::look(ground).await {
        reference::State::Unchecked => {
            tracing::warn!(
                "[timestamps] clock = \"none\": the clock is compared with nothing; time stamps do not say how accurate they are"
            );
        }
        state @ (reference::State::Trusted { .. } | reference::State::Off { .. } | reference::State::Unknown(_)) => {
            tracing::info!(reference = reference::name(ground), "the clock: {state}");
        }
    }
    let starting = format!("start-{}", random::token(ground.random()));
    Ok(certificates::jobs::begin(ground, &starting).await?)
}

/// Who a credential stands for.
pub fn who_is() -> SharedWhoIs {
    Arc::new(logins::Sessions)
}

/// Who knows what waits for administrators.
pub fn agenda() -> SharedAgenda {
    Arc::new(agendas::read::Agendas)
}

/// What the worker does: who runs which kind of job, and what is done every so often.
pub fn work() -> Work {
    let signer: Rc<dyn notices::Signer> = Rc::new(certificates::NoticeSigner);
    let timestamps: Rc<dyn audit::TimestampSource> = Rc::new(OwnTimestamps);
    importing(telling_programs(telling(signing(replacing_passwords(Work::default())))))
        .job(notices::jobs::SEND, move |ground, payload| {
            let signer = signer.clone();
            async move { notices::jobs::send(&ground, signer.as_ref(), &payload).await }
        })
        .job(keycards::jobs::RENEW, |ground, payload| async move { logins::jobs::renew_card(&ground, &payload).await })
        .apart(approvals::jobs::PUSH)
        .job(approvals::jobs::PUSH, |ground, payload| async move { approvals::jobs::push(&ground, &payload).await })
        .job(archives::jobs::SHARE, |ground, payload| async move { recoveries::jobs::share(&ground, &payload).await })
        .round("mandates.tend", Duration::from_secs(300), |ground, _| async move { Ok(mandates::jobs::tend(&ground).await? > 0) })
        .round("successions.lapse", Duration::from_secs(300), |ground, _| async move { Ok(successions::jobs::lapse(&ground).await? > 0) })
        .round("recoveries.lapse", Duration::from_secs(300), |ground, _| async move { Ok(recoveries::jobs::lapse(&ground).await? > 0) })
        .round("ground.forget", Duration::from_secs(3600), |ground, _| async move { Ok(forget(&ground).await? > 0) })
        .round("approvals.forget", Duration::from_secs(3600), |ground, _| async move { Ok(approvals::jobs::forget(&ground).await? > 0) })
        .round("phones.forget", Duration::from_secs(3600), |ground, _| async move { Ok(phones::jobs::forget(&ground).await? > 0) })
        .round("logins.forget", Duration::from_secs(3600), |ground, _| async move { Ok(logins::jobs::forget(&ground).await? > 0) })
        .round("audit.chain", Duration::from_secs(1), move |ground, _| {
            let timestamps = timestamps.clone();
            async move { audit::jobs::round(&ground, timestamps.as_ref()).await }
        })
        .round("ground.clock", reference::PAUSE, |ground, _| async move {
            reference::look(&ground).await;
            Ok(false)
        })
        .round("notices.sweep", Duration::from_secs(3600), |ground, _| async move { notices::jobs::sweep(&ground).await })
        .round("certificates.recover", certificates::jobs::RECOVERY_PAUSE, |ground, _| async move {
            Ok(certificates::jobs::recover(&ground).await? > 0)
        })
        .round("certificates.imported", certificates::jobs::RECOVERY_PAUSE, |ground, _| async move {
            Ok(certificates::imported::sweep(&ground).await? > 0)
        })
        .round("companies.ending", employees::jobs::PAUSE, |ground, _| async move { companies::jobs::warn(&ground).await })
        .round("certificates.adopt", Duration::from_secs(600), |ground, _| async move { Ok(certificates::adopt(&ground).await? > 0) })
        .round("certificates.renew", certificates::jobs::RENEWAL_PAUSE, |ground, holder| async move {
            certificates::jobs::renew(&ground, &holder).await?;
            Ok(false)
        })
        .round("employees.ending", employees::jobs::PAUSE, |ground, _| async move { employees::jobs::warn(&ground).await })
        .round("employees.changed", employees::jobs::PAUSE, |ground, _| async move { employees::jobs::end_changed(&ground).await })
        .round("operators.changes", operators::jobs::PAUSE, |ground, _| async move { Ok(operators::jobs::round(&ground).await? > 0) })
        .round("employees.suspended", employees::suspend::PAUSE, |ground, _| async move { employees::suspend::end_due(&ground).await })
        .round("operators.ending", employees::jobs::PAUSE, |ground, _| async move { employees::jobs::warn_operators(&ground).await })
        .round(
            "certificates.forget",
            Duration::from_secs(3600),
            |ground, _| async move { Ok(certificates::jobs::forget(&ground).await? > 0) },
        )
        .round("directory.forget", Duration::from_secs(3600), |ground, _| async move { Ok(directory::forget(&ground).await? > 0) })
        .round("status.witness", status::jobs::WITNESS_PAUSE, |ground, _| async move {
            status::witness(&ground).await?;
            Ok(false)
        })
        .round("status.check", status::jobs::CHECK_PAUSE, |ground, holder| async move {
            status::jobs::check(&ground, &holder).await?;
            Ok(false)
        })
        .round("status.round", status::jobs::PAUSE, |ground, holder| async move { Ok(status::jobs::round(&ground, &holder).await? > 0) })
}

/// Forgotten passwords.
fn replacing_passwords(work: Work) -> Work {
    work.job(successions::jobs::REQUEST, |ground, payload| async move { successions::jobs::keep(&ground, &payload).await })
        .job(successions::jobs::TELL, |ground, payload| async move { successions::jobs::tell(&ground, &payload).await })
        .job(successions::jobs::COMPLETE, |ground, payload| async move { successions::jobs::complete(&ground, &payload).await })
        .job(resets::jobs::SEND_LINK, |ground, payload| async move { resets::jobs::send(&ground, &payload).await })
        .round("resets.forget", Duration::from_secs(3600), |ground, _| async move { Ok(resets::jobs::forget(&ground).await? > 0) })
        .round(
            "cpr_numbers.forget",
            Duration::from_secs(3600),
            |ground, _| async move { Ok(cpr_numbers::jobs::forget(&ground).await? > 0) },
        )
        .round("reissues.tend", reissues::jobs::PAUSE, |ground, _| async move { Ok(reissues::jobs::tend(&ground).await? > 0) })
        .round("reissues.forget", Duration::from_secs(3600), |ground, _| async move { Ok(reissues::jobs::forget(&ground).await? > 0) })
}

/// Files of people.
fn importing(work: Work) -> Work {
    use employees::import::{jobs, run};
    work.job(run::RUN, |ground, payload| async move { jobs::run(&ground, &payload).await }).round(
        "employees.imports",
        jobs::PAUSE,
        |ground, _| async move { Ok(jobs::sweep(&ground).await? > 0) },
    )
}

/// What companies' programs are told.
fn telling_programs(work: Work) -> Work {
    work.apart(webhooks::jobs::DELIVER)
        .job(webhooks::jobs::DELIVER, |ground, payload| async move { webhooks::jobs::deliver(&ground, &payload).await })
        .job(webhooks::jobs::TELL_DISABLED, |ground, payload| async move { logins::jobs::tell_of_webhook(&ground, &payload).await })
        .round("webhooks.sweep", Duration::from_secs(60), |ground, _| async move { Ok(webhooks::jobs::sweep(&ground).await? > 0) })
        .round("webhooks.forget", Duration::from_secs(3600), |ground, _| async move { Ok(webhooks::jobs::forget(&ground).await? > 0) })
}

/// What people are told of their factors.
fn telling(work: Work) -> Work {
    work.job(accounts::jobs::TELL_CLOSED, |ground, payload| async move { logins::jobs::tell_closed(&ground, &payload).await })
        .job(accounts::jobs::TELL_ASKED_FIRST, |ground, payload| async move { logins::jobs::tell_asked_first(&ground, &payload).await })
        .job(accounts::jobs::TELL_API_KEY, |ground, payload| async move { logins::jobs::tell_of_api_key(&ground, &payload).await })
        .job(phones::jobs::TELL_BLOCKED, |ground, payload| async move { logins::jobs::tell_phone_blocked(&ground, &payload).await })
        .job(phones::jobs::TELL_REMOVED, |ground, payload| async move { logins::jobs::tell_phone_removed(&ground, &payload).await })
        .job(
            keycards::jobs::TELL_QUARANTINED,
            |ground, payload| async move { logins::jobs::tell_card_quarantined(&ground, &payload).await },
        )
        .job(keycards::jobs::TELL_BLOCKED, |ground, payload| async move { logins::jobs::tell_card_blocked(&ground, &payload).await })
        .job(keycards::jobs::TELL_REPLACED, |ground, payload| async move { logins::jobs::tell_card_replaced(&ground, &payload).await })
        .job(keycards::jobs::TELL_ORDERED, |ground, payload| async move { logins::jobs::tell_card_ordered(&ground, &payload).await })
        .job(tokens::jobs::TELL, |ground, payload| async move { logins::jobs::tell_of_code_token(&ground, &payload).await })
        .job(approvals::jobs::NOT_ME, |ground, payload| async move { logins::jobs::not_me(&ground, &payload).await })
}

/// What signing leaves behind, also when a process stops.
fn signing(work: Work) -> Work {
    work.round("documents.lapse", Duration::from_secs(300), |ground, _| async move {
        documents::jobs::lapse(&ground).await?;
        Ok(false)
    })
    .round(
        "approvals.releases",
        Duration::from_secs(30),
        |ground, _| async move { Ok(approvals::jobs::forget_releases(&ground).await? > 0) },
    )
    .round("documents.resume", Duration::from_secs(20), |ground, _| async move { Ok(documents::jobs::resume(&ground).await? > 0) })
}

/// Jobs done a month ago and idempotency keys of last week are of no more use. Gives how many rows went.
async fn forget(ground: &Ground) -> anyhow::Result<u64> {
    let (month_ago, week_ago) = (-time::Duration::days(30), -time::Duration::days(7));
    let jobs = ground.database.in_batches::<DatabaseError, _>(async |unit| queue::forget_done(unit, unit.now().plus(month_ago)).await);
    let keys = ground.database.in_batches::<DatabaseError, _>(async |unit| idempotency::forget_old(unit, unit.now().plus(week_ago)).await);
    Ok(jobs.await? + keys.await?)
}

/// Whether what letters carry works still.
pub fn living() -> notices::SharedLiving {
    Arc::new(CardsAndActivations)
}

/// Cards and temporary passwords, as their slices know them.
struct CardsAndActivations;

impl notices::Living for CardsAndActivations {
    fn is_alive<'a>(&'a self, ground: &'a Ground, carried: &'a notices::Carried) -> LocalBoxFuture<'a, Result<bool, DatabaseError>> {
        Box::pin(async move {
            let mut reader = ground.database.read().await?;
            match carried {
                notices::Carried::Card(card) => Ok(keycards::read::card(&mut reader, *card).await?.is_some_and(|card| card.is_active())),
                notices::Carried::TemporaryPassword(link_hash) => {
                    let activation = accounts::read::activation(&mut reader, link_hash).await?;
                    Ok(activation.is_some_and(|activation| activation.is_usable(ground.clock().now())))
                }
            }
        })
    }
}

/// Who uses what a phone released, by what the person was asked.
struct Releases;

impl TakesRelease for Releases {
    fn take(&self, ground: Ground, released: Released) -> LocalBoxFuture<'static, ()> {
        match released.payload.parts().purpose {
            Purpose::SignDocument => Box::pin(async move { documents::take_release(&ground, released).await }),
            Purpose::NewPassword => Box::pin(async move { resets::take_release(&ground, released).await }),
            // None of these is asked for with a release: what comes is wiped.
            Purpose::Consent
            | Purpose::Login
            | Purpose::MovePhone
            | Purpose::OrderCard
            | Purpose::PairPhone
            | Purpose::RecoverKey
            | Purpose::SignMailWindow
            | Purpose::UnblockSigning => Box::pin(async {}),
        }
    }
}

/// Checkpoints of the audit are stamped by our own time-stamp authority.
struct OwnTimestamps;

impl audit::TimestampSource for OwnTimestamps {
    fn stamp<'a>(&'a self, ground: &'a Ground, digest: [u8; 32]) -> LocalBoxFuture<'a, anyhow::Result<Option<Vec<u8>>>> {
        Box::pin(async move { Ok(Some(timestamps::stamp(ground, digest).await?)) })
    }
}
