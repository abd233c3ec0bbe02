//! Keys, a seeded random source, and messages that keep every rule.

use keycard::payload::{Listed, Parts, Payload, Purpose, ReleaseTo};
use keycard::soft::{Cost, FileShelf, SoftKeys};
use keycard::{
    ApprovalId, Decision, DeviceKey, Fault, Number, PhoneId, PhoneKeys, Proof, PublicKey, QrSecret, ReleaseKeyId, Secret, SharedSecret,
    Signature, Signed, UserAuth, Verdict,
};
use p256::ecdsa::signature::Signer as _;
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};

pub const CHEAP: Cost = Cost { memory_kib: 8 * 1024, passes: 1 };
pub const PHONE: PhoneId = PhoneId([7; 16]);

pub fn sha(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

pub fn first<const N: usize>(data: &[u8]) -> [u8; N] {
    sha(data)[..N].try_into().unwrap()
}

/// SHA-256 over seed and counter.
#[derive(Clone)]
pub struct Seeded {
    seed: u64,
    counter: u64,
}

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next_u64() % bound as u64) as usize
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill_bytes(&mut bytes);
        bytes
    }

    pub fn coin(&mut self) -> bool {
        self.next_u32() & 1 == 1
    }
}

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes(self.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            self.counter += 1;
            let block = sha(&[self.seed.to_be_bytes(), self.counter.to_be_bytes()].concat());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

impl CryptoRng for Seeded {}

/// A key pair in the open, as the service's keystore or a phone's hardware has it.
pub struct TestKey(pub p256::SecretKey);

impl TestKey {
    pub fn named(name: &str) -> Self {
        Self(p256::SecretKey::from_slice(&sha(name.as_bytes())).unwrap())
    }

    pub fn public(&self) -> PublicKey {
        use p256::elliptic_curve::sec1::ToEncodedPoint as _;
        PublicKey::from_sec1("key", self.0.public_key().to_encoded_point(false).as_bytes()).unwrap()
    }

    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(&self.0).sign(message);
        Signature::from_der("signature", signature.to_der().as_bytes()).unwrap()
    }

    pub fn signed<T: keycard::Canonical>(&self, message: &T) -> Signed<T> {
        Signed::sign(message, |bytes| Ok::<_, Fault>(self.sign(bytes))).unwrap()
    }

    pub fn agree(&self, peer: &PublicKey) -> Result<SharedSecret, Fault> {
        let peer = p256::PublicKey::from_sec1_bytes(peer.sec1()).unwrap();
        let shared = p256::ecdh::diffie_hellman(self.0.to_nonzero_scalar(), peer.as_affine());
        Ok(SharedSecret::new((*shared.raw_secret_bytes()).into()))
    }
}

pub fn phone_keys() -> PhoneKeys {
    PhoneKeys { sign: TestKey::named("phone sign").public(), agree: TestKey::named("phone agree").public() }
}

/// The payload of `answers.py`.
pub fn fixed_parts() -> Parts {
    Parts {
        purpose: Purpose::SignDocument,
        id: ApprovalId(first(b"approval")),
        service: "Segl hos Ærø Kommune".into(),
        account: "abj-0042".into(),
        company: "Ærø Kommune".into(),
        certificate: Some(vec![0x00, 0xa1, 0xb2, 0xc3]),
        title: "Underskriv Købsaftale.pdf".into(),
        lines: vec!["12 sider".into(), "Beløb: 1.250.000 kr.".into()],
        content: Some(sha(b"content")),
        plan: Some(sha(b"plan")),
        digests: vec![Listed { label: "Købsaftale.pdf".into(), digest: sha(b"digest") }],
        network: "192.0.2.0/24".into(),
        place: Some("Rønne, Danmark".into()),
        nonce: first(b"nonce"),
        issued_ms: 1_795_750_000_000,
        expires_ms: 1_795_750_120_000,
        release_key: Some(ReleaseTo { id: ReleaseKeyId(first(b"release id")), key: TestKey::named("release").public() }),
        further: Vec::new(),
    }
}

/// The payload of `answers.py` that asks for the secrets of three certificates.
pub fn several_parts() -> Parts {
    Parts {
        purpose: Purpose::NewPassword,
        content: None,
        plan: None,
        digests: Vec::new(),
        further: vec![vec![0x01, 0xb2], vec![0x02, 0xc3]],
        ..fixed_parts()
    }
}

/// A text of 1 to `bound` characters that keeps the rules of plain text.
fn text(random: &mut Seeded, bound: usize) -> String {
    const SIGNS: [char; 14] = ['a', 'Z', '0', 'æ', 'Ø', 'å', '.', '-', '€', '漢', '😀', 'ß', '/', '§'];
    let length = 1 + random.below(bound);
    (0..length).map(|place| if place % 7 == 3 && place + 1 < length { ' ' } else { SIGNS[random.below(SIGNS.len())] }).collect()
}

/// A payload that keeps every rule, of any purpose.
pub fn any_payload(random: &mut Seeded) -> Payload {
    let purpose = Purpose::ALL[random.below(Purpose::ALL.len())];
    let certificate = random.coin().then(|| random.bytes::<20>()[..1 + random.below(20)].to_vec());
    let release = purpose.may_release() && certificate.is_some() && random.coin();
    let several = if release && purpose == Purpose::NewPassword { random.below(8) } else { 0 };
    let whole = purpose == Purpose::SignDocument || random.coin();
    let issued_ms = random.next_u64() >> 1;
    let parts = Parts {
        purpose,
        id: ApprovalId(random.bytes()),
        service: text(random, 120),
        account: text(random, 120),
        company: text(random, 120),
        certificate,
        title: text(random, 120),
        lines: (0..random.below(41)).map(|_| text(random, 200)).collect(),
        content: whole.then(|| random.bytes()),
        plan: whole.then(|| random.bytes()),
        digests: (0..random.below(51)).map(|_| Listed { label: text(random, 200), digest: random.bytes() }).collect(),
        network: text(random, 64),
        place: random.coin().then(|| text(random, 120)),
        nonce: random.bytes(),
        issued_ms,
        expires_ms: issued_ms + 1 + random.below(600_000) as u64,
        release_key: release.then(|| ReleaseTo { id: ReleaseKeyId(random.bytes()), key: TestKey::named("any").public() }),
        further: (0..several).map(|_| random.bytes::<20>().to_vec()).collect(),
    };
    Payload::new(parts).unwrap()
}

pub fn any_decision(random: &mut Seeded) -> Decision {
    let verdict = match random.below(4) {
        0 => Verdict::Reject,
        1 => Verdict::NotMe,
        2 => Verdict::Approve { proof: Proof::Typed(Number::draw(random)), release: random.coin().then(|| random.bytes()) },
        _ => Verdict::Approve { proof: Proof::Scanned(QrSecret::new(random.bytes())), release: random.coin().then(|| random.bytes()) },
    };
    Decision { payload: random.bytes(), verdict, phone: PhoneId(random.bytes()) }
}

/// Keys in a file, made with PIN 2718 and the share of `answers.py`.
pub fn soft_phone(folder: &tempfile::TempDir) -> SoftKeys {
    let mut keys = soft_keys(folder, 1);
    keys.create("Annes telefon", &[1; 32], UserAuth::Pin { pin: &pin("2718"), share: &share() }).unwrap();
    keys
}

pub fn soft_keys(folder: &tempfile::TempDir, seed: u64) -> SoftKeys {
    SoftKeys::new(Box::new(FileShelf::new(folder.path().join("keys"))), Box::new(Seeded::new(seed)), CHEAP)
}

pub fn pin(digits: &str) -> keycard::pin::Pin {
    keycard::pin::Pin::parse(digits).unwrap()
}

pub fn share() -> Secret {
    Secret::new(sha(b"share"))
}

/// `bytes` with each bit flipped in turn.
pub fn changed(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let masks = (0..8).map(|bit| 1_u8 << bit);
    let flips = masks.flat_map(|mask| (0..bytes.len()).map(move |place| (place, mask)));
    flips.map(|(place, mask)| {
        let mut changed = bytes.to_vec();
        changed[place] ^= mask;
        changed
    })
}
