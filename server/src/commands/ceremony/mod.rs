//! `segl ceremony`: root and issuing authorities made and kept away from the service, by people who watch each other.
//!
//! **The first session**, on a machine without a network: write the plan (one TOML file, see [`plan`] and `segl ceremony --help`), then
//! `segl ceremony make PLAN --dir DIR`. It makes the root and an issuing authority, signs a first list, may split the root's passphrase k of n, and
//! writes `transcript-1.txt` and `bundle-1.json`. Each witness takes the transcript home and runs `segl ceremony verify transcript-1.txt`.
//! Where the service is to run: `segl init --from-ceremony bundle-1.json`. The root's key never goes there.
//!
//! **Before the root's list ends** (`crl_days`): `segl ceremony crl --dir DIR`, then `segl ceremony install bundle-N.json` at the service.
//!
//! **Replacing an issuing authority**, under the same root:
//! 1. Write a plan with `[issuing]` and without `[root]`; `segl ceremony issue PLAN --dir DIR` makes `bundle-N.json`.
//! 2. `segl ceremony install bundle-N.json` at the service, and start it anew. From then on the new one issues; what the old one issued
//!    stays valid, and its lists and OCSP answers go on until it ends.
//! 3. Was its key stolen, revoke it as well: `segl ceremony crl --revoke issuing1 --reason keyCompromise`, and install that bundle.
//!
//! **Replacing the root, cross-signed by the old one**, so that whoever knows the old root alone goes on trusting:
//! 1. Hold a first session for the new root in a directory of its own (`url_name = "root2"`, and for `[issuing]` `url_name = "issuing2"`), and
//!    install its bundle at the service: it has both roots now, and the new issuing authority issues.
//! 2. In the old root's directory: `segl ceremony cross NEW/issuing2.cer PLAN --dir OLD`. The plan's `[issuing] name` is the new authority's
//!    own; `url_name` names the new certificate in addresses. It ends with the authority, or with the old root if that is sooner.
//! 3. `segl ceremony install OLD/bundle-N.json` at the service. From then on `/pki/NAME.cer` gives the cross certificate out, `/trust` lists
//!    it, and the chain that comes with each certificate holds it. Who trusts the old root verifies new certificates through it; who trusts
//!    the new root needs nothing of it; old certificates verify as before.
//! 4. To end it: `segl ceremony crl --revoke NAME --reason superseded` with the old root, and install that bundle.
//!
//! The other way about (the new root certifies the old issuing authority) is the same walk with the roots exchanged.

mod bundle;
pub mod install;
mod plan;
mod room;
mod secrets;
mod session;
mod transcript;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use certs::{ca::Issuer, keystore::KeyLabel, revocation::Reason};
use openssl::x509::X509;

use self::{
    plan::Plan,
    room::{Revoked, Room, State},
    session::{Session, serial_of},
};
pub use self::{secrets::Secrets, transcript::verify};
use crate::commands::terminal::say;

/// What to do in a ceremony.
#[derive(Debug, clap::Subcommand)]
pub enum Step {
    /// The first session: make a root, an issuing CA, the first list, a transcript and the bundle for the service
    ///
    /// The plan, a TOML file: organisation, cvr, pki_url, present = ["who", "is there"]; [root] name, key, keystore, url_name, days, crl_days;
    /// [issuing] name, key, family, keystore, url_name, days; [shares] needed, of; [keystores.NAME] as in segl.toml. Keys are p256 (not for a root), p384, rsa3072,
    /// rsa4096; families default (RSA signs by PSS) and oces2 (PKCS#1 v1.5); days are at most 7305 for a root and 3652 for an issuing CA.
    Make(Planned),
    /// A later session: make a further issuing CA, to stand beside or to replace the one before (its plan has no [root])
    Issue(Planned),
    /// A later session: make the root's next list, and revoke an issuing CA
    Crl(Listed),
    /// A later session: certify an issuing CA that exists (its key and name) under this root; [issuing] name says its CN, url_name and days may follow
    Cross {
        /// The CA's present certificate, DER or PEM
        certificate: PathBuf,
        /// The rest
        #[command(flatten)]
        planned: Planned,
    },
    /// Check a transcript: the root's signature, the text, and each file beside it
    Verify {
        /// The transcript
        transcript: PathBuf,
        /// The root's certificate as the witness knows it, DER or PEM
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
    },
    /// Where the service runs: take in a bundle of a later session (the first goes to segl init --from-ceremony)
    Install {
        /// The bundle
        bundle: PathBuf,
        /// Secrets
        #[command(flatten)]
        secrets: Secrets,
    },
}

/// A session by a plan.
#[derive(Debug, clap::Args)]
pub struct Planned {
    /// The plan (TOML)
    plan: PathBuf,
    /// The ceremony's directory
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Secrets
    #[command(flatten)]
    secrets: Secrets,
}

/// A session for a list.
#[derive(Debug, clap::Args)]
pub struct Listed {
    /// The ceremony's directory
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Who is there; as often as there are people
    #[arg(long, value_name = "NAME", required = true)]
    present: Vec<String>,
    /// An issuing CA to revoke, by its name in URLs, as issuing1
    #[arg(long, value_name = "CA", requires = "reason")]
    revoke: Option<String>,
    /// Why: keyCompromise, superseded, cessationOfOperation, ...
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// A plan whose [keystores.NAME] are to be used, when the root's key lies in a token
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Secrets
    #[command(flatten)]
    secrets: Secrets,
}

/// Runs a step that needs no service.
///
/// # Errors
/// In one sentence that says what to do.
pub fn offline(step: Step) -> anyhow::Result<ExitCode> {
    match step {
        Step::Make(planned) => make(&planned),
        Step::Issue(planned) => issue(&planned),
        Step::Crl(listed) => list(&listed),
        Step::Cross { certificate, planned } => cross(&certificate, &planned),
        Step::Verify { transcript, root } => return verify(&transcript, root.as_deref()),
        Step::Install { .. } => anyhow::bail!("a bundle is installed where the service runs"),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn make(planned: &Planned) -> anyhow::Result<()> {
    let plan = Plan::read(&planned.plan)?;
    let (Some(root), Some(issuing)) = (&plan.root, &plan.issuing) else {
        anyhow::bail!("the first session's plan has [root] and [issuing]")
    };
    let dir = &planned.dir;
    ensure!(!Room::is_used(dir), "a ceremony was held in {} already: give another --dir, or segl ceremony issue", dir.display());
    ensure!(!dir.join("keys").exists(), "{} holds a session that was interrupted: remove it and begin again", dir.display());
    let passphrase = planned.secrets.new_passphrase(plan.shares)?;
    let under = issuing.bundle_passphrase(&planned.secrets)?;
    let room = Room::open(dir, &passphrase, &plan.tokens)?;
    let mut session = Session::begin(&room);
    let made = session.root(&plan, root)?;
    let mut state = State {
        version: 1,
        pki_url: plan.pki_url.clone(),
        root: made,
        issuing: Vec::new(),
        shares: plan.shares.map(|rule| rule.to_string()),
        crl_days: root.crl_days,
        crl_number: 0,
        sessions: 0,
        last_transcript: String::new(),
    };
    let made = session.issuing(&plan, issuing, &state)?;
    let list = session.list(&mut state)?;
    session.bundle(&state, &list, Some((&made, issuing.family)), under.as_ref())?;
    let what = format!("{}: the root {} and the issuing authority {} were made", plan.organisation(), state.root.name, made.name);
    state.issuing.push(made);
    session.close(&mut state, what, plan.present.clone())?;
    tell(dir, &state)
}

fn issue(planned: &Planned) -> anyhow::Result<()> {
    let (plan, mut state, room) = later(planned)?;
    let issuing = plan.issuing.as_ref().context("the plan has no [issuing]")?;
    let under = issuing.bundle_passphrase(&planned.secrets)?;
    let mut session = Session::begin(&room);
    let made = session.issuing(&plan, issuing, &state)?;
    let list = session.list(&mut state)?;
    session.bundle(&state, &list, Some((&made, issuing.family)), under.as_ref())?;
    let what = format!("{}: the issuing authority {} was made under {}", plan.organisation(), made.name, state.root.name);
    state.issuing.push(made);
    session.close(&mut state, what, plan.present.clone())?;
    tell(&planned.dir, &state)
}

fn cross(certificate: &Path, planned: &Planned) -> anyhow::Result<()> {
    let (plan, mut state, room) = later(planned)?;
    let issuing = plan.issuing.as_ref().context("the plan has no [issuing]")?;
    let bytes = std::fs::read(certificate).with_context(|| format!("{} cannot be read", certificate.display()))?;
    let der = X509::from_der(&bytes).or_else(|_| X509::from_pem(&bytes)).and_then(|parsed| parsed.to_der());
    let der = der.with_context(|| format!("{} is no certificate", certificate.display()))?;
    let authority = Issuer::without_key(&der, KeyLabel::parse("offline.other")?).with_context(|| certificate.display().to_string())?;
    let mut session = Session::begin(&room);
    let made = session.cross(&plan, issuing, &authority, &state)?;
    let list = session.list(&mut state)?;
    session.cross_bundle(&state, &list, &made)?;
    let what = format!("{}: {} was certified under {}", plan.organisation(), authority.subject(), state.root.name);
    state.issuing.push(made);
    session.close(&mut state, what, plan.present.clone())?;
    tell(&planned.dir, &state)
}

/// Plan, state and keys of a session after the first.
fn later(planned: &Planned) -> anyhow::Result<(Plan, State, Room)> {
    let state = Room::state(&planned.dir)?;
    let plan = Plan::read(&planned.plan)?;
    ensure!(plan.root.is_none(), "there is a root in {} already: the plan of a later session has no [root]", planned.dir.display());
    ensure!(plan.pki_url == state.pki_url, "pki_url: this ceremony was held for {}", state.pki_url);
    let room = Room::open(&planned.dir, &planned.secrets.passphrase(state.shares.is_some())?, &plan.tokens)?;
    Ok((plan, state, room))
}

fn list(listed: &Listed) -> anyhow::Result<()> {
    let mut state = Room::state(&listed.dir)?;
    let tokens = listed.plan.as_deref().map(Plan::read).transpose()?.map(|plan| plan.tokens).unwrap_or_default();
    let room = Room::open(&listed.dir, &listed.secrets.passphrase(state.shares.is_some())?, &tokens)?;
    let mut session = Session::begin(&room);
    let mut what = format!("the next list of {} was made", state.root.name);
    if let (Some(name), Some(reason)) = (&listed.revoke, &listed.reason) {
        Reason::parse(reason).with_context(|| format!("--reason: {reason:?} is none of RFC 5280's"))?;
        let made = state.issuing.iter_mut().find(|made| made.name == *name).with_context(|| format!("there is no authority {name}"))?;
        ensure!(made.revoked.is_none(), "{name} was revoked before");
        made.revoked = Some(Revoked { at: session.now().millis(), reason: reason.clone() });
        what = format!("{name} (serial {}) was revoked, {reason}; {what}", serial_of(made)?);
    }
    let crl = session.list(&mut state)?;
    session.bundle(&state, &crl, None, None)?;
    session.close(&mut state, what, listed.present.clone())?;
    tell(&listed.dir, &state)
}

fn tell(dir: &Path, state: &State) -> anyhow::Result<()> {
    let number = state.sessions;
    say(format_args!("session {number} is closed; in {}:", dir.display()))?;
    say(format_args!("  transcript-{number}.txt   for each witness: segl ceremony verify transcript-{number}.txt"))?;
    if dir.join(format!("bundle-{number}.json")).exists() {
        let how = if number == 1 { "segl init --from-ceremony" } else { "segl ceremony install" };
        say(format_args!("  bundle-{number}.json      for the service: {how} bundle-{number}.json"))?;
    }
    say("  keys, ceremony.json   stay here; keep the directory in a safe, twice")?;
    Ok(())
}
