//! One session: what it makes, one after another, and the transcript and state that end it.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{
    ca::{
        Issued, Issuer,
        ceremony::{Life, NewKey, RootPointers, make_issuing, make_root},
        cross,
    },
    keystore::{KeyLabel, MasterKey},
    name::HttpUrl,
    profiles::Family,
    public_key::PublicKeyKind,
    revocation::{
        Reason, Revocation,
        crl::{self, Scope},
    },
    serial::Serial,
};
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{
    bundle::{Bundle, Issuing, Public},
    plan::{Plan, Wanted},
    room::{Made, Room, State},
    secrets::Passphrase,
    transcript::{self, Transcript, Written},
};
use crate::{
    config::FILE,
    platform::{
        clock::{Clock as _, SystemClock},
        moment::Moment,
        random::{self, SystemRandom},
    },
};

/// What a session has made so far.
pub struct Session<'a> {
    room: &'a Room,
    now: Moment,
    certificates: Vec<transcript::Certificate>,
    crl: Option<transcript::List>,
    files: Vec<Written>,
}

impl<'a> Session<'a> {
    /// Begins now.
    pub fn begin(room: &'a Room) -> Self {
        Self { room, now: SystemClock.now(), certificates: Vec::new(), crl: None, files: Vec::new() }
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.room.put(name, bytes)?;
        self.files.push(Written::of(name, bytes));
        Ok(())
    }

    /// Makes a root.
    pub fn root(&mut self, plan: &Plan, wanted: &Wanted) -> anyhow::Result<Made> {
        let name = wanted.url_name.clone().unwrap_or_else(|| "root1".to_owned());
        let label = label(&name, &wanted.keystore)?;
        let full = plan.name(&wanted.common_name);
        let issued = make_root(&full, &new_key(wanted, &label), serial(), self.life(wanted), &self.room.keys)?;
        self.keep((&name, wanted.key.as_str()), &issued, wanted, &label)
    }

    /// Makes an issuing authority under the root.
    pub fn issuing(&mut self, plan: &Plan, wanted: &Wanted, state: &State) -> anyhow::Result<Made> {
        let name = wanted.url_name.clone().unwrap_or_else(|| format!("issuing{}", state.issuing.len() + 1));
        ensure!(state.issuing.iter().all(|made| made.name != name), "there is an authority {name} already: give another url_name");
        let label = label(&name, &wanted.keystore)?;
        let (root, pointers) = (self.room.root(state)?, pointers(state)?);
        let full = plan.name(&wanted.common_name);
        let issued = make_issuing(&full, &new_key(wanted, &label), serial(), self.life(wanted), (&root, &pointers), &self.room.keys)?;
        self.keep((&name, wanted.key.as_str()), &issued, wanted, &label)
    }

    /// Certifies an authority that exists, by our root.
    pub fn cross(&mut self, plan: &Plan, wanted: &Wanted, authority: &Issuer, state: &State) -> anyhow::Result<Made> {
        let name = wanted.url_name.clone().unwrap_or_else(|| format!("issuing-by-{}-{}", state.root.name, state.issuing.len() + 1));
        let (root, pointers) = (self.room.root(state)?, pointers(state)?);
        ensure!(state.issuing.iter().all(|made| made.name != name), "there is an authority {name} already: give another url_name");
        let full = plan.name(&wanted.common_name);
        let mut life = self.life(wanted);
        // It ends with what it certifies, or with its root: whichever is first.
        let ends = authority.validity().not_after().min(root.validity().not_after());
        let left = u32::try_from((ends - life.begins).whole_days()).unwrap_or(0);
        life.days = Some(life.days.map_or(left, |days| days.min(left)));
        let issued = cross::certify((authority, &full), serial(), life, (&root, &pointers), &self.room.keys)?;
        self.keep((&name, &key_word(authority)), &issued, wanted, &KeyLabel::parse(&format!("{name}.elsewhere"))?)
    }

    fn life(&self, wanted: &Wanted) -> Life {
        Life { begins: self.now.to_datetime(), days: wanted.days }
    }

    fn keep(&mut self, (name, key): (&str, &str), issued: &Issued, wanted: &Wanted, label: &KeyLabel) -> anyhow::Result<Made> {
        let file = format!("{name}.cer");
        self.put(&file, &issued.der)?;
        let rfc3339 = |at| Moment::from_datetime(at).rfc3339();
        self.certificates.push(transcript::Certificate {
            file,
            subject: issued.subject.clone(),
            serial: issued.serial.to_string(),
            key: key.to_owned(),
            keystore: wanted.keystore.clone(),
            valid: (rfc3339(issued.validity.not_before()), rfc3339(issued.validity.not_after())),
            sha256: hex::encode(Sha256::digest(&issued.der)),
        });
        Ok(Made { name: name.to_owned(), label: label.to_string(), certificate: STANDARD.encode(&issued.der), revoked: None })
    }

    /// Makes the root's next list.
    pub fn list(&mut self, state: &mut State) -> anyhow::Result<Vec<u8>> {
        let root = self.room.root(state)?;
        let mut entries = Vec::new();
        for made in &state.issuing {
            let Some(revoked) = &made.revoked else { continue };
            let reason = Reason::parse(&revoked.reason).with_context(|| format!("{}: the reason {:?}", made.name, revoked.reason))?;
            entries.push((serial_of(made)?, Revocation { at: Moment::from_millis(revoked.at).to_datetime(), reason }));
        }
        let number = self.now.millis().max(state.crl_number + 1);
        let next = self.now.plus(Duration::days(i64::from(state.crl_days))).min(Moment::from_datetime(root.validity().not_after()));
        let list = crl::List {
            scope: Scope::Complete,
            number: number.unsigned_abs(),
            this_update: self.now.to_datetime(),
            next_update: next.to_datetime(),
        };
        let revoked = entries.iter().map(|(serial, _)| serial.to_string()).collect();
        let der = crl::make(&list, entries, &root, &self.room.keys)?;
        self.put(&format!("{}-{}.crl", state.root.name, state.sessions + 1), &der)?;
        self.crl = Some(transcript::List { number, current: (self.now.rfc3339(), next.rfc3339()), revoked });
        state.crl_number = number;
        Ok(der)
    }

    /// Writes what the service needs of a further certificate for an authority that it has: the root's certificate and list, and that one.
    pub fn cross_bundle(&mut self, state: &State, list: &[u8], made: &Made) -> anyhow::Result<()> {
        let cross = Public { name: made.name.clone(), certificate: made.certificate.clone() };
        let bundle = Bundle { cross: Some(cross), ..Bundle::of_root(state, list) };
        self.put(&format!("bundle-{}.json", state.sessions + 1), serde_json::to_string_pretty(&bundle)?.as_bytes())
    }

    /// Writes what the service needs: the root's certificate and list, and the new authority's certificate and sealed key. That key then
    /// leaves this directory.
    pub fn bundle(
        &mut self,
        state: &State,
        list: &[u8],
        issuing: Option<(&Made, Family)>,
        under: Option<&Passphrase>,
    ) -> anyhow::Result<()> {
        let mut bundle = Bundle::of_root(state, list);
        let mut handed_over = None;
        if let Some((made, family)) = issuing {
            let label = KeyLabel::parse(&made.label)?;
            let mut sealed = None;
            if let Some(passphrase) = under.filter(|_| label.keystore().is_none()) {
                let salt = random::bytes::<16>(&SystemRandom);
                let master = MasterKey::stretch(passphrase, &salt)?;
                sealed = Some(STANDARD.encode(self.room.file.hand_over(&label, master)?));
                bundle.salt = Some(hex::encode(salt));
                handed_over = Some(label);
            }
            let public = Public { name: made.name.clone(), certificate: made.certificate.clone() };
            bundle.issuing = Some(Issuing { public, family: family.as_str().to_owned(), label: made.label.clone(), sealed });
        }
        self.put(&format!("bundle-{}.json", state.sessions + 1), serde_json::to_string_pretty(&bundle)?.as_bytes())?;
        handed_over.map_or(Ok(()), |label| Ok(self.room.file.forget(&label)?))
    }

    /// Writes transcript and state.
    pub fn close(mut self, state: &mut State, what: String, present: Vec<String>) -> anyhow::Result<()> {
        let root = self.room.root(state)?;
        let written = Transcript {
            version: 1,
            session: state.sessions + 1,
            what,
            at: self.now.rfc3339(),
            program: concat!("segl ", env!("CARGO_PKG_VERSION")).to_owned(),
            present,
            root: state.root.certificate.clone(),
            certificates: std::mem::take(&mut self.certificates),
            crl: self.crl.take(),
            shares: state.shares.clone(),
            previous: (state.sessions > 0).then(|| state.last_transcript.clone()),
            files: std::mem::take(&mut self.files),
        };
        let signed = written.sign(&root, &self.room.keys)?;
        self.room.put(&format!("transcript-{}.txt", state.sessions + 1), signed.as_bytes())?;
        state.sessions += 1;
        state.last_transcript = hex::encode(Sha256::digest(signed.as_bytes()));
        self.room.save(state)
    }

    /// When it began.
    pub fn now(&self) -> Moment {
        self.now
    }
}

fn label(name: &str, keystore: &str) -> anyhow::Result<KeyLabel> {
    let label = KeyLabel::parse(&format!("{name}-{}", hex::encode(random::bytes::<6>(&SystemRandom))))?;
    Ok(if keystore == FILE { label } else { label.in_keystore(keystore)? })
}

fn new_key<'a>(wanted: &Wanted, label: &'a KeyLabel) -> NewKey<'a> {
    NewKey { label, kind: wanted.key, padding: wanted.family.padding() }
}

/// The kind of an authority's key, in the words of plans.
fn key_word(authority: &Issuer) -> String {
    match authority.public_key().kind() {
        PublicKeyKind::EcP256 => "p256".to_owned(),
        PublicKeyKind::EcP384 => "p384".to_owned(),
        PublicKeyKind::Rsa { bits } => format!("rsa{bits}"),
    }
}

fn serial() -> Serial {
    Serial::from_random(random::bytes(&SystemRandom))
}

/// Serial number of a certificate that was made here.
///
/// # Errors
/// When the state was changed by hand.
pub fn serial_of(made: &Made) -> anyhow::Result<Serial> {
    let issuer = Issuer::without_key(&made.der()?, KeyLabel::parse("offline.any")?)?;
    Ok(Serial::from_bytes(issuer.certificate().tbs_certificate.serial_number.as_bytes())?)
}

/// Where what the root certifies points to.
fn pointers(state: &State) -> anyhow::Result<RootPointers> {
    let (url, name) = (&state.pki_url, &state.root.name);
    Ok(RootPointers {
        certificate: HttpUrl::parse(&format!("{url}/pki/{name}.cer"))?,
        crl: HttpUrl::parse(&format!("{url}/pki/{name}/0.crl"))?,
        ocsp: None,
    })
}
