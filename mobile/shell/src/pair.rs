//! A pairing under way, step by step as `keycard::pairing` has it: ask, offer, claim, digits, and the record at the end.
//!
//! Nothing is kept for good before the service's record has come: a pairing that breaks off leaves no key behind.

use std::path::{Path, PathBuf};

use keycard::pairing::{self, Address, Claim, Code, Collect, Invitation, Offer, Step, TokenKeys};
use keycard::pin::{Delivery, Pin, ReplyKey};
use keycard::wire::{
    AgreePairing, AskPairing, Attestation, Base64, BeginPairing, Bounded, ClaimPairing, Exact, IdentityAnswer, IdentityQuestion, Offered,
    PairingStatus, RegisteredPairing,
};
use keycard::{CreatedKey, DeviceKey as _, PhoneKeys, PublicKey, Secret, Signed, UserAuth, plain};
use rand_core::{OsRng, RngCore as _};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::files;
use crate::kept::Kept;
use crate::keys::{Keys, Rest};
use crate::link::{Link, Speech};
use crate::signature::PAIRING_FILE;

/// What the person typed or pasted.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Typed {
    /// The invitation as in the QR, or the code.
    pub code: String,
    /// Where the service is; not needed with an invitation.
    pub address: String,
    /// The authority's certificate that TLS is to trust, in PEM; empty for the system's.
    pub authority: String,
}

/// Whom the phone would sign for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferView {
    /// The service.
    pub service: String,
    /// Its address.
    pub address: String,
    /// The company.
    pub company: String,
    /// The person.
    pub name: String,
    /// The user id.
    pub account: String,
}

/// How a pairing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Standing {
    /// The ten minutes are over.
    Lapsed,
    /// It is done.
    Paired,
    /// The person said no.
    Refused,
    /// The page waits for the person.
    Waiting,
}

/// A pairing under way.
pub struct Pairing {
    address: Address,
    authority: Option<String>,
    link: Link,
    identity: PublicKey,
    token: TokenKeys,
    offer: Offer,
    share: Secret,
    claimed: Option<Claimed>,
}

struct Claimed {
    folder: PathBuf,
    keys: Keys,
    public: PhoneKeys,
    phone_name: String,
    reply: ReplyKey,
    collect: Signed<Collect>,
}

impl Pairing {
    /// Asks the service who it is and whom it offers.
    ///
    /// # Errors
    /// [`AppError`]: what is typed wrongly is refused before anything is asked.
    pub fn begin(typed: &Typed, speech: &Speech) -> Result<Self, AppError> {
        let authority = Some(typed.authority.trim()).filter(|pem| !pem.is_empty()).map(str::to_owned);
        if typed.code.trim_start().starts_with("segl-pair:") {
            let invitation = Invitation::parse(&typed.code).map_err(|_| AppError::BadInvitation)?;
            let link = Link::new(&invitation.address, authority.as_deref(), speech)?;
            return Self::offered(invitation.address, authority, link, invitation.token.keys(), invitation.pin);
        }
        let code = Code::parse(&typed.code)?;
        let address = Address::parse(&typed.address).map_err(|_| AppError::BadAddress)?;
        let link = Link::new(&address, authority.as_deref(), speech)?;
        let token = code.token().keys();
        let answer: IdentityAnswer = link.post("pairing/identity", None, &IdentityQuestion { lookup: Exact(token.lookup) })?;
        if !code.vouches(&answer.identity, &answer.mac.0) {
            return Err(AppError::OtherService);
        }
        Self::offered(address, authority, link, token, answer.identity.thumbprint())
    }

    fn offered(address: Address, authority: Option<String>, link: Link, token: TokenKeys, pin: [u8; 32]) -> Result<Self, AppError> {
        let (nonce, reply) = (draw(), ReplyKey::draw(&mut OsRng));
        let reply_key = reply.public();
        let tag = Exact(token.tag(Step::Begin, &nonce, &reply_key));
        let question = BeginPairing { lookup: Exact(token.lookup), nonce: Exact(nonce), reply_key, tag };
        let offered: Offered = link.post("pairing/begin", None, &question)?;
        let offer = offered.offer.verify(&offered.identity, &pin, &nonce)?;
        let share = reply.open(&offer.share, Delivery::Share, offer.phone, &nonce).map_err(|_| AppError::OtherService)?;
        Ok(Self { address, authority, link, identity: offered.identity, token, offer, share, claimed: None })
    }

    /// Whom the phone would sign for.
    #[must_use]
    pub fn view(&self) -> OfferView {
        let (offer, address) = (self.offer.clone(), self.address.to_string());
        OfferView { service: offer.service, address, company: offer.company, name: offer.name, account: offer.account }
    }

    /// Makes the keys, in a file under the PIN where there is one, claims them, and gives the six digits that both screens show. Keys that are not
    /// claimed in the end are destroyed.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn claim(&mut self, phones: &Path, phone_name: &str, pin: Option<&Pin>, rest: &Rest) -> Result<String, AppError> {
        plain::judge("name", phone_name, pairing::PHONE_NAME_CHARACTERS).map_err(|_| AppError::BadName)?;
        let folder = phones.join(self.offer.phone.to_string());
        files::folder(&folder)?;
        let mut keys = Keys::of(self.offer.phone, &folder, rest);
        // What an attempt before this one left behind has never been the person's.
        self.claimed = None;
        keys.destroy()?;
        match self.claim_keys(&mut keys, phone_name, pin) {
            Ok((digits, public, reply, collect)) => {
                self.claimed = Some(Claimed { folder, keys, public, phone_name: phone_name.to_owned(), reply, collect });
                Ok(digits)
            }
            Err(error) => {
                // What is not destroyed now is destroyed when the program next begins.
                if keys.destroy().is_ok() {
                    let _ = std::fs::remove_dir_all(&folder);
                }
                Err(error)
            }
        }
    }

    fn claim_keys(
        &self,
        keys: &mut Keys,
        phone_name: &str,
        pin: Option<&Pin>,
    ) -> Result<(String, PhoneKeys, ReplyKey, Signed<Collect>), AppError> {
        let (created, pin_key) = self.create(keys, phone_name, pin)?;
        let certificates = created.attestation;
        let claim = Claim {
            pin: self.identity.thumbprint(),
            lookup: self.token.lookup,
            phone: self.offer.phone,
            keys: created.public_key,
            pin_key,
            protection: keys.protection(),
            attestation: certificates.as_deref().map(Claim::attestation_hash),
            name: phone_name.to_owned(),
        };
        let signed = Signed::sign(&claim, |bytes| keys.sign(bytes, keys.auth()))?;
        let question = ClaimPairing {
            lookup: Exact(self.token.lookup),
            tag: Exact(signed.tag(&self.token)),
            claim: signed.clone(),
            attestation: certificates.map(attested).transpose()?,
        };
        let answer: RegisteredPairing = self.link.post("pairing/claim", None, &question)?;
        let registered = answer.registered.verify(&self.identity, &signed.hash())?;
        let agree = |peer: &PublicKey| keys.agree(peer, keys.auth());
        let challenge = pairing::open_agree_challenge(&registered, &claim, agree)?;
        let answer = AgreePairing { lookup: Exact(self.token.lookup), answer: Exact(pairing::agree_answer(&challenge)) };
        self.link.tell("POST", "pairing/agreement", None, &answer)?;
        let digits = pairing::digits(&self.token, &claim.pin, &claim.keys, &registered.nonce);
        let reply = ReplyKey::draw(&mut OsRng);
        let collect = Collect { lookup: self.token.lookup, phone: claim.phone, reply_key: reply.public() };
        let collect = Signed::sign(&collect, |bytes| keys.sign(bytes, keys.auth()))?;
        Ok((digits, claim.keys, reply, collect))
    }

    /// Makes the keys, and what proves the PIN if they have one.
    fn create(&self, keys: &mut Keys, phone_name: &str, pin: Option<&Pin>) -> Result<(CreatedKey, Option<PublicKey>), AppError> {
        let Ok(soft) = keys.soft() else {
            let auth = keys.auth();
            return Ok((keys.create(phone_name, &self.token.challenge, auth)?, None));
        };
        let pin = pin.ok_or(AppError::PinDigits)?;
        let created = soft.create(phone_name, &self.token.challenge, UserAuth::Pin { pin, share: &self.share })?;
        let stretched = soft.stretch(pin)?;
        soft.unlock(&stretched, &self.share)?;
        Ok((created, Some(stretched.pin_key())))
    }

    /// Asks whether the person has confirmed on the page; if so, keeps the pairing.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn standing(&mut self) -> Result<Standing, AppError> {
        let Some(claimed) = &self.claimed else { return Err(AppError::NotFound) };
        let nonce = draw();
        let tag = Exact(self.token.tag(Step::Status, &nonce, &claimed.reply.public()));
        let question = AskPairing { lookup: Exact(self.token.lookup), nonce: Exact(nonce), collect: claimed.collect.clone(), tag };
        let (record, token) = match self.link.post("pairing/status", None, &question)? {
            PairingStatus::Lapsed => return self.end(Standing::Lapsed),
            PairingStatus::Paired { record, token } => (record, token),
            PairingStatus::Refused => return self.end(Standing::Refused),
            PairingStatus::Waiting => return Ok(Standing::Waiting),
        };
        let phone = self.offer.phone;
        record.verify(&self.identity, phone, &claimed.public)?;
        let token = claimed.reply.open(&token, Delivery::DeviceToken, phone, &nonce).map_err(|_| AppError::OtherService)?;
        let kept = Kept {
            address: self.address.to_string(),
            authority: self.authority.clone(),
            identity: self.identity,
            successor: self.offer.successor.map(Exact),
            recorded_by: None,
            bearer: keycard::wire::Bearer { phone, token }.text().to_string(),
            phone,
            phone_name: claimed.phone_name.clone(),
            name: self.offer.name.clone(),
            record,
            offline: false,
            kept_offline: None,
            known: None,
        };
        files::write(&claimed.folder.join(PAIRING_FILE), &kept)?;
        Ok(Standing::Paired)
    }

    /// Where a pairing that is done lies.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.claimed.as_ref().map(|claimed| claimed.folder.as_path())
    }

    fn end(&mut self, standing: Standing) -> Result<Standing, AppError> {
        self.give_up()?;
        Ok(standing)
    }

    /// Destroys the keys of a pairing that did not come about.
    ///
    /// # Errors
    /// [`AppError::Storage`].
    pub fn give_up(&mut self) -> Result<(), AppError> {
        let Some(mut claimed) = self.claimed.take() else { return Ok(()) };
        claimed.keys.destroy()?;
        std::fs::remove_dir_all(&claimed.folder).map_err(|_| AppError::Storage)
    }
}

/// The certificates as the message takes them.
fn attested(certificates: Vec<Vec<u8>>) -> Result<Attestation, AppError> {
    Bounded::new(certificates.into_iter().map(Base64).collect()).map_err(|_| AppError::NoHardware)
}

fn draw() -> [u8; 32] {
    let mut nonce = [0; 32];
    OsRng.fill_bytes(&mut nonce);
    nonce
}
