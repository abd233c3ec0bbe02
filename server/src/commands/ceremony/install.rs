//! Taking a bundle in, where the service runs: key, rows and list. Done twice, it changes nothing the second time.

use std::path::Path;

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{
    keystore::{KeyLabel, Keystore as _, KeystoreError, MasterKey, proof},
    profiles::Family,
};

use super::{
    bundle::{Bundle, Issuing},
    secrets::Secrets,
};
use crate::{
    app,
    authorities::{self, Brought, Kind},
    commands::terminal::say,
    config::{Config, FILE},
    platform::{ground::Ground, moment::Moment},
    status,
};

/// Whether a bundle fits a service with this configuration: looked at before anything is written.
///
/// # Errors
/// Says what does not fit.
pub fn fits(config: &Config, file: &Path, now: Moment) -> anyhow::Result<()> {
    Bundle::read(file)?.check(&config.server.pki_url, now).map(drop).with_context(|| file.display().to_string())
}

/// Takes a bundle in, and says what came: last, so that a reader who left early interrupts nothing.
///
/// # Errors
/// Says what does not fit; what was taken in before stays.
pub async fn install(ground: &Ground, file: &Path, secrets: &Secrets) -> anyhow::Result<()> {
    let bundle = Bundle::read(file)?;
    let pki_url = &ground.config.server.pki_url;
    let (list, checked) = bundle.check(pki_url, ground.clock().now()).with_context(|| file.display().to_string())?;
    let mut brought = vec![Brought {
        name: bundle.root.name.clone(),
        kind: Kind::Root,
        family: Family::Default,
        parent: None,
        certificate: bundle.root.der()?,
        label: KeyLabel::parse(&bundle.root.name)?.in_keystore(KeyLabel::OFFLINE)?,
    }];
    if let Some(issuing) = &bundle.issuing {
        let label = take_key(ground, &bundle, issuing, secrets).await.with_context(|| format!("the key of {}", issuing.public.name))?;
        brought.push(Brought {
            name: issuing.public.name.clone(),
            kind: Kind::Issuing,
            family: Family::parse(&issuing.family).with_context(|| format!("the family {:?}", issuing.family))?,
            parent: Some(bundle.root.name.clone()),
            certificate: issuing.public.der()?,
            label,
        });
    }
    let mut words: Vec<String> =
        authorities::bring_in(ground, brought).await?.into_iter().map(|name| format!("took in the authority {name}")).collect();
    if let Some(cross) = &bundle.cross {
        let taken = authorities::bring_in_cross(ground, &cross.name, &bundle.root.name, cross.der()?).await?;
        words.push(format!("{} the certificate {}", if taken { "took in" } else { "has already:" }, cross.name));
    }
    status::adopt_authorities(ground).await?;
    let taken = status::bring_in_list(ground, &bundle.root.name, &list, &checked).await?;
    words.push(format!("{} the list of {}", if taken { "took in" } else { "has already, or a newer one:" }, bundle.root.name));
    say(words.join("\n"))
}

/// The key where the service signs with it, proven; gives its label there.
async fn take_key(ground: &Ground, bundle: &Bundle, issuing: &Issuing, secrets: &Secrets) -> anyhow::Result<KeyLabel> {
    let label = KeyLabel::parse(&issuing.label)?;
    let here = match &issuing.sealed {
        None => label,
        Some(sealed) => {
            let store = app::open_keystore(&ground.config.storage.keystore)?;
            if store.find(&label)?.is_none() {
                let salt = hex::decode(bundle.salt.as_deref().context("the bundle has no salt")?)?;
                let master = MasterKey::stretch(&secrets.bundle_passphrase()?, &salt)?;
                let sealed = STANDARD.decode(sealed).context("the sealed key is not base64")?;
                store.take_over(&label, &sealed, master).map_err(|error| {
                    let wrong = matches!(error, KeystoreError::DoesNotOpen);
                    if wrong { anyhow::anyhow!("the passphrase is not the bundle's, or the bundle was changed") } else { error.into() }
                })?;
            }
            if ground.config.storage.places.main == FILE { label } else { label.in_keystore(FILE)? }
        }
    };
    let certificate = issuing.public.der()?;
    let authority = certs::ca::Issuer::without_key(&certificate, here.clone())?;
    let proven = here.clone();
    ground.with_keystore(move |keystore| proof::prove(&proven, authority.public_key(), keystore)).await?;
    ensure!(here.keystore() != Some(KeyLabel::OFFLINE), "it is offline: only a root's may be");
    Ok(here)
}
