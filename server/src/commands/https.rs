//! HTTPS of the service itself: TLS 1.3 and nothing older, with a certificate that is renewed while the service runs.
//!
//! Promised: what is shown is never past the half of its life when it comes from our own CA, and is what the files hold within a minute when
//! it comes from files; files that do not fit together are told in the log, and what was shown before stays. Our own key is made at each start
//! (and renewal) and is nowhere but in memory: the certificate of before is left to expire. Phones do not pin it; they pin the identity key.

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, ensure};
use certs::{name::Host, public_key::PublicKey};
use openssl::{
    ec::{EcGroup, EcKey},
    nid::Nid,
    pkey::{PKey, Private},
    ssl::{SslAcceptor, SslAcceptorBuilder, SslContext, SslMethod},
    x509::X509,
};

use crate::{
    certificates,
    config::TlsSource,
    platform::{actor::Author, ground::Ground},
};

/// How often files and lives are looked at.
const LOOK: Duration = Duration::from_secs(15);
/// A certificate or key file is no larger, bytes.
const MOST_BYTES: u64 = 256 * 1024;

/// What is shown now.
type Shown = Arc<RwLock<SslContext>>;

/// The certificate that is shown, and how it is kept fresh.
pub(super) struct Https {
    source: TlsSource,
    shown: Shown,
    /// When the files were changed, or when our own is half over.
    mark: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Changed(Option<SystemTime>, Option<SystemTime>),
    HalfOver(i64),
}

impl Https {
    /// Reads or issues the first certificate.
    ///
    /// # Errors
    /// In a sentence that names the file or what hinders issuing.
    pub(super) async fn begin(ground: &Ground, source: TlsSource) -> anyhow::Result<Self> {
        let (context, mark) = made(ground, &source).await?;
        Ok(Self { source, shown: Arc::new(RwLock::new(context)), mark })
    }

    /// What actix listens with: each handshake takes what is shown at that moment.
    ///
    /// # Errors
    /// OpenSSL's.
    pub(super) fn acceptor(&self) -> anyhow::Result<SslAcceptorBuilder> {
        let mut builder = SslAcceptor::mozilla_modern_v5(SslMethod::tls_server())?;
        let shown = self.shown.clone();
        // OpenSSL asks this of every handshake, with or without a name.
        builder.set_servername_callback(move |ssl, _alert| {
            let context = shown.read().unwrap_or_else(PoisonError::into_inner);
            ssl.set_ssl_context(&context).map_err(|_| openssl::ssl::SniError::ALERT_FATAL)
        });
        Ok(builder)
    }

    /// Keeps it fresh until it is dropped.
    pub(super) async fn keep(mut self, ground: Ground) {
        loop {
            tokio::time::sleep(LOOK).await;
            if !self.is_due(&ground) {
                continue;
            }
            match made(&ground, &self.source).await {
                Ok((context, mark)) => {
                    *self.shown.write().unwrap_or_else(PoisonError::into_inner) = context;
                    self.mark = mark;
                    tracing::info!("the HTTPS listener shows a new certificate");
                }
                Err(error) => tracing::error!("the HTTPS listener keeps its certificate: {error:#}"),
            }
        }
    }

    fn is_due(&self, ground: &Ground) -> bool {
        match (&self.source, self.mark) {
            (TlsSource::Own(_), Mark::HalfOver(at)) => ground.clock().now().millis() >= at,
            (TlsSource::Files { certificate, key }, mark) => changed(certificate, key) != mark,
            (TlsSource::Own(_), Mark::Changed(..)) => false,
        }
    }
}

fn changed(certificate: &Path, key: &Path) -> Mark {
    let at = |file: &Path| std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok();
    Mark::Changed(at(certificate), at(key))
}

async fn made(ground: &Ground, source: &TlsSource) -> anyhow::Result<(SslContext, Mark)> {
    match source {
        TlsSource::Own(hosts) => own(ground, hosts).await,
        TlsSource::Files { certificate, key } => {
            // Before they are read: what is written meanwhile is read again.
            let mark = changed(certificate, key);
            let read = |name: &str, file: &Path| {
                let size = std::fs::metadata(file).with_context(|| format!("{name} {}", file.display()))?.len();
                ensure!(size <= MOST_BYTES, "{name} {}: more than {MOST_BYTES} bytes", file.display());
                std::fs::read(file).with_context(|| format!("{name} {}", file.display()))
            };
            let chain = X509::stack_from_pem(&read("tls.certificate_file", certificate)?);
            let chain = chain.with_context(|| format!("tls.certificate_file {} is not PEM", certificate.display()))?;
            let private = PKey::private_key_from_pem(&read("tls.key_file", key)?);
            let private = private.with_context(|| format!("tls.key_file {} is no private key in PEM", key.display()))?;
            let context = context(&chain, &private);
            let fits = || format!("tls.certificate_file {} and tls.key_file {} do not fit together", certificate.display(), key.display());
            Ok((context.with_context(fits)?, mark))
        }
    }
}

async fn own(ground: &Ground, hosts: &[Host]) -> anyhow::Result<(SslContext, Mark)> {
    ensure!(!hosts.is_empty(), "tls.hosts must be set: a certificate cannot name the host of server.public_url");
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let public = PublicKey::from_spki(&key.public_key_to_der()?)?;
    let issued = certificates::issue_tls(ground, &public, hosts, Author::System("https")).await;
    let issued = issued.context("the HTTPS listener gets no certificate of our own CA")?;
    let mut chain = issued.iter().map(|der| X509::from_der(der)).collect::<Result<Vec<_>, _>>()?;
    // Servers leave the root out.
    chain.retain(|one| one.subject_name().try_cmp(one.issuer_name()).is_ok_and(std::cmp::Ordering::is_ne));
    let leaf = chain.first().context("no certificate")?;
    let life = leaf.not_before().diff(leaf.not_after())?;
    let half = (i64::from(life.days) * 86_400 + i64::from(life.secs)) * 1000 / 2;
    Ok((context(&chain, &key)?, Mark::HalfOver(ground.clock().now().millis() + half)))
}

/// The certificate stands first; the key must be its.
fn context(chain: &[X509], key: &PKey<Private>) -> anyhow::Result<SslContext> {
    let mut builder = SslAcceptor::mozilla_modern_v5(SslMethod::tls_server())?;
    let (leaf, above) = chain.split_first().context("no certificate")?;
    builder.set_certificate(leaf)?;
    for one in above {
        builder.add_extra_chain_cert(one.clone())?;
    }
    builder.set_private_key(key)?;
    builder.check_private_key()?;
    Ok(builder.build().into_context())
}
