//! The rules of files, and of tokens on a database of their own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use keycard::oath::{Code, Digits, Hash, Kind};

use super::{
    Reach, Standing, Taker, TokenError, activate, assign, epoch, import, import_csv, import_pskc, judge,
    model::{MOST_OF_A_FILE, NewToken, TokenKind},
    read, redeem,
};
use crate::platform::{
    actor::{Actor, Author, Carrier, ProvenBy},
    fault::FieldFault,
    id::{AccountId, CodeTokenId, CompanyId, Id as _, SessionId},
    secret::Secret,
    testing::{self, TestGround},
    words::Language,
};

const FIGURE: &str = include_str!("../../../tests/fixtures/pskc/rfc6030-figure6.xml");
const KEY: &str = "12345678901234567890123456789012";
const RFC_SEED: &[u8] = b"12345678901234567890";

fn pskc(text: &str, key: &str) -> Result<Vec<NewToken>, Vec<FieldFault>> {
    import_pskc::read(text.as_bytes(), &Secret::new(key.to_owned()))
}

fn plain(inside: &str, algorithm: &str) -> String {
    format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><KeyPackage><DeviceInfo><SerialNo>A-1</SerialNo></DeviceInfo>\
         <Key Id=\"1\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{algorithm}\">{inside}</Key></KeyPackage></KeyContainer>"
    )
}

const PLAIN_SEED: &str = "<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>";

#[test]
fn the_encrypted_example_of_rfc_6030_opens() {
    let tokens = pskc(FIGURE, KEY).unwrap();
    let [token] = tokens.as_slice() else { panic!("one token") };
    assert_eq!((token.serial.as_str(), token.kind, token.counter), ("987654321", TokenKind::Hotp, 0));
    assert_eq!((token.seed.as_slice(), token.oath), (RFC_SEED, Kind { hash: Hash::Sha1, digits: Digits::Eight }));
}

#[test]
fn a_plain_file_says_kind_hash_period_and_drift() {
    let read = |inside: &str, algorithm: &str| pskc(&plain(inside, algorithm), "").map(|mut tokens| tokens.remove(0));
    let token = read(&format!("{PLAIN_SEED}<Counter><PlainValue>42</PlainValue></Counter></Data>"), "hotp").unwrap();
    assert_eq!((token.serial.as_str(), token.counter, token.seed.as_slice()), ("A-1", 42, RFC_SEED));
    let time = format!(
        "<AlgorithmParameters><Suite>HMAC-SHA-256</Suite><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters>\
         {PLAIN_SEED}<Time><PlainValue>0</PlainValue></Time><TimeInterval><PlainValue>60</PlainValue></TimeInterval>\
         <TimeDrift><PlainValue>-4</PlainValue></TimeDrift></Data>"
    );
    let token = read(&time, "totp").unwrap();
    assert_eq!((token.kind, token.oath.hash, token.period_seconds, token.drift), (TokenKind::Totp, Hash::Sha256, 60, -4));
}

/// What is refused, the first fault in both languages.
fn refused(read: Result<Vec<NewToken>, Vec<FieldFault>>, field: &str, danish: &str, english: &str) {
    let faults = read.err().unwrap_or_else(|| panic!("taken, and should be refused: {english}"));
    let (da, en) = (faults[0].sentence(Language::Da), faults[0].sentence(Language::En));
    assert_eq!(faults[0].field, field, "{en}");
    assert!(da.contains(danish) && en.contains(english), "{da} / {en}");
    assert!(!da.contains('{') && !en.contains('{'), "a value is missing: {da} / {en}");
}

#[test]
fn each_broken_pskc_file_is_refused_by_name() {
    let twisted = |from: &str, to: &str| {
        assert!(FIGURE.contains(from), "{from}");
        FIGURE.replace(from, to)
    };
    let twice = KEY.repeat(2);
    let policy = |inside: &str| plain(&format!("<Policy>{inside}</Policy>{PLAIN_SEED}</Data>"), "hotp");
    let secret = FIGURE.split_once("<Secret>").unwrap().1.split_once("</Secret>").unwrap().0;
    let cases = [
        (twisted("Su+NvtQf", "Tu+NvtQf"), KEY, "file", "forkert MAC", "wrong MAC"),
        (twisted("AAECAwQF", "AAECAwQG"), KEY, "file", "forkert MAC", "wrong MAC"),
        (FIGURE.to_owned(), "", "pre_shared_key", "krypteret", "encrypted"),
        (FIGURE.to_owned(), "1234", "pre_shared_key", "32 eller 64", "32 or 64"),
        (FIGURE.to_owned(), "zz345678901234567890123456789012", "pre_shared_key", "32 eller 64", "32 or 64"),
        (FIGURE.to_owned(), twice.as_str(), "file", "MAC-nøgle", "MAC key"),
        (twisted("<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=\n                    </ValueMAC>", ""), KEY, "file", "ingen MAC", "no MAC"),
        (twisted("xmldsig#hmac-sha1", "xmldsig#hmac-md5"), KEY, "file", "HMAC-SHA-256", "HMAC-SHA-256"),
        (twisted("MACMethod", "Method"), KEY, "file", "MACMethod", "MACMethod"),
        (twisted("<ds:KeyName>Pre-shared-key</ds:KeyName>", "<DerivedKey/>"), KEY, "file", "anden måde", "another way"),
        (twisted("AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv", "AAEC"), KEY, "file", "nummer 1", "number 1"),
        (twisted("Version=\"1.0\"\n", "Version=\"2.0\"\n"), KEY, "file", "version 1.0", "version 1.0"),
        (twisted("pskc:hotp", "pskc:pin"), KEY, "file", "Algorithm", "Algorithm"),
        (twisted("Length=\"8\"", "Length=\"7\""), KEY, "file", "ResponseFormat", "ResponseFormat"),
        (twisted("DECIMAL", "ALPHANUMERIC"), KEY, "file", "ResponseFormat", "ResponseFormat"),
        (twisted("<PlainValue>0", "<PlainValue>-1"), KEY, "file", "Counter", "Counter"),
        (twisted("987654321", "98/76"), KEY, "file", "SerialNo", "SerialNo"),
        (twisted("</KeyContainer>", ""), KEY, "file", "XML", "XML"),
        (twisted("<Issuer>Issuer", "<Issuer>&evil;"), KEY, "file", "XML", "XML"),
        (
            twisted("<KeyContainer", "<!DOCTYPE x [<!ENTITY evil SYSTEM \"file:///etc/passwd\">]><KeyContainer"),
            KEY,
            "file",
            "DOCTYPE",
            "DOCTYPE",
        ),
        (plain(&format!("{PLAIN_SEED}</Data>"), "hotp"), KEY, "pre_shared_key", "ikke krypteret", "not encrypted"),
        (twisted(secret, "<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>"), KEY, "file", "ikke krypteret", "not encrypted"),
        (
            plain(&format!("{PLAIN_SEED}</Data>"), "hotp").replace("<KeyPackage>", "<MACMethod Algorithm=\"x\"/><KeyPackage>"),
            "",
            "file",
            "ikke krypteret",
            "not encrypted",
        ),
        (twisted("</KeyContainer>", "<ds:Signature/></KeyContainer>"), KEY, "file", "XML-signatur", "XML signature"),
        (policy("<KeyUsage>CR</KeyUsage>"), "", "file", "Policy", "Policy"),
        (policy("<KeyUsage>OTP</KeyUsage><ExpiryDate>2040-01-01T00:00:00Z</ExpiryDate>"), "", "file", "Policy", "Policy"),
        (policy("<PINPolicy PINUsageMode=\"Append\"/>"), "", "file", "Policy", "Policy"),
        (policy("<Elsewhere/>"), "", "file", "Policy", "Policy"),
        (plain("<Data><Secret><PlainValue>MTIzNA==</PlainValue></Secret></Data>", "hotp"), "", "file", "Secret", "Secret"),
        ("<a>".repeat(2000), "", "file", "XML", "XML"),
    ];
    for (text, key, field, danish, english) in cases {
        refused(pskc(&text, key), field, danish, english);
    }
    for allowed in ["", "<KeyUsage>OTP</KeyUsage>", "<PINPolicy PINUsageMode=\"Local\"/><KeyUsage>CR</KeyUsage><KeyUsage>OTP</KeyUsage>"] {
        assert_eq!(pskc(&policy(allowed), "").unwrap().len(), 1, "{allowed}");
    }
    // Of another key either the MAC's key or a MAC shows it; in no case is anything taken.
    for other in 0..32_u32 {
        assert!(pskc(FIGURE, &format!("{other:032x}")).is_err());
    }
}

#[test]
fn lines_are_read_in_any_usual_encoding_and_each_bad_one_is_refused_by_name() {
    let seed = hex::encode(RFC_SEED);
    let sound = format!(
        "Serial;Seed_Hex;Kind;Digits;Hash;Period;Counter\r\n nv-1 ;\"{seed}\";TOTP;8;SHA-256;60;0\r\n\r\nnv-2;{seed};hotp;;;;7\r\n"
    );
    for file in [sound.clone().into_bytes(), [b"\xef\xbb\xbf", sound.as_bytes()].concat()] {
        let tokens = import_csv::read(&file).unwrap();
        assert_eq!(tokens.iter().map(|token| token.serial.as_str()).collect::<Vec<_>>(), ["NV-1", "NV-2"]);
        assert_eq!((tokens[0].oath, tokens[0].period_seconds), (Kind { hash: Hash::Sha256, digits: Digits::Eight }, 60));
        assert_eq!((tokens[1].kind, tokens[1].counter, tokens[1].seed.as_slice()), (TokenKind::Hotp, 7, RFC_SEED));
    }
    let base32 = import_csv::read(b"serial,seed_base32\nNV-1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n").unwrap();
    assert_eq!(base32[0].seed.as_slice(), RFC_SEED);
    let cases: [(&[u8], &str, &str); 14] = [
        (b"", "mangler", "missing"),
        (b"serial,kind\nNV-1,totp\n", "seed_hex", "seed_hex"),
        (b"serial,seed_hex,ejer\n", "på plads 3", "in place 3"),
        (b"serial,seed_hex,kind,counter\nNV-1,3132333435363738393031323334353637383930,totp,7\n", "counter", "counter"),
        (b"serial,seed_hex,counter\nNV-1,3132333435363738393031323334353637383930,7\n", "counter", "counter"),
        (b"serial,seed_hex\nNV-1\n", "ikke 2 felter", "not have 2 fields"),
        (b"serial,seed_hex\nNV-1,00\n", "nummer 1", "number 1"),
        (b"serial,seed_hex\nNV-1,x000000000000000000000000000000000000000\n", "seed_hex", "seed_hex"),
        (b"serial,seed_hex\nNV\xf81,3132333435363738393031323334353637383930\n", "serial", "serial"),
        (b"serial,seed_hex,kind\nNV-1,3132333435363738393031323334353637383930,yubi\n", "kind", "kind"),
        (b"serial,seed_hex,digits\nNV-1,3132333435363738393031323334353637383930,7\n", "digits", "digits"),
        (b"serial,seed_hex,hash\nNV-1,3132333435363738393031323334353637383930,md5\n", "hash", "hash"),
        (b"serial,seed_hex,period\nNV-1,3132333435363738393031323334353637383930,5\n", "period", "period"),
        (b"serial,seed_hex,counter\nNV-1,3132333435363738393031323334353637383930,-1\n", "counter", "counter"),
    ];
    for (file, danish, english) in cases {
        refused(import_csv::read(file), "file", danish, english);
    }
    // Without a head the first line is a token: none of its seed is told.
    for between in [',', ';'] {
        let headless = format!("nv-1{between}{seed}{between}totp\n");
        let faults = import_csv::read(headless.as_bytes()).err().unwrap();
        let told = format!("{faults:?}{}{}", faults[0].sentence(Language::Da), faults[0].sentence(Language::En));
        assert!(!told.contains(&seed[..4]), "{told}");
    }
}

async fn file_of(world: &TestGround, lines: &str) -> Result<usize, TokenError> {
    let file = format!("serial,seed_hex,kind\n{lines}");
    let prepared = import::prepare(world, "csv", file.as_bytes(), &Secret::new(String::new())).await?;
    world.database.write(async |unit| import::import(unit, &prepared, None, Author::System("test")).await).await
}

fn line(serial: &str, kind: &str) -> String {
    format!("{serial},{},{kind}\n", hex::encode(RFC_SEED))
}

#[actix_web::test]
async fn a_file_is_taken_whole_or_not_at_all() {
    let world = testing::ground().await.unwrap();
    assert_eq!(file_of(&world, &line("NV-1", "hotp")).await.unwrap(), 1);
    let told = |outcome: Result<usize, TokenError>| match outcome {
        Err(TokenError::Invalid(faults)) => faults[0].sentence(Language::En),
        other => panic!("{other:?}"),
    };
    let known = told(file_of(&world, &[line("NV-2", "hotp"), line("nv-1", "totp")].concat()).await);
    assert!(known.contains("NV-1 is here already"), "{known}");
    let twice = told(file_of(&world, &line("NV-3", "hotp").repeat(2)).await);
    assert!(twice.contains("NV-3 stands twice"), "{twice}");
    let many: String = (0..=MOST_OF_A_FILE).map(|at| line(&format!("M-{at}"), "hotp")).collect();
    assert!(told(file_of(&world, &many).await).contains("at most 2000"));
    assert!(told(file_of(&world, "").await).contains("no code tokens"));
    let listing = read::list(&mut world.database.read().await.unwrap(), "", &crate::platform::cursor::Cursor::start()).await.unwrap();
    assert_eq!(listing.items.iter().map(|token| token.serial.as_str()).collect::<Vec<_>>(), ["NV-1"]);
}

#[actix_web::test]
async fn the_stock_is_paged_by_serial_number() {
    let world = testing::ground().await.unwrap();
    let lines: String = (0..120).map(|at| line(&format!("P-{at:03}"), "totp")).collect();
    file_of(&world, &lines).await.unwrap();
    let mut reader = world.database.read().await.unwrap();
    let (mut cursor, mut seen) = (crate::platform::cursor::Cursor::start(), Vec::new());
    loop {
        let part = read::list(&mut reader, "p-", &cursor).await.unwrap();
        seen.extend(part.items.into_iter().map(|token| token.serial));
        match part.next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert_eq!(seen, (0..120).map(|at| format!("P-{at:03}")).collect::<Vec<_>>());
}

fn code(counter: u64) -> String {
    Code::at_step(Kind { hash: Hash::Sha1, digits: Digits::Six }, RFC_SEED, counter).unwrap().expose().to_owned()
}

fn holder(world: &TestGround, account: AccountId) -> Actor {
    Actor {
        account,
        session: Some(SessionId::fresh(world.clock().now(), world.random())),
        name: String::new(),
        roles: Vec::new(),
        company: None,
        employee: None,
        carrier: Carrier::Browser,
        proven_at: world.clock().now(),
        proven_by: ProvenBy::Card,
        key: None,
    }
}

fn taker(account: AccountId) -> Taker {
    Taker { account, company: CompanyId::from_uuid(uuid::Uuid::from_u128(1)), reach: Reach::Company }
}

async fn at_work() -> (TestGround, AccountId, CodeTokenId) {
    let world = testing::ground().await.unwrap();
    let account = AccountId::fresh(world.clock().now(), world.random());
    file_of(&world, &line("NV-1", "hotp")).await.unwrap();
    let settings = world.config.tokens;
    let token =
        world.database.write(async |unit| assign(unit, taker(account), "NV-1", settings, Author::System("test")).await).await.unwrap();
    activate(&world, &holder(&world, account), token, [&code(0), &code(1)]).await.unwrap();
    (world, account, token)
}

async fn shown(world: &TestGround, account: AccountId, typed: &str) -> Result<(), TokenError> {
    let judged = judge(world, account, typed).await?;
    world.database.write(async |unit| redeem(unit, &judged).await).await.map(drop)
}

#[actix_web::test]
async fn two_who_saw_the_same_right_code_burn_it_once() {
    let (world, account, _) = at_work().await;
    let (first, second) = (judge(&world, account, &code(2)).await.unwrap(), judge(&world, account, &code(2)).await.unwrap());
    world.database.write(async |unit| redeem(unit, &first).await).await.unwrap();
    assert!(matches!(world.database.write(async |unit| redeem(unit, &second).await).await, Err(TokenError::NotRight)));
    assert!(matches!(shown(&world, account, &code(2)).await, Err(TokenError::NotRight)));
    shown(&world, account, &code(3)).await.unwrap();
}

#[actix_web::test]
async fn a_seed_rests_sealed_and_is_in_no_copy_of_the_rows() {
    let (world, ..) = at_work().await;
    let rows: Vec<(Vec<u8>,)> =
        sqlx::query_as("SELECT sealed FROM code_token").fetch_all(&mut world.intruder().await.unwrap()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].0.windows(8).any(|window| window == &RFC_SEED[..8]));
}

#[actix_web::test]
async fn after_a_restore_a_token_serves_again_only_by_two_fresh_codes() {
    let (world, account, token) = at_work().await;
    shown(&world, account, &code(2)).await.unwrap();
    // The backup is older: codes 3 and 4 were used after it, and somebody saw one.
    world.database.write(async |unit| epoch::begin_epoch(unit).await).await.unwrap();
    assert!(matches!(shown(&world, account, &code(3)).await, Err(TokenError::NoToken)));
    let found = read::token(&mut world.database.read().await.unwrap(), token).await.unwrap().unwrap();
    assert_eq!(found.standing(world.clock().now()), Standing::Blocked);
    activate(&world, &holder(&world, account), token, [&code(5), &code(6)]).await.unwrap();
    assert!(matches!(shown(&world, account, &code(4)).await, Err(TokenError::NotRight)));
    shown(&world, account, &code(7)).await.unwrap();
}

#[actix_web::test]
async fn the_fifteenth_try_is_the_last_whatever_the_pauses() {
    let (world, account, token) = at_work().await;
    for turn in 0..15 {
        let outcome = shown(&world, account, "000000").await;
        assert!(matches!(outcome, Err(TokenError::NotRight)), "{turn}: {outcome:?}");
        if turn % 5 == 4 {
            assert!(matches!(shown(&world, account, &code(2)).await, Err(TokenError::Waits { .. } | TokenError::Quarantined)), "{turn}");
            world.clock.advance(time::Duration::minutes(10));
        }
    }
    assert!(matches!(shown(&world, account, &code(2)).await, Err(TokenError::Quarantined)));
    activate(&world, &holder(&world, account), token, [&code(2), &code(3)]).await.unwrap();
    shown(&world, account, &code(4)).await.unwrap();
}

#[actix_web::test]
async fn a_company_gives_out_its_own_tokens_and_those_of_none() {
    let world = testing::ground().await.unwrap();
    let fresh = || AccountId::fresh(world.clock().now(), world.random());
    let [bakery, smithy] = [1, 2].map(|number| CompanyId::from_uuid(uuid::Uuid::from_u128(number)));
    let file = format!("serial,seed_hex,kind\n{}", line("NV-1", "hotp"));
    let prepared = import::prepare(&world, "csv", file.as_bytes(), &Secret::new(String::new())).await.unwrap();
    world.database.write(async |unit| import::import(unit, &prepared, Some(bakery), Author::System("test")).await).await.unwrap();
    file_of(&world, &line("NV-2", "hotp")).await.unwrap();
    let give = async |serial: &str, account: AccountId, company: CompanyId, reach: Reach| {
        let (settings, taker) = (world.config.tokens, Taker { account, company, reach });
        world.database.write(async |unit| assign(unit, taker, serial, settings, Author::System("test")).await).await
    };
    let taken_back = async |account: AccountId| {
        world.database.write(async |unit| super::unassign(unit, account, Author::System("test")).await).await.unwrap();
    };
    let (baker, smith) = (fresh(), fresh());
    assert!(matches!(give("NV-1", smith, smithy, Reach::Company).await, Err(TokenError::NotInStock)));
    give("NV-1", baker, bakery, Reach::Company).await.unwrap();
    // Nobody's is the company's that gave it out first, also when it lies in stock again.
    give("NV-2", smith, smithy, Reach::Company).await.unwrap();
    taken_back(smith).await;
    taken_back(baker).await;
    assert!(matches!(give("NV-2", baker, bakery, Reach::Company).await, Err(TokenError::NotInStock)));
    // An operator moves it.
    give("NV-2", baker, bakery, Reach::Everything).await.unwrap();
    taken_back(baker).await;
    assert!(matches!(give("NV-2", smith, smithy, Reach::Company).await, Err(TokenError::NotInStock)));
}

#[actix_web::test]
async fn after_its_years_a_token_is_refused_and_may_be_replaced() {
    let (world, account, token) = at_work().await;
    world.clock.advance(time::Duration::days(3 * 365 - 1));
    shown(&world, account, &code(2)).await.unwrap();
    world.clock.advance(time::Duration::days(2));
    assert!(matches!(shown(&world, account, &code(3)).await, Err(TokenError::Worn)));
    let again = activate(&world, &holder(&world, account), token, [&code(4), &code(5)]).await;
    assert!(matches!(again, Err(TokenError::Worn)), "{again:?}");
    file_of(&world, &line("NV-2", "hotp")).await.unwrap();
    let settings = world.config.tokens;
    let new =
        world.database.write(async |unit| assign(unit, taker(account), "NV-2", settings, Author::System("test")).await).await.unwrap();
    activate(&world, &holder(&world, account), new, [&code(0), &code(1)]).await.unwrap();
    let found = read::token(&mut world.database.read().await.unwrap(), token).await.unwrap().unwrap();
    assert_eq!(found.standing(world.clock().now()), Standing::Ended);
    shown(&world, account, &code(2)).await.unwrap();
}

#[test]
fn every_refusal_of_a_token_is_told_in_both_languages() {
    use crate::http::problem::Problem;
    let until = testing::BEGINNING;
    let refusals = [
        (TokenError::AlreadyHasOne, "Tag den tilbage", "Take it back"),
        (TokenError::NoToken, "nøglekort", "key card"),
        (TokenError::NotInStock, "på lager", "in stock"),
        (TokenError::NotRight, "følger lige efter", "right after one another"),
        (TokenError::ProveAgain, "nøglekort", "key card"),
        (TokenError::Quarantined, "for mange forkerte", "Too many wrong"),
        (TokenError::Waits { until }, "2026", "2026"),
        (TokenError::Worn, "udtjent", "worn out"),
    ];
    for (refusal, danish, english) in refusals {
        let problem = Problem::from(refusal);
        let (da, en) = (problem.sentence(Language::Da), problem.sentence(Language::En));
        assert!(da.contains(danish) && en.contains(english), "{da} / {en}");
    }
}
