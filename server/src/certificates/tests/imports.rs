//! The keystore fails at each of its calls on the way of an import and of its removal, and after each of them the process may be gone.

use certs::{elsewhere::Use, keystore::KeyLabel};
use openssl::{
    asn1::{Asn1Integer, Asn1Time},
    bn::BigNum,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkcs12::Pkcs12,
    pkey::PKey,
    x509::{X509, X509Name},
};
use time::Duration;

use super::{faults::Failing, world};
use crate::{
    certificates::{
        CertificateError,
        imported::{self, Prepared},
    },
    platform::{
        actor::Author,
        clock::Clock as _,
        ground::Ground,
        id::{CompanyId, Id as _},
        secret::Secret,
        testing::TestGround,
    },
};

const AUTHOR: Author = Author::System("test");

/// A PKCS#12 file of a key that somebody else certified.
fn file() -> Vec<u8> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let [authority, key] = [(); 2].map(|()| PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap());
    let named = |name: &str| {
        let mut builder = X509Name::builder().unwrap();
        builder.append_entry_by_text("CN", name).unwrap();
        builder.build()
    };
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&Asn1Integer::from_bn(&BigNum::from_u32(7).unwrap()).unwrap()).unwrap();
    builder.set_subject_name(&named("Seal")).unwrap();
    builder.set_issuer_name(&named("Elsewhere")).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(900).unwrap()).unwrap();
    builder.sign(&authority, MessageDigest::sha256()).unwrap();
    let certificate = builder.build();
    Pkcs12::builder().pkey(&key).cert(&certificate).build2("passphrase").unwrap().to_der().unwrap()
}

/// The whole way; stops at the first failure, as a crash would.
async fn import(world: &Ground, company: CompanyId, file: &[u8]) -> Result<Prepared, CertificateError> {
    let passphrase = Secret::new("passphrase".to_owned());
    let mut prepared = imported::from_file(world, company, Use::Seal, file.to_vec(), &passphrase).await?;
    world.database.write(async |unit| imported::intend(unit, &prepared, AUTHOR).await).await?;
    imported::keep(world, &mut prepared).await?;
    world.database.write(async |unit| imported::confirm(unit, &prepared, AUTHOR).await).await?;
    Ok(prepared)
}

async fn active(world: &Ground, company: CompanyId) -> Vec<imported::Imported> {
    imported::of_company(&mut world.database.read().await.unwrap(), company).await.unwrap()
}

/// Whether the keystore has the key of a label.
fn has(world: &TestGround, label: &KeyLabel) -> bool {
    world.keystore.find(label).unwrap().is_some()
}

#[actix_web::test]
async fn a_keystore_that_fails_at_any_call_of_an_import_leaves_no_key_and_no_row() {
    let world = world().await;
    let file = file();
    let mut failures = 0;
    for calls in 0..100 {
        let company = CompanyId::fresh(world.clock.now(), world.random());
        // A key is one company's for good: each has a file of its own.
        let file = if calls == 0 { file.clone() } else { self::file() };
        match import(&Failing::of(&world, calls), company, &file).await {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, CertificateError::Keystore(_)), "after {calls} calls: {error}"),
        }
        failures += 1;
        assert!(active(&world, company).await.is_empty(), "after {calls} calls");
        world.clock.advance(Duration::minutes(3));
        imported::sweep(&world).await.unwrap();
        let done = import(&world, company, &file).await.unwrap();
        assert!(has(&world, &done.label) && active(&world, company).await.len() == 1, "after {calls} calls");
    }
    // The key is stored, found and signs its proof.
    assert!(failures >= 3, "the keystore failed only {failures} times on the way");
}

#[actix_web::test]
async fn a_process_that_is_gone_after_any_step_of_an_import_leaves_no_key_and_no_row() {
    let world = world().await;
    for steps in 1..=3 {
        let (company, file) = (CompanyId::fresh(world.clock.now(), world.random()), file());
        let passphrase = Secret::new("passphrase".to_owned());
        let mut prepared = imported::from_file(&world, company, Use::Seal, file.clone(), &passphrase).await.unwrap();
        world.database.write(async |unit| imported::intend(unit, &prepared, AUTHOR).await).await.unwrap();
        let again = import(&world, company, &file).await.err().unwrap();
        assert!(matches!(again, CertificateError::ImportUnderWay), "{again}");
        if steps > 1 {
            imported::keep(&world, &mut prepared).await.unwrap();
            assert!(has(&world, &prepared.label));
        }
        if steps > 2 {
            // Swept away between the key and the row: the row stays removed, the key goes.
            world.clock.advance(Duration::minutes(3));
            imported::sweep(&world).await.unwrap();
            let late = world.database.write(async |unit| imported::confirm(unit, &prepared, AUTHOR).await).await.unwrap_err();
            assert!(matches!(late, CertificateError::NotIntended), "{late}");
        }
        world.clock.advance(Duration::minutes(3));
        imported::sweep(&world).await.unwrap();
        assert!(!has(&world, &prepared.label) && active(&world, company).await.is_empty(), "after {steps} steps");
        import(&world, company, &file).await.unwrap();
    }
}

#[actix_web::test]
async fn a_key_that_cannot_be_deleted_is_not_used_any_more_and_deleted_later() {
    let world = world().await;
    let (company, file) = (CompanyId::fresh(world.clock.now(), world.random()), file());
    let done = import(&world, company, &file).await.unwrap();
    world.database.write(async |unit| imported::remove(unit, company, done.id, AUTHOR).await).await.unwrap();
    assert_eq!(imported::sweep(&Failing::of(&world, 0)).await.unwrap(), 0);
    assert!(has(&world, &done.label) && active(&world, company).await.is_empty());
    assert_eq!(imported::sweep(&world).await.unwrap(), 1);
    assert!(!has(&world, &done.label));
    assert_eq!(imported::sweep(&world).await.unwrap(), 0, "once");
}
