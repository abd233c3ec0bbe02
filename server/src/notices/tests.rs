//! What was told, looked at from outside: the files of the spool, and what openssl and poppler say of them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{path::PathBuf, process::Command, rc::Rc};

use futures_util::future::LocalBoxFuture;
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    x509::{X509, X509NameBuilder, extension::SubjectAlternativeName},
};

use super::*;
use crate::{
    commands::work::{self, Work},
    fetch,
    platform::{
        actor::Author,
        database::DatabaseError,
        ground::Ground,
        id::{Id as _, RecipientId},
        testing,
        words::Language,
    },
};

/// A self-signed notice certificate with its key in memory.
struct TestSigner {
    certificate: X509,
    key: PKey<Private>,
}

impl TestSigner {
    fn new() -> Self {
        let group = openssl::ec::EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(openssl::ec::EcKey::generate(&group).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "Segl test notices").unwrap();
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::from_str("20260101000000Z").unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_str("20360101000000Z").unwrap()).unwrap();
        let email = SubjectAlternativeName::new().email("segl@localhost.example").build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(email).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { certificate: builder.build(), key }
    }
}

impl Signer for TestSigner {
    fn credentials<'a>(&'a self, _ground: &'a Ground) -> LocalBoxFuture<'a, anyhow::Result<Option<Credentials>>> {
        let certificate = self.certificate.to_der().unwrap();
        Box::pin(async { Ok(Some(Credentials { certificate, chain: Vec::new() })) })
    }

    fn sign<'a>(
        &'a self,
        _ground: &'a Ground,
        _credentials: &'a Credentials,
        digest: [u8; 32],
    ) -> LocalBoxFuture<'a, anyhow::Result<Vec<u8>>> {
        Box::pin(async move {
            let key = self.key.ec_key()?;
            Ok(openssl::ecdsa::EcdsaSig::sign(&digest, &key)?.to_der()?)
        })
    }
}

fn work(signer: &Rc<TestSigner>) -> Work {
    let signer = signer.clone();
    Work::default().job(jobs::SEND, move |ground, payload| {
        let signer = signer.clone();
        async move { jobs::send(&ground, signer.as_ref(), &payload).await }
    })
}

fn contact(ground: &Ground) -> Contact {
    Contact {
        recipient: RecipientId::fresh(ground.clock().now(), ground.random()),
        name: "Åse Ærøskøbing".to_owned(),
        email: Some("aase@example.dk".to_owned()),
        postal_address: Some("Østergade 1\n5970 Ærøskøbing".to_owned()),
        language: Language::Da,
    }
}

async fn told(ground: &Ground, contact: &Contact, notice: &Notice) -> crate::platform::id::MessageId {
    let sealed = seal(ground, notice).await.unwrap();
    ground
        .database
        .write::<_, DatabaseError, _>(async |unit| {
            keep_contact(unit, contact).await?;
            tell(unit, contact.recipient, &sealed).await
        })
        .await
        .unwrap()
}

fn invitation() -> Notice {
    Notice::mail(Kind::EmployeeInvited).with("company", "Æbler & Pærer ApS").secret("link", "https://segl.example.dk/activate/geheim")
}

fn files(directory: PathBuf) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[actix_web::test]
async fn openssl_accepts_the_signature_of_a_spooled_mail() {
    let world = testing::ground().await.unwrap();
    let signer = Rc::new(TestSigner::new());
    told(&world, &contact(&world), &invitation()).await;
    assert_eq!(work::run_until_idle(&world, &work(&signer)).await.unwrap(), 1);
    let files = files(world.directory().join("spool"));
    let [mail] = files.as_slice() else { panic!("one mail, not {files:?}") };
    let anchor = world.directory().join("anchor.pem");
    std::fs::write(&anchor, signer.certificate.to_pem().unwrap()).unwrap();
    let verify = |file: &PathBuf| {
        let mut command = Command::new("openssl");
        command.args(["cms", "-verify", "-inform", "SMIME", "-purpose", "any", "-attime", "1795348800", "-CAfile"]);
        command.arg(&anchor).arg("-in").arg(file).output().unwrap()
    };
    let verified = verify(mail);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let text = String::from_utf8(quoted_printable::decode(&verified.stdout, quoted_printable::ParseMode::Robust).unwrap()).unwrap();
    assert!(text.contains("Æbler & Pærer ApS har inviteret dig"), "{text}");

    let changed = world.directory().join("changed.eml");
    std::fs::write(&changed, std::fs::read_to_string(mail).unwrap().replacen("activate/", "activate/x", 1)).unwrap();
    assert!(!verify(&changed).status.success(), "a changed mail must not verify");
}

#[actix_web::test]
async fn the_spool_is_read_back_in_the_contacts_language() {
    let world = testing::ground().await.unwrap();
    let signer = Rc::new(TestSigner::new());
    let english = Contact { language: Language::En, ..contact(&world) };
    told(&world, &english, &invitation()).await;
    world.clock.advance(time::Duration::SECOND);
    let letter = Notice::letter(Kind::TemporaryPassword).with("company", "Æbler & Pærer ApS").secret("code", "K7PF-2QXM");
    told(&world, &contact(&world), &letter).await;
    work::run_until_idle(&world, &work(&signer)).await.unwrap();
    let spooled = spool::list(&world.config.mail.spool, 10).unwrap();
    let [letter, mail] = spooled.as_slice() else { panic!("{spooled:?}") };
    assert_eq!((mail.channel, mail.signed, mail.time), (Channel::Mail, true, testing::BEGINNING));
    assert_eq!(mail.to, "Åse Ærøskøbing <aase@example.dk>");
    assert_eq!(mail.subject, "Activate your employee signature from Æbler & Pærer ApS");
    assert!(mail.text.contains("\nhttps://segl.example.dk/activate/geheim\n"), "{}", mail.text);
    assert_eq!(letter.channel, Channel::Letter);
    assert_eq!(letter.to, "Åse Ærøskøbing\nØstergade 1\n5970 Ærøskøbing");
    assert_eq!(letter.subject, "Din midlertidige adgangskode");
    assert!(letter.text.contains("K7PF-2QXM"));
}

#[actix_web::test]
async fn the_printed_letter_shows_address_and_code_with_danish_letters() {
    let world = testing::ground().await.unwrap();
    let letter = Notice::letter(Kind::TemporaryPassword).with("company", "Æbler & Pærer ApS").secret("code", "K7PF-2QXM");
    told(&world, &contact(&world), &letter).await;
    work::run_until_idle(&world, &work(&Rc::new(TestSigner::new()))).await.unwrap();
    let files = files(world.directory().join("spool/letters"));
    let pdf = files.iter().find(|path| path.extension().is_some_and(|ending| ending == "pdf")).unwrap();
    let read = Command::new("pdftotext").args(["-layout"]).arg(pdf).arg("-").output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let text = String::from_utf8(read.stdout).unwrap();
    for line in ["Åse Ærøskøbing", "Østergade 1", "5970 Ærøskøbing", "K7PF-2QXM", "Æbler & Pærer ApS har inviteret dig"] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
}

#[actix_web::test]
async fn names_and_titles_cannot_add_headers() {
    let world = testing::ground().await.unwrap();
    let evil = "Eve\r\nBcc: thief@example.dk\r\n\r\nhello";
    let contact = Contact { name: evil.to_owned(), ..contact(&world) };
    told(&world, &contact, &Notice::mail(Kind::DocumentSigned).with("title", evil)).await;
    work::run_until_idle(&world, &work(&Rc::new(TestSigner::new()))).await.unwrap();
    let text = std::fs::read_to_string(&files(world.directory().join("spool"))[0]).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap();
    assert!(head.contains("MIME-Version: 1.0"), "the head ends too early:\n{head}");
    assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
}

#[actix_web::test]
async fn what_was_sent_is_deleted_and_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = testing::ground().await.unwrap();
    told(&world, &contact(&world), &invitation()).await;
    let mut database = world.intruder().await.unwrap();
    let resting: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM message").fetch_one(&mut database).await.unwrap();
    assert!(!resting.windows(6).any(|piece| piece == b"geheim"), "the message rests unsealed");
    work::run_until_idle(&world, &work(&Rc::new(TestSigner::new()))).await.unwrap();
    let (state, sealed): (String, Option<Vec<u8>>) =
        sqlx::query_as("SELECT state, sealed FROM message").fetch_one(&mut database).await.unwrap();
    assert_eq!((state.as_str(), sealed), ("sent", None));
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&files(world.directory().join("spool"))[0]), 0o600);
    assert_eq!(mode(&world.directory().join("spool")), 0o700);
}

#[actix_web::test]
async fn a_message_sent_again_after_a_crash_stays_one_mail() {
    let world = testing::ground().await.unwrap();
    let signer = Rc::new(TestSigner::new());
    let message = told(&world, &contact(&world), &invitation()).await;
    let mut database = world.intruder().await.unwrap();
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM message").fetch_one(&mut database).await.unwrap();
    let payload = serde_json::to_string(&jobs::Payload { message }).unwrap();
    jobs::send(&world, signer.as_ref(), &payload).await.unwrap();
    // The crash: delivered, but the row still says that it waits.
    sqlx::query("UPDATE message SET state = 'waiting', sealed = $1").bind(sealed).execute(&mut database).await.unwrap();
    jobs::send(&world, signer.as_ref(), &payload).await.unwrap();
    jobs::send(&world, signer.as_ref(), &payload).await.unwrap();
    let files = files(world.directory().join("spool"));
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(text.contains(&format!("Message-ID: <{message}@localhost.example>")), "{text}");
}

#[actix_web::test]
async fn a_mail_without_an_address_becomes_a_letter_or_ends_as_undeliverable() {
    let world = testing::ground().await.unwrap();
    let by_post = Contact { email: None, ..contact(&world) };
    told(&world, &by_post, &invitation()).await;
    world.clock.advance(time::Duration::SECOND);
    let nowhere = Contact { email: None, postal_address: None, ..contact(&world) };
    told(&world, &nowhere, &invitation()).await;
    work::run_until_idle(&world, &work(&Rc::new(TestSigner::new()))).await.unwrap();
    assert_eq!(files(world.directory().join("spool/letters")).len(), 2);
    let mut reader = world.database.read().await.unwrap();
    let states: Vec<String> = fetch!(&mut reader, |c| sqlx::query_scalar("SELECT state FROM message ORDER BY id").fetch_all(c)).unwrap();
    assert_eq!(states, ["sent", "undeliverable"]);
}

#[actix_web::test]
async fn a_notice_without_its_values_is_refused_before_it_is_told() {
    let world = testing::ground().await.unwrap();
    let refused = seal(&world, &Notice::mail(Kind::EmployeeInvited).with("company", "Æbler")).await;
    assert!(matches!(refused, Err(NoticeError::Incomplete { kind: Kind::EmployeeInvited, name: "link" })));
    let by_mail = Notice::mail(Kind::TemporaryPassword).with("company", "Æbler").secret("code", "K7PF");
    assert!(matches!(seal(&world, &by_mail).await, Err(NoticeError::OnlyByLetter)));
}

#[actix_web::test]
async fn what_nobody_could_send_for_two_weeks_is_given_up_and_deleted() {
    let world = testing::ground().await.unwrap();
    told(&world, &contact(&world), &invitation()).await;
    assert!(!jobs::sweep(&world).await.unwrap());
    world.clock.advance(time::Duration::days(15));
    assert!(jobs::sweep(&world).await.unwrap());
    let mut database = world.intruder().await.unwrap();
    let (state, sealed): (String, Option<Vec<u8>>) =
        sqlx::query_as("SELECT state, sealed FROM message").fetch_one(&mut database).await.unwrap();
    assert_eq!((state.as_str(), sealed), ("given_up", None));
}

/// A relay that takes one mail and hands back what it heard.
fn relay() -> (u16, std::thread::JoinHandle<String>) {
    relay_that_says("250 fine\r\n")
}

/// A relay that says this to each recipient.
fn relay_that_says(of_recipients: &'static str) -> (u16, std::thread::JoinHandle<String>) {
    use std::io::{BufRead as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut answer = stream.try_clone().unwrap();
        let mut say = |text: &str| answer.write_all(text.as_bytes()).unwrap();
        say("220 relay\r\n");
        let (mut heard, mut in_data) = (String::new(), false);
        for line in std::io::BufReader::new(stream).lines().map_while(Result::ok) {
            heard.push_str(&line);
            heard.push('\n');
            match (in_data, line.as_str()) {
                (true, ".") => {
                    in_data = false;
                    say("250 taken\r\n");
                }
                (true, _) => {}
                (false, "DATA") => {
                    in_data = true;
                    say("354 go on\r\n");
                }
                (false, "QUIT") => {
                    say("221 bye\r\n");
                    break;
                }
                (false, line) if line.starts_with("RCPT TO:") => say(of_recipients),
                (false, _) => say("250 fine\r\n"),
            }
        }
        heard
    });
    (port, heard)
}

#[actix_web::test]
async fn a_configured_relay_gets_the_mail_and_the_spool_stays_empty() {
    let (port, heard) = relay();
    let settings = format!(
        "[mail]\nfrom = \"notices@segl.example.dk\"\nrelay_host = \"127.0.0.1\"\nrelay_port = {port}\nrelay_encryption = \"none\"\n"
    );
    let world = testing::ground_with(&settings).await.unwrap();
    told(&world, &contact(&world), &invitation()).await;
    work::run_until_idle(&world, &work(&Rc::new(TestSigner::new()))).await.unwrap();
    let heard = heard.join().unwrap();
    assert!(heard.contains("MAIL FROM:<notices@segl.example.dk>"), "{heard}");
    assert!(heard.contains("RCPT TO:<aase@example.dk>"), "{heard}");
    assert!(heard.contains("Content-Type: multipart/signed"), "{heard}");
    assert!(!world.directory().join("spool").exists());
}

#[actix_web::test]
async fn a_relay_that_does_not_answer_leaves_the_message_waiting() {
    let settings = "[mail]\nrelay_host = \"127.0.0.1\"\nrelay_port = 1\nrelay_encryption = \"none\"\n";
    let world = testing::ground_with(settings).await.unwrap();
    told(&world, &contact(&world), &invitation()).await;
    let refused = work::run_until_idle(&world, &work(&Rc::new(TestSigner::new()))).await;
    assert!(format!("{:#}", refused.unwrap_err()).contains("the mail relay"));
    let mut reader = world.database.read().await.unwrap();
    let state: String = fetch!(&mut reader, |c| sqlx::query_scalar("SELECT state FROM message").fetch_one(c)).unwrap();
    assert_eq!(state, "waiting");
}

#[actix_web::test]
async fn what_a_relay_refuses_for_good_is_kept_and_sent_again_when_somebody_says_so() {
    let (port, heard) = relay_that_says("550 no such user\r\n");
    let settings = format!("[mail]\nrelay_host = \"127.0.0.1\"\nrelay_port = {port}\nrelay_encryption = \"none\"\n");
    let world = testing::ground_with(&settings).await.unwrap();
    let contact = contact(&world);
    let message = told(&world, &contact, &invitation()).await;
    work::run_until_idle(&world, &work(&Rc::new(TestSigner::new()))).await.unwrap();
    assert!(heard.join().unwrap().contains("RCPT TO:<aase@example.dk>"));
    let words = crate::platform::words::Words(Language::En);
    let listed = async || undelivered(&mut world.database.read().await.unwrap(), contact.recipient, words).await.unwrap();
    let found = listed().await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id, found[0].subject.as_str()), (message, "Activate your employee signature from \u{2026}"));
    let stranger = RecipientId::fresh(world.clock().now(), world.random());
    let again = async |recipient| world.database.write(async |unit| send_again(unit, recipient, message, Author::Anyone).await).await;
    assert!(matches!(again(stranger).await, Err(LetterError::NotFound)));
    again(contact.recipient).await.unwrap();
    assert!(matches!(again(contact.recipient).await, Err(LetterError::NotFound)));
    assert!(listed().await.is_empty());
    world.clock.advance(time::Duration::days(15));
    assert!(jobs::sweep(&world).await.unwrap(), "nobody took it for two weeks");
}
