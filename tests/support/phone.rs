//! A software phone: the crate `keycard` with its keys in a file, and HTTP. It believes nothing but what the protocol proves.

use anyhow::{Context as _, ensure};
use keycard::{
    DeviceKey as _, KeptOffline, OfflineAsk, PhoneId, Pins, Protection, Secret, ServiceClock, Signed, UserAuth, oath,
    pairing::{Claim, Code, Collect, Invitation, Offer, PairingRecord, Step, TokenKeys, agree_answer, digits, open_agree_challenge},
    pin::{Delivery, Pin, PinChange, PinProof, ReplyKey},
    soft::{Cost, FileShelf, SoftKeys},
    wire::{
        AgreePairing, AskOffline, AskPairing, AskShare, Base64, Bearer, BeginPairing, Bounded, ChangePin, ClaimPairing, Exact,
        IdentityAnswer, IdentityQuestion, Offered, OfflineGiven, PairingStatus, RegisteredPairing, ShareAnswer, ShareNonce, TimeQuestion,
        TimeTold,
    },
};
use segl::platform::random::{Random as _, SystemRandom};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    client::{Answer, Client},
    maker::{Boot, Maker},
    roles::Person,
};

/// The PIN that the tests' phones have.
pub const PIN: &str = "271828";
const CHEAP: Cost = Cost { memory_kib: 8 * 1024, passes: 1 };

/// The system's randomness, as `keycard` takes it.
pub(crate) struct Drawn;

impl rand_core::RngCore for Drawn {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes(segl::platform::random::bytes(&SystemRandom))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(segl::platform::random::bytes(&SystemRandom))
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        SystemRandom.fill(buffer);
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core::Error> {
        SystemRandom.fill(buffer);
        Ok(())
    }
}

impl rand_core::CryptoRng for Drawn {}

fn random<const N: usize>() -> [u8; N] {
    segl::platform::random::bytes(&SystemRandom)
}

/// A PIN as typed.
///
/// # Panics
/// When it is none.
pub fn pin(typed: &str) -> Pin {
    Pin::parse(typed).unwrap()
}

/// What the person sees or types to begin.
pub enum Seen<'a> {
    /// The QR.
    Qr(&'a str),
    /// The code.
    Code(&'a str),
}

/// Where a phone's keys rest, as it says. The tests' are in a file in any case, and stand in for hardware.
enum Rest<'a> {
    /// In an iPhone: Apple vouches for this app, in an object of so many bytes.
    Apple(&'a Maker, &'a str, usize),
    /// In hardware that this maker's root vouches for.
    Attested(&'a Maker, Boot),
    /// In a file under the PIN.
    File,
    /// In hardware, without a PIN, and nobody vouches for it.
    Hardware,
    /// In hardware that this maker's root vouches for, as far as the signing key goes.
    SigningAttested(&'a Maker),
}

/// A phone that has begun: it knows whom it would serve.
pub struct Begun {
    http: Client,
    token: TokenKeys,
    identity: keycard::PublicKey,
    /// What the service offered.
    pub offer: Offer,
    share: Secret,
}

/// A phone whose claim is written down.
pub struct Claimed {
    http: Client,
    token: TokenKeys,
    identity: keycard::PublicKey,
    keys: SoftKeys,
    folder: TempDir,
    claim: Claim,
    share: Secret,
    successor: Option<[u8; 32]>,
    /// The message as it was sent, to be sent again.
    pub message: ClaimPairing,
    /// What this screen shows.
    pub digits: String,
}

/// A paired phone.
pub struct SoftPhone {
    /// Names itself by its token.
    pub http: Client,
    /// Its id in the protocol.
    pub id: PhoneId,
    /// The identity key in use, as it knows it.
    pub identity: keycard::PublicKey,
    /// What it has pinned.
    pub pins: Pins,
    /// The service's signed record.
    pub record: PairingRecord,
    /// Its keys.
    pub keys: SoftKeys,
    share: Secret,
    _folder: TempDir,
}

/// Sends a message and reads the answer as the app does.
async fn ask<T: DeserializeOwned>(http: &Client, path: &str, message: &impl Serialize) -> anyhow::Result<T> {
    let answer = http.post(path, &serde_json::to_value(message)?).await?.expect(200)?;
    Ok(keycard::wire::read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?)
}

/// Scans or types, and asks whom it would serve.
///
/// # Errors
/// With what the service refused, or what the phone does not believe.
pub async fn begin(http: &Client, seen: Seen<'_>) -> anyhow::Result<Begun> {
    let http = http.without_token();
    let (token, pin) = match seen {
        Seen::Qr(text) => {
            let scanned = Invitation::parse(text)?;
            (scanned.token.keys(), scanned.pin)
        }
        Seen::Code(typed) => {
            let code = Code::parse(typed)?;
            let token = code.token().keys();
            let question = IdentityQuestion { lookup: Exact(token.lookup) };
            let introduced: IdentityAnswer = ask(&http, "/api/v1/phone/pairing/identity", &question).await?;
            ensure!(code.vouches(&introduced.identity, &introduced.mac.0), "the code does not vouch for this service");
            (token, introduced.identity.thumbprint())
        }
    };
    let (nonce, reply) = (random::<32>(), ReplyKey::draw(&mut Drawn));
    let tag = token.tag(Step::Begin, &nonce, &reply.public());
    let message = BeginPairing { lookup: Exact(token.lookup), nonce: Exact(nonce), reply_key: reply.public(), tag: Exact(tag) };
    let offered: Offered = ask(&http, "/api/v1/phone/pairing/begin", &message).await?;
    let offer = offered.offer.verify(&offered.identity, &pin, &nonce)?;
    let share = reply.open(&offer.share, Delivery::Share, offer.phone, &nonce)?;
    Ok(Begun { http, token, identity: offered.identity, offer, share })
}

impl Begun {
    /// Makes its keys, claims them, proves the agreement key, and shows digits.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn claim(self, name: &str) -> anyhow::Result<Claimed> {
        let to = self.identity.thumbprint();
        self.claim_as(name, &to).await.map_err(|(error, _)| error)
    }

    /// A phone with keys of its own that has sent no claim: what somebody has who saw the QR over the shoulder.
    ///
    /// # Errors
    /// When the keys refuse.
    pub fn unsent(self, name: &str) -> anyhow::Result<Claimed> {
        let to = self.identity.thumbprint();
        self.made(name, &to, &Rest::File)
    }

    /// Claims keys that this maker's hardware attests.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn claim_attested(self, name: &str, maker: &Maker, boot: Boot) -> anyhow::Result<Claimed> {
        let to = self.identity.thumbprint();
        self.made(name, &to, &Rest::Attested(maker, boot))?.sent().await
    }

    /// Claims keys of which this maker's hardware attests the signing key alone.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn claim_signing_attested(self, name: &str, maker: &Maker) -> anyhow::Result<Claimed> {
        let to = self.identity.thumbprint();
        self.made(name, &to, &Rest::SigningAttested(maker))?.sent().await
    }

    /// Claims keys of an iPhone for whose app Apple vouches, in an object of so many bytes.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn claim_vouched(self, name: &str, maker: &Maker, app: &str, object_bytes: usize) -> anyhow::Result<Claimed> {
        let to = self.identity.thumbprint();
        self.made(name, &to, &Rest::Apple(maker, app, object_bytes))?.sent().await
    }

    /// The message of such a claim, to see how the service refuses it.
    ///
    /// # Errors
    /// When the keys refuse.
    pub fn vouched_message(self, name: &str, maker: &Maker, app: &str, object_bytes: usize) -> anyhow::Result<ClaimPairing> {
        let to = self.identity.thumbprint();
        Ok(self.made(name, &to, &Rest::Apple(maker, app, object_bytes))?.message)
    }

    /// The message of a claim of attested keys, to see how the service refuses it.
    ///
    /// # Errors
    /// When the keys refuse.
    pub fn attested_message(self, name: &str, maker: &Maker, boot: Boot) -> anyhow::Result<ClaimPairing> {
        let to = self.identity.thumbprint();
        Ok(self.made(name, &to, &Rest::Attested(maker, boot))?.message)
    }

    /// Claims keys in hardware: there is no PIN, and nothing attests them.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn claim_in_hardware(self, name: &str) -> anyhow::Result<Claimed> {
        let to = self.identity.thumbprint();
        self.made(name, &to, &Rest::Hardware)?.sent().await
    }

    /// Claims to a service with this pin. A refused message comes back with the error.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn claim_as(self, name: &str, to: &[u8; 32]) -> Result<Claimed, (anyhow::Error, Option<ClaimPairing>)> {
        let made = self.made(name, to, &Rest::File).map_err(|error| (error, None))?;
        let message = made.message.clone();
        made.sent().await.map_err(|error| (error, Some(message)))
    }

    fn made(self, name: &str, to: &[u8; 32], rest: &Rest<'_>) -> anyhow::Result<Claimed> {
        let folder = tempfile::tempdir()?;
        let mut keys = SoftKeys::new(Box::new(FileShelf::new(folder.path().join("keys"))), Box::new(Drawn), CHEAP);
        let created = keys.create(name, &self.token.challenge, UserAuth::Pin { pin: &pin(PIN), share: &self.share })?;
        let pin_key = Some(keys.stretch(&pin(PIN))?.pin_key());
        let (made, challenge) = (&created.public_key, &self.token.challenge);
        let (pin_key, protection, chain) = match rest {
            Rest::Apple(maker, app, bytes) => (None, Protection::SecureEnclave, Some(maker.vouches(made, challenge, app, *bytes))),
            Rest::Attested(maker, boot) => (pin_key, Protection::Tee, Some(maker.attests(made, challenge, *boot))),
            Rest::File => (pin_key, Protection::SoftwarePin, None),
            Rest::Hardware => (None, Protection::Tee, None),
            Rest::SigningAttested(maker) => (pin_key, Protection::Tee, Some(maker.attests_signing(made, challenge))),
        };
        let claim = Claim {
            pin: *to,
            lookup: self.token.lookup,
            phone: self.offer.phone,
            keys: created.public_key,
            pin_key,
            protection,
            attestation: chain.as_deref().map(Claim::attestation_hash),
            name: name.to_owned(),
        };
        let signed = Signed::sign(&claim, |bytes| keys.sign(bytes, UserAuth::Pin { pin: &pin(PIN), share: &self.share }))?;
        let tag = Exact(signed.tag(&self.token));
        let attestation = chain.map(|chain| Bounded::new(chain.into_iter().map(Base64).collect())).transpose()?;
        let message = ClaimPairing { lookup: Exact(self.token.lookup), claim: signed, tag, attestation };
        let Self { http, token, identity, share, offer } = self;
        Ok(Claimed { http, token, identity, keys, folder, claim, share, successor: offer.successor, message, digits: String::new() })
    }
}

impl Claimed {
    async fn sent(mut self) -> anyhow::Result<Self> {
        let hash = self.message.claim.hash();
        let answer: RegisteredPairing = ask(&self.http, "/api/v1/phone/pairing/claim", &self.message).await?;
        let registered = answer.registered.verify(&self.identity, &hash)?;
        let auth = UserAuth::Pin { pin: &pin(PIN), share: &self.share };
        let challenge = open_agree_challenge(&registered, &self.claim, |peer| self.keys.agree(peer, auth))?;
        let agreement = AgreePairing { lookup: Exact(self.token.lookup), answer: Exact(agree_answer(&challenge)) };
        self.http.post("/api/v1/phone/pairing/agreement", &serde_json::to_value(&agreement)?).await?.expect(204)?;
        self.digits = digits(&self.token, &self.identity.thumbprint(), &self.claim.keys, &registered.nonce);
        Ok(self)
    }

    /// Sends the very same claim again.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn claim_again(&self) -> anyhow::Result<Answer> {
        self.http.post("/api/v1/phone/pairing/claim", &serde_json::to_value(&self.message)?).await
    }

    /// The bare question how it stands.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn ask_status(&self) -> anyhow::Result<(Answer, ReplyKey, [u8; 32])> {
        let (nonce, reply) = (random::<32>(), ReplyKey::draw(&mut Drawn));
        let collect = Collect { lookup: self.token.lookup, phone: self.claim.phone, reply_key: reply.public() };
        let auth = UserAuth::Pin { pin: &pin(PIN), share: &self.share };
        let collect = Signed::sign(&collect, |bytes| self.keys.sign(bytes, auth))?;
        let tag = self.token.tag(Step::Status, &nonce, &reply.public());
        let question = AskPairing { lookup: Exact(self.token.lookup), nonce: Exact(nonce), collect, tag: Exact(tag) };
        let answer = self.http.post("/api/v1/phone/pairing/status", &serde_json::to_value(&question)?).await?;
        Ok((answer, reply, nonce))
    }

    /// How the service says it stands.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn status(&self) -> anyhow::Result<PairingStatus> {
        let (answer, ..) = self.ask_status().await?;
        Ok(keycard::wire::read(&answer.expect(200)?.bytes, keycard::wire::TO_PHONE_BYTES)?)
    }

    /// Fetches record and token after the person has confirmed.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn collect(self) -> anyhow::Result<SoftPhone> {
        let (answer, reply, nonce) = self.ask_status().await?;
        let status: PairingStatus = keycard::wire::read(&answer.expect(200)?.bytes, keycard::wire::TO_PHONE_BYTES)?;
        let PairingStatus::Paired { record, token } = status else { anyhow::bail!("it is not paired: {status:?}") };
        let record = record.verify(&self.identity, self.claim.phone, &self.claim.keys)?;
        let token = reply.open(&token, Delivery::DeviceToken, self.claim.phone, &nonce)?;
        let bearer = Bearer { phone: self.claim.phone, token };
        let Self { http, identity, keys, folder, claim, share, successor, .. } = self;
        let pins = Pins { current: identity.thumbprint(), successor };
        Ok(SoftPhone { http: http.with_token(&bearer.text()), id: claim.phone, identity, pins, record, keys, share, _folder: folder })
    }
}

impl SoftPhone {
    /// Signs with the key, as after the PIN.
    ///
    /// # Errors
    /// When the keys refuse.
    pub fn sign<T: keycard::Canonical>(&self, message: &T) -> anyhow::Result<Signed<T>> {
        Ok(Signed::sign(message, |bytes| self.keys.sign(bytes, UserAuth::Pin { pin: &pin(PIN), share: &self.share }))?)
    }

    /// The secret of a signing key, by the opener that came with a request.
    ///
    /// # Errors
    /// When none came, or it does not open.
    pub fn open(&self, shown: &crate::approver::Shown) -> anyhow::Result<Secret> {
        let opener = shown.opener.as_ref().context("no opener came with the request")?;
        let serial = shown.payload.parts().certificate.as_ref().context("no certificate is named")?;
        self.open_one(opener, serial)
    }

    pub(crate) fn open_one(&self, opener: &keycard::opener::Opener, serial: &[u8]) -> anyhow::Result<Secret> {
        let auth = UserAuth::Pin { pin: &pin(PIN), share: &self.share };
        let own = self.record.keys.agree;
        Ok(opener.open(&own, serial, self.id, |peer| self.keys.agree(peer, auth))?)
    }

    /// Learns the service's time.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn time_ms(&self) -> anyhow::Result<u64> {
        let nonce = random::<16>();
        let told: TimeTold = ask(&self.http, "/api/v1/phone/time", &TimeQuestion { nonce: Exact(nonce) }).await?;
        Ok(ServiceClock::learn(&told.time, &self.identity, &nonce, 0, 1)?.now_ms(1)?)
    }

    async fn nonce(&self) -> anyhow::Result<[u8; 32]> {
        let answer = self.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
        let nonce: ShareNonce = keycard::wire::read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?;
        Ok(nonce.nonce.0)
    }

    /// A proof of a PIN over a fresh nonce, with the key that the answer is sealed to.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn proof(&self, typed: &str) -> anyhow::Result<(AskShare, ReplyKey, [u8; 32])> {
        let (nonce, reply) = (self.nonce().await?, ReplyKey::draw(&mut Drawn));
        let stretched = self.keys.stretch(&pin(typed))?;
        let proof = PinProof { phone: self.id, nonce, reply_key: reply.public() };
        Ok((AskShare { pin_key: stretched.pin_key(), proof: stretched.prove(&proof) }, reply, nonce))
    }

    /// Asks for the share under a PIN.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn ask_share(&self, typed: &str) -> anyhow::Result<ShareAnswer> {
        ask(&self.http, "/api/v1/phone/share", &self.proof(typed).await?.0).await
    }

    /// Asks for the share under a PIN, and whether it opens the keys.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn unlocks(&mut self, typed: &str) -> anyhow::Result<bool> {
        let (message, reply, nonce) = self.proof(typed).await?;
        let ShareAnswer::Given { share } = ask(&self.http, "/api/v1/phone/share", &message).await? else { return Ok(false) };
        let share = reply.open(&share, Delivery::Share, self.id, &nonce)?;
        let stretched = self.keys.stretch(&pin(typed))?;
        Ok(self.keys.unlock(&stretched, &share).is_ok())
    }

    /// Changes the PIN, up to the proof of the new one.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn change_pin(&mut self, new: &str) -> anyhow::Result<()> {
        let (nonce, reply) = (self.nonce().await?, ReplyKey::draw(&mut Drawn));
        let old = self.keys.stretch(&pin(PIN))?;
        let prepared = self.keys.prepare_pin(pin(new))?;
        let change = PinChange { phone: self.id, nonce, pin_key: prepared.stretched().pin_key(), reply_key: reply.public() };
        let message = ChangePin { pin_key: old.pin_key(), change: old.change(&change) };
        let ShareAnswer::Given { share } = ask(&self.http, "/api/v1/phone/pin", &message).await? else {
            anyhow::bail!("the PIN is not changed");
        };
        let share = reply.open(&share, Delivery::Share, self.id, &nonce)?;
        self.keys.change_pin((&pin(PIN), &self.share), &prepared, &share)?;
        self.share = share;
        Ok(())
    }

    async fn given_offline(&self) -> anyhow::Result<Secret> {
        let (nonce, reply) = (self.nonce().await?, ReplyKey::draw(&mut Drawn));
        let signed = self.sign(&OfflineAsk { phone: self.id, nonce, reply_key: reply.public() })?;
        let given: OfflineGiven = ask(&self.http, "/api/v1/phone/offline", &AskOffline { ask: signed }).await?;
        Ok(reply.open(&given.secret, Delivery::Offline, self.id, &nonce)?)
    }

    /// Fetches a secret for offline codes.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn fetch_offline(&mut self) -> anyhow::Result<Secret> {
        let secret = self.given_offline().await?;
        self.keys.keep_offline(&pin(PIN), &secret)?;
        Ok(secret)
    }

    /// Fetches one as a phone with keys in hardware keeps it: sealed to the key that agrees.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn fetch_kept_offline(&self) -> anyhow::Result<KeptOffline> {
        let secret = self.given_offline().await?;
        Ok(KeptOffline::seal(&self.record.keys.agree, self.id, &secret, &mut Drawn))
    }

    /// The code that such a phone shows at a time, without any network.
    ///
    /// # Errors
    /// When the secret does not open with this phone's key.
    pub fn kept_code(&self, kept: &KeptOffline, time_ms: u64) -> anyhow::Result<String> {
        let auth = UserAuth::Pin { pin: &pin(PIN), share: &self.share };
        let secret = kept.open(&self.record.keys.agree, self.id, |peer| self.keys.agree(peer, auth))?;
        let code = oath::Code::at_time(oath::Kind::PHONE, secret.expose(), time_ms).context("no code")?;
        Ok(code.expose().to_owned())
    }

    /// The code that the phone shows at a time, without any network.
    ///
    /// # Errors
    /// When it has no secret.
    pub fn offline_code(&self, time_ms: u64) -> anyhow::Result<String> {
        let secret = self.keys.offline(&pin(PIN))?;
        let code = oath::Code::at_time(oath::Kind::PHONE, secret.expose(), time_ms).context("no code")?;
        Ok(code.expose().to_owned())
    }
}

/// An invitation as the person's program got it.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The phone's id.
    pub id: String,
    /// What the QR holds.
    pub invitation: String,
    /// The code.
    pub code: String,
}

impl SoftPhone {
    /// Removes itself, by a signature of its key; whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn remove_itself(&self) -> anyhow::Result<Answer> {
        let removal = self.sign(&keycard::Removal { phone: self.id })?;
        self.http.post("/api/v1/phone/self/removal", &serde_json::to_value(keycard::wire::RemoveItself { removal })?).await
    }
}

impl Person {
    /// Proves oneself and invites a phone.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn invite_phone(&self) -> anyhow::Result<Invited> {
        self.prove().await?;
        let answer = self.http.post("/api/v1/phones", &Value::Null).await?.expect(201)?;
        Ok(Invited { id: answer.string("/id"), invitation: answer.string("/invitation"), code: answer.string("/code") })
    }

    /// The digits on this person's page.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn pairing_digits(&self, phone: &str) -> anyhow::Result<String> {
        Ok(self.http.get(&format!("/api/v1/phones/{phone}/pairing")).await?.expect(200)?.string("/digits"))
    }

    /// Gives the password and is asked for a key that confirms.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn asked_to_confirm(&self, phone: &str) -> anyhow::Result<String> {
        let body = serde_json::json!({"password": self.password});
        Ok(self.http.post(&format!("/api/v1/phones/{phone}/pairing/question"), &body).await?.expect(200)?.string("/key_number"))
    }

    /// Confirms with a key, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn confirm_phone(&self, phone: &str, key: &str) -> anyhow::Result<Answer> {
        self.http.post(&format!("/api/v1/phones/{phone}/pairing/confirmation"), &serde_json::json!({"key": key})).await
    }

    /// Pairs a phone by the QR: digits compared, password and key shown.
    ///
    /// # Errors
    /// With what the service refused on the way.
    pub async fn pair_phone(&self, name: &str) -> anyhow::Result<SoftPhone> {
        let invited = self.invite_phone().await?;
        let claimed = begin(&self.http, Seen::Qr(&invited.invitation)).await?.claim(name).await?;
        self.confirm_claimed(&invited, claimed).await
    }

    /// Pairs a phone with keys in hardware, without a PIN, by the QR.
    ///
    /// # Errors
    /// With what the service refused on the way.
    pub async fn pair_phone_in_hardware(&self, name: &str) -> anyhow::Result<SoftPhone> {
        let invited = self.invite_phone().await?;
        let claimed = begin(&self.http, Seen::Qr(&invited.invitation)).await?.claim_in_hardware(name).await?;
        self.confirm_claimed(&invited, claimed).await
    }

    async fn confirm_claimed(&self, invited: &Invited, claimed: Claimed) -> anyhow::Result<SoftPhone> {
        ensure!(self.pairing_digits(&invited.id).await? == claimed.digits, "the digits differ");
        let number = self.asked_to_confirm(&invited.id).await?;
        self.confirm_phone(&invited.id, &self.card.key(&number)).await?.expect(200)?;
        claimed.collect().await
    }
}
