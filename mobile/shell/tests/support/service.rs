//! The service's half, in memory: it judges what the phone sends by the crate `keycard`, as the server does.

use std::time::{SystemTime, UNIX_EPOCH};

use keycard::opener::Opener;
use keycard::pairing::{
    Address, Claim, Code, Invitation, LIFETIME_MS, Offer, PairingRecord, Registered, Step, Token, TokenKeys, agree_answer, agree_challenge,
    digits,
};
use keycard::payload::{Listed, Parts, Payload, Purpose};
use keycard::pin::{Delivery, deliver};
use keycard::release::ReleaseKey;
use keycard::wire::{
    AgreePairing, AskOffline, AskPairing, AskShare, Bearer, BeginPairing, BlockPhone, Bounded, ChangePin, ClaimPairing, Decide, Decided,
    Exact, FROM_PHONE_BYTES, History, HistoryEntry, Identities, IdentityAnswer, IdentityQuestion, IdentityStep, Offered, OfflineGiven,
    PairingStatus, PhoneEntry, Phones, PlainText, RegisteredPairing, RemoveItself, Rename, Request, ShareAnswer, ShareNonce, TimeQuestion,
    TimeTold, Waiting, WaitingRequest, Wake, WakeOffered, read,
};
use keycard::{
    ApprovalId, Canonical, Number, PhoneId, PublicKey, QrSecret, ReleaseKeyId, Scan, Secret, Shown, Signature, Signed, Succession,
    TimeAnswer, Verdict,
};
use p256::ecdsa::signature::Signer as _;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use rand_core::{OsRng, RngCore as _};
use serde::Serialize;

pub struct Asked {
    pub method: String,
    pub path: String,
    pub bearer: Option<Bearer>,
    pub last: Option<String>,
    pub language: Option<String>,
    pub body: Vec<u8>,
}

pub enum Answer {
    /// The connection breaks before an answer.
    Dropped,
    Events(String),
    Json(u16, Vec<u8>),
}

/// What a test has the service do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Fair,
    /// Takes each decision, and breaks the connection before the answer.
    ForgetsToAnswer,
    /// Breaks each connection.
    Away,
    /// Takes each question and answers none, until the mood is another.
    Hangs,
}

pub struct Phone {
    pub claim: Claim,
    pub name: String,
    pub token: [u8; 32],
    pub share: Secret,
    pub pending: Option<(PublicKey, Secret)>,
    pub pin_key: Option<PublicKey>,
    pub wrong: u8,
    pub offline: Option<Secret>,
}

pub struct Asking {
    pub payload: Signed<Payload>,
    pub opener: Option<Opener>,
    pub number: Number,
    pub qr: QrSecret,
    pub wrong: u8,
    pub extended: u8,
}

pub struct Pairing {
    pub token: TokenKeys,
    mac: Option<[u8; 32]>,
    phone: PhoneId,
    share: Secret,
    claim: Option<(Claim, [u8; 32])>,
    agreed: bool,
    pub digits: Option<String>,
    pub confirmed: Option<bool>,
}

pub struct Service {
    address: String,
    identity: p256::SecretKey,
    pub pairing: Option<Pairing>,
    pub phone: Option<Phone>,
    pub asking: Option<Asking>,
    nonce: Option<[u8; 32]>,
    pub release_key: ReleaseKey,
    pub mood: Mood,
    /// Each decision that came, with what was released; a repetition too.
    pub decisions: Vec<(Verdict, Option<Secret>)>,
    taken: Option<ApprovalId>,
    pub clock_ahead_ms: u64,
    /// The person's other phone, and whether it is blocked.
    pub other: Option<(PhoneId, bool)>,
    successor: Option<p256::SecretKey>,
    /// Each key that took over, with what it said first.
    steps: Vec<IdentityStep>,
    /// What it says of waking phones; nothing: it is older than that.
    pub wake_offered: Option<WakeOffered>,
    /// Each way to wake the phone that it was told, newest last.
    pub wakes: Vec<Wake>,
    /// `Last-Event-ID` of each stream that was opened.
    pub streams: Vec<Option<String>>,
    pub asked: Vec<String>,
    /// The language that the last request was made in.
    pub language: Option<String>,
    /// What came while it hung.
    pub hanging: Vec<String>,
    /// Each decision as it came, answered or not.
    pub sent: Vec<Vec<u8>>,
}

pub fn public(key: &p256::SecretKey) -> PublicKey {
    PublicKey::from_sec1("key", key.public_key().to_encoded_point(false).as_bytes()).unwrap()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

fn json(value: &impl Serialize) -> Option<Answer> {
    Some(Answer::Json(200, serde_json::to_vec(value).unwrap()))
}

fn question<T: serde::de::DeserializeOwned>(asked: &Asked) -> Option<T> {
    read(&asked.body, FROM_PHONE_BYTES).ok()
}

impl Service {
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            identity: p256::SecretKey::random(&mut OsRng),
            pairing: None,
            phone: None,
            asking: None,
            nonce: None,
            release_key: ReleaseKey::draw(ReleaseKeyId(random()), &mut OsRng),
            mood: Mood::Fair,
            decisions: Vec::new(),
            taken: None,
            clock_ahead_ms: 0,
            other: None,
            successor: Some(p256::SecretKey::random(&mut OsRng)),
            steps: Vec::new(),
            wake_offered: None,
            wakes: Vec::new(),
            streams: Vec::new(),
            asked: Vec::new(),
            language: None,
            hanging: Vec::new(),
            sent: Vec::new(),
        }
    }

    pub fn now_ms(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        u64::try_from(now.as_millis()).unwrap() + self.clock_ahead_ms
    }

    pub fn signed<T: Canonical>(&self, message: &T) -> Signed<T> {
        let sign = |bytes: &[u8]| {
            let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(&self.identity).sign(bytes);
            Signature::from_der("signature", signature.to_der().as_bytes())
        };
        Signed::sign(message, sign).unwrap()
    }

    /// The successor takes over, and names the next.
    pub fn succeed(&mut self) {
        self.identity = self.successor.replace(p256::SecretKey::random(&mut OsRng)).unwrap();
        self.tell_step();
    }

    /// A key that nobody announced says that it took over.
    pub fn usurp(&mut self) {
        self.change_identity();
        self.tell_step();
    }

    fn tell_step(&mut self) {
        let named = Succession { successor: self.successor.as_ref().map(|key| public(key).thumbprint()) };
        self.steps.push(IdentityStep { key: public(&self.identity), named: self.signed(&named) });
    }

    fn phones(&self) -> Phones {
        let own = self.phone.as_ref().map(|phone| (phone.claim.phone, "active"));
        let other = self.other.map(|(id, blocked)| (id, if blocked { "blocked" } else { "active" }));
        let told = |(id, state): (PhoneId, &str)| PhoneEntry {
            id,
            name: PlainText::new("Telefon").unwrap(),
            state: PlainText::new(state).unwrap(),
            protection: PlainText::new("software-pin").unwrap(),
            paired_ms: self.now_ms(),
            usable_ms: self.now_ms(),
            ended_ms: None,
        };
        Phones { phones: Bounded::new(other.into_iter().chain(own).map(told).collect()).unwrap() }
    }

    fn block(&mut self, lost: &str, asked: &Asked) -> Option<Answer> {
        let claim = self.phone.as_ref()?.claim.clone();
        let block = question::<BlockPhone>(asked)?.block.open(&claim.keys.sign).ok()?;
        let (other, blocked) = self.other.as_mut()?;
        (block.phone == claim.phone && block.lost == *other && lost == other.to_string()).then(|| *blocked = true)?;
        Some(Answer::Json(204, Vec::new()))
    }

    fn remove(&mut self, asked: &Asked) -> Option<Answer> {
        let claim = self.phone.as_ref()?.claim.clone();
        let removal = question::<RemoveItself>(asked)?.removal.open(&claim.keys.sign).ok()?;
        if removal.phone != claim.phone {
            return None;
        }
        self.phone = None;
        Some(Answer::Json(204, Vec::new()))
    }

    /// Another key in place of the one that phones have pinned.
    pub fn change_identity(&mut self) {
        self.identity = p256::SecretKey::random(&mut OsRng);
    }

    /// What the page shows in the QR.
    pub fn invite(&mut self) -> String {
        let bytes = random();
        self.begin(Token::new(bytes).keys(), None);
        let (address, pin) = (Address::parse(&self.address).unwrap(), public(&self.identity).thumbprint());
        Invitation { address, pin, token: Token::new(bytes) }.text()
    }

    /// What the page shows to be typed.
    pub fn invite_by_code(&mut self) -> String {
        let code = Code::new(random());
        let mac = code.identity_mac(&public(&self.identity));
        self.begin(code.token().keys(), Some(mac));
        code.expose().to_string()
    }

    fn begin(&mut self, token: TokenKeys, mac: Option<[u8; 32]>) {
        let (phone, share) = (PhoneId(random()), Secret::draw(&mut OsRng));
        self.pairing = Some(Pairing { token, mac, phone, share, claim: None, agreed: false, digits: None, confirmed: None });
    }

    /// Asks the person; `secret` is what opens the signing key, for a signature.
    pub fn ask(&mut self, number: &str, secret: Option<&Secret>) -> ApprovalId {
        let phone = self.phone.as_ref().unwrap();
        let serial = vec![0x0a, 0x0b];
        let opener = secret.map(|secret| Opener::seal(&phone.claim.keys.agree, &serial, phone.claim.phone, secret, &mut OsRng));
        let issued_ms = self.now_ms();
        let id = ApprovalId(random());
        let payload = Payload::new(Parts {
            purpose: if secret.is_some() { Purpose::SignDocument } else { Purpose::Login },
            id,
            service: "Segl hos Ærø Kommune".into(),
            account: "abj-0042".into(),
            company: "Ærø Kommune".into(),
            certificate: secret.map(|_| serial),
            title: if secret.is_some() { "Købsaftale.pdf".into() } else { "Selvbetjening".into() },
            lines: vec!["12 sider".into(), "Beløb: 1.250.000 kr.".into()],
            content: secret.map(|_| random()),
            plan: secret.map(|_| random()),
            digests: secret.map(|_| Listed { label: "Købsaftale.pdf".into(), digest: random() }).into_iter().collect(),
            network: "192.0.2.0/24".into(),
            place: Some("Rønne, Danmark".into()),
            nonce: random(),
            issued_ms,
            expires_ms: issued_ms + 120_000,
            release_key: secret.map(|_| self.release_key.public()),
            further: Vec::new(),
        });
        let payload = self.signed(&payload.unwrap());
        let (number, qr) = (Number::parse(number).unwrap(), QrSecret::new(random()));
        self.asking = Some(Asking { payload, opener, number, qr, wrong: 0, extended: 0 });
        self.taken = None;
        id
    }

    /// What the page's QR beside the number holds.
    pub fn scan(&self) -> String {
        let asking = self.asking.as_ref().unwrap();
        Scan { approval: asking.id(self), secret: asking.qr.clone() }.text()
    }

    /// Writes down what comes, before anything is answered. Says whether it is answered now.
    pub fn hears(&mut self, asked: &Asked) -> bool {
        if asked.path.ends_with("/decision") {
            self.sent.push(asked.body.clone());
        }
        let hangs = self.mood == Mood::Hangs;
        if hangs {
            self.hanging.push(format!("{} {}", asked.method, asked.path));
        }
        !hangs
    }

    pub fn answer(&mut self, asked: &Asked) -> Answer {
        self.asked.push(format!("{} {}", asked.method, asked.path));
        self.language.clone_from(&asked.language);
        if self.mood == Mood::Away {
            return Answer::Dropped;
        }
        let answer = if asked.path.starts_with("pairing/") { self.pair(asked) } else { self.paired(asked) };
        answer.unwrap_or_else(|| Answer::Json(404, br#"{"type":"/problems/not-found"}"#.to_vec()))
    }

    fn pair(&mut self, asked: &Asked) -> Option<Answer> {
        let identity = public(&self.identity);
        match asked.path.as_str() {
            "pairing/identity" => {
                let question: IdentityQuestion = question(asked)?;
                let pairing = self.pairing.as_ref().filter(|pairing| pairing.token.lookup == question.lookup.0)?;
                json(&IdentityAnswer { identity, mac: Exact(pairing.mac?) })
            }
            "pairing/begin" => {
                let question: BeginPairing = question(asked)?;
                let pairing = self.pairing.as_ref().filter(|pairing| pairing.token.lookup == question.lookup.0)?;
                pairing.token.tagged(Step::Begin, &question.nonce.0, &question.reply_key, &question.tag.0).then_some(())?;
                let share = deliver(&question.reply_key, Delivery::Share, pairing.phone, &question.nonce.0, &pairing.share, &mut OsRng);
                let offer = Offer {
                    nonce: question.nonce.0,
                    phone: pairing.phone,
                    service: "Segl hos Ærø Kommune".into(),
                    company: "Ærø Kommune".into(),
                    name: "Anne Bæk Jensen".into(),
                    account: "abj-0042".into(),
                    successor: self.successor.as_ref().map(|key| public(key).thumbprint()),
                    expires_ms: self.now_ms() + LIFETIME_MS,
                    share,
                };
                json(&Offered { identity, offer: self.signed(&offer) })
            }
            "pairing/claim" => self.claim(asked),
            "pairing/agreement" => {
                let question: AgreePairing = question(asked)?;
                let pairing = self.pairing.as_mut()?;
                pairing.agreed = pairing.claim.as_ref()?.1 == question.answer.0;
                pairing.agreed.then(|| Answer::Json(204, Vec::new()))
            }
            "pairing/status" => self.status(asked),
            _ => None,
        }
    }

    fn claim(&mut self, asked: &Asked) -> Option<Answer> {
        let question: ClaimPairing = question(asked)?;
        let pin = public(&self.identity).thumbprint();
        let pairing = self.pairing.as_ref()?;
        let claim = question.claim.judge(&pairing.token, &question.tag.0, &pin, pairing.phone).ok()?;
        let (challenge, nonce) = (Secret::draw(&mut OsRng), random());
        let sealed = agree_challenge(&claim, &question.claim.hash(), &challenge, &mut OsRng);
        let registered = self.signed(&Registered { claim: question.claim.hash(), nonce, challenge: sealed });
        let pairing = self.pairing.as_mut()?;
        pairing.digits = Some(digits(&pairing.token, &pin, &claim.keys, &nonce));
        pairing.claim = Some((claim, agree_answer(&challenge)));
        json(&RegisteredPairing { registered })
    }

    fn status(&mut self, asked: &Asked) -> Option<Answer> {
        let question: AskPairing = question(asked)?;
        let pairing = self.pairing.as_ref()?;
        let (claimed, _) = pairing.claim.as_ref()?;
        let reply_key = question.collect.verify(&claimed.keys.sign, &pairing.token.lookup, claimed.phone).ok()?;
        pairing.token.tagged(Step::Status, &question.nonce.0, &reply_key, &question.tag.0).then_some(())?;
        match pairing.confirmed {
            None => return json(&PairingStatus::Waiting),
            Some(false) => return json(&PairingStatus::Refused),
            Some(true) => assert!(pairing.agreed, "nobody confirms before the phone has answered the challenge"),
        }
        let (claim, _) = pairing.claim.clone()?;
        let token = Secret::draw(&mut OsRng);
        let sealed = deliver(&reply_key, Delivery::DeviceToken, claim.phone, &question.nonce.0, &token, &mut OsRng);
        let paired_ms = self.now_ms();
        let record = PairingRecord {
            phone: claim.phone,
            service: "Segl hos Ærø Kommune".into(),
            account: "abj-0042".into(),
            company: "Ærø Kommune".into(),
            keys: claim.keys,
            protection: claim.protection,
            attestation: None,
            confirmation: random(),
            paired_ms,
            usable_ms: paired_ms,
        };
        self.phone = Some(Phone {
            name: claim.name.clone(),
            token: Bearer { phone: claim.phone, token }.hash(),
            share: pairing.share.clone(),
            pending: None,
            pin_key: claim.pin_key,
            wrong: 0,
            offline: None,
            claim,
        });
        json(&PairingStatus::Paired { record: self.signed(&record), token: sealed })
    }

    fn paired(&mut self, asked: &Asked) -> Option<Answer> {
        let phone = self.phone.as_ref()?;
        if !asked.bearer.as_ref().is_some_and(|bearer| bearer.phone == phone.claim.phone && bearer.is(&phone.token)) {
            return Some(Answer::Json(401, br#"{"type":"/problems/phone-refused"}"#.to_vec()));
        }
        match (asked.method.as_str(), asked.path.as_str()) {
            ("POST", "time") => {
                let question: TimeQuestion = question(asked)?;
                json(&TimeTold { time: self.signed(&TimeAnswer { nonce: question.nonce.0, time_ms: self.now_ms() }) })
            }
            ("POST", "share/nonce") => {
                let nonce = random();
                self.nonce = Some(nonce);
                json(&ShareNonce { nonce: Exact(nonce) })
            }
            ("POST", "share") => self.share(asked),
            ("POST", "pin") => self.change_pin(asked),
            ("POST", "offline") => {
                let (question, nonce): (AskOffline, _) = (question(asked)?, self.nonce.take()?);
                let ask = question.ask.open(&self.phone.as_ref()?.claim.keys.sign).ok().filter(|ask| ask.nonce == nonce)?;
                let secret = Secret::draw(&mut OsRng);
                let sealed = deliver(&ask.reply_key, Delivery::Offline, ask.phone, &nonce, &secret, &mut OsRng);
                self.phone.as_mut()?.offline = Some(secret);
                json(&OfflineGiven { secret: sealed })
            }
            ("PATCH", "self") => {
                self.phone.as_mut()?.name = question::<Rename>(asked)?.name.as_str().to_owned();
                Some(Answer::Json(204, Vec::new()))
            }
            ("GET", "events") => {
                self.streams.push(asked.last.clone());
                Some(Answer::Events("id: 7\ndata: {\"event\":\"look\"}\n\n: beat\n\ndata: {\"event\":\"of-a-newer-service\"}\n\n".into()))
            }
            (_, "wake") => self.wake(asked),
            ("GET", "phones") => json(&self.phones()),
            ("GET", "identity") => json(&Identities { steps: Bounded::new(self.steps.clone()).unwrap() }),
            ("GET", "history") => json(&History { entries: self.history(), next: None }),
            ("GET", "requests") => {
                let id = self.asking.as_ref().filter(|_| self.taken.is_none()).map(|asking| asking.id(self));
                json(&Waiting { requests: Bounded::new(id.into_iter().map(|id| WaitingRequest { id }).collect()).unwrap() })
            }
            ("POST", "self/removal") => self.remove(asked),
            ("POST", path) if path.starts_with("phones/") => {
                let lost = path.strip_prefix("phones/")?.strip_suffix("/block")?.to_owned();
                self.block(&lost, asked)
            }
            _ => self.request(asked),
        }
    }

    fn wake(&mut self, asked: &Asked) -> Option<Answer> {
        let offered = self.wake_offered.as_ref()?;
        if asked.method == "GET" {
            return json(offered);
        }
        let wake: Wake = question(asked)?;
        let fits = match &wake {
            Wake::Apns { .. } => offered.apns,
            Wake::Fcm { .. } => offered.fcm,
            Wake::None => true,
            Wake::WebPush { .. } => offered.web_push.is_some(),
        };
        if !fits {
            return Some(Answer::Json(409, br#"{"type":"/problems/conflict"}"#.to_vec()));
        }
        self.wakes.push(wake);
        Some(Answer::Json(204, Vec::new()))
    }

    fn history(&self) -> Bounded<HistoryEntry, 50> {
        let entry = |(verdict, _): &(Verdict, Option<Secret>)| HistoryEntry {
            id: ApprovalId(random()),
            purpose: PlainText::new("login").unwrap(),
            service: PlainText::new("Segl hos Ærø Kommune").unwrap(),
            title: PlainText::new("Selvbetjening").unwrap(),
            outcome: PlainText::new(if matches!(verdict, Verdict::Approve { .. }) { "approved" } else { "rejected" }).unwrap(),
            ended_ms: self.now_ms(),
        };
        Bounded::new(self.decisions.iter().map(entry).collect()).unwrap()
    }

    fn share(&mut self, asked: &Asked) -> Option<Answer> {
        let (question, nonce): (AskShare, _) = (question(asked)?, self.nonce.take()?);
        let phone = self.phone.as_mut()?;
        if phone.wrong == keycard::pin::TRIES {
            return json(&ShareAnswer::Gone);
        }
        let fresh = phone.pending.as_ref().is_some_and(|(key, _)| *key == question.pin_key);
        let proof = question.proof.open(&question.pin_key).ok().filter(|proof| proof.nonce == nonce && proof.phone == phone.claim.phone)?;
        if Some(question.pin_key) != phone.pin_key && !fresh {
            phone.wrong += 1;
            return json(&ShareAnswer::Wrong { tries_left: keycard::pin::TRIES - phone.wrong });
        }
        if let (true, Some((key, share))) = (fresh, phone.pending.take()) {
            (phone.pin_key, phone.share) = (Some(key), share);
        }
        phone.wrong = 0;
        json(&ShareAnswer::Given { share: deliver(&proof.reply_key, Delivery::Share, proof.phone, &nonce, &phone.share, &mut OsRng) })
    }

    fn change_pin(&mut self, asked: &Asked) -> Option<Answer> {
        let (question, nonce): (ChangePin, _) = (question(asked)?, self.nonce.take()?);
        let phone = self.phone.as_mut()?;
        let change = question.change.open(&phone.pin_key?).ok().filter(|change| change.nonce == nonce)?;
        let share = Secret::draw(&mut OsRng);
        let sealed = deliver(&change.reply_key, Delivery::Share, change.phone, &nonce, &share, &mut OsRng);
        phone.pending = Some((change.pin_key, share));
        json(&ShareAnswer::Given { share: sealed })
    }

    fn request(&mut self, asked: &Asked) -> Option<Answer> {
        let (id, verb) = asked.path.strip_prefix("requests/").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        let id: ApprovalId = id.parse().ok()?;
        let asking = self.asking.as_ref().filter(|asking| asking.id(self) == id)?;
        match verb {
            "" => json(&Request { payload: asking.payload.clone(), opener: asking.opener.clone(), further: Bounded::default() }),
            "extension" => {
                let mut parts = asking.payload.open(&public(&self.identity)).unwrap().parts().clone();
                (parts.id, parts.nonce, parts.issued_ms) = (ApprovalId(random()), random(), self.now_ms());
                parts.expires_ms = parts.issued_ms + 120_000;
                let payload = self.signed(&Payload::new(parts).unwrap());
                let asking = self.asking.as_mut()?;
                asking.payload = payload.clone();
                asking.extended += 1;
                json(&Request { payload, opener: asking.opener.clone(), further: Bounded::default() })
            }
            "decision" => self.decide(id, asked),
            _ => None,
        }
    }

    fn decide(&mut self, id: ApprovalId, asked: &Asked) -> Option<Answer> {
        let question: Decide = question(asked)?;
        let keys = self.phone.as_ref()?.claim.keys;
        let decision = question.decision.open(&keys.sign).ok()?;
        let asking = self.asking.as_mut()?;
        let release = question.release.as_ref();
        let hash = release.map(keycard::release::Release::hash);
        let shown = Shown { number: &asking.number, qr: &asking.qr };
        match decision.answers(&asking.payload.hash(), self.phone.as_ref()?.claim.phone, hash.as_ref(), &shown) {
            Ok(()) => {}
            Err(keycard::Unanswered::WrongNumber) => {
                asking.wrong += 1;
                return json(&Decided::WrongNumber { tries_left: keycard::NUMBER_TRIES - asking.wrong });
            }
            Err(other) => panic!("the phone's decision does not answer what was asked: {other}"),
        }
        let payload = asking.payload.open(&public(&self.identity)).unwrap();
        let opened = release.map(|release| self.release_key.open(release, &payload).expect("the release is for this payload"));
        self.decisions.push((decision.verdict, opened));
        self.taken = Some(id);
        if self.mood == Mood::ForgetsToAnswer { Some(Answer::Dropped) } else { json(&Decided::Taken) }
    }
}

impl Asking {
    fn id(&self, service: &Service) -> ApprovalId {
        self.payload.open(&public(&service.identity)).unwrap().parts().id
    }
}
