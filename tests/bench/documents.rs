//! PDFs signed per second: in process and without a service, with a sealed key and a time stamp as the service makes them, and by pyHanko.

use std::{path::Path, process::Command, time::Duration};

use certs::{
    cms::{SignedAttributes, assemble, estimated_bytes, identifiers},
    pades::{Digested, SignatureRequest, reserve},
};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    pkey_ctx::PkeyCtx,
    x509::{X509, X509Builder, X509NameBuilder, extension::KeyUsage},
};
use segl::{
    certificates,
    platform::{ground::Ground, password::Strength},
    timestamps,
};

use crate::{
    issuing::{Person, Service, issue},
    measure::{ROUNDS, Round, Watch, report},
};

/// Documents per round.
const COUNT: usize = 200;
/// The document.
const DOCUMENT: &str = "fixtures/pdf/libreoffice.pdf";

/// A P-256 key with a certificate of its own, the same for us and for pyHanko.
struct Signer {
    key: PKey<Private>,
    certificate: X509,
}

impl Signer {
    fn new() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_nid(Nid::COMMONNAME, "Bench").unwrap();
        let name = name.build();
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
        builder.append_extension(KeyUsage::new().critical().non_repudiation().build().unwrap()).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { key, certificate: builder.build() }
    }

    fn sign(&self, digest: &[u8; 32]) -> Vec<u8> {
        let mut context = PkeyCtx::new(&self.key).unwrap();
        context.sign_init().unwrap();
        context.set_signature_md(openssl::md::Md::sha256()).unwrap();
        let mut signature = Vec::new();
        context.sign_to_vec(digest, &mut signature).unwrap();
        signature
    }
}

fn reserved(original: &[u8], certificate: &[u8], token_bytes: usize) -> Digested {
    let request = SignatureRequest {
        field_name: None,
        description: None,
        name: Some("Bench".into()),
        reason: None,
        location: None,
        signing_time: time::OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_795_377_600),
        contents_bytes: estimated_bytes(certificate, &[], token_bytes),
    };
    reserve(original, &request).unwrap().digest()
}

/// Without a service: key in memory, no time stamp, as pyHanko does beside us.
fn plain(original: &[u8], signer: &Signer) -> Round {
    let certificate = signer.certificate.to_der().unwrap();
    let watch = Watch::start();
    for _ in 0..COUNT {
        let digested = reserved(original, &certificate, 0);
        let attributes = SignedAttributes::new(identifiers::DATA, digested.sha256(), &certificate, None).unwrap();
        let message = assemble(&attributes, &signer.sign(&attributes.digest()), &certificate, &[], None, None).unwrap();
        let signed = digested.embed(&message).unwrap().append_to(original).unwrap();
        assert!(signed.len() > original.len());
    }
    watch.stop(COUNT)
}

/// As the service does after password and key: the sealed key is opened for this one signature, which is verified and time-stamped.
async fn sealed(ground: &Ground, original: &[u8], person: &Person, signing: &certificates::Certificate) -> Round {
    let certificate = signing.der.clone().unwrap();
    let watch = Watch::start();
    for _ in 0..COUNT {
        let digested = reserved(original, &certificate, 8192);
        let attributes = SignedAttributes::new(identifiers::DATA, digested.sha256(), &certificate, None).unwrap();
        let account = person.holder.account;
        let protection =
            certificates::PasswordProtection { account, salt: person.salt.clone(), prk: &person.prk, strength: Strength::Long };
        let opening = certificates::Opening::Password(protection);
        let signature = certificates::sign_with(ground, signing.id, account, &opening, attributes.digest()).await.unwrap();
        let imprint = openssl::sha::sha256(&signature);
        let token = timestamps::stamp(ground, imprint).await.unwrap();
        let message = assemble(&attributes, &signature, &certificate, &[], Some(&token), None).unwrap();
        let signed = digested.embed(&message).unwrap().append_to(original).unwrap();
        assert!(signed.len() > original.len());
    }
    watch.stop(COUNT)
}

/// pyHanko's loop in one process of its own, which measures itself.
fn pyhanko(document: &Path, folder: &Path, way: &str) -> Round {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/pyhanko_loop.py");
    let count = (COUNT / 4).to_string();
    let done = Command::new(python())
        .arg(script)
        .arg(document)
        .args(["key.pem", "certificate.pem", "certificate.pem", &count, way])
        .current_dir(folder)
        .output()
        .expect("python with pyHanko is there: ./dev tools installs it");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let words = String::from_utf8(done.stdout).unwrap();
    let spans: Vec<f64> = words.split_whitespace().map(|word| word.parse().unwrap()).collect();
    Round { count: COUNT / 4, elapsed: Duration::from_secs_f64(spans[0]), worked: Duration::from_secs_f64(spans[1]) }
}

#[expect(clippy::disallowed_methods, reason = "./dev says where it installed the foreign tools")]
fn python() -> String {
    std::env::var("SEGL_VENV").map_or_else(|_| "python3".to_owned(), |venv| format!("{venv}/bin/python"))
}

/// All lines, the rounds of ours and of pyHanko in turn.
pub async fn run() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let original = std::fs::read(&document).unwrap();
    let signer = Signer::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key.pem"), signer.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    std::fs::write(folder.path().join("certificate.pem"), signer.certificate.to_pem().unwrap()).unwrap();
    let service = Service::found(None).await;
    let person = Person::new(&service.ground);
    let id = issue(&service.ground, &person).await;
    let mut reader = service.ground.database.read().await.unwrap();
    let signing = certificates::read::by_id(&mut reader, id).await.unwrap().unwrap();
    drop(reader);
    let mut lines: [Vec<Round>; 4] = Default::default();
    for _ in 0..ROUNDS {
        lines[0].push(plain(&original, &signer));
        lines[1].push(sealed(&service.ground, &original, &person, &signing).await);
        lines[2].push(pyhanko(&document, folder.path(), "cached"));
        lines[3].push(pyhanko(&document, folder.path(), "shipped"));
    }
    report("PDF signed, key in memory", &lines[0]);
    report("PDF signed, sealed key opened, time-stamped (SQLite)", &lines[1]);
    report("PDF signed by pyHanko, key in memory", &lines[2]);
    report("PDF signed by pyHanko, key read each time", &lines[3]);
}
